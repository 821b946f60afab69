"""Citations outside of the content: lists of sources, and spans of the whole answer's text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal, TypeAlias, get_args

from langchain_respmeta._reading.citations import TYPES, Citation, distinct, of_block
from langchain_respmeta._reading.content import Content
from langchain_respmeta._reading.text_spans import Places, byte_span, where_it_stands, worded_span
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.values import compact, is_whole, items_of, text_or_none
from langchain_respmeta.record.plain import as_mapping

_ListKey: TypeAlias = Literal[
    "_annotations",
    "_cohere_citations",
    "_grounding",
    "_listed_citations",
    "_listed_results",
    "_recited",
    "_search_results",
]
LISTS: Final[frozenset[str]] = frozenset(get_args(_ListKey))
"""Keys of sources outside of the content."""


def read_citations(draft: ReadDraft, content: Content) -> None:
    """Write the content's citations, and those that are listed outside of it."""
    citations = list(content.citations)
    for key, read in _LISTED.items():
        if items := draft.pop(key, None):
            citations += read(items, content.text)
    if citations:
        draft["citations"] = distinct(citations)


# --- Google's grounding ----------------------------------------------------------------------------------------------


def of_grounding(grounding: object, text: str) -> list[Citation]:
    """One citation for each span and source; sources that no span names come without a span."""
    fields = as_mapping(grounding)
    if fields is None:
        return []
    chunks = [as_mapping(chunk) or {} for chunk in items_of(fields.get("grounding_chunks"))]
    used: set[int] = set()
    places = Places(text)
    found: list[Citation] = []
    for support in map(as_mapping, items_of(fields.get("grounding_supports"))):
        if support is not None:
            found.extend(_supported(support, chunks, places, used))
    found.extend(_chunk_citation(chunk) for index, chunk in enumerate(chunks) if index not in used and chunk)
    return found


def _supported(
    support: Mapping[str, object], chunks: list[Mapping[str, Any]], places: Places, used: set[int]
) -> Iterable[Citation]:
    segment = as_mapping(support.get("segment")) or {}
    span = where_it_stands(
        segment.get("start_index") or 0, segment.get("end_index"), segment.get("text"), places, 0
    )
    for index in items_of(support.get("grounding_chunk_indices")):
        if is_whole(index) and 0 <= index < len(chunks):
            used.add(index)
            yield {**_chunk_citation(chunks[index]), **span}


def _chunk_citation(chunk: Mapping[str, object]) -> Citation:
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
        type=TYPES[native],
        url=text_or_none(inner.get("uri")),
        title=text_or_none(inner.get("title")),
        source="grounding",
    )


def of_recitations(items: object, text: str) -> list[Citation]:
    """Gemini's `citationMetadata`: sources that a piece of the answer repeats word for word."""
    places = Places(text)
    return [
        compact(
            type="url",
            **byte_span(item.get("start_index") or 0, item.get("end_index"), places, 0),
            url=text_or_none(item.get("uri")),
            title=text_or_none(item.get("title")),
            source="recitation",
        )
        for item in map(as_mapping, items_of(items))
        if item is not None
    ]


# --- Cohere's --------------------------------------------------------------------------------------------------------


def of_cohere(items: object, text: str) -> list[Citation]:
    """One citation for each span and source, which is a document of the request or a tool's result."""
    places = Places(text)
    return [
        citation
        for item in map(as_mapping, items_of(items))
        if item is not None
        for citation in _of_span(item, places)
    ]


def _of_span(item: Mapping[str, Any], places: Places) -> Iterable[Citation]:
    span = worded_span(item.get("start"), item.get("end"), text_or_none(item.get("text")), places, 0)
    sources = [source for source in map(as_mapping, items_of(item.get("sources"))) if source is not None]
    sources += [{"type": "document", "id": name} for name in items_of(item.get("document_ids"))]
    for source in sources or [{}]:
        document = as_mapping(source.get("document")) or {}
        yield compact(
            type="document",
            **span,
            url=text_or_none(document.get("url")),
            title=text_or_none(document.get("title")),
            file_id=text_or_none(source.get("id") or document.get("id")),
            quote=text_or_none(document.get("snippet") or document.get("text")),
            source=text_or_none(source.get("type")) or "document",
        )


def of_search_results(items: object, source: str) -> list[Citation]:
    """Sources listed outside of the content: addresses, or objects with `url` and `title`."""
    found = []
    for item in items_of(items):
        fields = {"url": item} if isinstance(item, str) else as_mapping(item) or {}
        if url := text_or_none(fields.get("url")):
            found.append(compact(type="url", url=url, title=text_or_none(fields.get("title")), source=source))
    return found


_LISTED: Final[dict[_ListKey, Callable[[Any, str], list[Citation]]]] = {
    "_annotations": lambda items, text: of_block(items, text, 0),
    "_grounding": of_grounding,
    "_recited": of_recitations,
    "_cohere_citations": of_cohere,
    "_search_results": lambda items, _: of_search_results(items, "search_results"),
    "_listed_results": lambda items, _: of_search_results(items, "search_results"),
    "_listed_citations": lambda items, _: of_search_results(items, "citations"),
}
"""Private key → how its citations are read, the most informative first."""
