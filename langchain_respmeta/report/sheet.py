"""Pieces of a report for paper: SVG of a fixed width, one below the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Any, Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from langchain_respmeta.charts.chapters.model import Column, Row, Table, Tile
from langchain_respmeta.charts.chapters.shown import shown

WIDTH: Final = 704
"""Of what is printed, in CSS pixels: A4 between margins of 12 mm."""
FONT: Final = "'Liberation Sans', Arial, sans-serif"
INK, QUIET, LINE, BAR = "#1a1f27", "#5b6472", "#dfe3e8", "#c9d3f7"
TONES: Final = {"good": "#136c3a", "bad": "#b3261e", "plain": QUIET}
_WIDE: Final = 0.54
"""Of a usual character, in font sizes."""
_ROW: Final = 17.0
_CELL: Final = 11.0
_SPACE: Final = 6.0
"""Between a number and what stands right of it."""
_LONGEST: Final = 44
"""Characters of a cell that are shown."""


class Piece(NamedTuple):
    """Something that stays in one piece on a page."""

    height: float
    svg: str
    is_bound: bool = False
    """Whether what comes next has to stand below it on the same page."""
    head: Piece | None = None
    """What stands above it where it is the first of a page."""


def text(at: tuple[float, float], words: str, size: float, colour: str = INK, **attributes: str) -> str:
    """Return one line of text; its base line is at `at`."""
    more = "".join(f" {name.replace('_', '-')}={quoteattr(value)}" for name, value in attributes.items())
    legible = "".join(sign if sign.isprintable() else " " for sign in words)
    return f'<text x="{at[0]:g}" y="{at[1]:g}" font-size="{size:g}" fill="{colour}"{more}>{escape(legible)}</text>'


def paragraph(
    words: str, size: float, colour: str = INK, *, is_bound: bool = False, **attributes: str
) -> Piece:
    """Return text in as many lines as it needs."""
    lines = wrap(words, int(WIDTH / (size * _WIDE))) or [""]
    step = size * 1.35
    svg = "".join(
        text((0, step * number + size), line, size, colour, **attributes) for number, line in enumerate(lines)
    )
    return Piece(step * len(lines) + 2, svg, is_bound)


def tiles(of: Sequence[Tile], columns: int = 4) -> Piece:
    """Return the headline figures."""
    gap, height = 8.0, 64.0
    width = (WIDTH - gap * (columns - 1)) / columns
    parts = []
    for number, tile in enumerate(of):
        x, y = (number % columns) * (width + gap), (number // columns) * (height + gap)
        parts.append(
            f'<rect x="{x:g}" y="{y + 0.5:g}" width="{width:g}" height="{height}" rx="6" fill="none" stroke="{LINE}"/>'
        )
        parts.append(text((x + 10, y + 17), tile.label, 10.5, QUIET))
        parts.append(text((x + 10, y + 38), tile.value, 18, font_weight="600"))
        if tile.change:
            parts.append(
                text(
                    (x + width - 10, y + 37),
                    tile.change.text,
                    10.5,
                    TONES[tile.change.tone],
                    text_anchor="end",
                )
            )
        parts.append(text((x + 10, y + 54), _cut(tile.note, 34), 9.5, QUIET))
    return Piece(-(-len(of) // columns) * (height + gap) + 8, "".join(parts))


_SIZE: Final = re.compile(r'<svg[^>]*?width="([\d.]+)"[^>]*?height="([\d.]+)"')
_MADE: Final = re.compile(r'((?:id="|url\(#|href="#))(clip|gradient)')


def chart(svg: str, number: int, x: float, width: float) -> tuple[float, str]:
    """Return the height of a chart that is as wide as `width`, and the chart; its ids are its own by `number`."""
    found = _SIZE.search(svg)
    whole, height = (float(found[1]), float(found[2])) if found else (width, 0.0)
    scale = min(1.0, width / whole)
    own = _MADE.sub(rf"\1c{number}-\2", svg)
    return height * scale, f'<g transform="translate({x:g} 0) scale({scale:.4f})">{own}</g>'


# --- tables ----------------------------------------------------------------------------------------------------------


def table(one: Table) -> Iterator[Piece]:
    """Yield a table row by row, its head first."""
    told = [
        [_cell(cell, column) for cell, column in zip(row.cells, one.columns, strict=True)] for row in one.rows
    ]
    edges = _edges([[column.title for column in one.columns], *told], one.columns)
    head = [
        text((edge, 12), column.title, _size(edges), QUIET, **_side(column))
        for edge, column in zip(edges, one.columns, strict=True)
    ]
    top = Piece(_ROW, "".join(head) + _line(), is_bound=True)
    yield top
    for row, cells in zip(one.rows, told, strict=True):
        yield Piece(_ROW, "".join(_row(row, cells, one.columns, edges)) + _line(), head=top)
    yield Piece(12, "")


def _row(row: Row, cells: Sequence[str], columns: Sequence[Column], edges: Sequence[float]) -> Iterator[str]:
    if row.bar is not None:
        yield f'<rect x="0" y="1" width="{WIDTH * row.bar:.1f}" height="{_ROW - 2:g}" fill="{BAR}" opacity="0.45"/>'
    for cell, value, column, edge in zip(cells, row.cells, columns, edges, strict=True):
        colour = TONES[value.tone] if column.kind == "change" and value else INK
        yield text((edge, 12), cell, _size(edges), QUIET if row.is_rest else colour, **_side(column))


def _cell(value: Any, column: Column) -> str:
    if column.kind == "change":
        return value.text if value else ""
    return _cut(shown(value, column.kind), _LONGEST)


def _side(column: Column) -> dict[str, str]:
    return {"text_anchor": "end"} if column.is_number else {}


def _size(edges: Sequence[float]) -> float:
    return _CELL if len(edges) < 9 else 9.0


def _edges(rows: Sequence[Sequence[str]], columns: Sequence[Column]) -> list[float]:
    """Return where each column's texts begin, or end where they are numbers; all columns fill the width."""
    longest = [max(len(row[place]) for row in rows) + 2 for place in range(len(columns))]
    ends, at = [], 0.0
    for column, length in zip(columns, longest, strict=True):
        width = WIDTH * length / sum(longest)
        ends.append(at + width - _SPACE if column.is_number else at)
        at += width
    return ends


def _line() -> str:
    return f'<path d="M0 {_ROW:g}H{WIDTH}" stroke="{LINE}" stroke-width="0.7"/>'


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1]}\N{HORIZONTAL ELLIPSIS}"


# --- pages -----------------------------------------------------------------------------------------------------------


def stacked(pieces: Iterable[Piece]) -> tuple[float, str]:
    """Return how high all pieces are together, and them, one below the other."""
    y, parts = 0.0, []
    for piece in pieces:
        parts.append(f'<g transform="translate(0 {y:g})">{piece.svg}</g>')
        y += piece.height
    return y, "".join(parts)


def paged(pieces: Sequence[Piece], height: float) -> Iterator[list[Piece]]:
    """Yield the pieces of each page: what is bound to the next piece goes with it."""
    page: list[Piece] = []
    used = 0.0
    for group in _bound(pieces):
        needed = sum(piece.height for piece in group)
        if page and used + needed > height:
            yield page
            page = [group[0].head] if group[0].head else []
            used = sum(piece.height for piece in page)
        page += group
        used += needed
    if page:
        yield page


def _bound(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    group: list[Piece] = []
    for piece in pieces:
        group.append(piece)
        if not piece.is_bound:
            yield group
            group = []
    if group:
        yield group
