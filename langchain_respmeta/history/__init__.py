"""Old runs: pull them from LangSmith, read them in bulk into a table, and give them feedback."""
