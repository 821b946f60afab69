"""The answer's text with its sources: which text, and what it is written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.views.cited_html import Html
from langchain_respmeta.record.views.cited_markdown import Markdown
from langchain_respmeta.record.views.cited_text import Writer, write

CitedFormat: TypeAlias = Literal["markdown", "html"]

_WRITERS: Final[Mapping[str, Callable[[str], Writer]]] = {"markdown": lambda _: Markdown(), "html": Html}
_OF_TEXT: Final = frozenset({"text", "output_text"})


def render_with_citations(record: RecordFields, message: object, format: CitedFormat = "markdown") -> str:  # noqa: A002 - a reader's word
    """The text of `message` with a link around, or behind, each cited span.

    Numbers are the places in `record.citations` counted from 1. In Markdown, sources that have no span, or no http(s)
    address to link to, are listed at the end; in HTML all are.

    Args:
        record: The record of the answer.
        message: The `AIMessage` (also a dumped one), or its text.
        format: `markdown` or `html`.

    Raises:
        TypeError: `message` is neither a message nor text.
        SettingsError: `format` is neither.
    """
    make = _WRITERS.get(format)
    if make is None:
        raise SettingsError(f"format must be one of {', '.join(_WRITERS)}, not {format!r}", setting="format")
    text = _text_of(message)
    return write(record, text, make(text))


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
    text = block.get("text") if isinstance(block, Mapping) and block.get("type") in _OF_TEXT else None
    return text if isinstance(text, str) else ""
