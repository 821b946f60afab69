"""Records of the runs that are meant, as one file: rows of the table of records, in bounded memory."""
