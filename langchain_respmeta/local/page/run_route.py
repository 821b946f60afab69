"""The page of one run."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from langchain_respmeta.local import json_text
from langchain_respmeta.local.context import store_of
from langchain_respmeta.local.gate import lease_of
from langchain_respmeta.local.page import run_content, run_list, run_page
from langchain_respmeta.local.page.live import watched
from langchain_respmeta.local.page.rendering import page
from langchain_respmeta.local.page.run_filter import PageQuery
from langchain_respmeta.local.page.run_media import read_media
from langchain_respmeta.local.page.run_tools import with_executions
from langchain_respmeta.local.page.run_tree import tree_of
from langchain_respmeta.local.store.payloads import metadata_of
from langchain_respmeta.local.weight import weight

_PAYLOADS: Final = ("inputs", "outputs", "extra", "events", "tags")
"""Columns of JSON that the page shows as they are."""


def show_run(request: Request) -> Response:
    """GET /run/{id}: everything about one run."""
    run_id, start = _run_id(request), _start(request)
    with store_of(request).read() as connection:
        row = connection.execute(
            "SELECT r.*, s.name AS project FROM run_view r LEFT JOIN sessions s ON s.id = r.session_id WHERE r.id = ?",
            (run_id,),
        ).fetchone()
        if row is None:
            raise HTTPException(404, f"There is no run {run_id} in this database.")
        lease_of(request).take_in_thread(sum(weight(value) for value in row if isinstance(value, str)))
        chips = run_list.feedback_chips(connection, [run_id]).get(run_id, [])
        tree = tree_of(connection, row["trace_id"], run_id)
        metadata = with_executions(connection, row, metadata_of(row["extra"]))
        files = run_content.files_of(connection, run_id)
    query = PageQuery()
    payloads = {name: run_page.parsed(row[name]) for name in _PAYLOADS}
    return page(
        "run.html",
        request,
        query=query,
        run=row,
        row=run_list.make_row(row, chips, query),
        record=run_page.record_of(metadata),
        rollup=run_page.rollup_of(metadata),
        talk=run_content.talk_of(payloads, metadata, files, start),
        raw=run_page.raw_of(metadata, payloads["outputs"]),
        payloads=[
            run_page.Raw(name, value) for name, value in payloads.items() if value not in (None, [], {})
        ],
        tree=tree,
    )


ROUTES: Final = (
    Route("/run/{run_id}", watched(show_run), methods=["GET"]),
    Route("/run/{run_id}/media/{number:int}", read_media, methods=["GET"]),
)


def _run_id(request: Request) -> str:
    try:
        return json_text.as_uuid(request.path_params["run_id"], "run id")
    except HTTPException as exc:
        raise HTTPException(404, "A run's address ends with its id, a UUID.") from exc


def _start(request: Request) -> int | None:
    """The number of the message that the page begins with; None for the usual one."""
    text = request.query_params.get("from")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise HTTPException(400, f"from={text[:40]} is no number of a message: write ?from=1")
    return int(text)
