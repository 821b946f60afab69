"""What a forked child does with the sinks that it finds."""

from __future__ import annotations

from typing import Final, Protocol
from weakref import WeakSet

from langchain_respmeta._process.lifecycle import Child, in_child


class BeginsAgain(Protocol):
    """A sink with locks, files or records that are its process's own."""

    def begin_again(self) -> None:
        """Go on in a forked child."""
        ...


_ALL: Final[WeakSet[BeginsAgain]] = WeakSet()


def in_children(sink: BeginsAgain) -> None:
    """Have a sink begin again in each forked child."""
    _ALL.add(sink)


def _begin_again() -> None:
    for sink in tuple(_ALL):
        sink.begin_again()


in_child(Child.SINKS, _begin_again)
