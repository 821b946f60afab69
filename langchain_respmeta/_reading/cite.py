"""`render_with_citations`: an answer's text with its sources, of whatever holds an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._reading.answer_text import text_of
from langchain_respmeta._reading.normalize import known_start, normalize
from langchain_respmeta.providers.engine.run_start import RunStart

if TYPE_CHECKING:
    from langchain_respmeta.record.views.citations import CitedFormat


def render_with_citations(
    response: Any,
    text: Any = None,
    *,
    format: CitedFormat = "markdown",  # noqa: A002 - a reader's word
    provider: str | None = None,
    start: RunStart | Mapping[str, Any] | None = None,
) -> str:
    """Write an answer's text with a link around, or behind, each piece that cites a source.

    A short piece with one source becomes a link, such as `[1]` in the text. Longer ones, pieces with several sources and pieces
    that overlap are followed by numbered links. Only http and https addresses become links.

    Args:
        response: An `AIMessage`, an API's own answer in any form that `normalize` takes, or a record.
        text: Of a record: the answer's text, or the message or answer that holds it.
        format: `markdown`: the text stays the model's Markdown, and sources without a place or an address are listed below.
            `html`: the text is escaped, and all sources are listed below.
        provider: As for `normalize`, like the next one.
        start: See there.

    Raises:
        UnreadableAnswer: No reader recognizes the answer.
        ProviderError: Nobody is known by the name of `provider`.
        SettingsError: `format` is neither.
        TypeError: A record without a text.
    """
    with loading:
        from langchain_respmeta.record.record import ResponseMetadata
        from langchain_respmeta.record.views import citations

    known = known_start(start, provider)
    if isinstance(response, ResponseMetadata):
        if text is None:
            raise TypeError("a record does not hold the answer's text: give the text, too, or what holds it")
        record, holder = response, text
    else:
        record, holder = normalize(response, start=known), response
    told = holder if isinstance(holder, str) and holder is text else text_of(holder, known)
    return citations.render_with_citations(record, told, format)
