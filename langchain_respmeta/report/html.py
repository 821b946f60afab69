"""A report as one file of HTML that loads nothing: style, script and charts stand in it."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from langchain_respmeta._process.late_imports import loading, needing
from langchain_respmeta.charts.chapters import colours
from langchain_respmeta.charts.chapters import html as of_charts
from langchain_respmeta.report.model import Report

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup


def html_of(report: Report) -> str:
    """Return the page.

    Raises:
        MissingExtraError: jinja2 is not installed.
    """
    css, program = f"\n{_style()}{colours.css()}", f"\n{of_charts.program()}"
    return _template().render(page=report, policy=_policy(css, program), css=_raw(css), program=_raw(program))


@cache
def _style() -> str:
    return (
        resources.files("langchain_respmeta.report")
        .joinpath("static", "report.css")
        .read_text(encoding="utf-8")
    )


def _policy(css: str, program: str) -> str:
    """Return what the page may do: its own style and script, and nothing else; data can never become code."""
    return f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(program)}'; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _template() -> Template:
    with needing("A report", extra="analysis", package="jinja2"):
        from jinja2 import Environment, PackageLoader, StrictUndefined
    pages = Environment(
        loader=PackageLoader("langchain_respmeta.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    of_charts.prepare(pages)
    return pages.get_template("report.html")


def _raw(text: str) -> Markup:
    with loading:
        from markupsafe import Markup

    return Markup(text)  # noqa: S704 - our own files
