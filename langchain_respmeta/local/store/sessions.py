"""Projects, which LangSmith's API calls sessions: rows in, rows out."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text, times

TENANT_ID: Final = "00000000-0000-4000-8000-000000000001"
"""The only workspace."""
OF_RUNS: Final = (
    ("attachments", "run_id", "id"),
    ("feedback", "run_id", "id"),
)
"""What goes with a run, beside what its triggers remove: table, its column, and the column of `runs` that it refers to."""
_AGENT_ADDRESS: Final = re.compile(r"lrn:agents/([^/]+)/environments/([^/]+)")


class Destinations:
    """The projects that the runs of a batch go to, each looked up once.

    Args:
        connection: In one transaction for all of the batch.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._by_name: dict[str, str] = {}

    def of_run(self, sent: dict[str, object], *, needs_one: bool) -> str | None:
        """Remove the run's destination from `sent` and return the project's id, creating the project if it is new.

        A project is named by id, by name, or by an agent's address; a create that names none goes to "default".
        """
        session_id, name = sent.pop("session_id", None), sent.pop("session_name", None)
        address = sent.pop("address", None)
        if session_id is not None:
            return str(find(self._connection, session_id)["id"])
        if name is None and address is not None:
            name = address_project(address)
        if name is None and not needs_one:
            return None
        named = json_text.text(name, "session_name") or "default"
        if named not in self._by_name:
            self._by_name[named] = get_or_create(self._connection, named)
        return self._by_name[named]


def address_project(address: object) -> str:
    """The project of an agent's address (`lrn:agents/<id>/environments/<environment>`)."""
    match = _AGENT_ADDRESS.fullmatch(address) if isinstance(address, str) else None
    if match is None:
        raise HTTPException(
            422, f"address must be lrn:agents/<id>/environments/<environment>, not {address!r}"
        )
    return f"{match[1]} ({match[2].lower()})"


def get_or_create(connection: sqlite3.Connection, name: str) -> str:
    """The id of the project with this name."""
    row = connection.execute("SELECT id FROM sessions WHERE name = ?", (name,)).fetchone()
    return str(row["id"]) if row is not None else create(connection, {"name": name})


def create(connection: sqlite3.Connection, body: Mapping[str, object]) -> str:
    """Store a new project.

    Raises:
        HTTPException: 422 without a name, 409 when the name or id is taken.
    """
    name = checked_name(body.get("name"))
    session_id = json_text.optional_uuid(body.get("id"), "id") or str(uuid.uuid4())
    try:
        connection.execute(
            "INSERT INTO sessions (id, name, start_us, end_us, description, extra, reference_dataset_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                session_id,
                name,
                json_text.optional_time(body.get("start_time"), "start_time") or times.now(),
                json_text.optional_time(body.get("end_time"), "end_time"),
                json_text.text(body.get("description"), "description"),
                _object_text(body.get("extra")),
                json_text.optional_uuid(body.get("reference_dataset_id"), "reference_dataset_id"),
            ),
        )
    except sqlite3.IntegrityError as exc:
        raise HTTPException(409, f"a project named {name!r}, or with the id {session_id}, exists") from exc
    return session_id


def checked_name(value: object) -> str:
    """A project's name, or answer 422."""
    if not isinstance(value, str) or not value:
        raise HTTPException(422, "a project needs a name")
    return value


def update(connection: sqlite3.Connection, session_id: str, body: Mapping[str, object]) -> None:
    """Change the fields of `body` that are not null; 404 when there is no such project, 409 for a name that is taken."""
    find(connection, session_id)
    name = body.get("name")
    changes = {
        "name": None if name is None else checked_name(name),
        "description": json_text.text(body.get("description"), "description"),
        "extra": _object_text(body.get("extra")),
        "end_us": json_text.optional_time(body.get("end_time"), "end_time"),
    }
    try:
        for column, value in changes.items():
            if value is not None:
                connection.execute(f"UPDATE sessions SET {column} = ? WHERE id = ?", (value, session_id))
    except sqlite3.IntegrityError as exc:
        raise HTTPException(409, f"a project named {name!r} exists") from exc


