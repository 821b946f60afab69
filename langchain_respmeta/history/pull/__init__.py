"""Old runs, pulled from LangSmith into Parquet: closed time windows, oldest first, each written once."""
