"""How far a run of the program is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from langchain_respmeta.history.bulk.job import Unit, UnitDone


@dataclass(slots=True)
class NormalizeProgress:
    """How far a run of `normalize_files` is."""

    units: int = 0
    """Parts of files that it has to do …"""
    done: int = 0
    """… and has done."""
    rows: int = 0
    """Rows that it has read."""
    share: float = 0.0
    """How much of the work is done, about, from 0 to 1."""


Listener: TypeAlias = Callable[[NormalizeProgress], None]


class Meter:
    """Counts, and tells the listener. Rows of unfinished units come early, and are corrected when a unit ends."""

    def __init__(self, units: Sequence[Unit], listener: Listener | None) -> None:
        self.progress = NormalizeProgress(units=len(units))
        self._listener = listener
        by_rows = all(unit.rows is not None for unit in units)
        self._sizes = {unit.id: (unit.rows or 0) if by_rows else unit.weight for unit in units}
        self._by_rows, self._whole = by_rows, max(1, sum(self._sizes.values()))
        self._rows = self._size = 0

    def tick(self, rows: int) -> None:
        """Some more rows were read."""
        self.progress.rows += rows
        if self._by_rows:
            self.progress.share = min(1.0, self.progress.rows / self._whole)
        self._tell()

    def finish(self, done: UnitDone) -> None:
        """A unit has ended."""
        self._rows += done.rows
        self._size += self._sizes[done.unit]
        now = self.progress
        now.done += 1
        now.rows, now.share = max(now.rows, self._rows), max(now.share, self._size / self._whole)
        self._tell()

    def _tell(self) -> None:
        if self._listener is not None:
            self._listener(self.progress)
