"""The report: one page of figures and charts over records."""
