"""Deletes the traces of the runs that are meant: each as a whole, for its tree and its sums would be false without some of its runs."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from langchain_respmeta.local.store.condition import Condition, joined
from langchain_respmeta.local.store.removal import PurgeCounts, remove_traces
from langchain_respmeta.local.store.selection import Selection
from langchain_respmeta.local.store.store import Store


@dataclass(frozen=True, slots=True)
class Doomed:
    """What a deletion takes."""

    matching: int
    """Runs that are meant …"""
    counts: PurgeCounts
    """… and all that goes with them."""


def newest_number(connection: sqlite3.Connection) -> int:
    """The number of the run that arrived last: a later one was not seen by who confirms a deletion."""
    (found,) = connection.execute("SELECT MAX(no) FROM runs").fetchone()
    return int(found or 0)


def selected(selection: Selection, last: int) -> Condition:
    """The runs `r` that are meant, of those that had arrived."""
    return joined("AND", (selection.condition(), Condition("r.no <= ?", (last,))))


def doomed(connection: sqlite3.Connection, runs: Condition) -> Doomed:
    """What would go with the runs `r` that meet the condition."""

    def number(sql: str) -> int:
        return int(connection.execute(sql, runs.parameters).fetchone()[0])

    traces = f"(SELECT r.trace_id FROM runs r WHERE {runs.sql})"
    ids = f"(SELECT o.id FROM runs o WHERE o.trace_id IN {traces})"
    counts = PurgeCounts(
        traces=number(f"SELECT COUNT(DISTINCT r.trace_id) FROM runs r WHERE {runs.sql}"),
        runs=number(f"SELECT COUNT(*) FROM runs o WHERE o.trace_id IN {traces}"),
        attachments=number(f"SELECT COUNT(*) FROM attachments WHERE run_id IN {ids}"),
        feedback=number(f"SELECT COUNT(*) FROM feedback WHERE run_id IN {ids}"),
    )
    return Doomed(number(f"SELECT COUNT(*) FROM runs r WHERE {runs.sql}"), counts)


def delete(store: Store, runs: Condition) -> PurgeCounts:
    """Remove the traces of the runs `r` that meet the condition."""
    with store.read() as connection:
        found = connection.execute(
            f"SELECT DISTINCT r.trace_id FROM runs r WHERE {runs.sql}", runs.parameters
        ).fetchall()
    return remove_traces(store, [row["trace_id"] for row in found])
