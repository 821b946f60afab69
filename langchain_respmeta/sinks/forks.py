"""What metrics need of forks: none happens while one is counted, and a forked child counts from zero."""

from __future__ import annotations

from typing import Final
from weakref import WeakSet

from langchain_respmeta._process.late_imports import ForkLock
from langchain_respmeta._process.lifecycle import Child, Fork, in_child
from langchain_respmeta._process.locks import hold_over_forks
from langchain_respmeta.sinks.ledger import Pairs, Series

counting: Final = hold_over_forks(ForkLock(), Fork.METRICS)
"""`with counting:` around what takes locks of the metrics' packages: a child would inherit a lock that is held, for ever."""


class Sums(dict[Pairs, Series]):
    """Counters of this process, by their labels. A forked child has none: what its parent counted is its parent's."""

    def __init__(self) -> None:
        super().__init__()
        _all.add(self)

    def __missing__(self, key: Pairs) -> Series:
        return self.setdefault(key, Series())

    __hash__ = object.__hash__  # type: ignore[assignment]


_all: Final[WeakSet[Sums]] = WeakSet()


def _begin() -> None:
    for sums in _all:
        sums.clear()


in_child(Child.METRICS, _begin)
