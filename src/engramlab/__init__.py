"""An in-silico laboratory for memory engrams."""
