"""Citations of every provider as one shape, with spans counted in characters of the whole answer's text.

Providers count differently: OpenAI in characters of the text item, Google in bytes of UTF-8, Anthropic and Bedrock
not at all (a citation belongs to its whole block, and the indices they send are places in the *source*).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any, Final, TypeAlias

from langchain_respmeta.providers.engine.values import compact
from langchain_respmeta.record.plain import as_mapping, writable

Citation: TypeAlias = dict[str, Any]

TYPES: Final[Mapping[str, str]] = {
    "url_citation": "url",
    "web_search_result_location": "url",
    "file_citation": "file",
    "container_file_citation": "file",
    "file_path": "file_path",
    "char_location": "document",
    "page_location": "document",
    "content_block_location": "document",
    "search_result_location": "search_result",
    "tool_reference": "url",
    "reference": "reference",
    "grounding": "url",
    "retrieved_context": "document",
    "maps": "place",
}
"""Native kind of citation → the record's type."""


def of_block(items: list[Any], text: str, offset: int) -> list[Citation]:
    """Citations of one text block that starts at `offset` of the answer's text."""
    places = Places(text)
    return [
        citation
        for item in items
        if (fields := as_mapping(item)) is not None
        for citation in _of_annotation(fields, places, offset)
    ]


def _of_annotation(item: Mapping[str, Any], places: Places, offset: int) -> list[Citation]:
    text = places.text
    kind = item.get("type")
    if kind == "non_standard_annotation":
        inner = as_mapping(item.get("value"))
        return _of_annotation(inner, places, offset) if inner is not None else []
    if kind == "citation":
        extras = as_mapping(item.get("extras")) or {}
        return (
            of_reference(extras, text, offset) if "reference_ids" in extras else [_v1(item, places, offset)]
        )
    if kind == "url_citation" and (nested := as_mapping(item.get("url_citation"))) is not None:
        item = {**item, **nested}
    native = kind if isinstance(kind, str) else _bedrock_kind(item)
    return [_native(item, native, text, offset)]


def _native(item: Mapping[str, Any], native: str, text: str, offset: int) -> Citation:
    spanned = _is_int(item.get("start_index")) and _is_int(item.get("end_index"))
    span = _span(item, text, offset) if spanned else _whole(text, offset, native)
    location = as_mapping(item.get("location")) or {}
    inner = next((found for part in location.values() if (found := as_mapping(part)) is not None), {})
    return compact(
        type=TYPES.get(native, native),
        **span,
        url=_str(item.get("url") or inner.get("url")),
        title=_str(item.get("title") or item.get("document_title")),
        filename=_str(item.get("filename")),
        file_id=_str(item.get("file_id")),
        quote=_str(item.get("cited_text") or item.get("quote"))
        or _source_content(item.get("source_content")),
        document_index=_int(item.get("document_index", inner.get("document_index"))),
        source=native,
    )


def _v1(item: Mapping[str, Any], places: Places, offset: int) -> Citation:
    """LangChain's v1 `citation`; `extras` holds what is the provider's own."""
    text, extras = places.text, as_mapping(item.get("extras")) or {}
    google = as_mapping(extras.get("google_ai_metadata"))
    if google is not None:
        span = _where_it_stands(
            item.get("start_index"), item.get("end_index"), item.get("cited_text"), places, offset
        )
    elif _is_int(item.get("start_index")) and _is_int(item.get("end_index")):
        span = _span(item, text, offset)
    else:
        span = {} if "file_index" in extras else _whole(text, offset, "")
    location = as_mapping(extras.get("location")) or {}
    inner = next((found for part in location.values() if (found := as_mapping(part)) is not None), {})
    url = _str(item.get("url") or inner.get("url"))
    file_id = _str(extras.get("file_id"))
    title = _str(item.get("title"))
    return compact(
        type=_v1_type(url, file_id, google),
        **span,
        url=url,
        title=None if file_id and not url else title,
        filename=title if file_id and not url else None,
        file_id=file_id,
        quote=None if google is not None else _str(item.get("cited_text")),
        document_index=_int(extras.get("document_index", inner.get("document_index"))),
        source="grounding" if google is not None else "citation",
    )


def _v1_type(url: str | None, file_id: str | None, google: Any) -> str:
    if url or google is not None:
        return "url"
    return "file" if file_id else "document"


def of_reference(reference: Mapping[str, Any], text: str, offset: int) -> list[Citation]:
    """Mistral's markers: a piece of the answer points to documents of the conversation by number."""
    ids = [number for number in _items(reference.get("reference_ids")) if _is_int(number)]
    span = _whole(text, offset, "reference")
    return [{"type": "reference", **span, "document_index": number, "source": "reference"} for number in ids]


def of_tool_reference(block: Mapping[str, Any]) -> Citation:
    """Mistral's web search names a source between two pieces of text."""
    kind = "tool_reference"
    return compact(type=TYPES[kind], url=_str(block.get("url")), title=_str(block.get("title")), source=kind)


