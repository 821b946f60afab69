"""What stands on a LangSmith run, and how it gets there: the seam, the keys, the sums of a trace, feedback.

It imports `_runs`, `_delivery`, `record` and `_process`.
"""
