"""Counts of this process's feedback, by what became of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Delivery", "DeliveryCounts"]

_DONE: Final = ("sent", "failed", "dropped_waiting", "gone")
"""What ends the wait of an accepted item."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the feedback of this process, of all handlers."""

    queued: int = 0
    """Submissions in memory, not yet in the outbox: the only ones that a crash would lose."""
    sent: int = 0
    """Accepted by the server."""
    waiting: int = 0
    """In the outbox, not yet sent."""
    failed: int = 0
    """Refused by the server for good; kept in the outbox, see `respmeta outbox status`."""
    dropped: int = 0
    """Dropped because a queue was full or the item too old or too large."""
    skipped: int = 0
    """Not sent on purpose: the trace was not sampled, or the client cannot send feedback."""
    reason: str | None = field(default=None, compare=False)
    """Why items still wait, for people; None when none does."""


class DeliveryCounts:
    """Counts behind one lock, held for an addition only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = dict.fromkeys(("accepted", "dropped", "skipped", *_DONE), 0)
        self.in_step: Final = threading.Lock()
        """Held while rows change in the outbox and are counted, and while outbox and counts are compared: a comparison
        between the two would take a row that was just delivered for one that somebody else purged."""

    def add(self, **counts: int) -> None:
        """Add to some of the counts.

        `dropped_waiting` were accepted before; `gone` were purged by hand or taken over by another process.
        """
        with self._lock:
            for name, count in counts.items():
                self._counts[name] += count

    @property
    def waiting(self) -> int:
        """Items that this process accepted or took over and that still wait."""
        with self._lock:
            return self._waiting()

    def _waiting(self) -> int:
        return self._counts["accepted"] - sum(self._counts[name] for name in _DONE)

    def delivery(self, queued: int) -> Delivery:
        """Return the counts as the user sees them, of one moment."""
        with self._lock:
            counts = self._counts
            dropped = counts["dropped"] + counts["dropped_waiting"]
            return Delivery(
                queued, counts["sent"], self._waiting(), counts["failed"], dropped, counts["skipped"]
            )
