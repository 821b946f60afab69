"""The calls of the store once more in DuckDB, in memory: what the charts ask."""
