"""What a handler keeps of ended runs: records, totals, and the sinks that get each record.

It is apart from the handler, whose public methods are those that users and langchain-core call.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from langchain_respmeta._process.faults import user_code
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.lifecycle import Child, Exit, at_exit, in_child
from langchain_respmeta._runs import background
from langchain_respmeta.handler.records import Records
from langchain_respmeta.handler.totals import Totals
from langchain_respmeta.sinks.sink import EXIT_S, flush_sinks

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Run
    from langchain_respmeta.monitor.monitor import Monitor
    from langchain_respmeta.record.draft import Draft
    from langchain_respmeta.sinks.sink import Sink


class RunKeeper:
    """Keeps the ended runs of one handler."""

    def __init__(
        self,
        records: Records,
        sinks: Sequence[Sink],
        rules: Sequence[Any],
        named: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.records: Final = records
        self.named: Final = named
        """Pattern of a host, class or model → the provider that the user named."""
        self.rules = rules
        """Feedback rules, built-in or the user's."""
        self.totals: Final = Totals()
        self._sinks = tuple(sinks)
        self._monitor: Monitor | None = None
        self._making = threading.Lock()
        _ALL.add(self)

    def monitor(self, by: Sequence[str]) -> Monitor:
        """Return the monitor that gets every record, made at the first need with the records that are held by then."""
        with self._making:
            if self._monitor is None:
                with loading:
                    from langchain_respmeta.monitor.monitor import Monitor

                monitor = Monitor(by)
                self._sinks = (
                    monitor,
                    *self._sinks,
                )  # before the rest: what comes meanwhile is counted once all the same
                for record in self.records:
                    with user_code("a monitor"):
                        monitor(record)
                self._monitor = monitor
            return self._monitor

    def keep(self, run: Run) -> None:
        """Keep an ended run, once. The table of runs calls it too, for a run whose end is assumed."""
        if self not in run.delivered:  # some integrations fire an error and an end
            run.delivered = (*run.delivered, self)
            self.records.add(run)
            if run.end_is_assumed:
                self._keep_assumed(run)
            elif not self._sinks and (run.is_sent or run.drafts is not None):
                background.BACKGROUND.leave(run, self._count)
            else:
                background.BACKGROUND.hand_over(run, self._take)
        elif not run.end_is_assumed and self.totals.was_assumed(run):
            background.BACKGROUND.hand_over(run, self._take)

    def learn(self, run: Run, before: Draft, after: Draft) -> None:
        """Count what was found out about a run after its answer, and give its record to the sinks again."""
        self.totals.amend(before, after)
        if self._sinks:
            background.BACKGROUND.hand_over(run, self._show_first)

    def show_again(self, run: Run) -> None:
        """Give a run's record to the sinks again: its call was tried again, for which the record has a field."""
        if self._sinks:
            background.BACKGROUND.hand_over(run, self._show_first)

    def flush_sinks(self, timeout: float) -> bool:
        """Have sinks bring to its place what they hold back; return whether all of it is there."""
        return flush_sinks(self._sinks, timeout)

    def _keep_assumed(self, run: Run) -> None:
        if (too_old := self.totals.add_assumed(run)) is not None:
            background.BACKGROUND.hand_over(too_old, self._count)
        background.BACKGROUND.hand_over(run, self._show_all)

    def _take(self, run: Run) -> None:
        """Count and show a run, once, on the reader's thread."""
        self._count(run)
        if self._sinks:
            self._show_all(run)

    def _count(self, run: Run) -> None:
        for draft in run.drafts_before_lookups():
            self.totals.add(draft)

    def _show_all(self, run: Run) -> None:
        for draft in _drafts_of(run):
            self._show(draft)

    def _show_first(self, run: Run) -> None:
        self._show(_drafts_of(run)[0])

    def _show(self, draft: Draft) -> None:
        record = self.records.typed(draft)
        for sink in self._sinks:
            with user_code(f"a sink ({type(sink).__name__})"):
                sink(record)

    def begin_again(self) -> None:
        """Renew all locks in a forked child: a thread of the parent may hold them."""
        self._making = threading.Lock()
        self.totals.renew_lock()
        for run in (*self.records.runs(), *self.totals.assumed()):
            run.renew_locks()


def _drafts_of(run: Run) -> list[Draft]:
    """A run's drafts with what is known by now of its other attempts and its tools."""
    with loading:
        from langchain_respmeta._agents.call_notes import drafts_of

    return drafts_of(run)


_ALL: Final[WeakSet[RunKeeper]] = WeakSet()


def _flush_all() -> None:
    for keeper in tuple(_ALL):
        keeper.flush_sinks(EXIT_S)


def _begin_again() -> None:
    for keeper in tuple(_ALL):
        keeper.begin_again()


in_child(Child.HANDLERS, _begin_again)
at_exit(Exit.SINKS, _flush_all)
