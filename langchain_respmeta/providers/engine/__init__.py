"""What every reader is made of: the answer, cells, tables, and the walk that reads through them."""
