"""The last calls that were counted: their records may come again, and a later attempt may take their place."""

from __future__ import annotations

from typing import Final, NamedTuple

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta.monitor.cell import Added, superseded
from langchain_respmeta.monitor.groups import Slot
from langchain_respmeta.monitor.windows import Windows
from langchain_respmeta.record.fields import RecordFields

MAX_AMENDABLE: Final = 10_000
"""Last calls whose records replace what they added before, when they come again."""


class Call(NamedTuple):
    """A call that was counted."""

    at: float
    """The time that it is counted at, in seconds since 1970."""
    slots: tuple[Slot, ...]
    added: Added

    def placed(self) -> tuple[float, list[Slot], Added]:
        """Return the same with the groups that have the sums by now."""
        return self.at, [slot.moved_to or slot for slot in self.slots], self.added


class Calls:
    """The last calls of one monitor. One thread at a time."""

    def __init__(self) -> None:
        self._calls: Final[Bounded[str, Call]] = Bounded(MAX_AMENDABLE)
        """By run id."""
        self._superseded: Final[Bounded[str, None]] = Bounded(MAX_AMENDABLE)
        """Run ids of calls that were tried again, whether they were counted yet or not."""

    def count(self, record: RecordFields, call: Call, windows: Windows) -> tuple[Slot, ...]:
        """Count a call in place of what its record added before; return the groups whose figures changed besides its own."""
        before = self._supersede(record.previous_run_id, windows)
        run_id = record.run_id
        if run_id is not None:
            if run_id in self._superseded:
                call = call._replace(added=superseded(call.added))
            if (former := self._calls.get(run_id)) is not None:
                windows.take(*former.placed())
                before += former.slots
            self._calls.keep(run_id, call)
        windows.add(*call.placed())
        return before

    def _supersede(self, run_id: str | None, windows: Windows) -> tuple[Slot, ...]:
        """Note that a call was tried again; return the groups whose figures changed."""
        if run_id is None:
            return ()
        self._superseded.keep(run_id, None)
        former = self._calls.get(run_id)
        if former is None:
            return ()
        windows.take(*former.placed())
        self._calls[run_id] = later = former._replace(added=superseded(former.added))
        windows.add(*later.placed())
        return later.slots
