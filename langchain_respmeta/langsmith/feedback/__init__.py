"""Feedback on runs: its rules, and what is sent."""
