"""Runs of LangSmith's API, version 2, as Arrow columns: the names that the bulk export uses, JSON as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from langchain_respmeta._runs.traced_fields import time_of
from langchain_respmeta.history.pull.moments import micros

if TYPE_CHECKING:
    import pyarrow as pa

_TEXTS: Final[Mapping[str, str]] = {
    "id": "id",
    "trace_id": "trace_id",
    "session_id": "project_id",
    "name": "name",
    "error": "error",
}
"""Our columns, and the API's fields."""
_WORDS: Final = ("run_type", "status")
"""Upper case in version 2; lower case in the bulk export and here."""
_TIMES: Final = ("start_time", "end_time", "first_token_time")
JSON_COLUMNS: Final = ("manifest", "extra", "metadata", "inputs", "outputs", "events", "tags")
ENDED: Final = frozenset({"success", "error"})


@cache
def run_schema() -> pa.Schema:
    """The columns of a pulled part."""
    import pyarrow as pa

    moment, text = pa.timestamp("us", tz="UTC"), pa.string()
    return pa.schema(
        [
            pa.field("id", text, nullable=False),
            ("trace_id", text),
            ("parent_run_ids", pa.list_(text)),
            ("session_id", text),
            ("name", text),
            ("run_type", text),
            ("status", text),
            ("error", text),
            pa.field("start_time", moment, nullable=False),
            ("end_time", moment),
            ("first_token_time", moment),
            *((name, text) for name in JSON_COLUMNS),
        ]
    )


def start_of(run: Mapping[str, Any]) -> int | None:
    """When the run began, in microseconds; None where it has no time or no id."""
    start = time_of(run.get("start_time"))
    return None if start is None or not isinstance(run.get("id"), str) else micros(start)


def is_pending(run: Mapping[str, Any]) -> bool:
    """Whether the run has not ended."""
    return run.get("end_time") is None and _lower(run.get("status")) not in ENDED


def run_batch(runs: Iterable[Mapping[str, Any]]) -> pa.RecordBatch:
    """Runs as columns."""
    import pyarrow as pa

    rows = [_row(run) for run in runs]
    return pa.RecordBatch.from_pylist(rows, schema=run_schema())


def _row(run: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {name: _text(run.get(field)) for name, field in _TEXTS.items()}
    row |= {name: _lower(run.get(name)) for name in _WORDS}
    row |= {name: time_of(run.get(name)) for name in _TIMES}
    row |= {name: _json(run.get(name)) for name in JSON_COLUMNS}
    parents = run.get("parent_run_ids")
    row["parent_run_ids"] = [str(one) for one in parents] if isinstance(parents, list) else None
    extra = run.get("extra")
    if isinstance(extra, Mapping) and extra.get("metadata") == run.get("metadata"):
        row["metadata"] = None  # it stands in `extra` already
    return row


def _text(value: object) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else str(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _lower(value: object) -> str | None:
    return value.lower() if isinstance(value, str) else None


def _json(value: object) -> str | None:
    if value is None:
        return None
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # halves of surrogate pairs
        return json.dumps(value)
