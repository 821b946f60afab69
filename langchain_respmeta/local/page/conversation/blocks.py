"""Content blocks of LangChain (v0 and v1) and of the providers become parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from langchain_respmeta.local.page.conversation.fields import Fields
from langchain_respmeta.local.page.conversation.media import KINDS, media_from
from langchain_respmeta.local.page.conversation.model import (
    Citation,
    Data,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolResult,
)
from langchain_respmeta.local.page.conversation.tool_blocks import CALLS, RESULTS, call_from

Read = Sequence[Part] | None
"""What a reader finds; None if the block is not what its type says."""
_DEEPEST: Final = 8
"""Levels of content within content; what is deeper is shown as JSON."""

_MOST_BLOCKS: Final = 5_000
"""Blocks of one content that are read one by one."""


@dataclass(frozen=True, slots=True)
class Content:
    """The parts of a message's content, and the keys of its blocks that no reader reads."""

    parts: Sequence[Part]
    rest: Mapping[str, object]


def read_content(content: object, depth: int = 0) -> Content:
    """A message's content: a text, one block or a list of both."""
    blocks = content if isinstance(content, list) else [content]
    parts, rest = list[Part](), dict[str, object]()
    for number, block in enumerate(blocks[:_MOST_BLOCKS], 1):
        if block in (None, ""):
            continue
        found, left = _read_block(block, depth)
        parts += found
        if left:
            rest[f"content {number}"] = left
    if more := blocks[_MOST_BLOCKS:]:
        parts.append(Data(more, f"{len(more):,} more blocks"))
    return Content(_joined(parts), rest)


def _read_block(block: object, depth: int) -> tuple[Sequence[Part], dict[str, object]]:
    if isinstance(block, str):
        return [Text(block)], {}
    if not isinstance(block, dict) or depth >= _DEEPEST:
        return [Data(block)], {}
    kind = _kind_of(block)
    reader = _READERS.get(kind) or (_result if kind.endswith("_tool_result") else None)
    if reader is None:
        return [Data(block, _title(kind))], {}
    fields = Fields(block)
    parts = reader(kind, fields, depth)
    return ([Data(block, _title(kind))], {}) if parts is None else (parts, fields.rest)


def _title(kind: str) -> str | None:
    return kind.replace("_", " ") or None


def _kind_of(block: Mapping[str, object]) -> str:
    """The block's type; blocks of Bedrock and Gemini are named by their only key."""
    kind = block.get("type")
    if isinstance(kind, str):
        return kind
    if block.get("thought") is True and isinstance(block.get("text"), str):
        return "thought"
    return next((key for key in _UNTYPED if key in block), "")


def _text(_: str, fields: Fields, __: int) -> Read:
    text = fields.text("text", "output_text")
    if text is None and not fields.has("annotations", "citations"):
        return None
    sources = [*fields.items("annotations"), *fields.items("citations")]
    citations = tuple(filter(None, map(read_citation, sources)))
    return [Text(text or "", citations)] if text or citations else []


def read_citation(source: object) -> Citation | None:
    """A source in any provider's shape; None for what names none."""
    if isinstance(source, str):
        return Citation(None, source, None)
    if not isinstance(source, dict):
        return None
    fields = Fields(source)
    for key in ("url_citation", "file_citation", "web", "location"):
        inner = fields.inner(key)
        if inner.has("url", "uri", "title", "filename", "web"):
            fields = inner
            break
    title = fields.word("title", "document_title", "filename", "source", "name")
    url = fields.word("url", "uri")
    quote = fields.word("cited_text", "quote", "text") or _joined_text(
        fields.items("sourceContent", "source_content")
    )
    return Citation(title, url, quote or None) if title or url or quote else None


def _reasoning(_: str, fields: Fields, __: int) -> Read:
    text = fields.word("thinking", "reasoning", "reasoning_content", "text")
    for key in ("reasoningText", "reasoning_content", "reasoningContent"):
        inner = fields.inner(key)
        text = text or inner.word("text") or inner.inner("reasoningText").word("text")
    summary = _joined_text([*fields.items("summary"), *fields.items("content"), *fields.items("thinking")])
    return [Reasoning(text or summary or None)]


def _hidden_reasoning(_: str, __: Fields, ___: int) -> Read:
    return [Reasoning(None)]


def _thought(_: str, fields: Fields, __: int) -> Read:
    fields.value("thought")
    return [Reasoning(fields.text("text"))]


