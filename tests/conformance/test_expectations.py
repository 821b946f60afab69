"""The yardstick itself: what the expectations say of small answers written by hand, and that a false record is noticed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from langchain_respmeta import ResponseMetadata
from langchain_respmeta.record.measures import Cost, Usage
from langchain_respmeta.record.parts import Citation, Refusal, ToolCall
from tests.conformance._compare import compare, flat
from tests.conformance._facts import Expected
from tests.conformance._probe import Probe
from tests.conformance.expect import (
    chat_completions,
    cohere,
    converse,
    generate_content,
    messages,
    ollama,
    responses,
)

CHAT = {
    "id": "chatcmpl-1",
    "created": 1_700_000_000,
    "model": "gpt-x",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": {
                "content": None,
                "tool_calls": [{"id": "call_1", "function": {"name": "add", "arguments": '{"a": 1}'}}],
            },
        }
    ],
    "usage": {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 15,
        "prompt_tokens_details": {"cached_tokens": 4},
    },
}

READ: list[tuple[str, list[Expected], dict[str, Any]]] = [
    (
        "chat: the provider's names become the record's",
        chat_completions.expect(CHAT),
        {
            "finish_reason": "tool_calls",
            "usage.input_tokens": 10,
            "usage.cache_read_tokens": 4,
            "response_id": "chatcmpl-1",
            "refused": None,
        },
    ),
    (
        "chat stream: the last usage counts, not the sum",
        chat_completions.expect(
            [
                {
                    "id": "c",
                    "choices": [{"index": 0, "delta": {"content": "a"}}],
                    "usage": {"prompt_tokens": 3},
                },
                {
                    "choices": [{"index": 0, "delta": {"content": "b"}, "finish_reason": "length"}],
                    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
                },
            ]
        ),
        {"usage.input_tokens": 3, "usage.output_tokens": 2, "finish_reason": "length", "truncated": True},
    ),
    (
        "chat: reasoning outside the completion is put into the output when the total proves it",
        chat_completions.expect(
            {
                "choices": [{"message": {}}],
                "usage": {
                    "prompt_tokens": 1,
                    "completion_tokens": 2,
                    "total_tokens": 10,
                    "completion_tokens_details": {"reasoning_tokens": 7},
                },
            }
        ),
        {"usage.output_tokens": 9, "usage.reasoning_tokens": 7},
    ),
    (
        "messages: input includes cache reads and writes",
        messages.expect(
            {
                "type": "message",
                "content": [],
                "stop_reason": "refusal",
                "stop_details": {"category": "cyber"},
                "usage": {
                    "input_tokens": 1,
                    "cache_read_input_tokens": 20,
                    "cache_creation_input_tokens": 300,
                },
            }
        ),
        {
            "usage.input_tokens": 321,
            "refused": True,
            "refusal.category": "cyber",
            "refusal.source": "stop_reason",
        },
    ),
    (
        "responses: what an incomplete answer lacks is its finish reason",
        responses.expect(
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": []}
        ),
        {"native_finish_reason": "max_output_tokens", "finish_reason": "length"},
    ),
    (
        "generate_content: thoughts belong to the output, tool prompts to the input",
        generate_content.expect(
            {
                "candidates": [
                    {"finishReason": "STOP", "content": {"parts": [{"functionCall": {"name": "f"}}]}}
                ],
                "usageMetadata": {
                    "promptTokenCount": 5,
                    "toolUsePromptTokenCount": 6,
                    "candidatesTokenCount": 7,
                    "thoughtsTokenCount": 8,
                    "totalTokenCount": 26,
                },
            }
        ),
        {"usage.input_tokens": 11, "usage.output_tokens": 15, "finish_reason": "tool_calls"},
    ),
    (
        "generate_content: a blocked prompt is a refusal",
        generate_content.expect(
            {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 5}}
        ),
        {"refusal.source": "prompt_block", "refusal.category": "SAFETY", "finish_reason": "content_filter"},
    ),
    (
        "converse: milliseconds become seconds",
        converse.expect({"stopReason": "guardrail_intervened", "metrics": {"latencyMs": 250}}),
        {"timing.provider_total_s": 0.25, "refused": True, "finish_reason": "content_filter"},
    ),
    (
        "cohere: tokens, not billed units",
        cohere.expect({"usage": {"billed_units": {"input_tokens": 1}, "tokens": {"input_tokens": 50}}}),
        {"usage.input_tokens": 50},
    ),
    (
        "ollama: nanoseconds become seconds",
        ollama.expect({"done_reason": "stop", "eval_duration": 2_000_000_000}),
        {"timing.completion_s": 2.0},
    ),
]


@pytest.mark.parametrize(("expected", "values"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_expectations_say_what_the_answer_says(expected: list[Expected], values: dict[str, Any]) -> None:
    assert {name: expected[0].get(name) for name in values} == values


def test_google_spans_are_counted_in_characters() -> None:
    text = "Zürich is wet."
    grounding = {
        "groundingChunks": [{"web": {"uri": "https://example.org"}}],
        "groundingSupports": [{"segment": {"startIndex": 8, "endIndex": 15}, "groundingChunkIndices": [0]}],
    }
    answer = {"candidates": [{"content": {"parts": [{"text": text}]}, "groundingMetadata": grounding}]}
    (citation,) = generate_content.expect(answer)[0].items["citations"]
    assert text[citation["start_index"].value : citation["end_index"].value] == "is wet."


USAGE = Usage(input_tokens=10, output_tokens=5, total_tokens=15, cache_read_tokens=4)
RECORD = ResponseMetadata(
    response_id="chatcmpl-1",
    provider="openai",
    api="chat_completions",
    model="gpt-x",
    finish_reason="tool_calls",
    native_finish_reason="tool_calls",
    tool_calls=(ToolCall(id="call_1", name="add", args_size_bytes=7),),
    usage=USAGE,
)

FALSE: list[tuple[str, ResponseMetadata, str, str]] = [
    (
        "another count",
        replace(RECORD, usage=replace(USAGE, output_tokens=6)),
        "usage.output_tokens",
        "wrong",
    ),
    (
        "a count nobody sent",
        replace(RECORD, usage=replace(USAGE, reasoning_tokens=0)),
        "usage.reasoning_tokens",
        "invented",
    ),
    ("another end", replace(RECORD, finish_reason="stop"), "finish_reason", "wrong"),
    (
        "a refusal nobody sent",
        replace(RECORD, refused=True, refusal=Refusal(source="message")),
        "refused",
        "invented",
    ),
    (
        "a call that was not made",
        replace(RECORD, tool_calls=(*RECORD.tool_calls, ToolCall(id="x", name="y"))),
        "tool_calls",
        "invented",
    ),
    (
        "another call's name",
        replace(RECORD, tool_calls=(ToolCall(id="call_1", name="sub"),)),
        "tool_calls.name",
        "wrong",
    ),
    (
        "a source nobody named",
        replace(RECORD, citations=(Citation(type="url", url="https://example.org"),)),
        "citations",
        "invented",
    ),
    (
        "the provider's price, which it never told",
        replace(RECORD, cost=Cost(total=Decimal(1), source="provider")),
        "cost.total",
        "invented",
    ),
    ("no id, though it was handed over", replace(RECORD, response_id=None), "response_id", "missing"),
    ("no time, and none was handed over", RECORD, "created_at", "lost"),
]


def _expected() -> Expected:
    (expected,) = chat_completions.expect(CHAT)
    expected.say("provider", "openai")
    return expected


def _probe() -> Probe:
    probe = Probe()
    probe.on_llm_end({"id": "chatcmpl-1"})
    return probe


@pytest.mark.parametrize(
    ("record", "name", "verdict"), [case[1:] for case in FALSE], ids=[case[0] for case in FALSE]
)
def test_a_false_record_is_noticed(record: ResponseMetadata, name: str, verdict: str) -> None:
    assert (name, verdict) in {
        (found.name, found.verdict) for found in compare(_expected(), record, _probe())
    }


def test_a_true_record_passes() -> None:
    verdicts = {found.verdict for found in compare(_expected(), RECORD, _probe())}
    assert verdicts == {"right", "lost"}


def test_scalars_of_a_record_have_dotted_names() -> None:
    assert flat(RECORD)["usage.cache_read_tokens"] == 4
