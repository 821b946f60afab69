"""A dict that forgets its oldest entries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Bounded(dict[_K, _V], Generic[_K, _V]):
    """Holds at most `maximum` entries; `keep` adds one and drops the oldest beyond that.

    The way to the first entry of a dict leads past all that were deleted before it: a part of the keys is looked up at once.
    An `OrderedDict` would do, if its iteration did not run the keys' `__hash__`, between which other threads come.
    """

    def __init__(self, maximum: int) -> None:
        super().__init__()
        self.maximum = maximum
        self._oldest: Iterator[_K] = iter(())

    def keep(self, key: _K, value: _V) -> None:
        """Add or replace an entry."""
        self[key] = value
        while len(self) > self.maximum:
            # Other threads add and drop meanwhile: then look again. Two at once may drop one entry more than they must.
            for oldest in self._oldest:
                self.pop(oldest, None)
                break
            else:
                with suppress(RuntimeError):
                    self._oldest = iter([*islice(self, 1 + self.maximum // 16)])
