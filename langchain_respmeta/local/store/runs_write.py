"""Creates and updates of runs become rows, in whatever order they arrive.

A run is sent as a *post* (create) and a *patch* (update), and either may come first. The patch
wins over the post; None erases nothing; `extra` is merged key by key.
"""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeGuard

from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text, times
from langchain_respmeta.local.store import sessions
from langchain_respmeta.local.store.usage import usage_columns

PREFIX: Final = "respmeta_"
PAYLOADS: Final = ("inputs", "outputs", "events", "serialized")
"""Fields that are stored as the JSON text received, without building Python objects."""

_MERGED_IN_EXTRA: Final = ("metadata", "runtime")
_GUESSABLE: Final = ("name", "run_type", "start_us", "trace_id", "dotted_order")
_SENT: Final = (
    *("session_id", "trace_id", "parent_run_id", "dotted_order", "name", "run_type"),
    *("start_us", "end_us", "reference_example_id", "error", "tags", "extra", "rest", *PAYLOADS),
)
_DERIVED: Final = (
    *("first_token_us", "status", "is_call", "is_rollup", "guessed"),
    *("prompt_tokens", "completion_tokens", "total_tokens"),
    *("prompt_cost", "completion_cost", "total_cost"),
)
_COUNTED: Final = ("posted", "patched", "posts", "patches", "received_us")
_COLUMNS: Final = ("id", *_SENT, *_DERIVED, *_COUNTED)
_UPSERT: Final = (
    f"INSERT INTO runs ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
    f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in _COLUMNS[1:])} RETURNING no"
)
_COUNT_REFUSED: Final = {
    "post": "UPDATE runs SET posts = posts + 1 WHERE id = ?",
    "patch": "UPDATE runs SET patches = patches + 1 WHERE id = ?",
}


@dataclass(slots=True)
class RunPart:
    """One create or update of a run, as received."""

    kind: Literal["post", "patch"]
    run_id: str
    fields: dict[str, object]
    """The run's fields without the payloads, parsed."""
    payloads: dict[str, str] = field(default_factory=dict)
    """JSON text of `inputs`, `outputs`, `events`, `serialized`."""


@dataclass(slots=True)
class Attachment:
    """A file that belongs to a run."""

    run_id: str
    name: str
    mime_type: str
    data: bytes


def part_of(kind: Literal["post", "patch"], run_id: str, body: Mapping[str, object]) -> RunPart:
    """A part from one JSON object with all fields."""
    fields = dict(body)
    sent = {name: fields.pop(name, None) for name in PAYLOADS}
    return RunPart(kind, run_id, fields, {n: json_text.dumps(v) for n, v in sent.items() if v is not None})


def write_part(connection: sqlite3.Connection, part: RunPart) -> str | None:
    """Store one part; when LangSmith would refuse it as a duplicate, return the reason instead."""
    row = connection.execute("SELECT * FROM runs WHERE id = ?", (part.run_id,)).fetchone()
    stored: dict[str, Any] = dict(row) if row is not None else {}
    refusal = _refusal(part, stored)
    if refusal is not None:
        connection.execute(_COUNT_REFUSED[part.kind], (part.run_id,))
        return refusal
    merged = _merge(part.kind, _sent_columns(connection, part), stored)
    _derive(connection, part, merged)
    _count(part.kind, merged, stored)
    (run_no,) = connection.execute(_UPSERT, [merged.get(column) for column in _COLUMNS]).fetchone()
    if merged["extra"] != stored.get("extra"):
        _index_metadata(connection, run_no, merged["extra"])
    return None


def write_attachments(connection: sqlite3.Connection, attachments: Iterable[Attachment]) -> None:
    """Store files; an existing name is replaced."""
    connection.executemany(
        "INSERT OR REPLACE INTO attachments (run_id, name, mime_type, data) VALUES (?, ?, ?, ?)",
        [(a.run_id, a.name, a.mime_type, a.data) for a in attachments],
    )


def _refusal(part: RunPart, stored: Mapping[str, object]) -> str | None:
    if part.kind == "post" and stored.get("posted"):
        return f"run {part.run_id}: payloads already received (it was created before)"
    if part.kind == "patch" and stored.get("end_us") is not None:
        return f"run {part.run_id}: payloads already received (it is finished and cannot be changed)"
    return None


def _sent_columns(connection: sqlite3.Connection, part: RunPart) -> dict[str, object]:
    """The part's fields under the names of the columns; unknown fields are kept in `rest`."""
    sent = {name: value for name, value in part.fields.items() if value is not None}
    sent.pop("id", None)
    what = f"run {part.run_id}"
    return {
        "session_id": sessions.session_of_run(connection, sent, needs_one=part.kind == "post"),
        "trace_id": json_text.optional_uuid(sent.pop("trace_id", None), f"{what}: trace_id"),
        "parent_run_id": json_text.optional_uuid(sent.pop("parent_run_id", None), f"{what}: parent_run_id"),
        "reference_example_id": json_text.optional_uuid(
            sent.pop("reference_example_id", None), f"{what}: reference_example_id"
        ),
        "dotted_order": json_text.text(sent.pop("dotted_order", None), f"{what}: dotted_order"),
        "name": json_text.text(sent.pop("name", None), f"{what}: name"),
        "run_type": json_text.text(sent.pop("run_type", None), f"{what}: run_type"),
        "start_us": json_text.optional_time(sent.pop("start_time", None), f"{what}: start_time"),
        "end_us": json_text.optional_time(sent.pop("end_time", None), f"{what}: end_time"),
        "error": json_text.text(sent.pop("error", None), f"{what}: error"),
        "tags": _tags(sent.pop("tags", None), f"{what}: tags"),
        "extra": _extra(sent.pop("extra", None), f"{what}: extra"),
        "rest": json_text.dumps(sent) if sent else None,
        **part.payloads,
    }


