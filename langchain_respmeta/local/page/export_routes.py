"""GET /export.jsonl, /export.parquet, /export.csv: the records of the runs that a page shows, as a file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from langchain_respmeta.errors import MissingExtraError
from langchain_respmeta.local.context import store_of
from langchain_respmeta.local.export.formats import encoder
from langchain_respmeta.local.export.reading import numbers_of, stored_records
from langchain_respmeta.local.page.run_filter import read_query

_TYPES: Final = {
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
}
_PLACES: Final = threading.BoundedSemaphore(2)
"""Files that are made at once in this process: each may hold a row group in memory."""


def export(request: Request) -> Response:
    """The file, made while it is sent."""
    ending = request.path_params["ending"]
    if ending not in _TYPES:
        raise HTTPException(404, f"A file of runs ends in {', '.join(_TYPES)}.")
    query, content = read_query(request.query_params), request.query_params.get("content") == "true"
    try:
        encode = encoder(f".{ending}")
    except MissingExtraError as missing:
        raise HTTPException(501, f"{missing}. /export.jsonl needs nothing more.") from missing
    store = store_of(request)
    with store.read() as connection:
        numbers = numbers_of(connection, query.selection())
    with ExitStack() as stack:
        if not _PLACES.acquire(blocking=False):
            raise HTTPException(503, "Two files are being made already: try again when one of them is there.")
        stack.callback(_PLACES.release)
        pieces = encode(stored_records(store, numbers, content=content and ending == "jsonl"))
        return _File(pieces, ending, stack.pop_all())


class _File(StreamingResponse):
    """A file to keep, and what is to be done when it is sent, or given up."""

    def __init__(self, pieces: Iterator[bytes], ending: str, after: ExitStack) -> None:
        name = f"respmeta-{datetime.now(tz=UTC):%Y-%m-%d}.{ending}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        super().__init__(pieces, headers=headers, media_type=_TYPES[ending])
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._after:
            await super().__call__(scope, receive, send)


ROUTES: Final = (Route("/export.{ending}", export, methods=["GET"]),)
