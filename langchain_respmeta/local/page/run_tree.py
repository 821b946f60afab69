"""A run's place in its trace: the tree of all runs, with their times."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from langchain_respmeta.local.page.run_list import flat_values
from langchain_respmeta.local.store.payloads import metadata_of

MOST_NODES: Final = 500
_DEEPEST: Final = 12
_THINNEST: Final = 0.8
"""Minimum width of a bar in percent, to keep short runs visible."""


@dataclass(frozen=True, slots=True)
class Node:
    """One run of the tree; the bar's left edge and width are in percent of the trace."""

    run_id: str
    name: str
    run_type: str
    status: str
    depth: int
    flat: Mapping[str, object]
    latency_s: float | None
    bar_x: float
    bar_width: float
    current: bool


@dataclass(frozen=True, slots=True)
class Tree:
    """All runs of one trace in order, or the first of them when there are too many."""

    nodes: Sequence[Node]
    hidden: int

    @property
    def root(self) -> Node:
        """The run that started the trace (or the earliest that has arrived)."""
        return self.nodes[0]


def tree_of(connection: sqlite3.Connection, trace_id: str, run_id: str) -> Tree:
    """The tree of a trace; `run_id` is the run on the page."""
    rows = connection.execute(
        "SELECT id, name, run_type, status, dotted_order, start_us, end_us, extra FROM run_view"
        " WHERE trace_id = ? ORDER BY dotted_order LIMIT ?",
        (trace_id, MOST_NODES),
    ).fetchall()
    (total,) = connection.execute("SELECT COUNT(*) FROM runs WHERE trace_id = ?", (trace_id,)).fetchone()
    first = min(row["start_us"] for row in rows)
    last = max(max(row["start_us"], row["end_us"] or 0) for row in rows)
    shallowest = min(row["dotted_order"].count(".") for row in rows)
    nodes = [_node(row, run_id, first, max(1, last - first), shallowest) for row in rows]
    return Tree(nodes, hidden=total - len(nodes))


def _node(row: sqlite3.Row, current: str, first: int, span: int, shallowest: int) -> Node:
    end = row["end_us"]
    start_x = (row["start_us"] - first) / span * 100
    width = max(_THINNEST, (max(0, end - row["start_us"]) if end else 0) / span * 100)
    return Node(
        run_id=row["id"],
        name=row["name"],
        run_type=row["run_type"],
        status=row["status"],
        depth=min(_DEEPEST, row["dotted_order"].count(".") - shallowest),
        flat=flat_values(metadata_of(row["extra"])),
        latency_s=None if end is None else (end - row["start_us"]) / 1e6,
        bar_x=round(min(start_x, 100 - width), 2),
        bar_width=round(min(width, 100), 2),
        current=row["id"] == current,
    )
