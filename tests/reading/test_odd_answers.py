"""Answers that fixtures do not show: merged texts in whole messages, ids that repeat, dumped forms, impossible values."""

from __future__ import annotations

import json
from decimal import Context, Decimal, localcontext
from typing import Any

import pytest
from langchain_core.load import dumpd
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    HumanMessage,
    HumanMessageChunk,
    SystemMessage,
    ToolMessage,
    message_chunk_to_message,
    message_to_dict,
)
from langchain_core.outputs import ChatGeneration, Generation, LLMResult

from langchain_respmeta import ResponseMetadata, UnreadableAnswer, normalize
from langchain_respmeta._reading.read import draft_of
from langchain_respmeta.record.typed import record_of

FACTS = {
    "model_name": "gpt-4o-2024-08-06",
    "finish_reason": "stop",
    "service_tier": "default",
    "system_fingerprint": "fp_0123abcd",
    "model_provider": "openai",
}


def _merged(*facts: dict[str, Any]) -> AIMessage:
    """What `invoke` returns where it streamed by itself (LangGraph): chunks merged, and no chunk any more."""
    first, *rest = [AIMessageChunk("hi", response_metadata=one) for one in facts]
    whole = message_chunk_to_message(first.__add__(rest))  # type: ignore[arg-type]
    assert type(whole) is AIMessage
    return whole


def test_a_whole_message_of_merged_chunks_tells_each_word_once() -> None:
    record = normalize(_merged(FACTS, FACTS))
    told = record.model, record.finish_reason, record.service_tier, record.system_fingerprint
    assert told == ("gpt-4o-2024-08-06", "stop", "default", "fp_0123abcd")
    assert (record.native_finish_reason, record.unmapped) == ("stop", ())


def test_of_several_ends_in_a_whole_message_the_worst_is_told() -> None:
    record = normalize(_merged(FACTS, {**FACTS, "finish_reason": "length"}))
    assert (record.finish_reason, record.native_finish_reason, record.truncated) == ("length", "length", True)


@pytest.mark.parametrize("kind", [AIMessage, AIMessageChunk])
def test_a_short_model_name_of_openai_is_told_once(kind: type[AIMessage]) -> None:
    record = normalize(kind("hi", response_metadata={**FACTS, "model_name": "o3o3"}))
    assert (record.provider, record.model) == ("openai", "o3")


def test_ratings_of_google_are_told_once_in_a_whole_message() -> None:
    rating = {"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW", "blocked": False}
    facts = {"model_provider": "google_genai", "safety_ratings": [rating, {**rating, "probability": "HIGH"}]}
    assert [one.probability for one in normalize(AIMessage("hi", response_metadata=facts)).safety] == ["HIGH"]


@pytest.mark.parametrize("number", ["10", "11", "12"])
def test_a_number_for_a_finish_reason_is_not_taken_apart(number: str) -> None:
    facts = {"model_provider": "google_vertexai", "finish_reason": number}
    record = normalize(AIMessageChunk("hi", response_metadata=facts))
    assert (record.finish_reason, record.native_finish_reason) == ("unknown", number)


# --- tool calls ------------------------------------------------------------------------------------------------------


def _chunks(*calls: tuple[str | None, str, str]) -> AIMessageChunk:
    parts = [
        {"id": call_id, "name": name, "args": args, "index": place}
        for place, (call_id, name, args) in enumerate(calls)
    ]
    return AIMessageChunk("", tool_call_chunks=parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("call_id", [None, "", "call_1"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('{"x": 1}', '{"longer": 12345}'),
        ('{"x": 1}', '{"longer": 123'),
        ('{"x": 1', '{"longer": 12345}'),
        ("", '{"longer": 12345}'),
    ],
)
def test_streamed_calls_without_an_id_of_their_own_keep_their_arguments(
    call_id: str | None, first: str, second: str
) -> None:
    calls = {
        one.name: one for one in normalize(_chunks((call_id, "f", first), (call_id, "g", second))).tool_calls
    }
    assert calls["f"].args_size_bytes == len(first or "{}")
    assert calls["g"].args_size_bytes == len(second)
    assert (calls["f"].valid, calls["g"].valid) == (first in ("", '{"x": 1}'), second.endswith("}"))


def test_tools_of_the_responses_api_are_the_same_in_the_old_output_version() -> None:
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"query": "q"}}
    image = {"type": "image_generation_call", "id": "ig_1", "result": "aGVsbG8=", "status": "completed"}
    facts = {"model_provider": "openai", "status": "completed", "model_name": "gpt-5-mini"}
    blocks = AIMessage([search, image], response_metadata=facts)
    beside = AIMessage("", additional_kwargs={"tool_outputs": [search, image]}, response_metadata=facts)
    told = [(one.tool_calls, one.tool_executions, one.media) for one in map(normalize, (blocks, beside))]
    assert told[0] == told[1]
    assert [call.name for call in told[1][0]] == ["web_search", "image_generation"]
    assert [medium.size_bytes for medium in told[1][2]] == [5]