# --- Google's grounding ----------------------------------------------------------------------------------------------


def of_grounding(grounding: Any, text: str) -> list[Citation]:
    """One citation for each span and source; sources that no span names come without a span."""
    fields = as_mapping(grounding)
    if fields is None:
        return []
    chunks = [as_mapping(chunk) or {} for chunk in _items(fields.get("grounding_chunks"))]
    used: set[int] = set()
    places = Places(text)
    found: list[Citation] = []
    for support in map(as_mapping, _items(fields.get("grounding_supports"))):
        if support is not None:
            found.extend(_supported(support, chunks, places, used))
    found.extend(_chunk_citation(chunk) for index, chunk in enumerate(chunks) if index not in used and chunk)
    return found


def _supported(
    support: Mapping[str, Any], chunks: list[Mapping[str, Any]], places: Places, used: set[int]
) -> Iterable[Citation]:
    segment = as_mapping(support.get("segment")) or {}
    span = _where_it_stands(
        segment.get("start_index") or 0, segment.get("end_index"), segment.get("text"), places, 0
    )
    for index in _items(support.get("grounding_chunk_indices")):
        if _is_int(index) and 0 <= index < len(chunks):
            used.add(index)
            yield {**_chunk_citation(chunks[index]), **span}


def _where_it_stands(start: Any, end: Any, words: Any, places: Places, offset: int) -> dict[str, Any]:
    """The span of a segment: where its own words stand, if not where Google says, whose offsets drift in long answers."""
    span = byte_span(start, end, places, offset)
    if not isinstance(words, str) or not words or span.get("text") == words:
        return span
    near = span.get("start_index", offset) - offset if span else len(places.text)
    found = places.find(words, near)
    return {"text": words} if found is None else _checked(found, found + len(words), places.text, offset)


def _chunk_citation(chunk: Mapping[str, Any]) -> Citation:
    kind, inner = next(
        (
            (name, fields)
            for name in ("web", "retrieved_context", "maps", "image")
            if (fields := as_mapping(chunk.get(name)))
        ),
        ("web", {}),
    )
    native = "grounding" if kind in {"web", "image"} else kind
    return compact(
        type=TYPES[native], url=_str(inner.get("uri")), title=_str(inner.get("title")), source="grounding"
    )


def of_recitations(items: Any, text: str) -> list[Citation]:
    """Gemini's `citationMetadata`: sources that a piece of the answer repeats word for word."""
    places = Places(text)
    return [
        compact(
            type="url",
            **byte_span(item.get("start_index") or 0, item.get("end_index"), places, 0),
            url=_str(item.get("uri")),
            title=_str(item.get("title")),
            source="recitation",
        )
        for item in map(as_mapping, _items(items))
        if item is not None
    ]


# --- Cohere's --------------------------------------------------------------------------------------------------------


def of_cohere(items: Any, text: str) -> list[Citation]:
    """One citation for each span and source, which is a document of the request or a tool's result."""
    places = Places(text)
    return [
        citation
        for item in map(as_mapping, _items(items))
        if item is not None
        for citation in _of_span(item, places)
    ]


def _of_span(item: Mapping[str, Any], places: Places) -> Iterable[Citation]:
    span = (
        _checked(item["start"], item["end"], places.text, 0)
        if _is_int(item.get("start")) and _is_int(item.get("end"))
        else {}
    )
    if cited := _str(item.get("text")):
        if (
            span
            and span.get("text") != cited
            and (found := places.find(cited, span["start_index"])) is not None
        ):
            span = _checked(found, found + len(cited), places.text, 0)
        span["text"] = cited
    sources = [source for source in map(as_mapping, _items(item.get("sources"))) if source is not None]
    sources += [{"type": "document", "id": name} for name in _items(item.get("document_ids"))]
    for source in sources or [{}]:
        document = as_mapping(source.get("document")) or {}
        yield compact(
            type="document",
            **span,
            url=_str(document.get("url")),
            title=_str(document.get("title")),
            file_id=_str(source.get("id") or document.get("id")),
            quote=_str(document.get("snippet") or document.get("text")),
            source=_str(source.get("type")) or "document",
        )


# --- spans -----------------------------------------------------------------------------------------------------------


def byte_span(start: Any, end: Any, places: Places, offset: int) -> dict[str, Any]:
    """A span given in bytes of UTF-8, as characters; nothing where it does not fit the text."""
    if not _is_int(start) or not _is_int(end):
        return {}
    if places.is_plain:
        return _checked(start, end, places.text, offset)
    if not 0 <= start <= end <= places.size:
        return {}
    return _checked(places.chars_before(start), places.chars_before(end), places.text, offset)


