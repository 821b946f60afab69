"""Writes the rows of runs, their payloads, and all that is kept beside them."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from langchain_respmeta.local.store import indexes, payloads, run_parts
from langchain_respmeta.local.store.connection import Connection
from langchain_respmeta.local.store.written import Written

_DERIVED: Final = (
    *("first_token_us", "status", "is_call", "is_rollup", "guessed"),
    *("prompt_tokens", "completion_tokens", "total_tokens"),
    *("prompt_cost", "completion_cost", "total_cost"),
)
_COUNTED: Final = ("posted", "patched", "posts", "patches", "received_us")
OWN: Final = ("no", "id", *run_parts.SENT, *_DERIVED, *_COUNTED)
"""Columns of `runs` that come from what was received."""
_COLUMNS: Final = (*OWN, "written", *indexes.COLUMNS)
_COUNT: Final = "UPDATE counters SET value = value + ? WHERE name = ? RETURNING value"


def _upsert(table: str, columns: Sequence[str]) -> str:
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT (no) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in columns[1:])}"
    )


_WRITE_RUN: Final = _upsert("runs", _COLUMNS)
_WRITE_PAYLOADS: Final = _upsert("payloads", ("no", *payloads.COLUMNS))


def new_numbers(connection: Connection, how_many: int) -> range:
    """Numbers for new runs, which no other run ever had."""
    (last,) = connection.execute(_COUNT, (how_many, "last_no")).fetchone()
    return range(last - how_many + 1, last + 1)


def write_rows(connection: Connection, written: Sequence[Written]) -> None:
    """Write new runs, and anew those that are there; once for each run of a batch."""
    if not written:
        return
    (number,) = connection.execute(_COUNT, (1, "writes")).fetchone()
    for one in written:
        one.row["written"] = number
    for index in indexes.BEFORE:
        index(connection, written)
    connection.executemany(_WRITE_RUN, [[one.row.get(column) for column in _COLUMNS] for one in written])
    connection.executemany(
        _WRITE_PAYLOADS,
        [[one.no, *(one.packed.get(column) for column in payloads.COLUMNS)] for one in written],
    )
    for index in indexes.AFTER:
        index(connection, written)