# --- forms -----------------------------------------------------------------------------------------------------------

MESSAGE = AIMessage(
    "hi",
    response_metadata=FACTS,
    usage_metadata={"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
    tool_calls=[{"id": "a", "name": "f", "args": {}}],
)
GENERATION = ChatGeneration(message=MESSAGE, generation_info={"logprobs": None})


@pytest.mark.parametrize(
    "form",
    [
        MESSAGE.model_dump(),
        dumpd(MESSAGE),
        message_to_dict(MESSAGE),
        GENERATION,
        dumpd(GENERATION),
        dumpd(ChatGeneration(message=MESSAGE)),
        {"generations": [[dumpd(GENERATION)]]},
    ],
    ids=["model_dump", "dumpd", "message_to_dict", "generation", "dumped", "dumped without info", "result"],
)
def test_every_form_of_a_message_gives_its_record(form: Any) -> None:
    assert normalize(form) == normalize(MESSAGE)


@pytest.mark.parametrize(
    "form",
    [
        *("hi", None, 3, {}, [MESSAGE], {"raw": MESSAGE}, {"generations": []}),
        *(HumanMessage("hi"), dumpd(HumanMessage("hi")), message_to_dict(SystemMessage("hi"))),
        *(ToolMessage("hi", tool_call_id="1").model_dump(), HumanMessageChunk("hi")),
    ],
)
def test_what_no_reader_recognizes_is_told_and_not_judged(form: Any) -> None:
    with pytest.raises(UnreadableAnswer, match=r"expected a message or a result|holds no generation"):
        normalize(form)
    record = record_of(draft_of(form), include_content=True)
    assert record.warnings
    assert (record.refused, record.truncated) == (None, None)
    assert ResponseMetadata.from_dict(record.to_dict()) == record


# --- values ----------------------------------------------------------------------------------------------------------


def test_a_gateways_own_finish_word_is_no_stop_sequence() -> None:
    facts = {"finish_reason": "stop", "stop_reason": "end_turn"}
    assert normalize(AIMessage("hi", response_metadata=facts)).stop_sequence is None
    assert (
        normalize(AIMessage("hi", response_metadata={**facts, "stop_reason": "###"})).stop_sequence == "###"
    )


def test_ticks_are_exact_whatever_the_callers_decimals_are() -> None:
    facts = {"token_usage": {"cost_in_usd_ticks": 123_456_789}}
    with localcontext(Context(prec=3)):
        cost = normalize(AIMessage("hi", response_metadata=facts)).cost
    assert cost is not None
    assert cost.total == Decimal("0.0123456789")


HALF = "Gr\ud83d."


@pytest.mark.parametrize(
    "message",
    [
        {"content": "x", "tool_calls": [{"id": ["a"], "name": "f", "args": {}}]},
        {"content": "x", "additional_kwargs": {"tool_calls": [{"id": {"a": 1}, "function": {"name": "f"}}]}},
        {"content": "x", "tool_calls": [{"id": "a", "name": "f", "args": {"text": HALF}}]},
        {
            "content": HALF,
            "response_metadata": {
                "model_provider": "google_genai",
                "grounding_metadata": {
                    "grounding_chunks": [{"web": {"uri": "https://a.b"}}],
                    "grounding_supports": [{"segment": {"end_index": 3}, "grounding_chunk_indices": [0]}],
                },
            },
        },
        {"content": "x", "response_metadata": {"logprobs": {"content": [{"logprob": 10**400}]}}},
        {
            "content": "x",
            "response_metadata": {"model_provider": "google_genai", "safety_ratings": [{"category": True}]},
        },
        {
            "content": "x",
            "response_metadata": {
                "model_provider": "bedrock_converse",
                "trace": {"guardrail": {"inputAssessment": {"g": {"wordPolicy": {"customWords": 1.5}}}}},
            },
        },
        {
            "content": "x",
            "response_metadata": {
                "headers": {
                    "retry-after": "Wed, 21 Oct 2026 07:28:00 -0000",
                    "date": "Wed, 21 Oct 2026 07:27:00 GMT",
                }
            },
        },
        {
            "content": "x",
            "usage_metadata": {"input_tokens": 1, "input_token_details": {"cache_read": 10**400}},
        },
        {
            "content": "x",
            "response_metadata": {
                "headers": {"retry-after": "9" * 30, "date": "Wed, 21 Oct 2026 07:27:00 GMT"},
            },
        },
        {
            "content": "x",
            "response_metadata": {"model_provider": "groq"},
            "additional_kwargs": {"executed_tools": [{"type": "search", "search_results": {"results": 1.5}}]},
        },
        {"content": "x", "response_metadata": {"created": "0001-01-01T00:00:00+14:00"}},
    ],
)
def test_impossible_values_raise_nothing_and_leave_a_whole_record(message: dict[str, Any]) -> None:
    record = normalize(message)
    assert ResponseMetadata.from_dict(json.loads(json.dumps(record.to_dict()))).to_dict() == record.to_dict()
    assert record.describe()
    assert repr(record)


def test_a_date_without_a_zone_is_a_waiting_time() -> None:
    headers = {"retry-after": "Wed, 21 Oct 2026 07:28:00 -0000", "date": "Wed, 21 Oct 2026 07:27:00 GMT"}
    limits = normalize(AIMessage("x", response_metadata={"headers": headers})).rate_limits
    assert limits is not None
    assert limits.retry_after_s == 60.0


def test_a_count_that_no_json_carries_is_told_and_kept() -> None:
    record = normalize(AIMessage("x", response_metadata={"token_usage": {"prompt_tokens": 2**63}}))
    assert record.usage is None
    assert record.provider_data == {"token_usage": {"prompt_tokens": str(2**63)}}
    assert len(record.warnings) == 1


def test_what_is_kept_of_an_unknown_block_is_json() -> None:
    record = normalize(AIMessage([{"type": {1: object()}, "text": "private"}]))
    assert record.provider_data == {"content_blocks": [{"type": "<dict>", "text": "<str>"}]}
    assert record.unmapped == ("content.block without type",)


def test_an_answer_of_langchains_cache_costs_nothing_whatever_the_first_one_did() -> None:
    facts = {
        "model_provider": "openrouter",
        "cost": 0.002,
        "cost_details": {"upstream_inference_cost": 0.001},
    }
    usage: Any = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5, "total_cost": 0}
    record = normalize(AIMessage("x", response_metadata=facts, usage_metadata=usage))
    assert record.langchain_cache_hit is True
    assert record.cost is not None
    assert (record.cost.total, record.cost.upstream_inference, record.cost.source) == (0, None, "computed")


@pytest.mark.parametrize(("prompts", "input_tokens"), [(1, 20), (2, None)])
def test_the_sum_over_several_prompts_is_no_prompts_usage(prompts: int, input_tokens: int | None) -> None:
    usage = {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}
    record = normalize(
        LLMResult(
            generations=[[Generation(text="x", generation_info={"finish_reason": "stop"})]] * prompts,
            llm_output={"token_usage": usage, "model_name": "gpt-3.5-turbo-instruct"},
        )
    )
    assert (record.usage and record.usage.input_tokens, record.model) == (
        input_tokens,
        "gpt-3.5-turbo-instruct",
    )


def test_a_chunk_of_another_name_is_a_chunk() -> None:
    class Merged(AIMessageChunk):
        pass

    parts = _chunks(("a", "f", '{"x": 1')).tool_call_chunks
    assert [call.valid for call in normalize(Merged("", tool_call_chunks=parts)).tool_calls] == [False]
