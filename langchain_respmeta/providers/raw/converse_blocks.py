"""Converse's content blocks, as `ChatBedrockConverse` puts them into the content: a type, and names in snake case."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from langchain_respmeta.providers.raw.dialect import mapping, mappings, named, others

_Block = Mapping[str, Any]
_MAX_DEPTH: Final = 12
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def blocks_of(content: object) -> list[Any]:
    """All blocks of a message's content."""
    return [found for block in mappings(content) for found in _read(block)]


def _read(block: _Block) -> Iterator[dict[str, Any]]:
    for key, value in block.items():
        read = _READ.get(key)
        if read is not None:
            yield from read(value)
            return
    for key, value in block.items():
        if isinstance(key, str):
            yield {"type": _snake(key), **{_snake(str(name)): item for name, item in mapping(value).items()}}
            return


def _text(text: object) -> Iterator[dict[str, Any]]:
    yield {"type": "text", "text": text}


def _asked(kind: str) -> Callable[[object], Iterator[dict[str, Any]]]:
    def read(value: object) -> Iterator[dict[str, Any]]:
        use = mapping(value)
        told = others(use, ("toolUseId", "type"))
        server = kind == "server_tool_use" or use.get("type") == "server_tool_use"
        yield {**told, "type": "server_tool_use" if server else kind, "id": use.get("toolUseId")}

    return read


def _result(value: object) -> Iterator[dict[str, Any]]:
    result = mapping(value)
    server = isinstance(result.get("type"), str) and result["type"].endswith("_result")
    yield {
        "type": "server_tool_result" if server else "tool_result",
        "tool_use_id": result.get("toolUseId"),
        "is_error": result.get("status") == "error",
        "content": blocks_of(result.get("content")),
    }


def _thought(value: object) -> Iterator[dict[str, Any]]:
    thought = mapping(value)
    words = mapping(thought.get("reasoningText"))
    told = named(
        text=words.get("text"),
        signature=words.get("signature"),
        redacted_content=thought.get("redactedContent"),
    )
    yield {"type": "reasoning_content", "reasoning_content": told}


def _cited(value: object) -> Iterator[dict[str, Any]]:
    """A text, each part of which has all the citations."""
    block = mapping(value)
    citations = _snaked(block.get("citations"))
    for part in mappings(block.get("content")):
        if "text" in part:
            yield {"type": "text", "text": part["text"], **named(citations=citations or None)}


def _guarded(value: object) -> Iterator[dict[str, Any]]:
    yield {"type": "guard_content", "guard_content": _snaked(value)}


def _medium(kind: str) -> Callable[[object], Iterator[dict[str, Any]]]:
    def read(value: object) -> Iterator[dict[str, Any]]:
        told = mapping(value)
        source, form = mapping(told.get("source")), told.get("format")
        data = source.get("bytes")
        if isinstance(data, bytes | bytearray):
            data = b64encode(data).decode()
        place = mapping(source.get("s3Location")).get("uri")
        mime = f"{kind}/{form}" if isinstance(form, str) else None
        yield {
            "type": kind,
            "source": named(type="base64" if data else "s3", media_type=mime, data=data, url=place),
        }

    return read


def _document(value: object) -> Iterator[dict[str, Any]]:
    yield {"type": "document", "document": _snaked(value)}


_READ: Final[Mapping[str, Callable[[object], Iterator[dict[str, Any]]]]] = {
    "text": _text,
    "toolUse": _asked("tool_use"),
    "serverToolUse": _asked("server_tool_use"),
    "toolResult": _result,
    "serverToolResult": _result,
    "reasoningContent": _thought,
    "citationsContent": _cited,
    "guardContent": _guarded,
    "image": _medium("image"),
    "audio": _medium("audio"),
    "video": _medium("video"),
    "document": _document,
}
"""The one key of a block → how its value is read."""


def _snaked(value: object, depth: int = _MAX_DEPTH) -> Any:
    if depth and isinstance(value, Mapping):
        return {
            _snake(key) if isinstance(key, str) else key: _snaked(item, depth - 1)
            for key, item in value.items()
        }
    if depth and isinstance(value, list):
        return [_snaked(item, depth - 1) for item in value]
    return value


def _snake(name: str) -> str:
    return _HUMP.sub("_", name).lower()
