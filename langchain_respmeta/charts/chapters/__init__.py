"""Chapters of charts and tables over records: what the report and the server's page show, before it is HTML or a picture."""
