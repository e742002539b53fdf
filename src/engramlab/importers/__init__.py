"""Real data files to tidy tables; one importer a file."""
