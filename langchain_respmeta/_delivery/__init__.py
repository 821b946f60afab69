"""Bring feedback to a server: outbox, senders, circuit breakers, state directory.

It imports `record`, `_process` and `errors`.
"""
