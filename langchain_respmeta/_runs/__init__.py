"""One model call from its start to its end, and the table of those under way.

It imports `_reading`, `enrich`, `providers`, `record` and `_process`.
"""