def _found_page(_: str, fields: Fields, __: int) -> Read:
    """A page that the provider's search found."""
    citation = Citation(fields.word("title"), fields.word("url", "source"), None)
    return [Text("", [citation])] if citation.title or citation.url else None


def _refusal(_: str, fields: Fields, __: int) -> Read:
    text = fields.text("refusal")
    return None if text is None else [Refusal(text)]


def _own(kind: str, fields: Fields) -> Fields:
    """The keys of a block: those of the object under its only key, if it has no type."""
    return (
        fields.inner(kind) if isinstance(fields.peek(kind), dict) and fields.peek("type") != kind else fields
    )


def _call(kind: str, fields: Fields, _: int) -> Read:
    return [call_from(kind, _own(kind, fields))]


def _result(kind: str, fields: Fields, depth: int) -> Read:
    fields = _own(kind, fields)
    call_id = fields.word("tool_use_id", "toolUseId", "tool_call_id", "call_id", "id")
    status = fields.word("status")
    failed = fields.value("is_error", "isError") is True or status == "error" or fields.has("error")
    value = fields.value("content", "output", "response", "code_execution_result", "result", "error")
    content = _content_of_result(value, depth)
    return [ToolResult(call_id, fields.word("name"), content.parts, failed=failed, rest=content.rest)]


def _content_of_result(value: object, depth: int) -> Content:
    """An object that is no block is one value, not a block of an unknown type."""
    if isinstance(value, dict) and not _kind_of(value):
        return Content([Data(value)], {})
    return read_content(value, depth + 1)


def _medium(kind: str, fields: Fields, depth: int) -> Read:
    source = fields.peek("source")
    if isinstance(source, dict) and isinstance(source.get("content"), (str, list)):
        inner = fields.inner("source")
        return read_content(inner.value("content"), depth + 1).parts
    found = media_from(KINDS[kind], fields)
    return None if found is None else [found]


def _non_standard(_: str, fields: Fields, depth: int) -> Read:
    value = fields.value("value")
    if value is None:
        return None
    content = read_content(value, depth + 1)
    return [*content.parts, *([Data(content.rest, "more")] if content.rest else [])]


def _guarded(_: str, fields: Fields, depth: int) -> Read:
    inner = fields.inner("guardContent")
    return read_content(inner.value("text", "image"), depth + 1).parts


def _cited(_: str, fields: Fields, depth: int) -> Read:
    """Bedrock: the text and its sources in one block."""
    inner = fields.inner("citationsContent")
    parts = read_content(inner.value("content"), depth + 1).parts
    citations = tuple(filter(None, map(read_citation, inner.items("citations"))))
    text = "".join(part.text for part in parts if isinstance(part, Text))
    return [Text(text, citations), *(part for part in parts if not isinstance(part, Text))]


def _joined_text(items: Iterable[object]) -> str:
    """The texts of a list of texts or of objects with one."""
    texts = (item.get("text") if isinstance(item, dict) else item for item in items)
    return "\n\n".join(text for text in texts if isinstance(text, str) and text)


def _joined(parts: Iterable[Part]) -> list[Part]:
    """Parts with neighbouring texts joined: providers cut a cited text into one block for each source."""
    joined = list[Part]()
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, Text) and isinstance(last, Text) and (part.citations or last.citations):
            joined[-1] = Text(last.text + part.text, (*last.citations, *part.citations))
        else:
            joined.append(part)
    return joined


_READERS: Final[Mapping[str, Callable[[str, Fields, int], Read]]] = {
    **dict.fromkeys(KINDS, _medium),
    **dict.fromkeys(CALLS, _call),
    **dict.fromkeys(RESULTS, _result),
    **dict.fromkeys(("text", "input_text", "output_text"), _text),
    **dict.fromkeys(("thinking", "reasoning", "reasoning_content", "reasoningContent"), _reasoning),
    "redacted_thinking": _hidden_reasoning,
    "thought": _thought,
    **dict.fromkeys(("web_search_result", "search_result", "tool_reference"), _found_page),
    "refusal": _refusal,
    "non_standard": _non_standard,
    "guardContent": _guarded,
    "citationsContent": _cited,
}
"""Types of blocks, and the keys that name a block without a type."""
_UNTYPED: Final = (
    *("text", "toolUse", "toolResult", "functionCall", "function_call", "functionResponse"),
    *("function_response", "reasoningContent", "citationsContent", "guardContent", "image", "document"),
    *("video", "audio", "inlineData", "inline_data", "fileData", "file_data", "image_url"),
    *("executableCode", "codeExecutionResult", "refusal"),
)
