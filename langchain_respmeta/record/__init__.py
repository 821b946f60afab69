"""The record: its fields, its words, its draft, its views, and the ways in and out of other shapes.

It imports `_process` and `errors`.
"""
