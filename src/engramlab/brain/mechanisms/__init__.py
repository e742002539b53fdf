"""One module a mechanism; a module put here is found and takes part. See `brain.mechanism`."""
