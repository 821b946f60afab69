"""The embedded server as one Starlette application."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from langchain_respmeta.local.api import routes_feedback, routes_runs, routes_sessions, routes_v2
from langchain_respmeta.local.api.keeping import Keeping
from langchain_respmeta.local.api.middleware import LOOPBACK_HOSTS, Guard
from langchain_respmeta.local.context import Context, RequestLog
from langchain_respmeta.local.gate import Gate
from langchain_respmeta.local.json_text import JSONResponse
from langchain_respmeta.local.limits import Limits
from langchain_respmeta.local.page import (
    charts_routes,
    compare_routes,
    delete_routes,
    export_routes,
    live,
    pages,
    rendering,
)
from langchain_respmeta.local.store.retention import Bounds
from langchain_respmeta.local.store.store import Store

INFO: Final[Mapping[str, object]] = {
    # The oldest LangSmith version whose clients use all that is served here (`/v2/runs`).
    "version": "0.16.0",
    "license_expiration_time": None,
    "batch_ingest_config": {
        "use_multipart_endpoint": True,
        "scale_up_qsize_trigger": 1000,
        "scale_up_nthreads_limit": 16,
        "scale_down_nempty_trigger": 4,
        "size_limit": 100,
        "size_limit_bytes": 20971520,
    },
    "instance_flags": {"zstd_compression_enabled": True},
}
"""The answer of `GET /info`."""


def create_app(
    db: str | Path | Store | None = None,
    *,
    allowed_hosts: Collection[str] | None = LOOPBACK_HOSTS,
    limits: Limits | None = None,
    info: Mapping[str, Any] | None = None,
    requests: RequestLog | None = None,
    bounds: Bounds | None = None,
) -> Starlette:
    """The server's ASGI application: LangSmith's REST API for runs and feedback, and its page at `/`.

    Args:
        db: The SQLite file; None or ":memory:" for one that is deleted at shutdown; or an open store, which
            its owner closes.
        allowed_hosts: Names by which the server may be addressed. None allows any, which is only safe where
            no browser can be lured to the address.
        limits: How large, how many and how slow requests may be.
        info: Laid over what `GET /info` answers, for tests of clients.
        requests: The log to write to.
        bounds: How much is kept; all, unless told otherwise.

    Raises:
        SettingsError: The file cannot be used.
    """
    store = db if isinstance(db, Store) else Store(db)
    log = requests if requests is not None else RequestLog()
    allowed, kept = limits or Limits(), bounds or Bounds()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        keeping = Keeping(store, kept).start()
        yield
        keeping.stop()
        if store is not db:
            store.close()

    app = Starlette(
        routes=[
            *charts_routes.ROUTES,
            *compare_routes.ROUTES,
            *live.ROUTES,
            *pages.ROUTES,
            *export_routes.ROUTES,
            *delete_routes.ROUTES,
            *routes_runs.ROUTES,
            *routes_feedback.ROUTES,
            *routes_sessions.ROUTES,
            *routes_v2.ROUTES,
        ],
        middleware=[Middleware(Guard, requests=log, allowed_hosts=allowed_hosts, gate=Gate(allowed))],
        exception_handlers={
            HTTPException: _http_error,
            ClientDisconnect: _client_gone,
            sqlite3.Error: _database_error,
            Exception: _fault,
        },
        lifespan=lifespan,
    )
    app.state.context = Context(store, allowed, _info(info or {}), log, kept)
    return app


def _info(changes: Mapping[str, Any]) -> dict[str, Any]:
    """INFO with changes; groups are merged key by key, because clients rely on all their keys."""
    merged = {**INFO, **changes}
    for key, group in INFO.items():
        if isinstance(group, dict) and isinstance(merged[key], dict):
            merged[key] = {**group, **merged[key]}
    return merged


def _http_error(request: Request, exc: Exception) -> Response:
    if not isinstance(exc, HTTPException):
        raise exc
    detail = exc.detail
    if exc.status_code == 404 and detail == "Not Found":
        detail = f"{request.method} {request.url.path} is not part of the embedded server"
    detail = " ".join(detail[:_MOST_WORDS].split())
    if rendering.is_page(request.url.path):
        return rendering.error_page(request, exc.status_code, detail)
    return JSONResponse({"detail": detail}, status_code=exc.status_code, headers=dict(exc.headers or {}))


_MOST_WORDS: Final = 1000
"""Characters of an error's detail, which often repeats the request."""
_TOO_MUCH: Final = ("too large", "too big", "too many", "too complex", "parser stack overflow")
"""Words of SQLite's own limits."""
_NO_ROOM: Final = ("full", "disk I/O", "readonly", "unable to open")


def _database_error(request: Request, exc: Exception) -> Response:
    """SQLite's errors: 400 if a smaller request would pass, 507 if the disk fails, 503 if it is busy."""
    words = str(exc)
    if any(limit in words for limit in _TOO_MUCH):
        return _http_error(request, HTTPException(400, f"this is more than SQLite takes at once: {words}"))
    if any(fault in words for fault in _NO_ROOM):
        return _http_error(request, HTTPException(507, f"the database cannot be used: {words}"))
    if "locked" in words:
        return _http_error(request, HTTPException(503, words, {"Retry-After": "1"}))
    raise exc


def _client_gone(_: Request, __: Exception) -> Response:
    """The client disconnected while sending: nothing was stored, and this answer is not read."""
    return Response(status_code=400)


def _fault(_: Request, exc: Exception) -> Response:
    """A fault of the server; the traceback goes to its log."""
    return JSONResponse({"detail": f"the embedded server failed: {type(exc).__name__}"}, status_code=500)
