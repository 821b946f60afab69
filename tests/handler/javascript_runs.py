"""Stored runs as LangChain.js's tracer writes them: camelCase around the messages, and messages as its serializer dumps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Stored = dict[str, Any]


def _message(name: str, **kwargs: Any) -> Stored:
    path = ["langchain_core", "messages", name]
    given = {"additional_kwargs": {}, "tool_calls": [], "invalid_tool_calls": [], **kwargs}
    return {"lc": 1, "type": "constructor", "id": path, "kwargs": given}


def _run(
    cls: str, package: str, metadata: Stored, outputs: Stored, *, streamed: bool = False, **more: Any
) -> Stored:
    events: list[Stored] = [{"name": "start", "time": "2026-05-06T07:08:09.100Z"}]
    if streamed:
        events.append({"name": "new_token", "time": "2026-05-06T07:08:09.600Z"})
    events.append({"name": "end", "time": "2026-05-06T07:08:10.350Z"})
    return {
        "id": "0197a000-0000-4000-8000-000000000001",
        "trace_id": "0197a000-0000-4000-8000-000000000000",
        "parent_run_id": "0197a000-0000-4000-8000-000000000000",
        "name": cls,
        "run_type": "llm",
        "start_time": "2026-05-06T07:08:09.100Z",
        "end_time": "2026-05-06T07:08:10.350Z",
        "serialized": {
            "lc": 1,
            "type": "constructor",
            "id": ["langchain", "chat_models", package, cls],
            "kwargs": {},
        },
        "inputs": {"messages": [[_message("HumanMessage", content="Say hello")]]},
        "outputs": outputs,
        "events": events,
        "extra": {
            "invocation_params": {"model": metadata["ls_model_name"]},
            "options": {},
            "batch_size": 1,
            "metadata": {"ls_model_type": "chat", **metadata},
            "runtime": {"library": "langchain-js", "runtime": "node", "sdk": "langsmith-js"},
        },
        **more,
    }


_OPENAI: Final = {"ls_provider": "openai", "ls_model_name": "gpt-5-mini"}
_COUNTS: Final = {"input_tokens": 21, "output_tokens": 9, "total_tokens": 30}
_TOKENS: Final = {"promptTokens": 21, "completionTokens": 9, "totalTokens": 30}

OPENAI: Final = _run(
    "ChatOpenAI",
    "openai",
    _OPENAI,
    {
        "generations": [
            [
                {
                    "text": "",
                    "message": _message(
                        "AIMessage",
                        content="",
                        id="chatcmpl-Js1",
                        response_metadata={
                            "model_provider": "openai",
                            "model_name": "gpt-5-mini-2025-08-07",
                            "tokenUsage": _TOKENS,
                            "finish_reason": "tool_calls",
                            "system_fingerprint": "fp_js",
                        },
                        usage_metadata={**_COUNTS, "input_token_details": {"cache_read": 4}},
                        tool_calls=[
                            {"name": "greet", "args": {"who": "Ada"}, "id": "call_1", "type": "tool_call"}
                        ],
                    ),
                    "generationInfo": {"finish_reason": "tool_calls"},
                }
            ]
        ],
        "llmOutput": {"tokenUsage": _TOKENS},
    },
)

OPENAI_OLD: Final = _run(
    "ChatOpenAI",
    "openai",
    _OPENAI,
    {
        "generations": [
            [
                {
                    "text": "Hello",
                    "message": _message(
                        "AIMessage",
                        content="Hello",
                        response_metadata={"tokenUsage": _TOKENS, "finish_reason": "length"},
                    ),
                    "generationInfo": {"finish_reason": "length"},
                }
            ]
        ],
        "llmOutput": {"tokenUsage": _TOKENS},
    },
)
"""Before messages had `usage_metadata`."""

OPENAI_STREAM: Final = _run(
    "ChatOpenAI",
    "openai",
    _OPENAI,
    {
        "generations": [
            [
                {
                    "text": "Hello",
                    "generationInfo": {"prompt": 0, "completion": 0, "finish_reason": "stop"},
                    "message": _message(
                        "AIMessageChunk",
                        content="Hello",
                        id="chatcmpl-Js2",
                        response_metadata={
                            "model_provider": "openai",
                            "finish_reason": "stop",
                            "model_name": "gpt-5-mini-2025-08-07",
                        },
                        usage_metadata=_COUNTS,
                        tool_call_chunks=[],
                    ),
                }
            ]
        ],
        "llmOutput": {"estimatedTokenUsage": _TOKENS},
    },
    streamed=True,
)

_ANTHROPIC: Final = {
    "model": "claude-opus-5",
    "id": "msg_js",
    "type": "message",
    "role": "assistant",
    "stop_reason": "max_tokens",
    "stop_sequence": None,
    "usage": {"input_tokens": 21, "output_tokens": 9, "cache_read_input_tokens": 0},
}
ANTHROPIC: Final = _run(
    "ChatAnthropic",
    "anthropic",
    {"ls_provider": "anthropic", "ls_model_name": "claude-opus-5"},
    {
        "generations": [
            [
                {
                    "text": "Hello",
                    "message": _message(
                        "AIMessage",
                        content="Hello",
                        id="msg_js",
                        additional_kwargs=_ANTHROPIC,
                        response_metadata={"model_provider": "anthropic", **_ANTHROPIC},
                        usage_metadata=_COUNTS,
                    ),
                }
            ]
        ],
        "llmOutput": _ANTHROPIC,
    },
)

GOOGLE: Final = _run(
    "ChatGoogleGenerativeAI",
    "google_genai",
    {"ls_provider": "google_genai", "ls_model_name": "gemini-2.5-flash"},
    {
        "generations": [
            [
                {
                    "text": "Hello",
                    "message": _message(
                        "AIMessage",
                        content="Hello",
                        response_metadata={
                            "model_provider": "google-genai",
                            "tokenUsage": _TOKENS,
                            "finishReason": "MAX_TOKENS",
                            "index": 0,
                            "safetyRatings": [
                                {"category": "HARM_CATEGORY_HARASSMENT", "probability": "NEGLIGIBLE"}
                            ],
                        },
                        usage_metadata=_COUNTS,
                    ),
                    "generationInfo": {
                        "finishReason": "MAX_TOKENS",
                        "index": 0,
                        "safetyRatings": [
                            {"category": "HARM_CATEGORY_HARASSMENT", "probability": "NEGLIGIBLE"}
                        ],
                    },
                }
            ]
        ],
        "llmOutput": {"tokenUsage": _TOKENS},
    },
)

FAILED: Final = _run(
    "ChatOpenAI",
    "openai",
    _OPENAI,
    {},
    error=(
        "429 Rate limit reached for gpt-5-mini\n\nRateLimitError: 429 Rate limit reached for gpt-5-mini\n"
        "    at APIError.generate (file:///app/node_modules/openai/core/error.mjs:61:20)\n"
        "    at OpenAI.makeStatusError (file:///app/node_modules/openai/client.mjs:158:32)"
    ),
)

EXPECTED: Final[Mapping[str, tuple[Stored, Mapping[str, Any]]]] = {
    "OpenAI": (
        OPENAI,
        {
            "provider": "openai",
            "integration": "ChatOpenAI",
            "model": "gpt-5-mini-2025-08-07",
            "finish_reason": "tool_calls",
            "response_id": "chatcmpl-Js1",
            "system_fingerprint": "fp_js",
            "streamed": False,
            "usage.input_tokens": 21,
            "usage.cache_read_tokens": 4,
            "timing.latency_s": 1.25,
        },
    ),
    "OpenAI of old": (
        OPENAI_OLD,
        {"provider": "openai", "truncated": True, "usage.input_tokens": 21, "usage.output_tokens": 9},
    ),
    "OpenAI, streamed": (
        OPENAI_STREAM,
        {
            "provider": "openai",
            "finish_reason": "stop",
            "streamed": True,
            "usage.total_tokens": 30,
            "timing.time_to_first_chunk_s": 0.5,
        },
    ),
    "Anthropic": (
        ANTHROPIC,
        {
            "provider": "anthropic",
            "model": "claude-opus-5",
            "native_finish_reason": "max_tokens",
            "truncated": True,
            "response_id": "msg_js",
            "usage.input_tokens": 21,
        },
    ),
    "Google": (
        GOOGLE,
        {
            "provider": "gcp.gemini",
            "finish_reason": "length",
            "native_finish_reason": "MAX_TOKENS",
            "usage.output_tokens": 9,
        },
    ),
    "failed": (
        FAILED,
        {"provider": "openai", "event": "error", "error.type": "RateLimitError", "error.status_code": 429},
    ),
}
"""Name → a run, and what its record holds."""
