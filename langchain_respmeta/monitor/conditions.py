"""Conditions of alerts: `cost_usd__gt=5` as a figure, a comparison and a threshold."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, Final, NamedTuple

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.monitor.cell import Cell
from langchain_respmeta.monitor.figures import FIGURES, Value
from langchain_respmeta.monitor.names import unknown

COMPARISONS: Final[Mapping[str, tuple[str, Callable[[Any, Any], bool]]]] = {
    "gt": (">", operator.gt),
    "ge": (">=", operator.ge),
    "lt": ("<", operator.lt),
    "le": ("<=", operator.le),
}
"""Ending of a condition's name → its sign, and the comparison."""


class Condition(NamedTuple):
    """One figure compared with a threshold. A figure that no call reported fulfils none."""

    figure: str
    sign: str
    threshold: Decimal
    compare: Callable[[Any, Any], bool]

    def holds(self, cell: Cell) -> bool:
        """Whether a group's figure fulfils it."""
        value = FIGURES[self.figure](cell)
        return value is not None and self.compare(_exact(value), self.threshold)

    def __str__(self) -> str:
        return f"{self.figure} {self.sign} {self.threshold}"


def conditions_of(thresholds: Mapping[str, object]) -> tuple[Condition, ...]:
    """Return the conditions of keyword arguments.

    Raises:
        SettingsError: there is none, a name is unknown, or a threshold is not a number.
    """
    if not thresholds:
        raise SettingsError("when() needs a threshold, such as cost_usd__gt=5", setting="when")
    return tuple(_condition(name, value) for name, value in thresholds.items())


def _condition(name: str, value: object) -> Condition:
    figure, _, ending = name.rpartition("__")
    if ending not in COMPARISONS:
        figure, near = figure or name, f"such as {figure or name}__gt"
        endings = ", ".join(f"__{one}" for one in COMPARISONS)
        raise SettingsError(f"{name}: a threshold's name ends in one of {endings}, {near}", setting=name)
    if figure not in FIGURES:
        raise SettingsError(unknown(name, figure, tuple(FIGURES)), setting=name)
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if not is_number or not isfinite(value):  # type: ignore[arg-type]
        raise SettingsError(f"{name} must be a number, got {value!r}", setting=name)
    return Condition(figure, COMPARISONS[ending][0], _exact(value), COMPARISONS[ending][1])  # type: ignore[arg-type]


def _exact(value: Value) -> Decimal:
    """Return the number as it is written: the float 0.3 is 0.3, so that it compares with money as people mean it."""
    return value if isinstance(value, Decimal) else Decimal(str(value))
