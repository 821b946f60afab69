"""GET /charts: charts of the model calls that are meant, the same as in a report; its parts one by one; its assets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from langchain_respmeta.charts.chapters import colours
from langchain_respmeta.charts.chapters.html import program
from langchain_respmeta.charts.chapters.sections import CHAPTERS, Question
from langchain_respmeta.charts.chapters.sides import Sides
from langchain_respmeta.charts.chapters.tiles import headline_of, tiles_of
from langchain_respmeta.charts.labels import label_by
from langchain_respmeta.errors import MissingExtraError, SettingsError
from langchain_respmeta.local.context import context, store_of
from langchain_respmeta.local.mirror.mirror import BusyError, FillingError
from langchain_respmeta.local.mirror.rows import own_keys
from langchain_respmeta.local.page.charts_query import EVERY, PATH, ChartsQuery, read_charts_query
from langchain_respmeta.local.page.live import watched
from langchain_respmeta.local.page.rendering import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_respmeta.charts.source import Source

KEYS: Final = (
    *("model", "provider", "service_tier", "integration", "agent_name", "graph_node", "thread_id"),
    *("run_name", "tags"),
)
"""Facts that people group by; keys of the runs' own metadata follow."""
_PARTS: Final = {name: part for chapter in CHAPTERS.values() for name, part in chapter.parts.items()}
_FIRST: Final = next(iter(CHAPTERS))
_WAIT_S: Final = "1"


def charts_page(request: Request) -> Response:
    """The page: the headline figures and one chapter; the others load one by one, or have an address of their own."""
    query = read_charts_query(request.query_params)
    shown = query.chapter or _FIRST
    try:
        with _source(request, query) as source:
            question = _question(source, query)
            headline = headline_of(source)
            return page(
                "charts.html",
                request,
                query=query.runs,
                charts=query,
                fixed=query.fixed(),
                filters=[*query.filters()],
                here=PATH,
                chapters=CHAPTERS if not query.chapter else {shown: CHAPTERS[shown]},
                all_chapters=CHAPTERS,
                made={name: [*part(question)] for name, part in CHAPTERS[shown].parts.items()},
                tiles=[*tiles_of(headline, None)] if headline.sums.calls else [],
                keys=_keys(request, query),
                every=EVERY,
            )
    except FillingError as filling:
        return _waiting(request, query, filling)
    except MissingExtraError as missing:
        return page(
            "charts_none.html", request, query=query.runs, charts=query, missing=str(missing), filling=None
        )


def part(request: Request) -> Response:
    """One part of a chapter, for the page's script."""
    query, name = read_charts_query(request.query_params), request.path_params["part"]
    if name not in _PARTS:
        raise HTTPException(404, f"There are no charts {name!r}: {', '.join(_PARTS)}.")
    try:
        with _source(request, query) as source:
            return page("charts_part.html", request, cards=[*_PARTS[name](_question(source, query))])
    except FillingError as filling:
        raise HTTPException(503, f"{filling}: ask again.", {"Retry-After": _WAIT_S}) from filling
    except MissingExtraError as missing:
        raise HTTPException(501, str(missing)) from missing


def asset(request: Request) -> Response:
    """A script or the style of the page."""
    make, media_type = _ASSETS[request.url.path]
    return Response(make(), media_type=media_type)


@contextmanager
def _source(request: Request, query: ChartsQuery) -> Iterator[Source]:
    """The calls that are meant.

    Raises:
        HTTPException: 400 if there is nothing to group by of that name, 503 if others ask for too much.
        FillingError: They are not all read yet.
        MissingExtraError: A package of the extra `analysis` is not installed.
    """
    try:
        with context(request).mirror.source(query.runs.selection()) as source:
            yield source
    except BusyError as busy:
        raise HTTPException(
            503, "Other charts are being drawn: try again when they are there.", {"Retry-After": _WAIT_S}
        ) from busy
    except MissingExtraError:
        raise
    except SettingsError as wrong:
        raise HTTPException(400, str(wrong)) from wrong


def _question(source: Source, query: ChartsQuery) -> Question:
    return Question(
        Sides(source),
        query.by,
        links="/run/{run_id}",
        every=query.every,
        to_group=lambda by, values: query.to_group(tuple(by), tuple(values)),
    )


def _keys(request: Request, query: ChartsQuery) -> Mapping[str, str]:
    """What can be chosen to group by → its name for people."""
    with store_of(request).read() as connection:
        keys = dict.fromkeys((*query.by, *KEYS, *own_keys(connection)))
    return {key: label_by([key]) for key in keys}


def _waiting(request: Request, query: ChartsQuery, filling: FillingError) -> Response:
    answer = page(
        "charts_none.html", request, 202, query=query.runs, charts=query, missing=None, filling=filling
    )
    answer.headers["Refresh"] = _WAIT_S
    return answer


def _own(name: str) -> str:
    return resources.files("langchain_respmeta.local.page").joinpath("assets", name).read_text("utf-8")


_SCRIPT: Final = "text/javascript; charset=utf-8"
_ASSETS: Final[Mapping[str, tuple[Callable[[], str], str]]] = {
    "/assets/vega.js": (program, _SCRIPT),
    "/assets/charts.js": (lambda: _own("charts.js"), _SCRIPT),
    "/assets/charts.css": (lambda: _own("charts.css") + colours.css(), "text/css; charset=utf-8"),
}

ROUTES: Final = (
    Route(PATH, watched(charts_page), methods=["GET"]),
    Route(f"{PATH}/{{part}}", part, methods=["GET"]),
    *(Route(path, asset, methods=["GET"]) for path in _ASSETS),
)
