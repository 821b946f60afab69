"""Records as aggregates and as charts."""
