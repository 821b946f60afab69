"""What every model provider says about its answer, as one typed record on your LangSmith runs."""
