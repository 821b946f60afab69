"""The list of runs, and what all pages load. Server-rendered; scripts only add to what works without them."""

from __future__ import annotations

from importlib import resources
from pathlib import PurePath
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from langchain_respmeta.local.context import store_of
from langchain_respmeta.local.gate import lease_of
from langchain_respmeta.local.page import list_facets, list_state, run_list, run_route
from langchain_respmeta.local.page.live import watched
from langchain_respmeta.local.page.rendering import page
from langchain_respmeta.local.page.run_filter import PAGE_SIZE, SORTS, read_query
from langchain_respmeta.local.page.time_range import ANY_TIME, TimeRange
from langchain_respmeta.local.store.selection import OPERATORS, VIEWS
from langchain_respmeta.local.store.tally import tally_of
from langchain_respmeta.local.store.written import PREFIX

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_ASSETS: Final = {
    file.name: file for file in resources.files("langchain_respmeta.local.page").joinpath("assets").iterdir()
}
"""What the pages load, by name: files of this package only."""


def list_page(request: Request) -> Response:
    """GET /: runs, newest first."""
    if any(name in request.query_params for name in ("key", "op", "value")):
        # Redirect the form to the address of its state, so that links and reloads stay simple.
        return Response(status_code=303, headers={"Location": read_query(request.query_params).url()})
    query = read_query(request.query_params)
    selection = query.selection()
    with store_of(request).read() as connection:
        summary = tally_of(connection, selection)
        projects = run_list.project_names(connection)
        return page(
            "runs.html",
            request,
            query=query,
            summary=summary,
            pages=max(1, -(-summary.runs // PAGE_SIZE)),
            rows=run_list.rows_of(connection, query, selection, lease_of(request).take_in_thread),
            facets=list_facets.facets_of(connection, selection, summary, query),
            listable=list_facets.keys_to_list(connection, query),
            keys=run_list.known_keys(connection),
            projects=projects,
            notices=[*list_state.notices_of(request.query_params, query, projects)],
            chips=list_state.chips_of(query),
            own_range=list_state.own_range(query),
            beside=None if summary.runs else list_state.nearest(connection, selection),
            other_prefixes=[] if summary.runs else run_list.other_prefixes(connection),
            any_runs=connection.execute("SELECT 1 FROM runs LIMIT 1").fetchone() is not None,
            **_WORDS,
        )


_WORDS: Final = {
    "any_time": ANY_TIME,
    "most_models": 20,
    "operators": OPERATORS,
    "page_prefix": PREFIX.removesuffix("_"),
    "presets": list_state.PRESETS,
    "sorts": SORTS,
    "time_range": TimeRange,
    "views": VIEWS,
}
"""What the list's template takes besides the runs."""


def asset(request: Request) -> Response:
    """GET /assets/{name}: style sheets, scripts and the icon."""
    name = request.path_params["name"]
    if name not in _ASSETS:
        raise HTTPException(404, f"there is no {name}")
    return Response(_ASSETS[name].read_bytes(), media_type=_TYPES[PurePath(name).suffix])


ROUTES: Final = (
    Route("/", watched(list_page), methods=["GET"]),
    *run_route.ROUTES,
    Route("/assets/{name}", asset, methods=["GET"]),
)
