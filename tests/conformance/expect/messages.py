"""Anthropic's Messages API, on its own host and on those of Bedrock, Vertex AI and Azure."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.conformance._facts import Expected, Fact, dig, first, text, whole
from tests.conformance.expect._shared import conclude, finish, reasoning, tool_call, total

SERVER_TOOLS: Final = ("server_tool_use", "mcp_tool_use")
CITED: Final = {
    "char_location": "document",
    "page_location": "document",
    "content_block_location": "document",
    "web_search_result_location": "url",
    "search_result_location": "search_result",
}


def expect(payload: Any, *, api: str = "messages") -> list[Expected]:
    """What the message says."""
    message = _assemble(payload) if isinstance(payload, list) else payload
    if not isinstance(message, dict) or message.get("type") == "error":
        return []
    expected = Expected()
    expected.say("api", api)
    expected.say("response_id", text(message.get("id")))
    expected.say("model", text(message.get("model")))
    _content(expected, [block for block in message.get("content") or [] if isinstance(block, dict)])
    native = text(message.get("stop_reason"))
    finish(expected, native)
    expected.say("stop_sequence", text(message.get("stop_sequence")))
    details = message.get("stop_details") or {}
    if native == "refusal":
        expected.say("refusal.category", text(details.get("category")))
        expected.say("refusal.reason", text(details.get("explanation")))
    _usage(expected, message.get("usage") or {})
    conclude(expected)
    return [expected]


def _assemble(events: list[Any]) -> dict[str, Any] | None:
    message: dict[str, Any] | None = None
    blocks: dict[int, dict[str, Any]] = {}
    for event in events:
        kind = event.get("type")
        if kind == "message_start":
            message = dict(event["message"])
        elif kind == "content_block_start":
            blocks[event["index"]] = dict(event["content_block"])
        elif kind == "content_block_delta":
            _add_delta(blocks.setdefault(event["index"], {}), event["delta"])
        elif kind == "message_delta" and message is not None:
            message.update({key: value for key, value in event["delta"].items() if value is not None})
            told = {key: value for key, value in (event.get("usage") or {}).items() if value is not None}
            message["usage"] = {**(message.get("usage") or {}), **told}
    if message is None:
        return None
    for block in blocks.values():
        if (sent := block.pop("_json", None)) is not None:
            block["_sent"] = sent
    return {**message, "content": [blocks[index] for index in sorted(blocks)]}


def _add_delta(block: dict[str, Any], delta: dict[str, Any]) -> None:
    kind = delta.get("type")
    if kind == "input_json_delta":
        block["_json"] = block.get("_json", "") + delta.get("partial_json", "")
    elif kind == "citations_delta":
        block["citations"] = (block.get("citations") or []) + [delta["citation"]]
    elif kind in ("text_delta", "thinking_delta"):
        key = kind.removesuffix("_delta")
        block[key] = (block.get(key) or "") + (delta.get(key) or "")


def _content(expected: Expected, blocks: list[dict[str, Any]]) -> None:
    offset = 0
    thoughts = ""
    redacted = False
    for block in blocks:
        kind = block.get("type")
        if kind == "text":
            span = (offset, offset + len(block.get("text") or ""))
            for citation in block.get("citations") or []:
                _citation(expected, citation, span)
            offset = span[1]
        elif kind == "tool_use":
            tool_call(expected, block.get("id"), block.get("name"), _input(block))
        elif kind in SERVER_TOOLS:
            tool_call(expected, block.get("id"), block.get("name"), _input(block), server=True)
        elif kind == "thinking":
            thoughts += block.get("thinking") or ""
            expected.say("reasoning.present", value=True, witness="thinking")
        elif kind == "redacted_thinking":
            redacted = True
    reasoning(expected, thoughts, redacted=redacted)
    if "reasoning.present" in expected.facts:
        expected.say("reasoning.present", value=True, witness="thinking")
        expected.say("reasoning.redacted", redacted, also=() if redacted else (None,), required=redacted)


def _input(block: dict[str, Any]) -> str:
    sent = block.get("_sent")
    return sent or json.dumps(block.get("input") or {})


def _citation(expected: Expected, citation: dict[str, Any], span: tuple[int, int]) -> None:
    start, end = span
    witness = first(
        text(citation.get("cited_text")), text(citation.get("url")), citation.get("document_index")
    )
    expected.add(
        "citations",
        {
            "type": Fact(CITED.get(citation.get("type", ""), "document"), witness=witness),
            "url": text(citation.get("url")),
            "title": first(text(citation.get("title")), text(citation.get("document_title"))),
            "quote": text(citation.get("cited_text")),
            "document_index": whole(citation.get("document_index")),
            "start_index": Fact(start if end > start else None, witness=witness),
            "end_index": Fact(end if end > start else None, witness=witness),
        },
    )


def _usage(expected: Expected, usage: dict[str, Any]) -> None:
    plain = whole(usage.get("input_tokens"))
    read, write = whole(usage.get("cache_read_input_tokens")), whole(usage.get("cache_creation_input_tokens"))
    if plain is not None:
        expected.say("usage.input_tokens", plain + (read or 0) + (write or 0))
    expected.say_all(
        {
            "usage.output_tokens": whole(usage.get("output_tokens")),
            "usage.cache_read_tokens": read,
            "usage.cache_write_tokens": write,
            "usage.cache_write_5m_tokens": whole(dig(usage, "cache_creation", "ephemeral_5m_input_tokens")),
            "usage.cache_write_1h_tokens": whole(dig(usage, "cache_creation", "ephemeral_1h_input_tokens")),
            "usage.reasoning_tokens": whole(dig(usage, "output_tokens_details", "thinking_tokens")),
            "usage.web_search_requests": whole(dig(usage, "server_tool_use", "web_search_requests")),
            "service_tier": text(usage.get("service_tier")),
        }
    )
    total(expected, None)
