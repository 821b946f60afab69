"""The page of the embedded server."""
