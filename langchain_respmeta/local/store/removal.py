"""Removes whole traces, with all that belongs to their runs: what a purge, a deletion and the retention have in common."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final, Self, TypeAlias

from langchain_respmeta.local.store import sessions
from langchain_respmeta.local.store.store import Store

TRACES_AT_ONCE: Final = 200
"""Of one transaction: a writer beside it waits for no more."""


@dataclass(frozen=True, slots=True)
class PurgeCounts:
    """How many of each."""

    projects: int = 0
    traces: int = 0
    runs: int = 0
    attachments: int = 0
    feedback: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def is_any(self) -> bool:
        """Whether there is anything."""
        return any(self.to_dict().values())

    def to_dict(self) -> dict[str, int]:
        """As plain data."""
        return asdict(self)


Tell: TypeAlias = Callable[[PurgeCounts], None]
"""Is called after each piece with what is removed so far."""


def remove_piece(
    connection: sqlite3.Connection, trace_ids: Sequence[object], session_id: str | None = None
) -> PurgeCounts:
    """Remove the runs of some traces, of `TRACES_AT_ONCE` at most; with a project, only those that stand in it.

    Args:
        connection: In a transaction.
        trace_ids: As they stand in `runs`.
        session_id: The project's.
    """
    own, given = f"trace_id IN ({', '.join('?' * len(trace_ids))})", [*trace_ids]
    if session_id is not None:
        own, given = f"{own} AND session_id = ?", [*given, session_id]
    removed = {
        table: connection.execute(
            f"DELETE FROM {table} WHERE {column} IN (SELECT {key} FROM runs WHERE {own})", given
        ).rowcount
        for table, column, key in sessions.OF_RUNS
    }
    runs = connection.execute(f"DELETE FROM runs WHERE {own}", given).rowcount
    return PurgeCounts(0, len(trace_ids), runs, removed["attachments"], removed["feedback"])


def remove_traces(store: Store, trace_ids: Sequence[object], tell: Tell = lambda _: None) -> PurgeCounts:
    """Remove traces in pieces. Stopped in between, what is removed stays removed."""
    done = PurgeCounts()
    for start in range(0, len(trace_ids), TRACES_AT_ONCE):
        with store.write() as connection:
            done += remove_piece(connection, trace_ids[start : start + TRACES_AT_ONCE])
        tell(done)
    return done
