"""APIs' own bodies and events, a small answer of each dialect, in the shapes that the providers document."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any, Final

from langchain_respmeta.providers.raw import cohere, ollama, text_generation
from langchain_respmeta.providers.raw.converse import CONVERSE
from langchain_respmeta.providers.raw.generate_content import GENERATE_CONTENT
from langchain_respmeta.providers.raw.invoke_model import INVOKE_MODEL
from tests.fuzz.raw_chats import (
    ANTHROPICS,
    CALL,
    CHATS,
    COMPLETIONS,
    MESSAGE,
    MESSAGE_EVENTS,
    RESPONSES,
    URL,
    XAI,
    RawSeed,
)

_GEMINI: Final = {"modelVersion": "gemini-2.5-flash", "responseId": "r1"}
_GEMINI_USAGE: Final = {
    "promptTokenCount": 11,
    "candidatesTokenCount": 7,
    "thoughtsTokenCount": 2,
    "totalTokenCount": 20,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 11}],
}
_CANDIDATE: Final = {
    "index": 0,
    "content": {
        "role": "model",
        "parts": [
            {"text": "Hm.", "thought": True},
            {"text": "Hi."},
            {"functionCall": {"name": "weather", "args": {"city": "Paris"}}},
            {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
            {"executableCode": {"language": "PYTHON", "code": "1"}},
        ],
    },
    "finishReason": "STOP",
    "safetyRatings": [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW", "blocked": False}],
    "groundingMetadata": {
        "webSearchQueries": ["q"],
        "groundingChunks": [{"web": {"uri": URL, "title": "A"}}],
        "groundingSupports": [{"segment": {"endIndex": 2, "text": "Hi"}, "groundingChunkIndices": [0]}],
    },
    "citationMetadata": {"citationSources": [{"startIndex": 0, "endIndex": 2, "uri": URL}]},
    "avgLogprobs": -0.1,
}
_GEMINIS: Final = RawSeed(
    GENERATE_CONTENT,
    {**_GEMINI, "candidates": [_CANDIDATE], "usageMetadata": _GEMINI_USAGE, "promptFeedback": {}},
    [
        {**_GEMINI, "candidates": [{"content": {"role": "model", "parts": [{"text": "H"}]}}]},
        {**_GEMINI, "candidates": [_CANDIDATE], "usageMetadata": _GEMINI_USAGE},
    ],
)

_HTTP: Final = {"RequestId": "r1", "HTTPStatusCode": 200, "HTTPHeaders": {"x-amzn-requestid": "r1"}}
_AWS_END: Final = {
    "usage": {"inputTokens": 11, "outputTokens": 7, "totalTokens": 21, "cacheReadInputTokens": 3},
    "metrics": {"latencyMs": 5},
    "trace": {"guardrail": {"inputAssessment": {"g1": {"topicPolicy": {"topics": [{"name": "t"}]}}}}},
}
_TOOL_USE: Final = {"toolUseId": "t1", "name": "weather"}
_CONVERSE: Final = RawSeed(
    CONVERSE,
    {
        "ResponseMetadata": _HTTP,
        "output": {
            "message": {
                "role": "assistant",
                "content": [
                    {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "c2ln"}}},
                    {"text": "Hi."},
                    {"citationsContent": {"content": [{"text": "H"}], "citations": [{"title": "A"}]}},
                    {"toolUse": {**_TOOL_USE, "input": {"city": "Paris"}}},
                ],
            }
        },
        "stopReason": "tool_use",
        **_AWS_END,
    },
    [
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Hi."}}},
        {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"citation": {"title": "A"}}}},
        {"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"reasoningContent": {"text": "Hm."}}}},
        {"contentBlockStart": {"contentBlockIndex": 2, "start": {"toolUse": _TOOL_USE}}},
        {"contentBlockDelta": {"contentBlockIndex": 2, "delta": {"toolUse": {"input": '{"city"'}}}},
        {"contentBlockStop": {"contentBlockIndex": 2}},
        {"messageStop": {"stopReason": "tool_use"}},
        {"metadata": _AWS_END},
    ],
)


def _wrapped(*events: Any) -> list[Any]:
    """As InvokeModel's wire has them."""
    return [{"chunk": {"bytes": b64encode(json.dumps(event).encode()).decode()}} for event in events]


_MEASURED: Final = {"amazon-bedrock-invocationMetrics": {"inputTokenCount": 11, "outputTokenCount": 7}}
_TITAN: Final = {"outputText": "Hi.", "completionReason": "FINISH", "inputTextTokenCount": 11}
_INVOKED: Final = (
    RawSeed(
        INVOKE_MODEL,
        {"ResponseMetadata": _HTTP, "contentType": "application/json", "body": MESSAGE},
        [{"ResponseMetadata": _HTTP, "body": {}}, *_wrapped(*MESSAGE_EVENTS, _MEASURED)],
    ),
    RawSeed(
        INVOKE_MODEL,
        {"inputTextTokenCount": 11, "results": [{**_TITAN, "tokenCount": 7}]},
        [{**_TITAN, "completionReason": None}, {**_TITAN, **_MEASURED}],
    ),
)

