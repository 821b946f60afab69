"""Rows of runs become the JSON that LangSmith's API gives."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import base64
import binascii
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import orjson
from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text, times
from langchain_respmeta.local.store import feedback
from langchain_respmeta.local.store.condition import Condition
from langchain_respmeta.local.store.usage import COLUMNS
from langchain_respmeta.local.weight import weight

_PLAIN: Final = (
    *("id", "name", "run_type", "status", "error", "trace_id", "parent_run_id", "dotted_order"),
    *("session_id", "reference_example_id"),
)
_TIMES: Final = {
    "start_time": "start_us",
    "end_time": "end_us",
    "first_token_time": "first_token_us",
    "last_queued_at": None,
}
_RAW: Final = ("tags", "extra", "events", "serialized", "inputs", "outputs")
_SUMMED: Final = {name: f"tree_{name}" for name in COLUMNS}
_OTHER: Final = (
    *("parent_run_ids", "child_run_ids", "feedback_stats", "app_path", "s3_urls", "in_dataset"),
    *("thread_id", "manifest_id", "prompt_token_details", "completion_token_details"),
    *("prompt_cost_details", "completion_cost_details"),
)
_DETAILS: Final = {
    "prompt_token_details": "input_token_details",
    "completion_token_details": "output_token_details",
    "prompt_cost_details": "input_cost_details",
    "completion_cost_details": "output_cost_details",
}
FIELDS: Final = frozenset((*_PLAIN, *_TIMES, *_RAW, *_SUMMED, *_OTHER))
"""Fields of a run's JSON, which `select` may name."""
_PAGE_BYTES: Final = 64 << 20
"""By the estimate of `weight`: a page of several runs stays below it, and its cursor continues after it."""
_STORED_COLUMNS: Final = ("id", "session_id", "trace_id", "parent_run_id", "name", "run_type", "status")


