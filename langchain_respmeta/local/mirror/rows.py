"""Runs of the store as rows of a table of records: the flat keys and what else charts know of a call."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from langchain_respmeta.charts.facts import facts
from langchain_respmeta.local import json_text, times
from langchain_respmeta.local.store import tally
from langchain_respmeta.local.store.packed import sql_text
from langchain_respmeta.local.store.payloads import metadata_of
from langchain_respmeta.local.store.selection import Selection
from langchain_respmeta.local.store.written import PREFIX
from langchain_respmeta.record.allowed_facts import Allowed
from langchain_respmeta.record.own_facts import own_facts

_NOT_OWN: Final = (
    PREFIX,
    "ls_",
    "lc_",
    "langgraph_",
    "langsmith",
    "LANGSMITH",
    "LANGCHAIN",
    "checkpoint_",
    "__",
)
"""What the keys of the run's metadata begin with that others than its author set."""
_OTHERS: Final = frozenset({"respmeta", "usage_metadata", "revision_id", "thread_id", "agent_name"})
"""Such keys, and those that are facts of their own."""
_OF_RECORD: Final = ("rate_limits", "amendment", "received_at", "created_at")
"""What only the nested record holds, beside the refusal."""
_FLAT: Final[Mapping[str, Sequence[str]]] = {
    column: tuple(one.name for one in facts() if one.column == column)
    for column in (one.column for one in facts())
    if column and column.startswith(PREFIX)
}
"""A flat key of a run's metadata → the names of the facts that it tells."""

_CHANGED: Final = f"""
SELECT r.no, r.written, r.id, r.trace_id, r.parent_run_id, r.session_id, r.name, r.start_us, r.end_us, r.tags,
       {sql_text("p.extra")} AS extra
FROM runs r INDEXED BY runs_written CROSS JOIN payloads p ON p.no = r.no
WHERE r.is_call = 1 AND r.written >= :written AND (r.written > :written OR r.no > :no)
ORDER BY r.written, r.no LIMIT :most
"""
_OF_TRACES: Final = (
    "SELECT group_concat(c.no) FROM runs c WHERE c.is_call = 1 AND c.trace_id IN"
    " (SELECT r.trace_id FROM facts f JOIN runs r ON r.no = f.no WHERE"
)
_NUMBERS: Final = "SELECT no FROM runs WHERE is_call = 1"


class Place(NamedTuple):
    """How far the writes of runs were read."""

    written: int = 0
    no: int = 0


class Counters(NamedTuple):
    """By which a change of any run is known."""

    writes: int
    removals: int


def counters_of(connection: sqlite3.Connection) -> Counters:
    """How often runs were written, and how many were removed."""
    found = dict(connection.execute("SELECT name, value FROM counters").fetchall())
    return Counters(found["writes"], found["removals"])


def changed_since(connection: sqlite3.Connection, place: Place, most: int) -> list[sqlite3.Row]:
    """The model calls that were written after it, in the order of their writes."""
    return connection.execute(_CHANGED, {"written": place.written, "no": place.no, "most": most}).fetchall()


def numbers_of(connection: sqlite3.Connection) -> list[int]:
    """The numbers of all model calls."""
    return [row["no"] for row in connection.execute(_NUMBERS)]


def chosen(connection: sqlite3.Connection, selection: Selection) -> str:
    """The numbers of the runs that are meant, with commas; of traces, those of all model calls in them."""
    if selection.view != "traces":
        return tally.numbers_of(connection, selection)
    roots = tally.facts_of(connection, selection)
    (numbers,) = connection.execute(f"{_OF_TRACES} {roots.sql})", roots.parameters).fetchone()
    return numbers or ""


def own_keys(connection: sqlite3.Connection) -> list[str]:
    """The keys with words in the runs' own metadata that their authors set."""
    return [key for key in tally.own_keys(connection, PREFIX) if _is_own(key)]


def columns_of(found: Sequence[sqlite3.Row]) -> dict[str, list[Any]]:
    """Runs as columns of texts, by the names of `charts.facts`."""
    columns: dict[str, list[Any]] = {one.name: [None] * len(found) for one in facts()}
    for place, row in enumerate(found):
        for name, value in _told(row).items():
            if value is not None and name in columns:
                columns[name][place] = _text(value)
    return columns


def _told(row: sqlite3.Row) -> dict[str, Any]:
    """What charts know of a run, by name."""
    metadata = metadata_of(row["extra"])
    tags = orjson.loads(row["tags"]) if row["tags"] else None
    told: dict[str, Any] = {
        name: metadata[key] for key in metadata.keys() & _FLAT.keys() for name in _FLAT[key]
    }
    told |= own_facts(row["name"], metadata, tags, Allowed(_own_keys(metadata), tags=True))
    told["run_id"], told["trace_id"], told["parent_run_id"] = row["id"], row["trace_id"], row["parent_run_id"]
    told["project_id"] = row["session_id"]
    told["start_time"], told["end_time"] = times.iso(row["start_us"]), times.iso(row["end_us"])
    record = metadata.get("respmeta")
    if isinstance(record, dict):
        told |= {name: record.get(name) for name in _OF_RECORD}
        refusal = record.get("refusal")
        if isinstance(refusal, dict):
            told["refusal_source"], told["refusal_category"] = refusal.get("source"), refusal.get("category")
    return told


def _text(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return value
    return repr(value) if kind is int or kind is float else json_text.dumps(value)


def _own_keys(metadata: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(filter(_is_own, metadata))


@lru_cache(maxsize=1_024)
def _is_own(key: str) -> bool:
    return not key.startswith(_NOT_OWN) and key not in _OTHERS
