"""What a raw answer says about one field: the value, and where else a callback might show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Fact:
    """One expected value.

    Attributes:
        value: What the record should say.
        also: Other values that are as right.
        witness: What must stand in the callbacks' arguments for the fact to be reachable; the value itself by default.
        required: Whether the record must have it: False where it is only derived from other facts.
    """

    value: Any
    also: tuple[Any, ...] = ()
    witness: Any = None
    required: bool = True


Item = dict[str, Fact]
"""One entry of a list of the record, attribute → fact."""

LISTS: Final = ("tool_calls", "citations", "safety", "media")


@dataclass(slots=True)
class Expected:
    """What one generation's record should say."""

    facts: dict[str, Fact] = field(default_factory=dict)
    items: dict[str, list[Item]] = field(default_factory=lambda: {name: [] for name in LISTS})
    open: set[str] = field(default_factory=set)
    """Fields that the raw answer cannot decide: whatever the record says is right."""

    def say(
        self, name: str, value: Any, *, also: Iterable[Any] = (), witness: Any = None, required: bool = True
    ) -> None:
        """Expect a value; None means that the answer says nothing."""
        if value is not None:
            self.facts[name] = Fact(value, tuple(also), witness, required)

    def say_all(self, values: Mapping[str, Any], *, required: bool = True) -> None:
        """Expect several values."""
        for name, value in values.items():
            self.say(name, value, required=required)

    def add(self, kind: str, values: Mapping[str, Any]) -> None:
        """Expect one more entry of a list; plain values become facts."""
        facts = {key: value if isinstance(value, Fact) else Fact(value) for key, value in values.items()}
        item = {key: fact for key, fact in facts.items() if fact.value is not None}
        if (
            kind != "citations" or item not in self.items[kind]
        ):  # the same source for the same words counts once
            self.items[kind].append(item)

    def leave(self, *names: str) -> None:
        """Do not judge these fields."""
        self.open.update(names)

    def get(self, name: str) -> Any:
        """The expected value, or None."""
        fact = self.facts.get(name)
        return fact.value if fact else None


def dig(value: Any, *path: str | int) -> Any:
    """`value[path[0]][path[1]]…`, or None where the way ends."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def whole(value: Any) -> int | None:
    """A whole number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == int(value) else None


def first(*values: Any) -> Any:
    """The first that is not None."""
    return next((value for value in values if value is not None), None)


def text(value: Any) -> str | None:
    """A string with something in it, or None."""
    return value if isinstance(value, str) and value else None
