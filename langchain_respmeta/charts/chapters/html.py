"""Chapters as HTML: the templates, the script and the colours that every page with charts takes."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.charts.chapters.shown import shown
from langchain_respmeta.charts.chapters.specs import for_page

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_ROOM: Final = "langchain_respmeta.charts"


def prepare(pages: Environment) -> None:
    """Let an environment's templates import `chapters.html`, whose macros draw tables, figures and cards."""
    with loading:
        from jinja2 import ChoiceLoader, PackageLoader
    own = [] if pages.loader is None else [pages.loader]
    pages.loader = ChoiceLoader([*own, PackageLoader(_ROOM)])
    pages.filters |= {"shown": shown, "script": script}
    pages.globals["zip"] = zip


@cache
def program() -> str:
    """Return the script that draws the figures of a page."""
    return resources.files(_ROOM).joinpath("static", "charts.min.js").read_text(encoding="utf-8")


def script(spec: Any) -> Markup:
    """Return a chart's specification as JSON that cannot leave its `<script>` element."""
    text = json.dumps(for_page(spec), ensure_ascii=False, separators=(",", ":"))
    with loading:
        from markupsafe import Markup
    return Markup(text.translate(_ESCAPED))  # noqa: S704 - JSON without any sign of HTML


_ESCAPED: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
