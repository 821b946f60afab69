"""The runs of a selection in an order, one page at a time."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from typing import Final

from langchain_respmeta.local.store.packed import sql_text
from langchain_respmeta.local.store.selection import Selection
from langchain_respmeta.local.store.tally import facts_of

SORTS: Final = {
    "start": "f.start_us",
    "latency_s": "f.latency_s",
    "time_to_first_token_s": "f.time_to_first_token_s",
    "cost_usd": "f.cost",
    "input_tokens": "f.input_tokens",
    "output_tokens": "f.output_tokens",
}
"""What runs can be sorted by → the expression over facts `f`."""
_COLUMNS: Final = (
    "r.no, r.id, r.name, r.run_type, r.status, r.start_us, r.end_us, r.trace_id, r.session_id,"
    f" {sql_text('p.extra')} AS extra"
)


def rows_of(
    connection: sqlite3.Connection,
    selection: Selection,
    *,
    sort: str = "start",
    least_first: bool = False,
    limit: int,
    offset: int = 0,
) -> list[sqlite3.Row]:
    """Rows of runs with their `extra`, the greatest or newest first; runs without the value come last either way."""
    where, value, way = facts_of(connection, selection), SORTS[sort], "ASC" if least_first else "DESC"
    order = (
        f"{value} {way}, f.no {way}"
        if sort == "start"
        else f"{value} IS NULL, {value} {way}, f.start_us DESC, f.no DESC"
    )
    # Along the index of times the first page is found early, however many runs there are.
    along = "INDEXED BY facts_newest" if sort == "start" else ""
    return connection.execute(
        f"SELECT {_COLUMNS} FROM (SELECT f.no, row_number() OVER () AS place FROM"
        f" (SELECT f.no FROM facts f {along} WHERE {where.sql} ORDER BY {order} LIMIT ? OFFSET ?) f) chosen"
        " JOIN runs r ON r.no = chosen.no LEFT JOIN payloads p ON p.no = r.no ORDER BY chosen.place",
        (*where.parameters, limit, offset),
    ).fetchall()
