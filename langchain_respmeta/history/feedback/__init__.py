"""Feedback on old runs: judged by the rules of the live handler, estimated first, and sent through an outbox of their own."""
