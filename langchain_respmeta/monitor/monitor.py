"""`Monitor`: running figures over records, by group and window."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import ForkLock, loading
from langchain_respmeta._process.lifecycle import Fork
from langchain_respmeta._process.locks import hold_over_forks
from langchain_respmeta._process.state import STATE
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.monitor.alerts import Alert, Rule, arm_again, crossed
from langchain_respmeta.monitor.caller import CALLER
from langchain_respmeta.monitor.calls import Call, Calls
from langchain_respmeta.monitor.cell import Cell, added_by
from langchain_respmeta.monitor.conditions import conditions_of
from langchain_respmeta.monitor.figures import Figures, figures_of
from langchain_respmeta.monitor.groups import Groups, Slot, text_of
from langchain_respmeta.monitor.windows import WINDOWS, Windows, window_number

if TYPE_CHECKING:
    from typing import Self, TextIO

    import pandas as pd

    from langchain_respmeta.record.fields import RecordFields

_LOCK: Final = hold_over_forks(ForkLock(), Fork.METRICS)
"""One for all monitors, held for microseconds: so a fork finds each of them whole."""


class Monitor:
    """A sink that sums up records by group and window while they come.

    Calls are grouped by provider, model, service tier, finish reason, agent and graph node, and by what `by` names. Memory is
    bounded by the groups, whatever the number of calls.

    A record that comes again, under the same run id, replaces what it added before. A forked child goes on with the parent's
    figures. A copy is the monitor itself; pickled it is an empty one with the same settings and no rules.

    Args:
        by: Further groups: keys of the run's own metadata that records carry (`RespMetaHandler(by=…)`), `"tags"`, or the fields
            thread_id, trace_id, run_name, graph_step, integration, api, requested_model.
        max_values: How many values of each key have a group of their own. Calls with further ones count in the group
            `(other)`, until a value that was not seen for a day gives its place to a new one, and its sums to `(other)`.
        clock: Returns the time in seconds since 1970.

    Raises:
        SettingsError: an argument cannot be used.

    Examples:
        >>> monitor = Monitor(by=("user_id",))
        >>> RespMetaHandler(by=("user_id",), sinks=[monitor])  # doctest: +SKIP
        >>> monitor.report(by="user_id", window="day")  # doctest: +SKIP
    """

    def __init__(
        self,
        by: Sequence[str] = (),
        *,
        max_values: int = 1_000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.by: Final = _names(by)
        self.max_values: Final = _at_least_one("max_values", max_values)
        self.clock: Final = clock
        self._groups: Final = Groups(self.by, max_values)
        self._windows: Final = Windows()
        self._calls: Final = Calls()
        self._looked: Final[dict[str, float]] = {}
        """Key → start of the day's window when groups were last moved to make room."""
        self._rules: tuple[Rule, ...] = ()

    # --- what comes in -----------------------------------------------------------------------------------------------

    def __call__(self, record: RecordFields, /) -> None:
        """Count a record: a handler's, or whatever `normalize` and `normalize_run` return.

        It counts at the time of its `received_at`, else now.
        """
        with _LOCK:
            alerts = self._feed(record)
        for rule, alert in alerts:
            STATE[CALLER].call(rule, alert)

    def _feed(self, record: RecordFields) -> list[tuple[Rule, Alert]]:
        now = self._turn()
        added = added_by(record)
        if added is None:
            return []
        slots = self._groups.of(record, now, self._make_room)
        arm_again(self._rules, slots, self._windows)
        at = now if record.received_at is None else min(now, record.received_at.timestamp())
        before = self._calls.count(record, Call(at, slots, added), self._windows)
        return [
            (rule, self._alert(rule, slot, now))
            for rule, slot in crossed(self._rules, (*slots, *before), self._windows)
        ]

    def _turn(self) -> float:
        now = self.clock()
        self._windows.turn(now)
        return now

    def _make_room(self, key: str) -> None:
        """Move the groups of a key that no call was seen of for a day to `(other)`; look at most once in a step of the day."""
        day = self._windows.starts[_DAY]
        if self._looked.get(key) != day:
            self._looked[key] = day
            for slot in self._groups.not_seen_since(key, day):
                self._windows.move(slot, self._groups.move(slot))

    def _alert(self, rule: Rule, slot: Slot, now: float) -> Alert:
        return Alert(
            by=slot.key,
            value=slot.value,
            window=WINDOWS[rule.window].name,
            at=datetime.fromtimestamp(now, UTC),
            conditions=tuple(map(str, rule.conditions)),
            figures=self._figures(slot, rule.window),
        )

    # --- what users ask ----------------------------------------------------------------------------------------------

    def figures(self, by: str = "model", window: str = "all") -> list[Figures]:
        """Return the figures of each group that had a call in a window: minute, hour, day or all; the dearest first.

        Raises:
            SettingsError: the monitor does not group by `by`, or there is no such window.
        """
        number = window_number(window)
        with _LOCK:
            self._turn()
            found = [self._figures(slot, number) for slot in self._groups.slots(by)]
        return sorted((one for one in found if one.calls), key=_by_cost, reverse=True)

    def totals(self, window: str = "all", *, by: str | None = None, value: str | None = None) -> Figures:
        """Return the figures of all calls in a window; with `by` and `value` those of one group, fast enough for each call.

        Raises:
            SettingsError: the monitor does not group by `by`, or there is no such window.
        """
        number = window_number(window)
        if by is None and value is not None:
            raise SettingsError(f"by must name what {value!r} is a value of", setting="by")
        with _LOCK:
            self._turn()
            slot = self._groups.all if by is None else self._groups.slot(by, text_of(value))
            if slot is None:
                return figures_of(Cell(), by, value, window)
            return self._figures(slot, number, keep=True)

    def _figures(self, slot: Slot, window: int, *, keep: bool = False) -> Figures:
        cell = self._windows.total(slot, window, keep=keep)
        return figures_of(cell, slot.key, slot.value, WINDOWS[window].name)

    def report(
        self, by: str = "model", window: str = "all", *, width: int = 80, file: TextIO | None = None
    ) -> None:
        """Print the figures as a table, in lines of `width` characters.

        Args:
            by: As in `figures`.
            window: As in `figures`.
            width: Characters of a line.
            file: Where to; standard output by default.

        Raises:
            SettingsError: as in `figures`.
        """
        print(self.table(by, window, width=width), file=file)

    def table(self, by: str = "model", window: str = "all", *, width: int = 80) -> str:
        """Return the text that `report` prints.

        Raises:
            SettingsError: as in `figures`.
        """
        with loading:
            from langchain_respmeta.monitor.table import table_of

        with _LOCK:  # no call between the two
            groups, totals = self.figures(by, window), self.totals(window)
        return table_of(by, groups, totals, width)

    def to_dataframe(self, by: str = "model", window: str = "all") -> pd.DataFrame:
        """Return the figures as a pandas DataFrame: a row for each group, a column for each figure.

        Counts are `Int64`, all other figures floats, money included (`figures` has it exact); what no call reported is missing.

        Raises:
            SettingsError: as in `figures`.
            MissingExtraError: pandas is not installed.
        """
        with loading:
            from langchain_respmeta.monitor.frame import frame_of

        return frame_of(by, self.figures(by, window))

    def when(
        self,
        do: Callable[[Alert], object],
        *,
        by: str | None = None,
        window: str = "all",
        min_calls: int = 1,
        **thresholds: float | Decimal,
    ) -> Rule:
        """Call a function when a group's figures cross a threshold: `when(tell, by="user_id", window="day", cost_usd__gt=5)`.

        The figures of a group are looked at with each of its records. The function is called once for each crossing: again only
        after the group fell back, by other records or because the window went on. It is called on a thread of its own; what it
        raises is logged once and counted, and costs nothing else. To stop calls, see docs/monitor.md.

        Args:
            do: Called with an `Alert`.
            by: What is grouped by; each group is watched for itself. None: all calls together.
            window: minute, hour, day or all.
            min_calls: Groups with fewer calls in the window are not looked at; for rates.
            thresholds: Name of a figure, and `__gt`, `__ge`, `__lt` or `__le`. With several all must hold.

        Returns:
            The rule; its `stop()` ends it.

        Raises:
            SettingsError: an argument cannot be used.
        """
        if not callable(do):
            raise SettingsError(f"do must be a function that takes an Alert, got {do!r}", setting="do")
        if by is not None:
            self._groups.slots(by)
        conditions = conditions_of(thresholds)
        rule = Rule(
            by, window_number(window), conditions, _at_least_one("min_calls", min_calls), do, self._stop
        )
        with _LOCK:
            self._rules = (*self._rules, rule)
        return rule

    def _stop(self, rule: Rule) -> None:
        with _LOCK:
            self._rules = tuple(one for one in self._rules if one is not rule)
            self._groups.forget(rule)

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until the functions of all alerts have returned; False when `timeout` seconds were too short."""
        return STATE[CALLER].flush(timeout)

    # --- copies ------------------------------------------------------------------------------------------------------

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        """Return the monitor itself: hosts copy their configs, and all copies share its figures."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the settings, for another process: figures and rules stay in this one."""
        return partial(type(self), max_values=self.max_values, clock=self.clock), (self.by,)

    def __repr__(self) -> str:
        return f"Monitor(by={self.by!r}: {self.totals().calls} calls)"


_DAY: Final = window_number("day")


def _by_cost(one: Figures) -> tuple[Decimal, int]:
    return one.cost_usd or Decimal(0), one.calls


def _names(by: Any) -> tuple[str, ...]:
    names = (by,) if isinstance(by, str) else tuple(by)
    for name in names:
        if not isinstance(name, str) or not name:
            raise SettingsError(f"by must be names of metadata keys or of fields, got {name!r}", setting="by")
    return names


def _at_least_one(setting: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise SettingsError(f"{setting} must be 1 or more, got {value!r}", setting=setting)
    return value