def _tags(value: object, what: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise HTTPException(422, f"{what} must be a list of strings")
    return json_text.dumps(value)


def _extra(value: object, what: str) -> dict[str, object] | None:
    return None if value is None else json_text.as_object(value, what)


def _merge(kind: str, sent: dict[str, object], stored: Mapping[str, object]) -> dict[str, Any]:
    """Merge the part with what is stored: a patch wins over a post, in either order."""
    guessed = str(stored.get("guessed", "")).split()
    known = {column: stored.get(column) for column in _SENT if column not in guessed}
    under, over = (known, sent) if kind == "patch" else (sent, known)
    merged = {c: over.get(c) if over.get(c) is not None else under.get(c) for c in _SENT}
    merged["extra"] = _merge_extra(_parsed(under.get("extra")), _parsed(over.get("extra")))
    merged["rest"] = _dumped({**_parsed(under.get("rest")), **_parsed(over.get("rest"))})
    return merged


def _parsed(value: object) -> dict[str, object]:
    """A column with an object: text from the database, an object from a request."""
    if isinstance(value, str):
        return json_text.loads_object(value, "stored JSON")
    return value if isinstance(value, dict) else {}


def _dumped(value: dict[str, object]) -> str | None:
    return json_text.dumps(value) if value else None


def _merge_extra(under: dict[str, object], over: dict[str, object]) -> str | None:
    merged = {**under, **over}
    for key in _MERGED_IN_EXTRA:
        below, above = under.get(key), over.get(key)
        if isinstance(below, dict) and isinstance(above, dict):
            merged[key] = {**below, **above}
        elif above is None and below is not None:
            merged[key] = below
    return _dumped(merged)


def _derive(connection: sqlite3.Connection, part: RunPart, run: dict[str, Any]) -> None:
    """Fill missing columns (and mark them as guessed), then those derived from others."""
    run["id"] = part.run_id
    run["guessed"] = " ".join(column for column in _GUESSABLE if run[column] is None)
    if run["start_us"] is None:
        stamp = times.of_dotted_order(run["dotted_order"]) if run["dotted_order"] else None
        run["start_us"] = stamp if stamp is not None else times.now()
    if run["trace_id"] is None or run["dotted_order"] is None:
        _place_in_trace(connection, run)
    run["name"] = run["name"] or "unnamed"
    run["run_type"] = run["run_type"] or "chain"
    run["status"] = "error" if run["error"] else "success" if run["end_us"] is not None else "pending"
    run["first_token_us"] = _first_token(run["events"])
    metadata = _metadata(run["extra"])
    run["is_call"] = int(f"{PREFIX}provider" in metadata)
    # A model call that is its own trace has no sums: its own keys are the sums.
    is_alone = run["is_call"] and run["parent_run_id"] is None
    run["is_rollup"] = int(bool(is_alone) or f"{PREFIX}llm_calls" in metadata)
    run.update(usage_columns(metadata, run["outputs"]))


def _place_in_trace(connection: sqlite3.Connection, run: dict[str, Any]) -> None:
    parent = connection.execute(
        "SELECT trace_id, dotted_order FROM runs WHERE id = ?", (run["parent_run_id"],)
    ).fetchone()
    own = times.dotted_segment(run["start_us"], run["id"])
    if run["dotted_order"] is None:
        run["dotted_order"] = f"{parent['dotted_order']}.{own}" if parent else own
    if run["trace_id"] is None:
        run["trace_id"] = parent["trace_id"] if parent else run["id"]


def _first_token(events: str | None) -> int | None:
    if events is None or "new_token" not in events:
        return None
    found = json_text.loads(events, "events")
    for event in found if isinstance(found, list) else ():
        if isinstance(event, dict) and event.get("name") == "new_token":
            return json_text.optional_time(event.get("time"), "events: time")
    return None


def _metadata(extra: str | None) -> dict[str, object]:
    metadata = _parsed(extra).get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _count(kind: str, run: dict[str, Any], stored: Mapping[str, Any]) -> None:
    run["posted"] = int(kind == "post" or stored.get("posted", 0))
    run["patched"] = int(kind == "patch" or stored.get("patched", 0))
    run["posts"] = stored.get("posts", 0) + (kind == "post")
    run["patches"] = stored.get("patches", 0) + (kind == "patch")
    run["received_us"] = stored.get("received_us") or times.now()


def _index_metadata(connection: sqlite3.Connection, run_no: int, extra: str | None) -> None:
    connection.execute("DELETE FROM run_metadata WHERE run_no = ?", (run_no,))
    connection.executemany(
        "INSERT INTO run_metadata (run_no, key, text, number) VALUES (?, ?, ?, ?)",
        [(run_no, key, *indexed(value)) for key, value in _metadata(extra).items() if _is_scalar(value)],
    )


def _is_scalar(value: object) -> TypeGuard[str | float]:
    return isinstance(value, (str, int, float, bool))


def indexed(value: str | float) -> tuple[str | None, float | None]:
    """How a scalar is indexed: as a text (true and false too), or as a number."""
    if isinstance(value, bool):
        return json_text.dumps(value), None
    return (value, None) if isinstance(value, str) else (None, float(value))
