"""Anthropic messages as a stream of named events.

Source: https://docs.claude.com/en/docs/build-with-claude/streaming
"""

from collections.abc import Callable, Iterator

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

_FIRST_OUTPUT_TOKENS = 1
# Usage that message_delta repeats, cumulative; the tier and the cache split come with message_start only.
_USAGE_AT_END = (
    "input_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "output_tokens",
    "output_tokens_details",
    "server_tool_use",
)
_KNOWN_AT_END = ("stop_reason", "stop_sequence", "stop_details", "container")


def encode(body: JsonObject, request: Request) -> Iterator[Event]:  # noqa: ARG001 - every encoder has this shape
    """Yield the events from ``message_start`` to ``message_stop`` that add up to a ``message`` body."""
    usage = body.get("usage", {})
    opened = {**without(body, "stop_details"), "content": [], "stop_reason": None, "stop_sequence": None}
    yield _event("message_start", message={**opened, "usage": _first(usage)})
    yield _event("ping")
    for index, block in enumerate(body["content"]):
        yield from _block(index, block)
    yield _event("message_delta", delta=only(body, *_KNOWN_AT_END), usage=only(usage, *_USAGE_AT_END))
    yield _event("message_stop")


def _first(usage: JsonObject) -> dict[str, object]:
    return {
        **without(usage, "output_tokens_details", "server_tool_use"),
        "output_tokens": _FIRST_OUTPUT_TOKENS,
    }


def _event(kind: str, **fields: object) -> Event:
    return Event({"type": kind, **fields}, kind)


def _block(index: int, block: JsonObject) -> Iterator[Event]:
    emptied, deltas = _BLOCKS.get(block["type"], ({}, _nothing))
    yield _event("content_block_start", index=index, content_block={**block, **emptied})
    for delta in deltas(block):
        yield _event("content_block_delta", index=index, delta=delta)
    yield _event("content_block_stop", index=index)


def _nothing(block: JsonObject) -> Iterator[dict[str, object]]:  # noqa: ARG001 - comes whole in its start event
    return iter(())


def _text(block: JsonObject) -> Iterator[dict[str, object]]:
    for citation in block.get("citations") or ():
        yield {"type": "citations_delta", "citation": citation}
    for piece in pieces(block["text"]):
        yield {"type": "text_delta", "text": piece}


def _thinking(block: JsonObject) -> Iterator[dict[str, object]]:
    for piece in pieces(block["thinking"]):
        yield {"type": "thinking_delta", "thinking": piece}
    yield {"type": "signature_delta", "signature": block["signature"]}


def _input(block: JsonObject) -> Iterator[dict[str, object]]:
    for piece in argument_pieces(orjson.dumps(block["input"]).decode()):
        yield {"type": "input_json_delta", "partial_json": piece}


_BLOCKS: dict[str, tuple[dict[str, object], Callable[[JsonObject], Iterator[dict[str, object]]]]] = {
    "text": ({"text": ""}, _text),
    "thinking": ({"thinking": "", "signature": ""}, _thinking),
    "tool_use": ({"input": {}}, _input),
    "server_tool_use": ({"input": {}}, _input),
}
