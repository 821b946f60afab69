"""The way onto LangSmith runs: the seam, what goes on a run, feedback and its outbox."""
