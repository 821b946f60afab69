"""xAI's own API, through messages of protobuf in the shape of its SDK's."""

from __future__ import annotations

from typing import Any, Final

import pytest

from langchain_respmeta import normalize, normalize_stream

json_format = pytest.importorskip("google.protobuf.json_format")
struct_pb2 = pytest.importorskip("google.protobuf.struct_pb2")

CALL: Final = {
    "id": "call_1",
    "type": "TOOL_CALL_TYPE_CLIENT_SIDE_TOOL",
    "function": {"name": "weather", "arguments": '{"city":"Paris"}'},
}
SEARCH: Final = {
    "id": "call_2",
    "type": "TOOL_CALL_TYPE_WEB_SEARCH_TOOL",
    "function": {"name": "web_search", "arguments": '{"query":"Paris"}'},
}
BODY: Final[dict[str, Any]] = {
    "id": "resp-1",
    "model": "grok-4-0709",
    "created": "2026-05-01T08:00:00Z",
    "system_fingerprint": "fp_1",
    "outputs": [
        {
            "finish_reason": "REASON_TOOL_CALLS",
            "message": {
                "role": "ROLE_ASSISTANT",
                "content": "I look.",
                "reasoning_content": "Easy.",
                "tool_calls": [SEARCH, CALL],
            },
        }
    ],
    "usage": {
        "prompt_tokens": 30,
        "completion_tokens": 12,
        "reasoning_tokens": 5,
        "total_tokens": 47,
        "prompt_text_tokens": 30,
        "cached_prompt_text_tokens": 8,
    },
    "citations": ["https://a.example"],
}


class Wrapped:
    """As the SDK's `Response` and `Chunk`."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.proto = json_format.ParseDict(body, struct_pb2.Struct())


Wrapped.__module__ = "xai_sdk.chat"


def test_the_sdks_response_is_read() -> None:
    record = normalize(Wrapped(BODY))
    assert (record.provider, record.api, record.model) == ("x_ai", "chat_completions", "grok-4-0709")
    assert (record.response_id, record.system_fingerprint) == ("resp-1", "fp_1")
    assert (record.finish_reason, record.native_finish_reason) == ("tool_calls", "REASON_TOOL_CALLS")
    assert {(call.name, call.server_side) for call in record.tool_calls} == {
        ("weather", False),
        ("web_search", True),
    }
    usage = record.usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (30, 17, 47)
    assert (usage.cache_read_tokens, usage.reasoning_tokens) == (8, 5)
    assert record.reasoning is not None
    assert record.reasoning.text == "Easy."
    assert [citation.url for citation in record.citations] == ["https://a.example"]
    assert record.created_at is not None
    assert record.unmapped == record.warnings == ()


def test_without_the_sdk_its_words_show_who_it_is() -> None:
    assert normalize(BODY).provider == "x_ai"


def test_chunks_and_pairs_of_the_sdks_stream_are_joined() -> None:
    head = {key: BODY[key] for key in ("id", "model", "created")}
    pieces: list[dict[str, Any]] = [
        head | {"outputs": [{"delta": {"role": "ROLE_ASSISTANT", "content": word}}]}
        for word in ("Pa", "ris.")
    ]
    pieces[-1]["outputs"][0]["finish_reason"] = "REASON_MAX_LEN"
    pieces[-1]["usage"] = BODY["usage"]
    chunks = [Wrapped(piece) for piece in pieces]
    for stream in (chunks, [(Wrapped(BODY), chunk) for chunk in chunks]):
        record = normalize_stream(stream)
        assert (record.provider, record.finish_reason) == ("x_ai", "length")
        assert record.usage is not None
        assert record.usage.total_tokens == 47
