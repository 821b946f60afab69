"""Read one answer, or one failure, into one draft.

It imports `providers`, `record`, `_process` and `errors`; no thread, no LangChain, no LangSmith.
"""
