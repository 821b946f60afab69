"""Where records can go besides LangSmith: factories of sinks, one file each."""
