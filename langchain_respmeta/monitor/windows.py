"""Windows: what was counted in the last minute, hour and day, and in all.

Cells are kept in steps of time, coarser with age: steps of 5 seconds for a minute, of 5 minutes for an hour, of an hour for a
day, and one for all that is older. A step that leaves its window is merged into the next coarser one. So a call is counted in
one cell of each group, and memory is bounded by the groups alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Final, NamedTuple

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.monitor.cell import Added, Cell
from langchain_respmeta.monitor.groups import Slot
from langchain_respmeta.monitor.names import unknown


class Window(NamedTuple):
    """A window ends now. It holds the step that is under way and all before it that make its length: one step more at most."""

    name: str
    seconds: float
    step: float


WINDOWS: Final = (
    Window("minute", 60, 5),
    Window("hour", 3_600, 300),
    Window("day", 86_400, 3_600),
    Window("all", inf, inf),
)
"""From the shortest: each step is made of whole steps of the one before."""

_ALL: Final = len(WINDOWS) - 1


def window_number(name: str) -> int:
    """Return a window's place in `WINDOWS`.

    Raises:
        SettingsError: there is none of this name.
    """
    names = [window.name for window in WINDOWS]
    if name not in names:
        raise SettingsError(unknown("window", str(name), names), setting="window")
    return names.index(name)


class Windows:
    """The cells of all groups. One thread at a time."""

    def __init__(self) -> None:
        self._steps: Final[tuple[dict[float, dict[Slot, Cell]], ...]] = tuple({} for _ in WINDOWS)
        """For each window: start of a step → cells of the groups that had calls in it."""
        self.starts: Final = [-inf] * len(WINDOWS)
        """Where each window starts; it never goes back."""

    def turn(self, now: float) -> None:
        """Let the windows end now."""
        for number, window in enumerate(WINDOWS[:_ALL]):
            start = (now - window.seconds) // window.step * window.step
            if start > self.starts[number]:
                self.starts[number] = start
                steps = self._steps[number]
                for left in [one for one in steps if one < start]:
                    self._put(left, steps.pop(left))

    def _put(self, time: float, cells: dict[Slot, Cell]) -> None:
        into = self._cells(time)
        for slot, cell in cells.items():
            there = into.get(slot)
            if there is None:
                into[slot] = cell
            else:
                there.merge(cell)

    def _cells(self, time: float) -> dict[Slot, Cell]:
        """Return the cells of the step that holds a time."""
        number = self._number(time)
        start = time // WINDOWS[number].step * WINDOWS[number].step if number < _ALL else -inf
        return self._steps[number].setdefault(start, {})

    def _number(self, time: float) -> int:
        for number in range(_ALL):
            if time >= self.starts[number]:
                return number
        return _ALL

    def add(self, time: float, slots: Iterable[Slot], added: Added) -> None:
        """Add what a record adds to its groups, at the time of the record."""
        cells = self._cells(time)
        for slot in slots:
            cell = cells.get(slot)
            if cell is None:
                cell = cells[slot] = Cell()
            cell.add(added)
            for start, merged in slot.merged.values():
                if time >= start:
                    merged.add(added)

    def take(self, time: float, slots: Iterable[Slot], added: Added) -> None:
        """Take away what a record has added."""
        cells = self._cells(time)
        for slot in slots:
            cells[slot].take(added)
            for start, merged in slot.merged.values():
                if time >= start:
                    merged.take(added)

    def total(self, slot: Slot, number: int, *, keep: bool = False) -> Cell:
        """Return what a group's cells of a window add up to, not to be changed.

        `keep` it to have it at once the next time: each record is then added to it, until the window loses a step.
        """
        start = self.starts[number]
        found = slot.merged.get(number)
        if found is not None and found[0] == start:
            return found[1]
        whole = Cell()
        for steps in self._steps[: number + 1]:
            for cells in steps.values():
                if (cell := cells.get(slot)) is not None:
                    whole.merge(cell)
        if keep:
            slot.merged[number] = (start, whole)
        else:
            slot.merged.pop(number, None)
        return whole

    def move(self, slot: Slot, to: Slot) -> None:
        """Move all cells of a group to another."""
        slot.merged.clear()
        to.merged.clear()
        for steps in self._steps:
            for cells in steps.values():
                if (cell := cells.pop(slot, None)) is not None:
                    cells.setdefault(to, Cell()).merge(cell)