def read_run(connection: sqlite3.Connection, run_id: str, take: Callable[[int], None]) -> dict[str, object]:
    """One whole run, after its memory was taken; 404 when it does not exist."""
    row = connection.execute("SELECT * FROM run_view WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise HTTPException(404, f"run {run_id} not found")
    take(_weight_of(row))
    return as_json(connection, [row], FIELDS)[0]


def select_runs(
    connection: sqlite3.Connection,
    condition: str,
    parameters: Sequence[object],
    fields: Iterable[str],
    *,
    order: str = "r.start_us DESC, r.id DESC",
    limit: int = -1,
) -> list[dict[str, object]]:
    """Runs `r` that meet an SQL condition, each with the named fields."""
    wanted = frozenset(fields)
    rows = connection.execute(
        f"SELECT {_columns_for(wanted)} FROM run_view r WHERE {condition} ORDER BY {order} LIMIT ?",
        (*parameters, limit),
    ).fetchall()
    return as_json(connection, rows, wanted)


def select_page(
    connection: sqlite3.Connection,
    condition: Condition,
    fields: frozenset[str],
    *,
    order: str,
    limit: int,
    take: Callable[[int], None],
) -> tuple[list[dict[str, object]], bool]:
    """Up to `limit` runs `r`, fewer where they are large, and whether there are more.

    `take` is called with the memory of each run.
    """
    cursor = connection.execute(
        f"SELECT {_columns_for(fields)} FROM run_view r WHERE {condition.sql} ORDER BY {order} LIMIT ?",
        (*condition.parameters, limit + 1),
    )
    rows, taken = list[sqlite3.Row](), 0
    for row in cursor:
        size = _weight_of(row)
        if rows and (len(rows) == limit or taken + size > _PAGE_BYTES):
            return as_json(connection, rows, fields), True
        take(size)
        taken += size
        rows.append(row)
    return as_json(connection, rows, fields), False


def _weight_of(row: sqlite3.Row) -> int:
    return sum(weight(value) for value in row if isinstance(value, str))


def as_json(
    connection: sqlite3.Connection, rows: Sequence[sqlite3.Row], fields: frozenset[str]
) -> list[dict[str, object]]:
    """Rows as the API returns runs; stored JSON is passed through as raw text."""
    ids = [row["id"] for row in rows]
    stats = feedback.statistics(connection, "run_id", ids) if "feedback_stats" in fields else {}
    files = _attachments(connection, ids) if "s3_urls" in fields else {}
    return [_one(row, fields, stats.get(row["id"]), files.get(row["id"])) for row in rows]


def _one(
    row: sqlite3.Row,
    fields: frozenset[str],
    stats: Mapping[str, object] | None,
    files: Mapping[str, object] | None,
) -> dict[str, object]:
    run: dict[str, object] = {name: row[name] for name in _PLAIN if name in fields}
    run |= {name: times.iso(row[c]) if c else None for name, c in _TIMES.items() if name in fields}
    run |= {name: json_text.raw(row[name]) for name in _RAW if name in fields}
    run |= {name: row[column] for name, column in _SUMMED.items() if name in fields}
    other = {
        "parent_run_ids": _ancestors(row["dotted_order"]),
        "feedback_stats": stats,
        "app_path": f"/run/{row['id']}",
        "s3_urls": files,
        "in_dataset": row["reference_example_id"] is not None,
        "thread_id": row["thread_id"] if "thread_id" in fields else None,
        **(_usage_details(row) if fields & _DETAILS.keys() else {}),
    }
    return run | {name: other.get(name) for name in _OTHER if name in fields}


def _columns_for(fields: frozenset[str]) -> str:
    """The view's columns for these fields: no subquery or wide payload is read without need."""
    columns = {
        *_PLAIN,
        *(c for n, c in _TIMES.items() if n in fields and c),
        *(n for n in _RAW if n in fields),
    }
    columns |= {column for name, column in _SUMMED.items() if name in fields}
    columns |= {"thread_id"} & fields | {"start_us"}
    if fields & _DETAILS.keys():
        columns |= {"extra", "outputs"}
    return ", ".join(f"r.{column}" for column in sorted(columns))


def _ancestors(dotted_order: str) -> list[str]:
    """Ids from the root down to the parent."""
    segments = dotted_order.split(".")[:-1]
    return [segment.split("Z", 1)[1] for segment in segments if "Z" in segment]


def _usage_details(row: sqlite3.Row) -> dict[str, object]:
    extra = orjson.loads(row["extra"]) if row["extra"] else {}
    metadata = extra.get("metadata")
    usage = metadata.get("usage_metadata") if isinstance(metadata, dict) else None
    return {name: usage.get(key) for name, key in _DETAILS.items()} if isinstance(usage, dict) else {}


def _attachments(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, dict[str, object]]:
    found: defaultdict[str, dict[str, object]] = defaultdict(dict)
    for row in connection.execute(
        "SELECT run_id, name, mime_type FROM attachments WHERE run_id IN (SELECT value FROM json_each(?))",
        (json_text.dumps(ids),),
    ):
        url = f"/attachments/{row['run_id']}/{row['name']}"
        found[row["run_id"]][f"attachment.{row['name']}"] = {
            "presigned_url": url,
            "mime_type": row["mime_type"],
        }
    return found


def stored_runs(connection: sqlite3.Connection, where: Mapping[str, object]) -> list[dict[str, object]]:
    """Whole runs with parsed JSON, oldest first, for `Store.runs`."""
    conditions, parameters = ["1"], []
    for column, value in where.items():
        if column == "project":
            conditions.append("r.session_id = (SELECT id FROM sessions WHERE name = ?)")
        elif column in _STORED_COLUMNS:
            conditions.append(f"r.{column} = ?")
        else:
            raise TypeError(f"runs() compares project, {', '.join(_STORED_COLUMNS)}; not {column!r}")
        parameters.append(str(value))
    runs = select_runs(connection, " AND ".join(conditions), parameters, FIELDS, order="r.dotted_order")
    counts = {
        row["id"]: {"posts": row["posts"], "patches": row["patches"]}
        for row in connection.execute("SELECT id, posts, patches FROM runs")
    }
    plain: list[dict[str, object]] = orjson.loads(orjson.dumps(runs))
    return [{**run, **counts[run["id"]]} for run in plain]


def encode_cursor(row: Mapping[str, object]) -> str:
    """An opaque cursor after this run."""
    text = f"{times.parse(row['start_time'])}/{row['id']}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def decode_cursor(cursor: object) -> tuple[int, str]:
    """Start time and id of the run before a cursor; 400 when it is not one of ours."""
    try:
        start, run_id = base64.urlsafe_b64decode(str(cursor)).decode().split("/")
        times.iso(int(start))
        return int(start), run_id
    except (binascii.Error, ValueError, OverflowError) as exc:
        raise HTTPException(400, f"cursor {cursor!r} is not one that this server gave") from exc
