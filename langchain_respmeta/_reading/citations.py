"""Citations of every provider as one shape, with spans counted in characters of the whole answer's text.

Providers count differently: OpenAI in characters of the text item, Google in bytes of UTF-8, Anthropic and Bedrock
not at all (a citation belongs to its whole block, and the indices they send are places in the *source*).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from langchain_respmeta._reading.text_spans import Places, where_it_stands, whole, worded_span
from langchain_respmeta.providers.engine.values import (
    compact,
    count_or_none,
    is_whole,
    items_of,
    text_or_none,
)
from langchain_respmeta.record.plain import as_mapping

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


def _of_annotation(item: Mapping[str, object], places: Places, offset: int) -> list[Citation]:
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
        item = {**item, **nested, "text": item.get("text")}
    native = kind if isinstance(kind, str) else _bedrock_kind(item)
    return [_native(item, native, places, offset)]


def _native(item: Mapping[str, object], native: str, places: Places, offset: int) -> Citation:
    span = _span(item, text_or_none(item.get("text")), native, places, offset)
    location = as_mapping(item.get("location")) or {}
    inner = next((found for part in location.values() if (found := as_mapping(part)) is not None), {})
    return compact(
        type=TYPES.get(native, native),
        **span,
        url=text_or_none(item.get("url") or inner.get("url")),
        title=text_or_none(item.get("title") or item.get("document_title")),
        filename=text_or_none(item.get("filename")),
        file_id=text_or_none(item.get("file_id")),
        quote=text_or_none(item.get("cited_text") or item.get("quote"))
        or _source_content(item.get("source_content")),
        document_index=count_or_none(item.get("document_index", inner.get("document_index"))),
        source=native,
    )


def _span(
    item: Mapping[str, object], words: str | None, native: str, places: Places, offset: int
) -> dict[str, Any]:
    """Where an annotation stands: at its indices, or where the piece of the answer stands that it repeats."""
    start, end = item.get("start_index"), item.get("end_index")
    if words or (is_whole(start) and is_whole(end)):
        return worded_span(start, end, words, places, offset)
    return whole(places.text, offset, native)


def _v1(item: Mapping[str, object], places: Places, offset: int) -> Citation:
    """LangChain's v1 `citation`; `extras` holds what is the provider's own."""
    extras = as_mapping(item.get("extras")) or {}
    google = as_mapping(extras.get("google_ai_metadata"))
    if google is not None:
        span = where_it_stands(
            item.get("start_index"), item.get("end_index"), item.get("cited_text"), places, offset
        )
    else:
        native = "file_citation" if "file_index" in extras else ""
        span = _span(item, text_or_none(extras.get("text")), native, places, offset)
    location = as_mapping(extras.get("location")) or {}
    inner = next((found for part in location.values() if (found := as_mapping(part)) is not None), {})
    url = text_or_none(item.get("url") or inner.get("url"))
    file_id = text_or_none(extras.get("file_id"))
    title = text_or_none(item.get("title"))
    return compact(
        type=_v1_type(url, file_id, google),
        **span,
        url=url,
        title=None if file_id and not url else title,
        filename=title if file_id and not url else None,
        file_id=file_id,
        quote=None if google is not None else text_or_none(item.get("cited_text")),
        document_index=count_or_none(extras.get("document_index", inner.get("document_index"))),
        source="grounding" if google is not None else "citation",
    )


def _v1_type(url: str | None, file_id: str | None, google: object) -> str:
    if url or google is not None:
        return "url"
    return "file" if file_id else "document"


def of_reference(reference: Mapping[str, object], text: str, offset: int) -> list[Citation]:
    """Mistral's markers: a piece of the answer points to documents of the conversation by number."""
    ids = [number for number in items_of(reference.get("reference_ids")) if is_whole(number)]
    span = whole(text, offset, "reference")
    return [{"type": "reference", **span, "document_index": number, "source": "reference"} for number in ids]


def of_tool_reference(block: Mapping[str, object]) -> Citation:
    """Mistral's web search names a source between two pieces of text."""
    kind = "tool_reference"
    return compact(
        type=TYPES[kind],
        url=text_or_none(block.get("url")),
        title=text_or_none(block.get("title")),
        source=kind,
    )


_PLACED: Final = frozenset({"start_index", "text"})
_TOLD: Final = ("url", "file_id", "title", "filename", "document_index", "quote")


def distinct(citations: Iterable[Citation]) -> list[Citation]:
    """Drop duplicates of sources that are reported twice, once with a span or with more facts."""
    seen: dict[Any, Citation] = {}
    for citation in citations:
        place = citation.get("start_index"), citation.get("end_index", citation.get("text"))
        seen.setdefault((*place, *(citation.get(name) for name in _TOLD)), citation)
    found = list(seen.values())
    return found if len(found) < 2 else _without_told(found)


def _without_told(found: list[Citation]) -> list[Citation]:
    """Drop citations without a span whose facts another one has, which has a span or more facts.

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


def _bedrock_kind(item: Mapping[str, object]) -> str:
    location = as_mapping(item.get("location")) or {}
    return "web_search_result_location" if "web" in location else "char_location" if location else "document"


def _source_content(value: object) -> str | None:
    parts = (as_mapping(item) or {} for item in items_of(value))
    return "".join(part["text"] for part in parts if isinstance(part.get("text"), str)) or None
