"""The work on one folder: which windows it lacks, each asked for, written and noted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history.pull.manifest import Entry, Manifest, State
from langchain_respmeta.history.pull.moments import DAY
from langchain_respmeta.history.pull.parts import Part, PartLimits, PartOverflow
from langchain_respmeta.history.pull.query import RESTARTS, CursorGone, RunQuery
from langchain_respmeta.history.pull.report import PullProgress
from langchain_respmeta.history.pull.windows import Pace, Window, gaps

_SETTLED: Final = DAY
"""Runs that have not ended a day after they began are not waited for any more."""


@dataclass(slots=True)
class Done:
    """What was done so far."""

    runs: int = 0
    windows: int = 0
    parts: int = 0
    bytes: int = 0
    unreadable: int = 0


class FolderPull:
    """Brings a folder up to date.

    Args:
        folder: The project's folder.
        manifest: Its journal.
        query: Who is asked.
        grace_us: A window that ends later than this ago is left open.
        progress: Called after each page.
        limits: How much of one window is held in memory.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        query: RunQuery,
        grace_us: int,
        progress: Callable[[PullProgress], None],
        limits: PartLimits,
    ) -> None:
        self.done = Done()
        self._folder = folder
        self._manifest = manifest
        self._query = query
        self._progress = progress
        self._limits = limits
        self._pace = Pace()
        now = time.time_ns() // 1_000
        self._closed_until = now - grace_us
        self._settled_until = now - _SETTLED
        self._passed_us = 0
        self._total_us = 1

    def bring(self, span: Window) -> None:
        """Pull what the folder lacks of a span, and what was not done there, oldest first.

        Raises:
            RespMetaError: The server refuses, or cannot be asked.
            OSError: A file cannot be written.
        """
        entries = self._manifest.entries()
        again = {e.window for e in entries if e.state != "done" and e.window.end > span.start}
        missing = gaps(span.start, span.end, (entry.window for entry in entries))
        work = sorted([*again, *missing])
        self._total_us = max(1, sum(window.end - window.start for window in work))
        for window in work:
            if window in again:
                # As one, with the bounds it had: its file is replaced, and nothing is there twice meanwhile.
                self._pull(window, can_split=False)
            else:
                self._fill(window)

    def _fill(self, gap: Window) -> None:
        """Pull a gap, in windows as long as the runs are few."""
        start = gap.start
        while start < gap.end:
            window = self._pace.next_of(Window(start, gap.end), self._closed_until)
            try:
                share = self._pull(window, can_split=window.end - window.start > 1)
            except PartOverflow as over:
                self._pace.overflowed(window, over.first, over.last)
                continue
            self._pace.filled(window, share)
            start = window.end
            if not share and self._pace.is_longest:
                start = self._skip(Window(start, min(gap.end, self._closed_until)))

    def _skip(self, rest: Window) -> int:
        """Note, without their pages, days that have no run; return where the first day with one may be."""
        start, days = rest.start, 2
        while start < rest.end:
            window = Window(start, min(rest.end, start + days * DAY))
            if self._query.has_any(window):
                return start
            self._note(Entry(window, "done", 0, None, 0))
            start, days = window.end, days * 2
        return start

    def _pull(self, window: Window, *, can_split: bool) -> float:
        """Pull one window; return how full its part is."""
        gone: CursorGone | None = None
        for _ in range(RESTARTS + 1):
            try:
                return self._pull_once(window, can_split=can_split)
            except CursorGone as error:
                gone = error
        raise HistoryError(
            f"LangSmith forgot its cursor {RESTARTS + 1} times within {window.day} ({gone}). "
            "What was pulled is kept: the same call goes on from there"
        )

    def _pull_once(self, window: Window, *, can_split: bool) -> float:
        with Part(self._folder, window, self._limits, can_split=can_split) as part:
            for page in self._query.pages(window):
                part.add(page)
                self._show(window, self.done.runs + part.rows)
            share = part.share
            name, size = part.finish()
        self._note(Entry(window, self._state_of(window, part.pending), part.rows, name, size))
        self.done.unreadable += part.unreadable
        return share

    def _note(self, entry: Entry) -> None:
        """Note a window in the journal: now it is pulled."""
        self._manifest.add(entry)
        self.done.runs += entry.rows
        self.done.windows += 1
        self.done.parts += entry.part is not None
        self.done.bytes += entry.bytes
        self._passed_us += entry.window.end - entry.window.start
        self._show(entry.window, self.done.runs)

    def _state_of(self, window: Window, pending: int) -> State:
        if window.end > self._closed_until:
            return "open"
        return "pending" if pending and window.end > self._settled_until else "done"

    def _show(self, window: Window, runs: int) -> None:
        self._progress(PullProgress(min(1.0, self._passed_us / self._total_us), runs, window.day))
