"""The events of ConverseStream, as one answer of Converse.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from langchain_respmeta.providers.raw.dialect import Body, Joined, mapping, mappings, named, others
from langchain_respmeta.providers.raw.pieces import Pieces, sent_json

_Event = Mapping[str, Any]


_PADDING: Final = ("p",)
"""What the wire adds, so that an event's length tells nothing; boto3 drops it."""


class _Answer:
    """What came so far."""

    def __init__(self) -> None:
        self.body: dict[str, Any] = {"metrics": {}}
        self.pieces = Pieces()

    def start_block(self, event: _Event) -> None:
        self.pieces.start(event.get("contentBlockIndex"), mapping(event.get("start")))

    def add_delta(self, event: _Event) -> None:
        index, delta = event.get("contentBlockIndex"), mapping(event.get("delta"))
        block = self.pieces.block(index, {})
        if "toolUse" in delta:
            self.pieces.add(index, "sent", mapping(delta["toolUse"]).get("input"))
        elif "reasoningContent" in delta:
            self._think(index, block, mapping(delta["reasoningContent"]))
        elif "citation" in delta:
            self.pieces.append(index, "citations", delta["citation"])
        elif "toolResult" in delta:
            for part in mappings(delta["toolResult"]):
                self.pieces.append(index, "results", part)
        elif "text" in delta:
            self.pieces.add(index, "text", delta["text"])
        else:
            block.update(delta)

    def _think(self, index: object, block: dict[str, Any], thought: _Event) -> None:
        block["is_thought"] = True
        self.pieces.add(index, "thought", thought.get("text"))
        self.pieces.add(index, "signature", thought.get("signature"))
        if thought.get("redactedContent"):
            block["redacted"] = thought["redactedContent"]

    def end(self, event: _Event) -> None:
        self.body.update(others(event, _PADDING))

    def headers(self, event: _Event) -> None:
        self.body["ResponseMetadata"] = event

    def fail(self, name: str, event: _Event) -> None:
        self.body["error"] = {"type": name, **event}


_READ: Final[Mapping[str, Callable[[_Answer, _Event], None]]] = {
    "contentBlockStart": _Answer.start_block,
    "contentBlockDelta": _Answer.add_delta,
    "messageStop": _Answer.end,
    "metadata": _Answer.end,
    "ResponseMetadata": _Answer.headers,  # of the dict that boto3 gives beside the stream
}
_SURE: Final = frozenset(
    {"messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop"}
)


def is_event(event: Body) -> bool:
    """Whether it is an event of Converse, or the dict that boto3 gives with them."""
    if "ResponseMetadata" in event:
        return "stream" in event
    return any(name in _SURE and isinstance(value, Mapping) for name, value in event.items())


def join(events: Sequence[Body]) -> Joined:
    """The events as one body."""
    answer = _Answer()
    for event in events:
        for name, told in event.items():
            if not isinstance(told, Mapping):
                continue
            if name in _READ:
                _READ[name](answer, told)
            elif name.endswith("Exception"):
                answer.fail(name, told)
    content = [_whole(block) for block in answer.pieces.joined()]
    body = {**answer.body, "output": {"message": {"role": "assistant", "content": content}}}
    return Joined(body, is_whole="error" in body or body.get("stopReason") is not None)


def _whole(block: dict[str, Any]) -> dict[str, Any]:
    """A block as Converse gives it without streaming."""
    if block.get("is_thought"):
        words = named(text=block.get("thought"), signature=block.get("signature"))
        return {"reasoningContent": named(reasoningText=words or None, redactedContent=block.get("redacted"))}
    for kind in ("toolUse", "serverToolUse"):
        if kind in block or ("sent" in block and kind == "toolUse"):
            return {kind: {**mapping(block.get(kind)), **_sent(block)}}
    for kind in ("toolResult", "serverToolResult"):
        if kind in block:
            return {kind: {**mapping(block[kind]), **named(content=block.get("results"))}}
    if "citations" in block:
        return {
            "citationsContent": {
                "content": [{"text": block.get("text", "")}],
                "citations": block["citations"],
            }
        }
    return block


def _sent(block: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, and as what text they came."""
    text = block.get("sent", "")
    return {"input": sent_json(text or "{}"), "partial_json": text}
