"""The pages: enriched runs, and one run. Server-rendered, without scripts or external resources."""

from __future__ import annotations

from importlib import resources
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from langchain_respmeta.local import json_text
from langchain_respmeta.local.context import store_of
from langchain_respmeta.local.gate import lease_of
from langchain_respmeta.local.page import run_list
from langchain_respmeta.local.page import run_page as page_run
from langchain_respmeta.local.page.rendering import page
from langchain_respmeta.local.page.run_filter import PAGE_SIZE, PageQuery, read_query
from langchain_respmeta.local.page.run_tools import with_executions
from langchain_respmeta.local.page.run_tree import tree_of
from langchain_respmeta.local.store.selection import OPERATORS, VIEWS
from langchain_respmeta.local.store.written import PREFIX
from langchain_respmeta.local.weight import weight

_ASSETS: Final = {
    "style.css": "text/css; charset=utf-8",
    "keep.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


def list_page(request: Request) -> Response:
    """GET /: runs, newest first."""
    if any(name in request.query_params for name in ("key", "op", "value")):
        # Redirect the form to the address of its state, so that links and reloads stay simple.
        return Response(status_code=303, headers={"Location": read_query(request.query_params).url()})
    query = read_query(request.query_params)
    with store_of(request).read() as connection:
        summary = run_list.summary_of(connection, query)
        pages = max(1, -(-summary.runs // PAGE_SIZE))
        return page(
            "runs.html",
            request,
            query=query,
            summary=summary,
            pages=pages,
            rows=run_list.rows_of(connection, query, lease_of(request).take_in_thread),
            facets=run_list.facets_of(connection, query),
            keys=run_list.known_keys(connection),
            projects=run_list.project_names(connection),
            other_prefixes=[] if summary.runs else run_list.other_prefixes(connection),
            page_prefix=PREFIX.removesuffix("_"),
            any_runs=connection.execute("SELECT 1 FROM runs LIMIT 1").fetchone() is not None,
            views=VIEWS,
            operators=OPERATORS,
        )


def run_page(request: Request) -> Response:
    """GET /run/{id}: everything about one run."""
    run_id = _run_id(request)
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
        metadata = with_executions(connection, row, run_list.metadata_of(row["extra"]))
    query = PageQuery()
    return page(
        "run.html",
        request,
        query=query,
        run=row,
        row=run_list.make_row(row, chips, query),
        record=page_run.record_of(metadata),
        rollup=page_run.rollup_of(metadata),
        raw=page_run.raw_of(metadata, page_run.parsed(row["outputs"])),
        payloads=[
            page_run.Raw(name, page_run.parsed(row[name]))
            for name in ("inputs", "outputs", "extra", "events", "tags")
            if row[name] not in (None, "[]", "{}")
        ],
        tree=tree,
    )


def asset(request: Request) -> Response:
    """GET /assets/{name}: the style sheet and the icon."""
    name = request.path_params["name"]
    if name not in _ASSETS:
        raise HTTPException(404, f"there is no {name}")
    data = resources.files("langchain_respmeta.local.page").joinpath("assets", name).read_bytes()
    return Response(data, media_type=_ASSETS[name])


ROUTES: Final = (
    Route("/", list_page, methods=["GET"]),
    Route("/run/{run_id}", run_page, methods=["GET"]),
    Route("/assets/{name}", asset, methods=["GET"]),
)


def _run_id(request: Request) -> str:
    try:
        return json_text.as_uuid(request.path_params["run_id"], "run id")
    except HTTPException as exc:
        raise HTTPException(404, "A run's address ends with its id, a UUID.") from exc
