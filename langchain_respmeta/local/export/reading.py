"""The stored records of the runs that are meant, a few at a time: no transaction is held while a file is sent."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from langchain_respmeta.local.export.stored_records import StoredRecord, stored_record
from langchain_respmeta.local.store.selection import Selection
from langchain_respmeta.local.store.store import Store

_AT_ONCE: Final = 250
"""Runs that are read at once …"""
_BYTES: Final = 4 << 20
"""… unless they have more JSON than this."""
_COLUMNS: Final = "no, id, trace_id, parent_run_id, session_id, name, start_us, end_us, extra"


def numbers_of(connection: sqlite3.Connection, selection: Selection) -> array[int]:
    """The numbers of the model calls that are meant, in the order of their arrival: of traces, all of theirs."""
    if selection.view == "traces":
        traces = selection.condition()
        sql = f"r.is_call = 1 AND r.trace_id IN (SELECT r.trace_id FROM runs r WHERE {traces.sql})"
        parameters = traces.parameters
    else:
        calls = replace(selection, view="calls").condition()
        sql, parameters = calls.sql, calls.parameters
    found = connection.execute(f"SELECT r.no FROM runs r WHERE {sql} ORDER BY r.no", parameters)
    return array("q", (row[0] for row in found))


def stored_records(store: Store, numbers: array[int], *, content: bool) -> Iterator[list[StoredRecord]]:
    """The records of these runs, in parts; runs that are removed meanwhile are left out.

    Args:
        store: Where they are.
        numbers: Of the runs, ascending.
        content: Whether inputs and outputs are wanted, too.
    """
    at = 0
    while at < len(numbers):
        with store.read() as connection:
            part, at = _part(connection, numbers, at, content=content)
        if part:
            yield part


def _part(
    connection: sqlite3.Connection, numbers: array[int], at: int, *, content: bool
) -> tuple[list[StoredRecord], int]:
    """Some records from a place on, and the place after them."""
    chosen = numbers[at : at + _AT_ONCE]
    columns = f"{_COLUMNS}, inputs, outputs" if content else _COLUMNS
    rows = connection.execute(
        f"SELECT {columns} FROM run_view WHERE no IN ({', '.join('?' * len(chosen))}) ORDER BY no",
        chosen.tolist(),
    )
    found, size = [], 0
    for row in rows:
        found.append(stored_record(dict(row)))
        size += sum(
            len(row[name]) for name in ("extra", "inputs", "outputs")[: 3 if content else 1] if row[name]
        )
        if size > _BYTES:
            return found, bisect_right(numbers, row["no"])
    return found, at + len(chosen)
