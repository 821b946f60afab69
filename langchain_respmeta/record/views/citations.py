"""The answer's text with its sources, in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, NamedTuple

from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.parts import Citation
from langchain_respmeta.record.views.format import one_line, web_url
from langchain_respmeta.record.views.lines import citation_name

MAX_AROUND: Final = 80
"""Up to this many characters a cited span becomes the link; a longer span is followed by its link."""

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|~!#&])")
_IN_QUOTES: Final = re.compile(r'([\\"`<>&])')
_BREAKS_URL: Final = re.compile(r"[()<>\"\\`^{}|]")
_LINKED: Final = re.compile(r"\]\(|https?://|[\n`<]")
"""A span with any of these does not become a link: a link, an address, code, several lines."""


class _Insert(NamedTuple):
    """Markdown to insert at `place`; at equal places closing links come first, then marks, then opening links."""

    place: int
    rank: int
    number: int
    text: str


_CLOSE, _BEHIND, _OPEN = range(3)


@dataclass(frozen=True, slots=True)
class _Source:
    """One citation: its number in the record (from 1), and its place in the text, if any."""

    number: int
    name: str
    title: str | None
    url: str | None
    span: tuple[int, int] | None

    @property
    def mark(self) -> str:
        """`[1](url "title")`, or `[1]` where there is no address."""
        shown = f"\\[{self.number}\\]"
        return f"[{shown}]{self.target}" if self.url else shown

    @property
    def target(self) -> str:
        """`(url "title")`."""
        title = f' "{_IN_QUOTES.sub(_backslash, self.title)}"' if self.title else ""
        return f"({_BREAKS_URL.sub(_percent, self.url or '')}{title})"

    @property
    def line(self) -> str:
        """The source's line in the list at the end."""
        name = _SPECIAL.sub(_backslash, self.name)
        return f"- \\[{self.number}\\] " + (f"[{name}]{self.target}" if self.url else name)


def render_with_citations(record: RecordFields, message: object) -> str:
    """The text of `message` with a Markdown link around, or behind, each cited span.

    A short span with one citation becomes a link. Longer ones, spans with several citations and spans that overlap
    get numbered links behind them. Sources without a span, and sources that have no http(s) address to link to, are
    listed at the end under the same numbers, which are the places in `record.citations` counted from 1.

    Args:
        record: The record of the answer.
        message: The `AIMessage` (also a dumped one), or its text.

    Raises:
        TypeError: `message` is neither a message nor text.
    """
    text = _text_of(message)
    sources = [_source(number, citation, text) for number, citation in enumerate(record.citations, 1)]
    listed = [source.line for source in sources if source.span is None or source.url is None]
    rendered = _linked(text, [source for source in sources if source.span is not None])
    tail = ["Sources:", "\n".join(listed)] if listed else []
    return "\n\n".join(part for part in (rendered, *tail) if part)


def _source(number: int, citation: Citation, text: str) -> _Source:
    return _Source(
        number=number,
        name=citation_name(citation),
        title=one_line(citation.title) if citation.title else None,
        url=web_url(citation.url),
        span=_span(citation.start_index, citation.end_index, text),
    )


def _span(start: int | None, end: int | None, text: str) -> tuple[int, int] | None:
    """The span without blanks at its ends; None if it is outside the text."""
    if start is None or end is None or not 0 <= start <= end <= len(text):
        return None
    shown = text[start:end]
    blanks = len(shown) - len(shown.lstrip())
    return (start + blanks, start + len(shown.rstrip())) if shown.strip() else (start, end)


def _linked(text: str, sources: list[_Source]) -> str:
    by_span: dict[tuple[int, int], list[_Source]] = {}
    for source in sources:
        if source.span is not None:
            by_span.setdefault(source.span, []).append(source)
    inserts: list[_Insert] = []
    crowded = _overlapping(by_span)
    for span, cited in by_span.items():
        inserts.extend(_inserts(text, span, cited, alone=span not in crowded))
    pieces, done = [], 0
    for insert in sorted(inserts):
        pieces += [text[done : insert.place], insert.text]
        done = insert.place
    return "".join([*pieces, text[done:]])


def _inserts(text: str, span: tuple[int, int], cited: list[_Source], *, alone: bool) -> Iterator[_Insert]:
    (start, end), shown = span, text[span[0] : span[1]]
    # OpenAI's web search writes the link itself and cites it: nothing to add.
    cited = [source for source in cited if source.url is None or source.url not in shown]
    if not cited:
        return
    number = cited[0].number
    if len(cited) == 1 and cited[0].url and alone and _can_be_a_link(shown):
        yield _Insert(start, _OPEN, number, "[")
        yield _Insert(end, _CLOSE, number, f"]{cited[0].target}")
    else:
        space = " " if text[max(end - 1, 0) : end].strip() else ""
        yield _Insert(end, _BEHIND, number, space + " ".join(source.mark for source in cited))


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


def _text_of(message: object) -> str:
    content = message
    if isinstance(message, Mapping):
        content = message.get("content")
    elif not isinstance(message, str):
        content = getattr(message, "content", None)
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(map(_block_text, content))
    msg = f"expected an AIMessage or its text, got {type(message).__name__}"
    raise TypeError(msg)


def _block_text(block: object) -> str:
    if isinstance(block, str):
        return block
    text = block.get("text") if isinstance(block, Mapping) and block.get("type") == "text" else None
    return text if isinstance(text, str) else ""


def _backslash(match: re.Match[str]) -> str:
    return f"\\{match[1]}"


def _percent(match: re.Match[str]) -> str:
    return f"%{ord(match[0]):02X}"
