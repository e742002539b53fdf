"""Settings of all tests."""

from hypothesis import settings

# No time limits: a first example may compile a kernel, and the machine may be busy.
settings.register_profile("engramlab", deadline=None)
settings.load_profile("engramlab")
