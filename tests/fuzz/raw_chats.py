"""Small answers of the dialects that answer in choices, items or blocks: OpenAI's, xAI's and Anthropic's."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from langchain_respmeta.providers.raw import chat_completions, complete, messages, responses, xai_outputs
from langchain_respmeta.providers.raw.dialect import Dialect


class RawSeed(NamedTuple):
    """One answer of a dialect."""

    dialect: Dialect
    body: Any
    events: list[Any]


URL: Final = "https://a.example"
FUNCTION: Final = {"name": "weather", "arguments": '{"city": "Paris"}'}
CALL: Final = {"id": "call_1", "type": "function", "function": FUNCTION}
_CHAT: Final = {"id": "c1", "created": 1_770_000_000, "model": "gpt-5-mini"}
_CHAT_USAGE: Final = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 3},
    "completion_tokens_details": {"reasoning_tokens": 2},
}
_QUOTED: Final = {"type": "url_citation", "url_citation": {"url": URL, "title": "A", "start_index": 0}}


def _chunk(*choices: Any, **more: Any) -> dict[str, Any]:
    return {**_CHAT, "object": "chat.completion.chunk", "choices": list(choices), **more}


def _delta(finish_reason: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish_reason}


CHATS: Final = RawSeed(
    chat_completions.CHAT_COMPLETIONS,
    {
        **_CHAT,
        "object": "chat.completion",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "Hi.",
                    "refusal": "No.",
                    "reasoning_content": "Hm.",
                    "annotations": [_QUOTED],
                    "tool_calls": [CALL],
                },
                "logprobs": {"content": [{"token": "Hi", "logprob": -0.1, "top_logprobs": []}]},
                "finish_reason": "tool_calls",
                "content_filter_results": {"hate": {"filtered": False, "severity": "safe"}},
            }
        ],
        "usage": _CHAT_USAGE,
        "service_tier": "default",
        "system_fingerprint": "fp_1",
        "citations": [URL],
    },
    [
        _chunk(_delta(role="assistant", content="H", reasoning="Hm.")),
        _chunk(_delta(content="i.", tool_calls=[{**CALL, "index": 0}], annotations=[_QUOTED])),
        _chunk(_delta(tool_calls=[{"index": 0, "function": {"arguments": " "}}], refusal="No.")),
        _chunk(_delta("stop"), citations=[URL]),
        _chunk(usage=_CHAT_USAGE),
    ],
)
_TEXT: Final = {**_CHAT, "object": "text_completion"}
COMPLETIONS: Final = RawSeed(
    chat_completions.COMPLETIONS,
    {
        **_TEXT,
        "choices": [
            {
                "index": 0,
                "text": "Hi.",
                "finish_reason": "length",
                "logprobs": {"tokens": ["Hi"], "token_logprobs": [-0.1]},
            }
        ],
        "usage": _CHAT_USAGE,
    },
    [
        {**_TEXT, "choices": [{"index": 0, "text": "Hi.", "finish_reason": None}]},
        {**_TEXT, "choices": [{"index": 0, "text": "", "finish_reason": "stop"}], "usage": _CHAT_USAGE},
    ],
)

_PART: Final = {
    "type": "output_text",
    "text": "Hi.",
    "annotations": [{"type": "url_citation", "url": URL, "title": "A", "start_index": 0, "end_index": 2}],
    "logprobs": [],
}
_SAID: Final = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [_PART],
}
_ITEMS: Final[list[dict[str, Any]]] = [
    {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
    {"id": "ws_1", "type": "web_search_call", "status": "completed", "action": {"query": "q"}},
    {"id": "fc_1", "type": "function_call", "call_id": "call_1", **FUNCTION, "status": "completed"},
    _SAID,
]
_RESPONSE: Final[dict[str, Any]] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_770_000_000,
    "model": "gpt-5-mini",
    "status": "incomplete",
    "incomplete_details": {"reason": "max_output_tokens"},
    "output": _ITEMS,
    "usage": {
        "input_tokens": 11,
        "input_tokens_details": {"cached_tokens": 3},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 18,
    },
}


def _event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", "sequence_number": 1, **fields}


RESPONSES: Final = RawSeed(
    responses.RESPONSES,
    _RESPONSE,
    [
        _event("created", response={**_RESPONSE, "status": "in_progress", "output": [], "usage": None}),
        *(
            _event("output_item.added", output_index=at, item={**item, "status": "in_progress"})
            for at, item in enumerate(_ITEMS)
        ),
        _event("content_part.added", item_id="msg_1", output_index=3, content_index=0, part=_PART),
        _event("output_text.delta", item_id="msg_1", output_index=3, content_index=0, delta="Hi."),
        _event("function_call_arguments.delta", item_id="fc_1", output_index=2, delta="{}"),
        *(_event("output_item.done", output_index=at, item=item) for at, item in enumerate(_ITEMS)),
        _event("completed", response=_RESPONSE),
    ],
)

_ANTHROPIC_USAGE: Final = {
    "input_tokens": 11,
    "output_tokens": 7,
    "cache_creation_input_tokens": 5,
    "cache_read_input_tokens": 3,
    "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 0},
    "server_tool_use": {"web_search_requests": 1},
}
MESSAGE: Final[dict[str, Any]] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {
            "type": "text",
            "text": "Hi.",
            "citations": [
                {"type": "char_location", "cited_text": "H", "document_index": 0, "start_char_index": 0}
            ],
        },
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Paris"}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": _ANTHROPIC_USAGE,
}
MESSAGE_EVENTS: Final = [
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi."}},
    {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "citations_delta", "citation": {"type": "char_location", "cited_text": "H"}},
    },
    {"type": "content_block_stop", "index": 0},
    {"type": "content_block_start", "index": 1, "content_block": {**MESSAGE["content"][2], "input": {}}},
    {
        "type": "content_block_delta",
        "index": 1,
        "delta": {"type": "input_json_delta", "partial_json": '{"city"'},
    },
    {"type": "content_block_stop", "index": 1},
    {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": _ANTHROPIC_USAGE},
    {"type": "message_stop"},
]
_OLD: Final = {"type": "completion", "id": "compl_1", "completion": " Hi.", "model": "claude-2.1"}
ANTHROPICS: Final = (
    RawSeed(messages.MESSAGES, MESSAGE, MESSAGE_EVENTS),
    RawSeed(
        complete.COMPLETE,
        {**_OLD, "stop_reason": "stop_sequence", "stop": "\n\nHuman:"},
        [{**_OLD, "stop_reason": None}, {**_OLD, "completion": "", "stop_reason": "max_tokens"}],
    ),
)

_GROK: Final = {"id": "x1", "model": "grok-4", "usage": {"prompt_tokens": 11, "completion_tokens": 7}}
_GROK_SAID: Final = {
    "role": "ROLE_ASSISTANT",
    "content": "Hi.",
    "reasoning_content": "Hm.",
    "tool_calls": [{**CALL, "type": "TOOL_CALL_TYPE_WEB_SEARCH_TOOL"}, {"id": "2", "function": FUNCTION}],
}
XAI: Final = RawSeed(
    xai_outputs.XAI_OUTPUTS,
    {**_GROK, "outputs": [{"index": 0, "finish_reason": "REASON_STOP", "message": _GROK_SAID}]},
    [
        {**_GROK, "outputs": [{"index": 0, "delta": _GROK_SAID}]},
        {**_GROK, "outputs": [{"index": 0, "finish_reason": "REASON_STOP", "delta": {"content": "!"}}]},
    ],
)
