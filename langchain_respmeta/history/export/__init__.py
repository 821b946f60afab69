"""Records of any of their files into one file."""
