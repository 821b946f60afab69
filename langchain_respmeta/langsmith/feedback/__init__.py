"""Feedback on runs: its rules, and the way from a finished run to the outbox."""
