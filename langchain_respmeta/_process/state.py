"""What this process knows of its runs: one object, replaced as a whole in a forked child and between tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

_T = TypeVar("_T")


class Part(Generic[_T]):
    """Names one table of the state and makes it. Each module names its own, so that no room knows those above it."""

    __slots__ = ("in_child", "make")

    def __init__(self, make: Callable[[], _T], in_child: Callable[[_T], _T] | None = None) -> None:
        self.make: Final = make
        self.in_child: Final = in_child
        """Makes a forked child's table from its parent's. Default: a new one, for the runs are the parent's."""


class State(dict[Part[Any], Any]):
    """Part → its table, made when it is first needed: `STATE[RUNS].get(run_id)`."""

    if TYPE_CHECKING:

        def __getitem__(self, part: Part[_T], /) -> _T: ...

    def __missing__(self, part: Part[_T]) -> _T:
        made: _T = self.setdefault(part, part.make())  # of two threads one makes it for both
        return made

    def begin_child(self) -> None:
        """Replace all tables: a thread that does not exist in the child may hold the parent's locks."""
        of_parent = self.copy()
        self.clear()  # first: a part that fails costs what it keeps, and leaves no lock of the parent's
        for part, table in of_parent.items():
            if part.in_child is not None:
                self[part] = part.in_child(table)


STATE: Final = State()
