"""A dict that forgets its oldest entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Bounded(dict[_K, _V], Generic[_K, _V]):
    """Holds at most `maximum` entries; `keep` adds one, and drops the oldest sixteenth beyond that."""

    def __init__(self, maximum: int) -> None:
        super().__init__()
        self.maximum = maximum

    def keep(self, key: _K, value: _V) -> None:
        """Add or replace an entry."""
        self[key] = value
        while len(self) > self.maximum:
            # Other threads add and drop meanwhile: then look again. Two at once may drop more than they must.
            with suppress(RuntimeError):
                for oldest in first_of(self, 1 + self.maximum // 16):
                    self.pop(oldest, None)


def first_of(table: Mapping[_K, object], count: int) -> Iterator[_K]:
    """The oldest keys of a dict. Many at once: the way to the first one leads past all that were deleted before it."""
    return iter(list(islice(table, count)))
