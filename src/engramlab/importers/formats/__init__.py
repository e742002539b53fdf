"""One module a file format, each with an `IMPORTER`; a module put here is found."""
