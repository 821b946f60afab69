"""A dict that forgets its oldest entries."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Bounded(dict[_K, _V], Generic[_K, _V]):
    """Holds at most `maximum` entries; `keep` adds one and drops the oldest beyond that."""

    def __init__(self, maximum: int) -> None:
        super().__init__()
        self.maximum = maximum
        self._lock = threading.Lock()

    def keep(self, key: _K, value: _V) -> None:
        """Add or replace an entry."""
        self[key] = value
        if len(self) > self.maximum:
            with self._lock:
                while len(self) > self.maximum:
                    # Others add and take away without the lock: then it is looked at again.
                    try:
                        del self[next(iter(self))]
                    except (KeyError, RuntimeError, StopIteration):
                        continue

    def forget(self) -> None:
        """In a forked child: the entries are the parent's, and somebody may have held the lock."""
        self.clear()
        self._lock = threading.Lock()
