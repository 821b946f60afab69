"""Runs of the store as rows of a table of records: the flat keys and what else charts know of a call."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

from langchain_respmeta.local import json_text, times
from langchain_respmeta.local.store import tally
from langchain_respmeta.local.store.selection import Selection
from langchain_respmeta.local.store.written import PREFIX
from langchain_respmeta.record.allowed_facts import Allowed
from langchain_respmeta.record.own_facts import own_facts
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION

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
_OF_RECORD: Final = ("refusal", "rate_limits", "amendment", "received_at", "created_at")
"""What only the nested record holds."""

_CHANGED: Final = """
SELECT no, written, id, trace_id, parent_run_id, session_id, name, start_us, end_us, tags, extra FROM run_view
WHERE is_call = 1 AND (written > :written OR (written = :written AND no > :no)) ORDER BY written, no LIMIT :most
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


def text_of(row: sqlite3.Row) -> str:
    """A run as one row of a table of records, in JSON."""
    metadata = _metadata(row["extra"])
    record = metadata.get("respmeta")
    facts = {key: value for key, value in metadata.items() if key.startswith(PREFIX)}
    facts |= own_facts(
        row["name"], metadata, orjson.loads(row["tags"] or "null"), Allowed(_own_keys(metadata), tags=True)
    )
    facts |= {
        "schema_version": SCHEMA_VERSION,
        "run_id": row["id"],
        "trace_id": row["trace_id"],
        "parent_run_id": row["parent_run_id"],
        "project_id": row["session_id"],
        "start_time": times.iso(row["start_us"]),
        "end_time": times.iso(row["end_us"]),
    }
    if isinstance(record, dict):
        facts |= {name: record[name] for name in _OF_RECORD if name in record}
    return json_text.dumps(facts)


def _metadata(extra: str | None) -> Mapping[str, Any]:
    metadata = orjson.loads(extra).get("metadata") if extra else None
    return metadata if isinstance(metadata, dict) else {}


def _own_keys(metadata: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(filter(_is_own, metadata))


def _is_own(key: str) -> bool:
    return not key.startswith(_NOT_OWN) and key not in _OTHERS
