"""Bring feedback to a server: outbox, senders, gate, state directory.

It imports `record`, `_process` and `errors`.
"""
