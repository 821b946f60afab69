"""Running figures over records, by group and window, with quantiles, budgets and alerts."""
