"""The model runs of this process: one table for all handlers, bounded in number and age.

Every handler's start comes before any handler's end, so a handler at its end and the LangSmith seam at the run's patch find
the run here, in any order.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Final

from langchain_respmeta._process.state import Part
from langchain_respmeta._runs.lifetime import EndSource
from langchain_respmeta._runs.outcome import Failed
from langchain_respmeta._runs.run import Run, keeper_of

if TYPE_CHECKING:
    from uuid import UUID

    from langchain_respmeta._reading.stream_notes import StreamNotes
    from langchain_respmeta._runs.run import Watcher

logger: Final = logging.getLogger("langchain_respmeta")

MAX_LIVE: Final = 10_000
"""Runs under way; beyond that the oldest are recorded as cancelled."""

MAX_AGE_S: Final = 3600.0
"""A run that has not ended after this time never will."""

SWEEP_AT: Final = 128
"""Live runs before the table is searched for abandoned ones."""

MAX_ENDED: Final = 2_048
"""Ended runs that a tracer may still have to send."""


class Runs:
    """Live and recently ended runs by id's number: a UUID's own hash is computed in Python each time."""

    def __init__(self) -> None:
        self._live: dict[int, Run] = {}
        self._ended: OrderedDict[int, Run] = OrderedDict()
        self._lock = threading.Lock()
        self._sweep_at = SWEEP_AT
        self.streams: dict[int, StreamNotes] = {}
        """Live streams whose chunks are only put on a list: nothing but their end is told of them any more."""
        self.never_ended = 0
        """How many runs were recorded as cancelled because no end came."""

    def __len__(self) -> int:
        return len(self._live) + len(self._ended)

    def get(self, run_id: UUID) -> Run | None:
        """Return the run, live or recently ended."""
        key = run_id.int
        return self._live.get(key) or self._ended.get(key)

    def live(self, run_id: UUID) -> Run | None:
        """Return the run, if it has not ended."""
        return self._live.get(run_id.int)

    def has_live(self) -> bool:
        """Whether any run has not ended."""
        return bool(self._live)

    def open(self, run: Run, handler: Watcher) -> bool:
        """Add a run, or `handler` to those of the same run: several handlers share one. Return whether the run is new."""
        live = self._live
        with self._lock:
            known = live.setdefault(run.id.int, run)
            if handler not in known.handlers:
                known.handlers = (*known.handlers, handler)
            outdated = () if len(live) == 1 else self._outdated()
        for one in outdated:
            self.assume_cancelled(one)
        if len(live) > self._sweep_at:
            self.sweep()
        return known is run

    def retire(self, run: Run) -> bool:
        """Move a run to the ended ones, for tracers that have not sent it yet. Return whether it was live."""
        with self._lock:
            key = run.id.int
            if self._live.pop(key, None) is None:
                return False
            if run.stream is not None:
                self.streams.pop(key, None)
            self._add_ended(run)
            return True

    def add_ended(self, run: Run) -> None:
        """Add a run that was heard of only when it had ended."""
        with self._lock:
            self._add_ended(run)

    def _add_ended(self, run: Run) -> None:
        self._ended[run.id.int] = run
        if len(self._ended) > MAX_ENDED:
            self._ended.popitem(last=False)

    def follow(self, run: Run) -> None:
        """Have a live run's further chunks put on a list only, unless protocol events tell more of them."""
        stream = run.stream
        with self._lock:
            if stream is not None and not stream.v3 and run.id.int in self._live:
                stream.owner = run.handlers[0]
                self.streams[run.id.int] = stream

    def came_after_all(self) -> None:
        """Note the first reported end of a run that was recorded as cancelled."""
        with self._lock:
            self.never_ended -= 1

    def sweep(self) -> None:
        """Mark runs as cancelled whose asyncio task is done although no end was reported."""
        with self._lock:
            over = [run for run in self._live.values() if run.is_abandoned()]
        for run in over:
            self.assume_cancelled(run)
        self._sweep_at = max(SWEEP_AT, 2 * len(self._live))

    def assume_cancelled(self, run: Run) -> None:
        """Record a live run as cancelled."""
        run.end(Failed(asyncio.CancelledError(), None), EndSource.ASSUMED)
        if not self.retire(run):
            return  # another thread swept as well, or its end came after all
        for handler in run.handlers:
            keeper_of(handler).keep(run)
        with self._lock:
            self.never_ended += 1
            is_first = self.never_ended == 1
        if is_first:
            logger.info(
                "A model run ended without saying so, as cancelled asyncio calls do; it is recorded as cancelled."
                " Later ones are only counted."
            )

    def _outdated(self) -> Sequence[Run]:
        """Return the oldest runs, if they are too many or too old."""
        found: list[Run] = []
        for run in self._live.values():
            if len(self._live) - len(found) <= MAX_LIVE and perf_counter() - run.started <= MAX_AGE_S:
                break
            found.append(run)
        return found

    def begin_child(self) -> Runs:
        """Return a forked child's table: the runs are the parent's; the count goes on, as handlers' sums do."""
        new = Runs()
        new.never_ended = self.never_ended
        return new


RUNS: Final = Part(Runs, in_child=Runs.begin_child)
