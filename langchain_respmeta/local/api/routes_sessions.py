"""The API's endpoints for projects and for the server itself."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from langchain_respmeta.local import json_text, times
from langchain_respmeta.local.api import lists
from langchain_respmeta.local.api.lists import json_body
from langchain_respmeta.local.context import context, store_of
from langchain_respmeta.local.json_text import JSONResponse
from langchain_respmeta.local.store import feedback, sessions

_MOST_KEYS: Final = 100
_PARAMETERS: Final = frozenset(
    {"id", "name", "name_contains", "reference_dataset", "reference_free", "metadata", "include_stats"}
    | {"limit", "offset", "sort_by", "sort_by_desc", "dataset_version"}
)


def info(request: Request) -> Response:
    """GET /info: the features of this server."""
    return JSONResponse(dict(context(request).info))


def settings(request: Request) -> Response:
    """GET /settings: the one workspace."""
    return JSONResponse(
        {
            "id": sessions.TENANT_ID,
            "display_name": "langchain-respmeta, embedded server",
            "created_at": times.iso(int(context(request).started * 1e6)),
            "tenant_handle": None,
        }
    )


def healthy(_: Request) -> Response:
    """GET /ok."""
    return JSONResponse({"ok": True})


async def create_session(request: Request) -> Response:
    """POST /sessions."""
    body = await json_body(request)
    return JSONResponse(await run_in_threadpool(stored, request, body))


def stored(request: Request, body: dict[str, object]) -> dict[str, object]:
    """Create a project; with `?upsert=true` an existing project of that name is updated instead."""
    upsert = lists.is_true(request.query_params.get("upsert", ""))
    with store_of(request).write() as connection:
        name = sessions.checked_name(body.get("name"))
        row = connection.execute("SELECT id FROM sessions WHERE name = ?", (name,)).fetchone()
        if row is not None and upsert:
            sessions.update(connection, row["id"], body)
            session_id = row["id"]
        else:
            session_id = sessions.create(connection, body)
        return sessions.as_json(sessions.find(connection, session_id))


def list_sessions(request: Request) -> Response:
    """GET /sessions, newest first."""
    lists.refuse_unknown(request, _PARAMETERS)
    limit, offset = lists.page_of(request)
    query = request.query_params
    conditions: list[tuple[str, object]] = []
    if ids := query.getlist("id"):
        canonical = [json_text.as_uuid(one, "id") for one in ids]
        conditions.append(("id IN (SELECT value FROM json_each(?))", json_text.dumps(canonical)))
    for name, condition in _CONDITIONS.items():
        if name in query:
            conditions.append((condition, query[name]))
    for key, value in _metadata(query.get("metadata")).items():
        conditions.append(("json_extract(extra, '$.metadata.' || json_quote(?)) = ?", (key, value)))
    sql = " AND ".join(["1", *(condition for condition, _ in conditions)])
    parameters = [p for _, value in conditions for p in (value if isinstance(value, tuple) else (value,))]
    with store_of(request).read() as connection:
        rows = connection.execute(
            f"SELECT * FROM sessions WHERE {sql} ORDER BY start_us DESC, id LIMIT ? OFFSET ?",
            (*parameters, limit, offset),
        ).fetchall()
        return JSONResponse([_session(connection, row, request) for row in rows])


def read_session(request: Request) -> Response:
    """GET /sessions/{id}."""
    return JSONResponse(found(request))


def found(request: Request) -> dict[str, object]:
    """The project that the address names, with its figures where they are asked for."""
    with store_of(request).read() as connection:
        return _session(connection, sessions.find(connection, _id(request)), request)


async def update_session(request: Request) -> Response:
    """PATCH /sessions/{id}."""
    body = await json_body(request)

    def work() -> dict[str, object]:
        with store_of(request).write() as connection:
            sessions.update(connection, _id(request), body)
            return sessions.as_json(sessions.find(connection, _id(request)))

    return JSONResponse(await run_in_threadpool(work))


def delete_session(request: Request) -> Response:
    """DELETE /sessions/{id}, with all its runs and their feedback."""
    with store_of(request).write() as connection:
        sessions.delete(connection, _id(request))
    return JSONResponse({"message": "Session deleted"}, status_code=202)


def resolve_session(request: Request) -> Response:
    """GET /sessions/resolutions: the project that an agent's address names."""
    query = request.query_params
    if query.get("kind") != "AGENT":
        raise HTTPException(400, "only addresses of kind AGENT are known here")
    address = f"lrn:agents/{query.get('id')}/environments/{query.get('environment', '').lower()}"
    name = sessions.address_project(address)
    with store_of(request).read() as connection:
        row = connection.execute("SELECT id FROM sessions WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise HTTPException(404, f"no run has been sent to {address}")
    return JSONResponse({"session_id": row["id"]})


ROUTES: Final = (
    Route("/info", info, methods=["GET"]),
    Route("/ok", healthy, methods=["GET"]),
    Route("/settings", settings, methods=["GET"]),
    Route("/sessions", create_session, methods=["POST"]),
    Route("/sessions", list_sessions, methods=["GET"]),
    Route("/sessions/resolutions", resolve_session, methods=["GET"]),
    Route("/sessions/{session_id}", read_session, methods=["GET"]),
    Route("/sessions/{session_id}", update_session, methods=["PATCH"]),
    Route("/sessions/{session_id}", delete_session, methods=["DELETE"]),
)

_CONDITIONS: Final = {
    "name": "name = ?",
    "name_contains": "instr(lower(name), lower(?))",
    "reference_dataset": "reference_dataset_id = ?",
}


def _id(request: Request) -> str:
    return json_text.as_uuid(request.path_params["session_id"], "project id")


def _metadata(text: str | None) -> dict[str, object]:
    wanted = {} if text is None else json_text.loads_object(text, "metadata")
    if len(wanted) > _MOST_KEYS or any(isinstance(value, (dict, list)) for value in wanted.values()):
        raise HTTPException(
            422, f"metadata compares texts, numbers, true and false of at most {_MOST_KEYS} keys"
        )
    return {key: json_text.sql_number(value) for key, value in wanted.items()}


def _session(connection: sqlite3.Connection, row: sqlite3.Row, request: Request) -> dict[str, object]:
    session = sessions.as_json(row)
    if lists.is_true(request.query_params.get("include_stats", "")):
        stats = feedback.statistics(connection, "session_id", [row["id"]])
        session |= {**sessions.statistics(connection, row["id"]), "feedback_stats": stats.get(row["id"])}
    return session
