"""Where the sources of an answer are linked in its text, whatever it is written in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, NamedTuple, Protocol

from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.parts import Citation
from langchain_respmeta.record.views.format import one_line, web_url
from langchain_respmeta.record.views.lines import citation_name

MAX_AROUND: Final = 80
"""Up to this many characters a cited span becomes the link; a longer span is followed by its link."""

_LINKED: Final = re.compile(r"\]\(|https?://|[\n`<]")
"""A span with any of these does not become a link: a link, an address, code, several lines."""


@dataclass(frozen=True, slots=True)
class Source:
    """One citation: its number in the record (from 1), and its place in the text, if any."""

    number: int
    name: str
    """Its title, or what else names it."""
    title: str | None
    url: str | None
    """Its address, if that is one of http(s)."""
    span: tuple[int, int] | None
    marker: str | None
    """What stands for it at its place, where it marks a place and no piece of the text."""

    @property
    def shown(self) -> str:
        """The text of its link, where the text around it is none."""
        return self.marker or f"[{self.number}]"


class Writer(Protocol):
    """How a text and its links are written."""

    def text(self, text: str) -> str:
        """A piece of the answer."""
        ...

    def around(self, shown: str, source: Source) -> str:
        """A piece of the answer as the link."""
        ...

    def behind(self, source: Source) -> str:
        """The link alone."""
        ...

    def own_link(self, shown: str, source: Source) -> str | None:
        """A piece of the answer which is a link to the source already; None where it is none."""
        ...

    def whole(self, body: str, sources: list[Source]) -> str:
        """The text with what stands below it."""
        ...


def write(record: RecordFields, text: str, writer: Writer) -> str:
    """The text with a link around, or behind, each cited span, and the sources below it.

    A short span with one citation becomes a link. Longer ones, spans with several citations and spans that overlap
    get numbered links behind them.
    """
    sources = [_source(number, citation, text) for number, citation in enumerate(record.citations, 1)]
    return writer.whole(_linked(text, sources, writer), sources)


def _source(number: int, citation: Citation, text: str) -> Source:
    span = _span(citation.start_index, citation.end_index, text)
    own = citation.text if span is not None and span[0] == span[1] else None
    return Source(
        number=number,
        name=citation_name(citation),
        title=one_line(citation.title) if citation.title else None,
        url=web_url(citation.url),
        span=span,
        marker=own if own and _can_be_a_link(own) else None,
    )


def _span(start: int | None, end: int | None, text: str) -> tuple[int, int] | None:
    """The span without blanks at its ends; None if it is outside the text."""
    if start is None or end is None or not 0 <= start <= end <= len(text):
        return None
    shown = text[start:end]
    blanks = len(shown) - len(shown.lstrip())
    return (start + blanks, start + len(shown.rstrip())) if shown.strip() else (start, end)


class _Piece(NamedTuple):
    """What is written from `place` on, in place of the text up to `end`; what stands behind a text comes first."""

    place: int
    end: int
    number: int
    written: str


def _linked(text: str, sources: list[Source], writer: Writer) -> str:
    by_span: dict[tuple[int, int], list[Source]] = {}
    for source in sources:
        if source.span is not None:
            by_span.setdefault(source.span, []).append(source)
    crowded = _overlapping(by_span)
    pieces = [
        piece
        for span, cited in by_span.items()
        for piece in _pieces(text, span, cited, writer, alone=span not in crowded)
    ]
    written, done = [], 0
    for piece in sorted(pieces):
        written += [writer.text(text[done : piece.place]), piece.written]
        done = piece.end
    return "".join([*written, writer.text(text[done:])])


def _pieces(
    text: str, span: tuple[int, int], cited: list[Source], writer: Writer, *, alone: bool
) -> Iterator[_Piece]:
    (start, end), shown = span, text[span[0] : span[1]]
    # OpenAI's web search writes the link itself and cites it.
    own = [source for source in cited if source.url is not None and source.url in shown]
    if own and alone and (link := writer.own_link(shown, own[0])) is not None:
        yield _Piece(start, end, own[0].number, link)
    cited = [source for source in cited if source not in own]
    if len(cited) == 1 and cited[0].url and alone and not own and _can_be_a_link(shown):
        yield _Piece(start, end, cited[0].number, writer.around(shown, cited[0]))
    elif cited:
        space = " " if text[max(end - 1, 0) : end].strip() else ""
        yield _Piece(end, end, cited[0].number, space + " ".join(map(writer.behind, cited)))


def _overlapping(spans: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Spans that overlap another one, found in one sorted pass."""
    ordered = sorted(spans)
    found: set[tuple[int, int]] = set()
    reached = -1
    for span, following in zip_longest(ordered, ordered[1:]):
        start, end = span
        if reached > start or (following is not None and following[0] < end):
            found.add(span)
        reached = max(reached, end)
    return found


def _can_be_a_link(shown: str) -> bool:
    return bool(shown.strip()) and len(shown) <= MAX_AROUND and not _LINKED.search(shown) and _balanced(shown)


def _balanced(shown: str) -> bool:
    depth = 0
    for char in shown:
        depth += {"[": 1, "]": -1}.get(char, 0)
        if depth < 0:
            return False
    return depth == 0 and not shown.endswith("\\")
