"""A report on paper: pages of A4 as PDF, or one long picture as PNG."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import count
from typing import Any, Final

from langchain_respmeta._process.late_imports import needing
from langchain_respmeta.charts.chapters.model import Card
from langchain_respmeta.report.model import Report
from langchain_respmeta.report.sheet import (
    FONT,
    QUIET,
    WIDTH,
    Piece,
    chart,
    paged,
    paragraph,
    stacked,
    table,
    text,
    tiles,
)

PAGE_WIDTH, PAGE_HEIGHT = 794, 1123
"""A4 in CSS pixels."""
MARGIN: Final = 45.0
_FOOT: Final = 22.0
_GAP: Final = 16.0
_SCALE: Final = 1.5
"""Pixels of a picture for each of the sheet."""
_POINTS: Final = 0.75
"""Of a CSS pixel; a page of PDF is measured in them."""


def pdf_of(report: Report) -> bytes:
    """Return the report as PDF, on pages of A4.

    Raises:
        MissingExtraError: A package of the extra `pictures` is not installed.
    """
    converter, pdf = _package("vl_convert"), _package("pypdf")
    inner = PAGE_HEIGHT - 2 * MARGIN - _FOOT
    pages = [*paged([*_pieces(report, converter)], inner)]
    whole = pdf.PdfWriter()
    for number, pieces in enumerate(pages, 1):
        foot = text(
            (MARGIN, PAGE_HEIGHT - MARGIN + 6),
            f"{report.title} \N{MIDDLE DOT} {number} of {len(pages)}",
            9,
            QUIET,
        )
        svg = _sheet(stacked(pieces)[1], PAGE_HEIGHT, foot, scale=_POINTS)
        whole.append(io.BytesIO(converter.svg_to_pdf(svg)))
    whole.add_metadata({"/Title": report.title, "/Producer": f"langchain-respmeta {report.version}"})
    written = io.BytesIO()
    whole.write(written)
    return written.getvalue()


def png_of(report: Report) -> bytes:
    """Return the report as one long picture.

    Raises:
        MissingExtraError: A package of the extra `pictures` is not installed.
    """
    converter = _package("vl_convert")
    height, body = stacked(_pieces(report, converter))
    data: bytes = converter.svg_to_png(_sheet(body, height + 2 * MARGIN), scale=_SCALE)
    return data


def _sheet(body: str, height: float, foot: str = "", *, scale: float = 1.0) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{PAGE_WIDTH * scale:g}" height="{height * scale:g}" viewBox="0 0 {PAGE_WIDTH} {height:g}" font-family="{FONT}">'
        f'<rect width="100%" height="100%" fill="#fff"/><g transform="translate({MARGIN:g} {MARGIN:g})">{body}</g>{foot}</svg>'
    )


def _pieces(report: Report, converter: Any) -> Iterator[Piece]:
    yield paragraph("RESPMETA REPORT", 9.5, QUIET, is_bound=True, letter_spacing="0.6")
    yield paragraph(report.title, 20, is_bound=True, font_weight="600")
    yield paragraph(report.subtitle, 11, QUIET, is_bound=True)
    yield Piece(10, "", is_bound=True)
    yield tiles(report.tiles)
    for note in report.notes:
        yield paragraph(note, 10.5)
    numbers = count()
    for section in report.sections:
        yield Piece(_GAP, "", is_bound=True)
        yield paragraph(section.title, 15, is_bound=True, font_weight="600")
        for card in section.cards:
            yield from _card(card, converter, numbers)
        for name, said in section.facts:
            yield paragraph(f"{name}: {said}", 10.5, QUIET)


def _card(card: Card, converter: Any, numbers: Iterator[int]) -> Iterator[Piece]:
    has_more = bool(card.figures or card.table)
    yield paragraph(card.title, 12, is_bound=has_more, font_weight="600")
    for note in card.notes:
        yield paragraph(note, 10, QUIET, is_bound=has_more)
    if card.figures:
        yield _figures(card, converter, numbers)
    if card.table:
        yield from table(card.table)


def _figures(card: Card, converter: Any, numbers: Iterator[int]) -> Piece:
    """Return the charts of a card, side by side."""
    width = (WIDTH - _GAP * (len(card.figures) - 1)) / len(card.figures)
    parts, highest = [], 0.0
    for place, one in enumerate(card.figures):
        x = place * (width + _GAP)
        drawn = converter.vegalite_to_svg(_as_wide(one.spec, width), allowed_base_urls=[])
        height, svg = chart(drawn, next(numbers), x, width)
        parts.append(f'<g transform="translate(0 16)">{svg}</g>' if one.label else svg)
        if one.label:
            parts.append(text((x, 11), one.label, 10, QUIET, font_weight="600"))
        highest = max(highest, height + (16 if one.label else 0))
    return Piece(highest + 8, "".join(parts))


def _as_wide(spec: Mapping[str, Any], width: float) -> dict[str, Any]:
    return {**spec, "width": width} if spec.get("width") == "container" else dict(spec)


def _package(name: str) -> Any:
    package = {"vl_convert": "vl-convert-python"}.get(name, name)
    with needing("A report as a picture", extra="pictures", package=package):
        return import_module(name)
