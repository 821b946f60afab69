"""A dict that forgets its oldest entries."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Bounded(OrderedDict[_K, _V], Generic[_K, _V]):
    """Holds at most `maximum` entries; `keep` adds one and drops the oldest beyond that.

    In a plain dict the way to the first entry leads past all that were deleted before it.
    """

    def __init__(self, maximum: int) -> None:
        super().__init__()
        self.maximum = maximum

    def keep(self, key: _K, value: _V) -> None:
        """Add or replace an entry."""
        self[key] = value
        while len(self) > self.maximum:
            # Other threads add and drop meanwhile: then look again. Two at once may drop one entry more than they must.
            with suppress(KeyError):
                self.popitem(last=False)
