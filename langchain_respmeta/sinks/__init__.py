"""What takes every record: files, metrics."""
