"""The runs that conditions on single runs choose: looked up once, however often a page asks of them."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from langchain_respmeta.local.store.condition import Condition, Numbers
from langchain_respmeta.local.store.connection import Connection

_ALL: Final = Numbers("SELECT no FROM facts")
_MAKE: Final = "CREATE TEMP TABLE IF NOT EXISTS chosen (no INTEGER PRIMARY KEY)"
# The plus keeps SQLite from looking up each of many numbers in each of many kinds.
_FACTS: Final = "+f.no"
_CHOSEN: Final = Condition(f"{_FACTS} IN temp.chosen")


def chosen(connection: sqlite3.Connection, conditions: Sequence[Numbers]) -> list[Condition]:
    """The conditions on facts `f`: as one on a list of numbers in memory, which stays until the connection is given back."""
    if not conditions:
        return []
    if not isinstance(connection, Connection):
        return [one.on(_FACTS) for one in conditions]
    if connection.chosen != conditions:
        connection.chosen = None
        (reads_only,) = connection.execute("PRAGMA query_only").fetchone()
        connection.execute("PRAGMA query_only = OFF")
        try:
            _choose(connection, conditions)
        finally:
            connection.execute(f"PRAGMA query_only = {reads_only}")
        # Of a writer's the runs change: it looks them up each time.
        connection.chosen = [*conditions] if reads_only else None
    return [_CHOSEN]


def _choose(connection: Connection, conditions: Sequence[Numbers]) -> None:
    connection.execute(_MAKE)
    connection.execute("DELETE FROM temp.chosen")
    first, *others = sorted((_ALL, *conditions), key=lambda one: (one.are_left_out, one is _ALL))
    connection.execute(f"INSERT OR IGNORE INTO temp.chosen {first.sql}", first.parameters)
    for one in others:
        if one is not _ALL:
            word = "IN" if one.are_left_out else "NOT IN"
            connection.execute(f"DELETE FROM temp.chosen WHERE no {word} ({one.sql})", one.parameters)
