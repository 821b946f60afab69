"""Figures and charts over records."""
