"""Which spans of time are asked for, one after the other: each within a day of UTC, as long as the runs are few."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from langchain_respmeta.history.pull.moments import DAY, HOUR, moment_of

_FIRST: Final = HOUR
_EMPTY_GROWTH: Final = 4


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A span of start times in microseconds, its end excluded."""

    start: int
    end: int

    @property
    def day(self) -> str:
        """The day that it lies in."""
        return moment_of(self.start).date().isoformat()


def gaps(start: int, end: int, covered: Iterable[Window]) -> Iterator[Window]:
    """What of a span no window covers, oldest first."""
    for window in sorted(covered):
        if start >= end:
            return
        if window.start > start:
            yield Window(start, min(window.start, end))
        start = max(start, window.end)
    if start < end:
        yield Window(start, end)


class Pace:
    """How long the next window is: it grows while windows are nearly empty, and shrinks when they are full."""

    def __init__(self) -> None:
        self._width = _FIRST

    @property
    def is_longest(self) -> bool:
        """Whether windows are whole days."""
        return self._width == DAY

    def next_of(self, gap: Window, closed_until: int) -> Window:
        """The first window of a gap. What is closed, and what is not, are never in one."""
        midnight = (gap.start // DAY + 1) * DAY
        ends = [gap.start + self._width, gap.end, midnight]
        if gap.start < closed_until:
            ends.append(closed_until)
        return Window(gap.start, min(ends))

    def filled(self, window: Window, share: float) -> None:
        """Note how full a window was: 1 is all that one part may have."""
        if share == 0:
            self._width *= _EMPTY_GROWTH
        elif share < 1 / 8:
            self._width *= 2
        elif share > 1 / 2:
            self._width = (window.end - window.start) // 2
        self._width = max(1, min(DAY, self._width))

    def overflowed(self, window: Window) -> None:
        """Note that a window had too much."""
        self._width = max(1, (window.end - window.start) // 2)
