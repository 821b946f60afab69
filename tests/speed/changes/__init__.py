"""Changes to a case, by what they change. Each returns what it did, or None where the case holds nothing of its kind."""
