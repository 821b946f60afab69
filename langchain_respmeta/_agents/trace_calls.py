"""The calls of one trace, bounded: the last ones, and the number of those before."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from langchain_respmeta._agents.tool_call import TrackedCall

MAX_OF_TRACE: Final = 256
"""Calls of one trace that are remembered; earlier ones are only counted."""
MAX_UNDECIDED: Final = 4_096
"""The same while their outcome is open: many tools run at the same time, or wait for people."""


class TraceCalls:
    """The calls of one trace: the last ones, those that are under way, and the number of those before."""

    __slots__ = ("_sweep_at", "calls", "counts", "dropped", "undecided")

    def __init__(self) -> None:
        self.calls: dict[int, TrackedCall] = {}
        self.undecided: dict[int, TrackedCall] = {}
        """Older ones that had no final outcome when they were looked at last."""
        self.dropped = 0
        self.counts: Counter[str] = Counter()
        """How many of the dropped ones failed, …: see `counted`."""
        self._sweep_at = MAX_OF_TRACE

    def known(self) -> list[TrackedCall]:
        """Return the remembered ones, oldest first."""
        return [*tuple(self.undecided.values()), *tuple(self.calls.values())]

    def add(self, call: TrackedCall) -> None:
        """Remember a call, once."""
        self.calls[id(call)] = call
        if len(self.calls) > MAX_OF_TRACE:
            oldest = self.calls.pop(next(iter(self.calls)))
            if _is_decided(oldest):
                self._count(oldest)
            else:
                self._set_aside(oldest)

    def drop(self, call: TrackedCall) -> None:
        """Only count a call from now on."""
        found = self.calls.pop(id(call), None) or self.undecided.pop(id(call), None)
        if found is not None:
            self._count(found)

    def _set_aside(self, call: TrackedCall) -> None:
        self.undecided[id(call)] = call
        if len(self.undecided) > self._sweep_at:
            for one in [one for one in self.undecided.values() if _is_decided(one)]:
                self.drop(one)
            while len(self.undecided) > MAX_UNDECIDED:
                self.drop(next(iter(self.undecided.values())))
            self._sweep_at = max(MAX_OF_TRACE, min(MAX_UNDECIDED, 2 * len(self.undecided)))

    def _count(self, call: TrackedCall) -> None:
        if not call.is_answer:
            self.dropped += 1
            self.counts.update(counted(call))


def counted(call: TrackedCall) -> dict[str, int]:
    """Return what a root counts of a call, under the root's keys.

    Numbers, because an empty `Counter` takes over what it is first given as it is.
    """
    return {
        "tool_errors": int(call.failed),
        "cancelled_tools": int(call.cancelled),
        "waiting_calls": int(call.waits),
        "rejected_calls": int(call.people.get("confirmed") is False),
        "external_calls": int(call.external),
    }


def _is_decided(call: TrackedCall) -> bool:
    """Whether the call has a final outcome."""
    last = call.runs[-1].outcome if call.runs else None
    if last is not None:
        return not last.paused
    return call.is_answer or call.external or call.people.get("confirmed") is False
