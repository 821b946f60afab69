"""Compiled readers: what the general reader does to answers of one shape, as one straight function."""
