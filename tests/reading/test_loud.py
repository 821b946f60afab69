"""What nobody recognizes is told: no record says `refused=False` of something unread, and an error's body is an error."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from langchain_respmeta import (
    RespMetaHandler,
    ResponseMetadata,
    UnreadableAnswer,
    check_refusal,
    extract,
    normalize,
    normalize_run,
    normalize_stream,
    render_with_citations,
)

NEAR_MISSES: Final[Mapping[str, Any]] = {
    "nothing": None,
    "a number": 3,
    "no keys": {},
    "no items": [],
    "no text": "",
    "a sentence": "The answer is 42.",
    "a web page": "<!doctype html><html><body>502 Bad Gateway</body></html>",
    "other keys": {"answer": "hello", "reason": "stop"},
    "JSON of other keys": '{"answer": "hello"}',
    "bytes": b"\x00\x01",
    "embeddings": {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}],
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 2, "total_tokens": 2},
    },
    "Google's embedding": {"embedding": {"values": [0.1, 0.2]}},
    "images": {"created": 1_700_000_000, "data": [{"url": "https://img.example/1.png"}]},
    "a moderation": {
        "id": "modr-1",
        "model": "omni-moderation-latest",
        "results": [{"flagged": True, "categories": {"hate": True}}],
    },
    "a transcript": {"text": "hello", "duration": 2.5, "segments": []},
    "models": {"object": "list", "data": [{"id": "gpt-4o", "object": "model", "owned_by": "openai"}]},
    "a batch": {"id": "batch_1", "object": "batch", "status": "completed", "output_file_id": "file_1"},
    "a file": {"id": "file_1", "object": "file", "bytes": 120, "purpose": "batch"},
    "no choices": {"choices": []},
    "no candidates": {"candidates": []},
    "a reranking": {"results": [{"index": 0, "relevance_score": 0.9}], "meta": {}},
    "tokens counted": {"input_tokens": 12},
    "words without an error": {"message": "accepted"},
    "an error that is none": {"error": None, "errors": []},
    "an HTTP response of other keys": httpx.Response(200, json={"answer": "hello"}),
    "an HTTP response with a page": httpx.Response(200, text="<html></html>"),
    "a person's message": HumanMessage("hi"),
}

READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "normalize": normalize,
    "normalize_stream": normalize_stream,
    "normalize_run": normalize_run,
    "extract": extract,
    "check_refusal": check_refusal,
    "render_with_citations": render_with_citations,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", NEAR_MISSES)
def test_what_is_no_answer_is_no_record(reader: str, name: str) -> None:
    with pytest.raises(UnreadableAnswer):
        READERS[reader](NEAR_MISSES[name])


NEAR_STREAMS: Final[Mapping[str, list[Any]]] = {
    "Google's interactions": [
        {"event_type": "interaction.created", "interaction": {"id": "v1_1", "object": "interaction"}},
        {"event_type": "step.delta", "index": 0, "delta": {"text": "hi"}},
    ],
    "OpenAI's assistants": [
        {"id": "msg_1", "object": "thread.message.delta", "delta": {"content": [{"type": "text"}]}},
        {"object": "thread.run", "status": "completed", "usage": {"total_tokens": 3}},
    ],
    "OpenAI's realtime": [{"type": "session.created", "session": {"id": "sess_1"}}],
    "an agent's user interface": [
        {"type": "TEXT_MESSAGE_START", "messageId": "m1", "role": "assistant"},
        {"type": "TEXT_MESSAGE_CONTENT", "messageId": "m1", "delta": "hi"},
    ],
    "a web page's own": [
        {"type": "start"},
        {"type": "text-delta", "id": "0", "delta": "hi"},
        {"type": "finish"},
    ],
    "a transcript's": [{"type": "transcript.text.delta", "delta": "hi"}],
    "texts": [{"text": "hi"}, {"text": " there"}],
    "LangGraph's": [{"agent": {"messages": []}}],
}


@pytest.mark.parametrize("name", NEAR_STREAMS)
def test_events_of_another_kind_are_no_record(name: str) -> None:
    events = NEAR_STREAMS[name]
    for stream in (events, "".join(f"data: {json.dumps(event)}\n\n" for event in events)):
        with pytest.raises(UnreadableAnswer):
            normalize_stream(stream)


def _watched(message: Any) -> ResponseMetadata:
    """The record of a call whose model gave this."""
    handler = RespMetaHandler(metadata=False, feedback=False)
    run_id = uuid4()
    handler.on_chat_model_start({"id": ["acme", "ChatAcme"]}, [[HumanMessage("hi")]], run_id=run_id)
    handler.on_llm_end(message, run_id=run_id)
    (record,) = handler.records
    return record


@pytest.mark.parametrize("name", [name for name in NEAR_MISSES if name != "a person's message"])
def test_in_a_callback_it_is_a_warning_and_no_judgement(name: str) -> None:
    record = _watched(NEAR_MISSES[name])
    assert record.warnings
    assert (record.refused, record.truncated) == (None, None)


def test_what_a_callback_understands_it_judges() -> None:
    record = _watched(LLMResult(generations=[[ChatGeneration(message=AIMessage("hi"))]]))
    assert (record.refused, record.truncated) == (False, False)


ERRORS: Final[Mapping[str, tuple[Any, tuple[Any, ...]]]] = {
    "OpenAI": (
        {"error": {"message": "Bad key", "type": "invalid_request_error", "code": "invalid_api_key"}},
        ("invalid_request_error", "invalid_api_key", "Bad key", None, False),
    ),
    "Anthropic": (
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        ("overloaded_error", "overloaded_error", "Overloaded", None, True),
    ),
    "Google": (
        {"error": {"code": 429, "message": "Quota", "status": "RESOURCE_EXHAUSTED"}},
        ("RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED", "Quota", 429, True),
    ),
    "Google, in a list": (
        [{"error": {"code": 503, "message": "Busy", "status": "UNAVAILABLE"}}],
        ("UNAVAILABLE", "UNAVAILABLE", "Busy", 503, True),
    ),
    "vLLM": (
        {"object": "error", "message": "Too long", "type": "BadRequestError", "code": 400},
        ("BadRequestError", "BadRequestError", "Too long", 400, False),
    ),
    "Ollama": ({"error": "model 'x' not found"}, ("error", None, "model 'x' not found", None, None)),
    "boto3": (
        {
            "Error": {"Code": "ThrottlingException", "Message": "Slow down"},
            "ResponseMetadata": {"HTTPStatusCode": 429, "RequestId": "r-1"},
        },
        ("ThrottlingException", "ThrottlingException", "Slow down", 429, True),
    ),
    "an HTTP response": (
        httpx.Response(401, json={"message": "Bad token"}),
        ("error", None, "Bad token", 401, False),
    ),
    "a proxy's page": (httpx.Response(502, text="<html></html>"), ("error", None, None, 502, True)),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_s_body_is_a_record_of_the_error(name: str) -> None:
    body, told = ERRORS[name]
    record = normalize(body)
    assert (record.event, record.finish_reason) == ("error", "error")
    error = record.error
    assert error is not None
    assert (error.type, error.code, error.message, error.status_code, error.retryable) == told


@pytest.mark.parametrize("name", ["OpenAI", "Anthropic", "Google", "Google, in a list", "vLLM", "Ollama"])
def test_an_error_s_text_says_the_same(name: str) -> None:
    body, _ = ERRORS[name]
    assert normalize(json.dumps(body)) == normalize(body)


def test_a_filter_that_answers_with_an_error_has_refused() -> None:
    found = {"hate": {"filtered": True, "severity": "high"}}
    inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": found}
    record = normalize({"error": {"message": "Filtered", "code": "content_filter", "innererror": inner}})
    assert record.refused is True
    assert record.refusal is not None
    assert (record.refusal.source, record.refusal.category) == ("prompt_block", "hate")


def test_who_was_called_stands_in_the_record_of_an_error() -> None:
    body, _ = ERRORS["OpenAI"]
    assert normalize(body, "https://api.groq.com/openai/v1").provider == "groq"
