"""A mutation fuzzer over the project's own answers: `python -m tests.fuzz --seconds N`."""