_OLLAMA: Final = {"model": "qwen3:4b", "created_at": "2026-05-01T08:00:00.1Z"}
_OLLAMA_END: Final = {
    "done": True,
    "done_reason": "stop",
    "total_duration": 4_883_583_458,
    "prompt_eval_count": 26,
    "eval_count": 28,
    "eval_duration": 4_535_599_000,
}
_OLLAMA_MESSAGE: Final = {
    "role": "assistant",
    "content": "Hi.",
    "thinking": "Hm.",
    "tool_calls": [{"function": {"name": "weather", "arguments": {"city": "Paris"}}}],
}
_OLLAMAS: Final = (
    RawSeed(
        ollama.OLLAMA_CHAT,
        {**_OLLAMA, "message": _OLLAMA_MESSAGE, **_OLLAMA_END},
        [
            {**_OLLAMA, "message": _OLLAMA_MESSAGE, "done": False},
            {**_OLLAMA, "message": {"role": "assistant", "content": ""}, **_OLLAMA_END},
        ],
    ),
    RawSeed(
        ollama.OLLAMA_GENERATE,
        {**_OLLAMA, "response": "Hi.", "context": [1, 2], **_OLLAMA_END},
        [{**_OLLAMA, "response": "Hi.", "done": False}, {**_OLLAMA, "response": "", **_OLLAMA_END}],
    ),
)

_COHERE_USAGE: Final = {
    "billed_units": {"input_tokens": 9, "output_tokens": 7},
    "tokens": {"input_tokens": 11, "output_tokens": 7},
}
_SOURCE: Final = {"start": 0, "end": 2, "text": "Hi", "sources": [{"type": "document", "id": "d1"}]}


def _cohere(kind: str, index: int | None = None, **message: Any) -> dict[str, Any]:
    return {"type": kind, "index": index, "delta": {"message": message}}


_V1: Final[dict[str, Any]] = {
    "generation_id": "g1",
    "response_id": "r1",
    "text": "Hi.",
    "finish_reason": "COMPLETE",
    "citations": [{"start": 0, "end": 2, "text": "Hi", "document_ids": ["d1"]}],
    "documents": [{"id": "d1", "title": "A", "url": URL}],
    "tool_calls": [{"name": "weather", "parameters": {"city": "Paris"}}],
    "meta": {"api_version": {"version": "1"}, **_COHERE_USAGE, "warnings": ["old"]},
}
_GENERATED: Final = {
    "id": "g1",
    "generations": [{"id": "g2", "text": "Hi.", "token_likelihoods": [{"token": "Hi", "likelihood": -0.1}]}],
    "meta": _V1["meta"],
}
_COHERES: Final = (
    RawSeed(
        cohere.COHERE_CHAT,
        {
            "id": "c1",
            "finish_reason": "TOOL_CALL",
            "message": {
                "role": "assistant",
                "tool_plan": "Look.",
                "tool_calls": [CALL],
                "content": [{"type": "text", "text": "Hi."}],
                "citations": [_SOURCE],
            },
            "usage": _COHERE_USAGE,
        },
        [
            {"type": "message-start", "id": "c1", "delta": {"message": {"role": "assistant"}}},
            _cohere("tool-plan-delta", tool_plan="Look."),
            _cohere("tool-call-start", 0, tool_calls=CALL),
            _cohere("tool-call-delta", 0, tool_calls={"function": {"arguments": " "}}),
            _cohere("content-start", 0, content={"type": "text", "text": ""}),
            _cohere("content-delta", 0, content={"text": "Hi."}),
            _cohere("citation-start", 0, citations=_SOURCE),
            {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": _COHERE_USAGE}},
        ],
    ),
    RawSeed(
        cohere.COHERE_CHAT_V1,
        _V1,
        [
            {"event_type": "stream-start", "generation_id": "g1"},
            {"event_type": "text-generation", "text": "Hi."},
            {"event_type": "citation-generation", "citations": _V1["citations"]},
            {"event_type": "stream-end", "finish_reason": "COMPLETE", "response": _V1},
        ],
    ),
    RawSeed(
        cohere.COHERE_GENERATE,
        _GENERATED,
        [{"text": "Hi.", "is_finished": False}, {"is_finished": True, "response": _GENERATED}],
    ),
)

_TOKEN: Final = {"id": 1, "text": "Hi.", "logprob": -0.1, "special": False}
_TGI_END: Final = {"finish_reason": "eos_token", "generated_tokens": 7, "input_length": 11, "seed": 1}
_RESULT: Final = {"generated_text": "Hi.", "generated_token_count": 7, "input_token_count": 11}
_WATSONX: Final = {"model_id": "ibm/granite-3-8b", "created_at": "2026-05-01T08:00:00.1Z"}
_TEXTS: Final = (
    RawSeed(
        text_generation.TGI,
        [{"generated_text": "Hi.", "details": {**_TGI_END, "prefill": [], "tokens": [_TOKEN]}}],
        [
            {"index": 1, "token": _TOKEN, "generated_text": None, "details": None},
            {"index": 2, "token": _TOKEN, "generated_text": "Hi.", "details": _TGI_END},
        ],
    ),
    RawSeed(
        text_generation.WATSONX_TEXT,
        {**_WATSONX, "results": [{**_RESULT, "stop_reason": "max_tokens"}]},
        [
            {**_WATSONX, "results": [{**_RESULT, "stop_reason": "not_finished"}]},
            {**_WATSONX, "results": [{**_RESULT, "stop_reason": "eos_token"}]},
        ],
    ),
)

RAW_SEEDS: Final = (
    CHATS,
    COMPLETIONS,
    RESPONSES,
    *ANTHROPICS,
    _GEMINIS,
    _CONVERSE,
    *_INVOKED,
    *_OLLAMAS,
    *_COHERES,
    *_TEXTS,
    XAI,
)
