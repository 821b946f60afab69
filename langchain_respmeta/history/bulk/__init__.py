"""Runs in files, read in bulk into a table in files: on this machine, on Ray, or on Spark."""