def update_v2(connection: sqlite3.Connection, session_id: str, body: Mapping[str, object]) -> None:
    """The same in version 2 of the API: null clears a field, and the keys of `extra` are laid over those that are there."""
    row = find(connection, session_id)
    changes = dict(body)
    if isinstance(more := body.get("extra"), dict):
        old = json_text.loads_object(row["extra"], "stored JSON") if row["extra"] else {}
        changes["extra"] = {key: value for key, value in {**old, **more}.items() if value is not None}
    update(connection, session_id, changes)
    for name, column in _CLEARABLE.items():
        if name in body and body[name] is None:
            connection.execute(f"UPDATE sessions SET {column} = NULL WHERE id = ?", (session_id,))


_CLEARABLE: Final = {"description": "description", "end_time": "end_us", "extra": "extra"}
"""Fields that null clears → their columns."""


def delete(connection: sqlite3.Connection, session_id: str) -> None:
    """Remove a project with its runs, their files and feedback; 404 when there is no such project."""
    find(connection, session_id)
    own_runs = "SELECT {} FROM runs WHERE session_id = ?"
    for table, column, key in OF_RUNS:
        connection.execute(f"DELETE FROM {table} WHERE {column} IN ({own_runs.format(key)})", (session_id,))
    for table, column in (("feedback", "session_id"), ("runs", "session_id"), ("sessions", "id")):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (session_id,))


def find(connection: sqlite3.Connection, session_id: object) -> sqlite3.Row:
    """One project's row; 404 when it is not there."""
    key = json_text.as_uuid(session_id, "project id")
    row: sqlite3.Row | None = connection.execute("SELECT * FROM sessions WHERE id = ?", (key,)).fetchone()
    if row is None:
        raise HTTPException(404, f"project {key} not found")
    return row


def as_json(row: sqlite3.Row) -> dict[str, object]:
    """A project as the API returns it (LangSmith's `TracerSession`)."""
    return {
        "id": row["id"],
        "tenant_id": TENANT_ID,
        "name": row["name"],
        "description": row["description"],
        "start_time": times.iso(row["start_us"]),
        "end_time": times.iso(row["end_us"]),
        "extra": json_text.raw(row["extra"]),
        "reference_dataset_id": row["reference_dataset_id"],
    }


def as_v2(session: Mapping[str, object]) -> dict[str, object]:
    """A project as version 2 of the API returns it."""
    kind = "PROJECT" if session["reference_dataset_id"] is None else "EXPERIMENT"
    return {**session, "type": kind, "trace_tier": "LONG_LIVED"}


def statistics(connection: sqlite3.Connection, session_id: str) -> dict[str, object]:
    """What `include_stats` adds: counts, tokens, costs, latencies in seconds, the share of errors."""
    totals = connection.execute(
        "SELECT COUNT(*) FILTER (WHERE parent_run_id IS NULL) AS run_count,"
        " MAX(start_us) AS last_start, SUM(total_tokens) AS total_tokens,"
        " SUM(prompt_tokens) AS prompt_tokens, SUM(completion_tokens) AS completion_tokens,"
        " SUM(total_cost) AS total_cost, SUM(prompt_cost) AS prompt_cost,"
        " SUM(completion_cost) AS completion_cost,"
        " AVG(status = 'error') FILTER (WHERE parent_run_id IS NULL) AS error_rate"
        " FROM runs WHERE session_id = ?",
        (session_id,),
    ).fetchone()
    latencies = connection.execute(
        "SELECT (end_us - start_us) / 1e6 FROM runs"
        " WHERE session_id = ? AND parent_run_id IS NULL AND end_us IS NOT NULL ORDER BY 1",
        (session_id,),
    ).fetchall()
    seconds = [float(row[0]) for row in latencies]
    return {
        **{key: totals[key] for key in totals.keys() if key != "last_start"},  # noqa: SIM118 (a Row, no dict)
        "last_run_start_time": times.iso(totals["last_start"]),
        "latency_p50": quantile(seconds, 0.5),
        "latency_p99": quantile(seconds, 0.99),
    }


def _object_text(value: object) -> str | None:
    return None if value is None else json_text.dumps(json_text.as_object(value, "extra"))


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The value below which this share of the others lies; None of nothing."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None
