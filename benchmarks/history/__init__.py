"""What it costs to pull, to read and to judge old runs."""
