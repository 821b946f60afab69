"""Pages from their templates: what all of them have in common, and errors as pages."""

from __future__ import annotations

from functools import partial
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from langchain_respmeta.charts.chapters.html import prepare
from langchain_respmeta.local.page import json_html, present
from langchain_respmeta.local.page.footer import kept_of
from langchain_respmeta.local.page.live import version_of
from langchain_respmeta.local.page.run_filter import PageQuery
from langchain_respmeta.local.page.visible import visible
from langchain_respmeta.record.views import short

_templates = Environment(
    loader=PackageLoader("langchain_respmeta.local.page"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {
    "count": short.count,
    "short_count": short.short_count,
    "money": short.money,
    "seconds": short.seconds,
    "share": short.share,
    "moment": present.moment,
    "full_moment": present.full_moment,
    "time": present.time_element,
    "time_full": partial(present.time_element, form="full"),
    "time_day": partial(present.time_element, form="day"),
    "finish_tone": present.finish_tone,
    "provider_hue": present.provider_hue,
    "size": present.size,
    "speaker": present.speaker,
    "visible": visible,
    "pretty": json_html.pretty,
}
_templates.tests["flat_object"] = present.is_flat_object
prepare(_templates)


def page(template: str, request: Request, status_code: int = 200, /, **values: object) -> HTMLResponse:
    """A page of a template."""
    url = str(request.base_url).rstrip("/")
    shown = _templates.get_template(template).render(
        server_url=url, kept=kept_of(request), version=version_of(request), **values
    )
    return HTMLResponse(shown, status_code)


def error_page(request: Request, status: int, detail: str) -> Response:
    """An error as a page."""
    return page("error.html", request, status, query=PageQuery(), status=status, detail=detail)


def is_page(path: str) -> bool:
    """Whether a path is a page for people, whose errors are pages too."""
    return path == "/" or path.startswith(_PAGES)


_PAGES: Final = ("/run/", "/charts", "/compare", "/export.", "/delete")
"""How the paths of pages begin."""
