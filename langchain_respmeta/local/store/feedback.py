"""Feedback and the configurations of its keys: rows in, rows out."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import orjson
from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text, times
from langchain_respmeta.local.store import sessions

MAX_KEY_LENGTH: Final = 180
"""LangSmith's limit."""

_IDS: Final = ("run_id", "trace_id", "session_id", "feedback_group_id", "comparative_experiment_id")
_JSON: Final = ("value", "correction", "feedback_source", "feedback_config", "extra")
_PLAIN: Final = ("comment", "address")
_COLUMNS: Final = (
    *("id", "key", "score", "start_us", "error", "extend_trace_retention"),
    *("received_by", "created_us", "modified_us", *_IDS, *_JSON, *_PLAIN),
)
_STORED_COLUMNS: Final = ("id", "run_id", "trace_id", "session_id", "key", "received_by")
_OWNER: Final = {
    "run_id": "f.run_id",
    "session_id": "COALESCE(f.session_id, (SELECT r.session_id FROM runs r WHERE r.id = f.run_id))",
}
_INSERT: Final = f"INSERT INTO feedback ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"


def create(
    connection: sqlite3.Connection,
    body: Mapping[str, object],
    received_by: Literal["request", "multipart"],
) -> str | None:
    """Store one feedback; when its id is there already, change nothing and return the reason.

    The run may arrive later, from another queue of the client. The project must exist.

    Raises:
        HTTPException: 422 for a missing or wrong field, 404 for an unknown project.
    """
    row = _row(body, received_by)
    if row["session_id"] is not None:
        sessions.find(connection, row["session_id"])
    try:
        connection.execute(_INSERT, [row[column] for column in _COLUMNS])
    except sqlite3.IntegrityError:
        return f"feedback {row['id']}: payloads already received"
    _learn_config(connection, row)
    return None


def update(connection: sqlite3.Connection, feedback_id: str, body: Mapping[str, object]) -> None:
    """Change score, value, correction or comment; 404 when there is no such feedback."""
    find(connection, feedback_id)
    changes = {
        "score": _score(body.get("score")),
        "comment": json_text.text(body.get("comment"), "comment"),
        **{name: _optional_json(body.get(name)) for name in ("value", "correction")},
    }
    given = {name: value for name, value in changes.items() if name in body}
    for column, value in {**given, "modified_us": times.now()}.items():
        connection.execute(f"UPDATE feedback SET {column} = ? WHERE id = ?", (value, feedback_id))


def delete(connection: sqlite3.Connection, feedback_id: str) -> None:
    """Remove one feedback; 404 when it does not exist."""
    find(connection, feedback_id)
    connection.execute("DELETE FROM feedback WHERE id = ?", (feedback_id,))


def find(connection: sqlite3.Connection, feedback_id: object) -> sqlite3.Row:
    """One feedback's row; 404 when it does not exist."""
    key = json_text.as_uuid(feedback_id, "feedback id")
    row: sqlite3.Row | None = connection.execute("SELECT * FROM feedback WHERE id = ?", (key,)).fetchone()
    if row is None:
        raise HTTPException(404, f"feedback {key} not found")
    return row


def as_json(row: sqlite3.Row) -> dict[str, object]:
    """A feedback as the API returns it (LangSmith's `Feedback`)."""
    return {
        **{name: row[name] for name in ("id", "key", "score", *_IDS, *_PLAIN)},
        **{name: json_text.raw(row[name]) for name in _JSON},
        "error": None if row["error"] is None else bool(row["error"]),
        "start_time": times.iso(row["start_us"]),
        "created_at": times.iso(row["created_us"]),
        "modified_at": times.iso(row["modified_us"]),
    }


def statistics(
    connection: sqlite3.Connection, column: Literal["run_id", "session_id"], ids: Sequence[str]
) -> dict[str, dict[str, object]]:
    """LangSmith's `feedback_stats` by run or project: for each key n, avg, and counts of values."""
    rows = connection.execute(
        f"SELECT {_OWNER[column]} AS owner, f.key, f.score, f.value FROM feedback f"
        f" WHERE {_OWNER[column]} IN (SELECT value FROM json_each(?))",
        (json_text.dumps(list(ids)),),
    ).fetchall()
    groups: defaultdict[tuple[str, str], list[sqlite3.Row]] = defaultdict(list)
    for row in rows:
        groups[row["owner"], row["key"]].append(row)
    stats: defaultdict[str, dict[str, object]] = defaultdict(dict)
    for (owner, key), members in groups.items():
        stats[owner][key] = _statistics_of(members)
    return stats


