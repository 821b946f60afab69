"""Which spans of time are asked for, one after the other: each within a day of UTC, as long as the runs are few."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from langchain_respmeta.history.pull.moments import DAY, HOUR, SECOND, moment_of

_FIRST: Final = HOUR
_EMPTY_GROWTH: Final = 4
_BURST: Final = 1_000
_SHORT: Final = SECOND // 10
"""The least length of a window after an empty one: what is asked for around a window would come again and again."""


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
        self._is_before_burst = False

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
        self._is_before_burst = False
        if share == 0:
            self._width = max(_SHORT, self._width * _EMPTY_GROWTH)
        elif share < 1 / 8:
            self._width *= 2
        elif share > 1 / 2:
            self._width = (window.end - window.start) // 2
        self._width = max(1, min(DAY, self._width))

    def overflowed(self, window: Window, first: int, last: int) -> None:
        """Note that a window had too much; what was seen of it began from `first` to `last`.

        The next window has half as many, if they are as dense. All at nearly one time are a burst: what lies before it
        comes first.
        """
        length, seen = window.end - window.start, last - first + 1
        self._is_before_burst = not self._is_before_burst and first > window.start and seen * _BURST < length
        wanted = first - window.start if self._is_before_burst else min(seen // 2, length // 4)
        self._width = max(1, wanted)
