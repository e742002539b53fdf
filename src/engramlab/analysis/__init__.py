"""Measures applied to tables: what `analyze` prints and draws."""