def stored_feedback(connection: sqlite3.Connection, where: Mapping[str, object]) -> list[dict[str, object]]:
    """Whole rows with parsed JSON, oldest first, for `Store.feedback`."""
    unknown = [column for column in where if column not in _STORED_COLUMNS]
    if unknown:
        raise TypeError(f"feedback() compares {', '.join(_STORED_COLUMNS)}; not {unknown[0]!r}")
    conditions = " AND ".join(["1", *(f"{column} = ?" for column in where)])
    rows = connection.execute(
        f"SELECT * FROM feedback WHERE {conditions} ORDER BY created_us, id", [str(v) for v in where.values()]
    ).fetchall()
    more = [
        {"extend_trace_retention": bool(r["extend_trace_retention"]), "received_by": r["received_by"]}
        for r in rows
    ]
    plain: list[dict[str, object]] = orjson.loads(orjson.dumps([as_json(row) for row in rows]))
    return [{**feedback, **added} for feedback, added in zip(plain, more, strict=True)]


def config_as_json(row: sqlite3.Row) -> dict[str, object]:
    """The configuration of a feedback key, as the API returns it."""
    better = row["is_lower_score_better"]
    return {
        "feedback_key": row["feedback_key"],
        "feedback_config": json_text.raw(row["feedback_config"]),
        "tenant_id": sessions.TENANT_ID,
        "modified_at": times.iso(row["modified_us"]),
        "is_lower_score_better": None if better is None else bool(better),
        "is_enforced": bool(row["is_enforced"]),
    }


def write_config(connection: sqlite3.Connection, config: Mapping[str, object]) -> None:
    """Store or replace the configuration of a key; 422 for a wrong field."""
    better = config.get("is_lower_score_better")
    if better is not None and not isinstance(better, bool):
        raise HTTPException(422, f"is_lower_score_better must be true or false, not {better!r}")
    connection.execute(
        "INSERT OR REPLACE INTO feedback_configs"
        " (feedback_key, feedback_config, is_lower_score_better, is_enforced, modified_us)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            config["feedback_key"],
            json_text.dumps(json_text.as_object(config["feedback_config"], "feedback_config")),
            better,
            bool(config.get("is_enforced")),
            times.now(),
        ),
    )


def read_config(connection: sqlite3.Connection, key: str) -> dict[str, object] | None:
    """The configuration of a key with parsed JSON, or None."""
    row = connection.execute("SELECT * FROM feedback_configs WHERE feedback_key = ?", (key,)).fetchone()
    if row is None:
        return None
    found: dict[str, object] = orjson.loads(orjson.dumps(config_as_json(row)))
    return found


def checked_key(value: object) -> str:
    """A feedback key, or answer 422."""
    if not isinstance(value, str) or not value:
        raise HTTPException(422, "feedback needs a key")
    if len(value) > MAX_KEY_LENGTH:
        raise HTTPException(422, f"a feedback key has at most {MAX_KEY_LENGTH} characters, not {len(value)}")
    return value


def _row(body: Mapping[str, object], received_by: str) -> dict[str, object]:
    now = times.now()
    ids = {name: json_text.optional_uuid(body.get(name), name) for name in _IDS}
    ids["run_id"] = ids["run_id"] or ids["trace_id"]
    if ids["run_id"] is None and ids["session_id"] is None:
        raise HTTPException(422, "feedback needs a run_id, trace_id or session_id")
    error = body.get("error")
    return {
        **ids,
        "id": json_text.optional_uuid(body.get("id"), "id") or str(uuid.uuid4()),
        "key": checked_key(body.get("key")),
        "score": _score(body.get("score")),
        "start_us": json_text.optional_time(body.get("start_time"), "start_time"),
        "error": None if error is None else bool(error),
        "extend_trace_retention": bool(body.get("extend_trace_retention", True)),
        "received_by": received_by,
        "created_us": json_text.optional_time(body.get("created_at"), "created_at") or now,
        "modified_us": json_text.optional_time(body.get("modified_at"), "modified_at") or now,
        **{name: _optional_json(body.get(name)) for name in _JSON},
        **{name: json_text.text(body.get(name), name) for name in _PLAIN},
    }


def _score(value: object) -> float | None:
    if value is None or isinstance(value, (int, float)):
        return None if value is None else float(value)
    raise HTTPException(422, f"score must be a number or a boolean, not {value!r}")


def _optional_json(value: object) -> str | None:
    return None if value is None else json_text.dumps(value)


def _learn_config(connection: sqlite3.Connection, row: Mapping[str, object]) -> None:
    """Keep a key's first configuration: it belongs to the workspace, not to one feedback."""
    if row["feedback_config"] is None:
        return
    connection.execute(
        "INSERT OR IGNORE INTO feedback_configs (feedback_key, feedback_config, is_enforced, modified_us)"
        " VALUES (?, ?, 0, ?)",
        (row["key"], row["feedback_config"], row["modified_us"]),
    )


def _statistics_of(rows: Sequence[sqlite3.Row]) -> dict[str, object]:
    scores = [row["score"] for row in rows if row["score"] is not None]
    values: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        if row["value"] is not None:
            value = orjson.loads(row["value"])
            values[value if isinstance(value, str) else row["value"]] += 1
    return {
        "n": len(rows),
        "avg": sum(scores) / len(scores) if scores else None,
        "min": min(scores, default=None),
        "max": max(scores, default=None),
        "values": dict(values),
    }
