"""Answers as an API itself gives them: JSON bodies, the SDKs' objects, streams. One file a dialect.

A dialect lays a body out as LangChain's integrations do, as an `Answer`; the same tables then read it.
"""
