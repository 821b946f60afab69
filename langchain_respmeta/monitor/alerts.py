"""Alerts: rules over figures, and the thread that calls users' functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from langchain_respmeta.monitor.conditions import Condition
from langchain_respmeta.monitor.figures import FIGURES, Figures
from langchain_respmeta.monitor.windows import WINDOWS, Windows

if TYPE_CHECKING:
    from langchain_respmeta.monitor.groups import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A threshold was crossed."""

    by: str | None
    """What is grouped by; None for all calls."""
    value: str | None
    """The group's value; None for all calls."""
    window: str
    """minute, hour, day or all."""
    at: datetime
    """When (UTC)."""
    conditions: tuple[str, ...]
    """What holds now and did not hold before, such as `cost_usd > 5`."""
    figures: Figures
    """The group's figures at that time."""

    def __str__(self) -> str:
        who = "all calls" if self.by is None else f"{self.by} {self.value}"
        return f"{who}, window {self.window}: {' and '.join(self.conditions)}"


class Rule:
    """What `Monitor.when` returns: a threshold that is watched until `stop()`."""

    def __init__(
        self,
        by: str | None,
        window: int,
        conditions: tuple[Condition, ...],
        min_calls: int,
        do: Callable[[Alert], object],
        stop: Callable[[Rule], None],
    ) -> None:
        self.by: Final = by
        self.window: Final = window
        self.conditions: Final = conditions
        self.do: Final = do
        self._min_calls: Final = min_calls
        self._stop: Final = stop

    def stop(self) -> None:
        """Watch no longer. An alert that waits to be told of is still told of."""
        self._stop(self)

    def holds(self, slot: Slot, windows: Windows) -> bool:
        """Whether a group is beyond the threshold now."""
        cell = windows.total(slot, self.window, keep=True)
        calls = FIGURES["calls"](cell) or 0
        return calls >= self._min_calls and all(one.holds(cell) for one in self.conditions)

    def __repr__(self) -> str:
        told = ", ".join(map(str, self.conditions))
        return f"when(by={self.by!r}, window={WINDOWS[self.window].name!r}: {told})"


def arm_again(rules: Iterable[Rule], slots: Iterable[Slot], windows: Windows) -> None:
    """Arm the rules whose groups fell back since their last record, because time went by."""
    for slot in slots:
        for rule in [one for one in rules if one in slot.alerted and not one.holds(slot, windows)]:
            slot.alerted.discard(rule)


def crossed(rules: Iterable[Rule], slots: Iterable[Slot], windows: Windows) -> list[tuple[Rule, Slot]]:
    """Return the rules that hold for a group now and did not before."""
    found = []
    for slot in slots:
        for rule in [one for one in rules if one.by == slot.key]:
            if not rule.holds(slot, windows):
                slot.alerted.discard(rule)
            elif rule not in slot.alerted:
                slot.alerted.add(rule)
                found.append((rule, slot))
    return found
