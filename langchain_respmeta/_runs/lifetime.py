"""One lifetime for model runs, tool runs and parsers: a start, and one end, whichever source it comes from."""

from __future__ import annotations

from enum import IntEnum
from time import perf_counter
from typing import Generic, TypeVar

_Outcome = TypeVar("_Outcome")


class EndSource(IntEnum):
    """How an end is known; a better source replaces a lesser one."""

    ASSUMED = 1
    """Nobody reported an end, but none can come any more."""
    TRACED = 2
    """A tracer wrote it down, with less than the callback reports."""
    COMPLETE = 3
    """Its callback reported it, or a tracer wrote all of it down."""


class Lifetime(Generic[_Outcome]):
    """Starts when it is made, and keeps the first end, until one from a better source replaces it."""

    __slots__ = ("end_is_assumed", "end_source", "outcome", "started")

    def __init__(self) -> None:
        self.started = perf_counter()
        self.outcome: _Outcome | None = None
        self.end_source: EndSource | None = None
        self.end_is_assumed = False

    def end(self, outcome: _Outcome, source: EndSource = EndSource.COMPLETE) -> bool:
        """Keep an end, unless one from as good a source is known. Return whether it is kept."""
        known = self.end_source
        if known is not None and source <= known:
            return False
        self._keep_end(outcome, source)
        return True

    def _keep_end(self, outcome: _Outcome, source: EndSource) -> None:
        self.outcome = outcome
        self.end_source = source
        self.end_is_assumed = source is EndSource.ASSUMED
