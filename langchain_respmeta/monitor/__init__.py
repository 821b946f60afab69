"""Running figures over records, by group and window, with quantiles, budgets and alerts."""

from langchain_respmeta.monitor.alerts import Alert, Rule
from langchain_respmeta.monitor.figures import Figures
from langchain_respmeta.monitor.monitor import Monitor

__all__ = ["Alert", "Figures", "Monitor", "Rule"]