class Places:
    """A text whose places are given in bytes: counted once, so that each look-up costs the same in a long text."""

    __slots__ = ("_counted", "_left", "_raw", "is_plain", "size", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_plain = text.isascii()
        self._raw = b"" if self.is_plain else writable(text).encode()
        self.size = len(self._raw)
        steps = range(0, self.size, _STEP)
        self._counted = [0, *accumulate(_chars(self._raw[step : step + _STEP]) for step in steps)]
        """Characters that begin before each step."""
        self._left = _MOST_SEARCHED
        """Characters that may still be searched through."""

    def chars_before(self, place: int) -> int:
        """How many characters end at or before this byte."""
        step = place // _STEP
        begun = self._counted[step] + _chars(self._raw[step * _STEP : place])
        return begun - 1 if self._raw[place : place + 1] in _CONTINUED else begun

    def find(self, words: str, near: int) -> int | None:
        """Where `words` stand: nearest to the place that was told, or else the first time in the whole text."""
        low, high = max(0, near - _NEAR), near + len(words) + _NEAR
        before = self.text.rfind(words, low, near + len(words))
        after = self.text.find(words, near, high)
        found = [place for place in (before, after) if place >= 0]
        if found:
            return min(found, key=lambda place: abs(place - near))
        self._left -= len(self.text)
        place = self.text.find(words) if self._left >= 0 else -1
        return place if place >= 0 else None


_NEAR: Final = 1_000
"""Characters around the told place where drifted words are looked for."""

_MOST_SEARCHED: Final = 10_000_000
"""Characters of whole texts, over all words that are not near their places."""

_STEP: Final = 512
_CONTINUATION: Final = bytes(range(0x80, 0xC0))
_CONTINUED: Final = frozenset(_CONTINUATION[place : place + 1] for place in range(len(_CONTINUATION)))


def _chars(raw: bytes) -> int:
    return len(raw.translate(None, _CONTINUATION))


def _span(item: Mapping[str, Any], text: str, offset: int) -> dict[str, Any]:
    return _checked(item["start_index"], item["end_index"], text, offset)


def _checked(start: int, end: int, text: str, offset: int) -> dict[str, Any]:
    if not 0 <= start <= end:
        return {}
    span: dict[str, Any] = {"start_index": start + offset, "end_index": end + offset}
    if end <= len(text) and start < end:
        span["text"] = text[start:end]
    return span


_POINTS: Final = frozenset({"file_citation", "file_path", "container_file_citation"})
"""Kinds whose place is an index, not a span: the block around them says nothing about it."""


def _whole(text: str, offset: int, native: str) -> dict[str, Any]:
    if native in _POINTS:
        return {}
    return _checked(0, len(text), text, offset) if text else {}


# --- the list --------------------------------------------------------------------------------------------------------


_PLACED: Final = frozenset({"start_index", "text"})
_TOLD: Final = ("url", "file_id", "title", "filename", "document_index", "quote")


def distinct(citations: Iterable[Citation]) -> list[Citation]:
    """Without the doubles that come when one source is told in two places, with its span or more of it in one."""
    seen: dict[Any, Citation] = {}
    for citation in citations:
        place = citation.get("start_index"), citation.get("end_index", citation.get("text"))
        seen.setdefault((*place, *(citation.get(name) for name in _TOLD)), citation)
    found = list(seen.values())
    return found if len(found) < 2 else _without_told(found)


def _without_told(found: list[Citation]) -> list[Citation]:
    """Without those that have no span and say no more than another one does, which has one or says more.

    One look-up for each, in an index for each set of names that a spanless one can have: there are few.
    """
    names = [tuple(name for name in _TOLD if name in one) for one in found]
    shapes = {shape for one, shape in zip(found, names, strict=True) if _PLACED.isdisjoint(one)}
    told = {
        shape: {
            tuple(one.get(name) for name in shape)
            for one, own in zip(found, names, strict=True)
            if not _PLACED.isdisjoint(one) or not set(own) <= set(shape)
        }
        for shape in shapes
    }
    return [
        one
        for one, shape in zip(found, names, strict=True)
        if not _PLACED.isdisjoint(one) or tuple(one.get(name) for name in shape) not in told[shape]
    ]


def of_search_results(items: Any, source: str) -> list[Citation]:
    """Sources listed beside the answer: addresses, or objects with `url` and `title`."""
    found = []
    for item in _items(items):
        fields = {"url": item} if isinstance(item, str) else as_mapping(item) or {}
        if url := _str(fields.get("url")):
            found.append(compact(type="url", url=url, title=_str(fields.get("title")), source=source))
    return found


def _bedrock_kind(item: Mapping[str, Any]) -> str:
    location = as_mapping(item.get("location")) or {}
    return "web_search_result_location" if "web" in location else "char_location" if location else "document"


def _source_content(value: Any) -> str | None:
    parts = (as_mapping(item) or {} for item in _items(value))
    return "".join(part["text"] for part in parts if isinstance(part.get("text"), str)) or None


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _str(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _int(value: Any) -> int | None:
    return value if _is_int(value) and value >= 0 else None
