"""``python -m engramlab`` is ``engramlab``."""

from engramlab.cli import main

if __name__ == "__main__":
    main(prog_name="engramlab")
