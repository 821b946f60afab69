"""Recorded answers of real providers, replayed through the real integration classes and compared with the record.

What a record should say is computed from the raw answer by code that shares nothing with the readers (`expect/`).
"""
