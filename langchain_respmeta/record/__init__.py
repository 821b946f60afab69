"""The record, its words, its draft, and its ways in and out. It imports `errors` and `_process`."""
