"""The events of Anthropic's Messages API, as one message.

https://docs.anthropic.com/en/docs/build-with-claude/streaming
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.providers.raw.dialect import Body, Joined, mapping, mappings, others
from langchain_respmeta.providers.raw.pieces import Pieces, sent_json

_Event = Mapping[str, Any]

_PIECES: Final[Mapping[str, tuple[str, str]]] = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("thinking", "signature"),
    "input_json_delta": ("tool_use", "partial_json"),
    "compaction_delta": ("compaction", "content"),
}
"""A delta's type → the block's, and the key of the text that it adds to."""


class _Message:
    """What came so far."""

    def __init__(self) -> None:
        self.body: dict[str, Any] = {}
        self.usage: dict[str, Any] = {}
        self.pieces = Pieces()

    def begin(self, event: _Event) -> None:
        message = mapping(event.get("message"))
        self.body.update(others(message, ("content", "usage")))
        self._count(message)
        for index, block in enumerate(mappings(message.get("content"))):
            self.pieces.start(index, block)

    def start_block(self, event: _Event) -> None:
        self.pieces.start(event.get("index"), mapping(event.get("content_block")))

    def add_delta(self, event: _Event) -> None:
        delta, index = mapping(event.get("delta")), event.get("index")
        told = delta.get("type")
        kind, key = _PIECES.get(told, ("text", "")) if isinstance(told, str) else ("text", "")
        block = self.pieces.block(index, {"type": kind})
        if key:
            self.pieces.add(index, key, delta.get(key))
        elif told == "citations_delta":
            self.pieces.append(index, "citations", delta.get("citation"))
        else:
            block.update(others(delta, ("type",)))

    def change(self, event: _Event) -> None:
        self.body.update(others(mapping(event.get("delta")), ()))
        self.body.update(others(event, ("type", "delta", "usage")))
        self._count(event)

    def stop(self, event: _Event) -> None:
        self.body.update(others(event, ("type", "message")))  # Bedrock adds its own counts

    def fail(self, event: _Event) -> None:
        self.body["error"] = event.get("error")

    def _count(self, event: _Event) -> None:
        """Later counts are those of the whole answer so far; one that is 0 again was left out by the server."""
        for name, value in others(mapping(event.get("usage")), ()).items():
            if value != 0 or name not in self.usage:
                self.usage[name] = value


_READ: Final[Mapping[str, Callable[[_Message, _Event], None]]] = {
    "message_start": _Message.begin,
    "content_block_start": _Message.start_block,
    "content_block_delta": _Message.add_delta,
    "message_delta": _Message.change,
    "message_stop": _Message.stop,
    "error": _Message.fail,
}


def is_event(event: Body) -> bool:
    """Whether it is an event of a message. OpenAI's events of the type "error" are flat."""
    kind = event.get("type")
    if kind == "error":
        return isinstance(event.get("error"), Mapping)
    return isinstance(kind, str) and kind in _READ


def join(events: Sequence[Body]) -> Joined:
    """The events as one body. What the SDK's helper adds (`text`, `input_json`, snapshots) is passed over."""
    message = _Message()
    for event in events:
        kind = event.get("type")
        read = _READ.get(kind) if isinstance(kind, str) else None
        if read is not None:
            read(message, event)
    content = message.pieces.joined()
    if "error" in message.body and not message.body.keys() - {"error"}:
        return Joined({"type": "error", **message.body}, is_whole=True)
    for block in content:
        if "partial_json" in block:
            block["input"] = sent_json(block["partial_json"] or "{}")
    body = {**message.body, "content": content}
    if message.usage:
        body["usage"] = message.usage
    return Joined(body, is_whole="error" in body or body.get("stop_reason") is not None)
