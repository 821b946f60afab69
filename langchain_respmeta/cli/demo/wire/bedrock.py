"""Bedrock ConverseStream events.

Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from langchain_respmeta.cli.demo.wire.base import (
    Event,
    JsonObject,
    Request,
    argument_pieces,
    only,
    pieces,
    without,
)

_IN_METADATA = ("usage", "metrics", "trace", "performanceConfig", "serviceTier")
_IN_MESSAGE_STOP = ("stopReason", "additionalModelResponseFields")


def encode(body: JsonObject, request: Request) -> Iterator[Event]:  # noqa: ARG001 - every encoder has this shape
    """Yield the events from ``messageStart`` to ``metadata`` that add up to a Converse body."""
    message = body["output"]["message"]
    yield Event({"role": message["role"]}, "messageStart")
    for index, block in enumerate(message["content"]):
        yield from _block(index, block)
    yield Event(only(body, *_IN_MESSAGE_STOP), "messageStop")
    yield Event(only(body, *_IN_METADATA), "metadata")


def _block(index: int, block: JsonObject) -> Iterator[Event]:
    at = {"contentBlockIndex": index}
    kind = next(iter(block))
    if kind == "toolUse":  # the only block that has a start event
        yield Event({**at, "start": {"toolUse": without(block[kind], "input")}}, "contentBlockStart")
    for delta in _DELTAS[kind](block[kind]):
        yield Event({**at, "delta": delta}, "contentBlockDelta")
    yield Event(at, "contentBlockStop")


def _text(text: str) -> Iterator[dict[str, object]]:
    return ({"text": piece} for piece in pieces(text))


def _tool_use(tool: JsonObject) -> Iterator[dict[str, object]]:
    arguments = orjson.dumps(tool["input"]).decode()
    return ({"toolUse": {"input": piece}} for piece in argument_pieces(arguments))


def _reasoning(reasoning: JsonObject) -> Iterator[dict[str, object]]:
    text = reasoning.get("reasoningText", {})
    for piece in pieces(text.get("text", "")):
        yield {"reasoningContent": {"text": piece}}
    for key in only(text, "signature"):
        yield {"reasoningContent": {key: text[key]}}
    for key in only(reasoning, "redactedContent"):
        yield {"reasoningContent": {key: reasoning[key]}}


def _citations(cited: JsonObject) -> Iterator[dict[str, object]]:
    for part in cited["content"]:
        yield from _text(part["text"])
    for citation in cited["citations"]:
        yield {"citation": citation}


_DELTAS: dict[str, Callable[[Any], Iterator[dict[str, object]]]] = {
    "text": _text,
    "toolUse": _tool_use,
    "reasoningContent": _reasoning,
    "citationsContent": _citations,
}
