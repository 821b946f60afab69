"""SQL conditions with their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL text with `?` marks, and their parameters."""

    sql: str
    parameters: tuple[object, ...] = ()


def joined(word: str, conditions: Sequence[Condition]) -> Condition:
    """Join all of them by `word`, bracketed by halves.

    SQLite reads a plain chain as a tree as deep as the chain is long, at most 1000 levels; halves need ten for that.
    """
    if len(conditions) > 2:
        middle = len(conditions) // 2
        conditions = [joined(word, half) for half in (conditions[:middle], conditions[middle:])]
    parameters = tuple(p for condition in conditions for p in condition.parameters)
    return Condition(f"({f' {word} '.join(condition.sql for condition in conditions)})", parameters)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Runs by their numbers.

    Attributes:
        sql: Selects the numbers; one may come twice.
        parameters: Of its `?` marks.
        are_left_out: Whether all other runs are meant.
    """

    sql: str
    parameters: tuple[object, ...] = ()
    are_left_out: bool = False

    def on(self, column: str) -> Condition:
        """The condition on a column of numbers."""
        return Condition(f"{column} {'NOT ' if self.are_left_out else ''}IN ({self.sql})", self.parameters)
