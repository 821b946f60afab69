"""Bring feedback to a server: outbox, senders, gate, state directory. It imports the record, `_process` and `errors`."""
