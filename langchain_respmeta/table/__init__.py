"""Records as columns of Arrow."""
