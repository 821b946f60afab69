"""Whether somebody's data is still what it was."""

from __future__ import annotations

from typing import Any


class Kept:
    """What each dict and list in a value holds. Items are told apart as objects: odd ones cannot be compared or copied."""

    def __init__(self, value: Any, limit: int = 20_000) -> None:
        self._held: dict[int, tuple[Any, list[Any]]] = {}
        todo = [value]
        while todo and len(self._held) < limit:
            holder = todo.pop()
            if type(holder) in {dict, list} and id(holder) not in self._held:
                self._held[id(holder)] = holder, _items(holder)
                todo.extend(holder.values() if type(holder) is dict else holder)

    def check(self) -> None:
        """Raises where something was added, taken away or replaced."""
        for holder, before in self._held.values():
            now = _items(holder)
            assert len(now) == len(before), "the caller's data has more or fewer items"
            assert all(one is other for one, other in zip(now, before, strict=True)), (
                "the caller's data changed"
            )


def _items(holder: Any) -> list[Any]:
    """Keys and values in their order."""
    return [*holder.keys(), *holder.values()] if type(holder) is dict else list(holder)
