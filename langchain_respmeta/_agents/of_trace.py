"""The calls of one trace, bounded: those that are remembered, and how many there were before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from langchain_respmeta._agents.calls import Call

MAX_OF_TRACE: Final = 256
"""Calls of one trace that are remembered; those before are only counted."""


class OfTrace:
    """The calls of one trace: the last ones, and the number of those before them."""

    __slots__ = ("calls", "dropped", "dropped_failed")

    def __init__(self) -> None:
        self.calls: dict[int, Call] = {}
        self.dropped = 0
        self.dropped_failed = 0

    def add(self, call: Call) -> None:
        """Remember a call, once."""
        self.calls[id(call)] = call
        if len(self.calls) > MAX_OF_TRACE:
            self.drop(next(iter(self.calls.values())))

    def drop(self, call: Call) -> None:
        """Only count a call from now on."""
        if self.calls.pop(id(call), None) is not None and not call.is_answer:
            self.dropped += 1
            self.dropped_failed += call.failed
