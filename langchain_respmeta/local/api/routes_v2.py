"""The endpoints of LangSmith's v2 API for projects, traces and threads, which its next clients call."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from langchain_respmeta.local import json_text
from langchain_respmeta.local.api import lists, routes_runs, routes_sessions
from langchain_respmeta.local.api.lists import json_body
from langchain_respmeta.local.context import store_of
from langchain_respmeta.local.gate import lease_of
from langchain_respmeta.local.json_text import JSONResponse
from langchain_respmeta.local.store import runs_v2, sessions, traces_v2


async def create_session(request: Request) -> Response:
    """POST /v2/sessions."""
    body = await json_body(request)
    session = await run_in_threadpool(routes_sessions.stored, request, body)
    return JSONResponse(sessions.as_v2(session))


def read_session(request: Request) -> Response:
    """GET /v2/sessions/{id}."""
    return JSONResponse(sessions.as_v2(routes_sessions.found(request)))


async def update_session(request: Request) -> Response:
    """PATCH /v2/sessions/{id}: null clears a field, keys of `extra` are merged."""
    body = await json_body(request)

    def work() -> dict[str, object]:
        session_id = json_text.as_uuid(request.path_params["session_id"], "project id")
        with store_of(request).write() as connection:
            sessions.update_v2(connection, session_id, body)
            return sessions.as_json(sessions.find(connection, session_id))

    return JSONResponse(sessions.as_v2(await run_in_threadpool(work)))


async def query_traces(request: Request) -> Response:
    """POST /v2/traces/query."""
    body = await json_body(request)
    query = traces_v2.traces_query(body)

    def work() -> dict[str, object]:
        runs, cursor = routes_runs.select(request, query)
        with store_of(request).read() as connection:
            items = [traces_v2.as_trace(connection, run, body.get("selects")) for run in runs]
        return {"items": items, "next_cursor": cursor}

    return JSONResponse(await run_in_threadpool(work))


def list_trace_runs(request: Request) -> Response:
    """GET /v2/traces/{trace_id}/runs."""
    asked = _asked(request, "project_id", "filter", "min_start_time", "max_start_time")
    trace_id = json_text.as_uuid(request.path_params["trace_id"], "trace id")
    runs, cursor = routes_runs.select(request, traces_v2.runs_of_trace(trace_id, asked))
    if cursor is not None:
        raise HTTPException(400, "this trace is too large for one answer: narrow the time or the fields")
    return JSONResponse({"items": [runs_v2.as_v2(run, asked["selects"]) for run in runs]})


async def query_threads(request: Request) -> Response:
    """POST /v2/threads/query."""
    body = await json_body(request)

    def work() -> dict[str, object]:
        with store_of(request).read() as connection:
            items, cursor = traces_v2.threads(connection, body, lease_of(request).take_in_thread)
        return {"items": items, "next_cursor": cursor}

    return JSONResponse(await run_in_threadpool(work))


def list_thread_traces(request: Request) -> Response:
    """GET /v2/threads/{thread_id}/traces; an id may hold slashes."""
    asked = _asked(request, "project_id", "cursor", "filter", "trace_filter", "tree_filter", "page_size")
    if isinstance(size := asked.get("page_size"), str) and size.isdecimal() and len(size) < _DIGITS:
        asked["page_size"] = int(size)
    query, names = traces_v2.traces_of_thread(request.path_params["thread_id"], asked)
    runs, cursor = routes_runs.select(request, query)
    return JSONResponse({"items": [traces_v2.as_turn(run, names) for run in runs], "next_cursor": cursor})


def run_url(request: Request) -> Response:
    """GET /v2/runs/{id}/url: the address of the run's page here."""
    run_id = json_text.as_uuid(request.path_params["run_id"], "run id")
    with store_of(request).read() as connection:
        if connection.execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone() is None:
            raise HTTPException(404, f"run {run_id} not found")
    return JSONResponse({"url": f"{request.base_url}run/{run_id}"})


_DIGITS: Final = 9


def _asked(request: Request, *names: str) -> dict[str, object]:
    """The query's parameters; `selects` may come several times."""
    lists.refuse_unknown(request, {*names, "selects"})
    given: dict[str, object] = {name: request.query_params.get(name) for name in names}
    return given | {"selects": request.query_params.getlist("selects")}


ROUTES: Final = (
    Route("/v2/sessions", create_session, methods=["POST"]),
    Route("/v2/sessions/{session_id}", read_session, methods=["GET"]),
    Route("/v2/sessions/{session_id}", update_session, methods=["PATCH"]),
    Route("/v2/traces/query", query_traces, methods=["POST"]),
    Route("/v2/traces/{trace_id}/runs", list_trace_runs, methods=["GET"]),
    Route("/v2/threads/query", query_threads, methods=["POST"]),
    Route("/v2/threads/{thread_id:path}/traces", list_thread_traces, methods=["GET"]),
    Route("/v2/runs/{run_id}/url", run_url, methods=["GET"]),
)
