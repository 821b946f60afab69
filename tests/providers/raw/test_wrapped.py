"""What LangSmith's wrappers and `@traceable` functions put on runs: read as the answer that it was made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import pytest

from langchain_respmeta import UnreadableAnswer, normalize

COUNTS: Final = {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18}
CHOICE: Final = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Three."}}
COMPLETION: Final[dict[str, Any]] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-4o-2024-08-06",
    "choices": [CHOICE],
    "service_tier": None,
    "usage_metadata": COUNTS,
}
CALL: Final = {
    "id": "toolu_1",
    "type": "function",
    "index": 0,
    "function": {"name": "get_weather", "arguments": '{"city": "Bergen"}'},
}
MESSAGE: Final[dict[str, Any]] = {
    "id": "msg_1",
    "role": "assistant",
    "model": "claude-haiku-4-5",
    "content": [{"type": "text", "text": "Three."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage_metadata": COUNTS,
}
GEMINIS: Final[dict[str, Any]] = {
    "content": "Three.",
    "role": "assistant",
    "finish_reason": "STOP",
    "usage_metadata": {**COUNTS, "input_token_details": {}, "output_token_details": {"over_200k": 0}},
}


def _of_google(outputs: dict[str, Any]) -> Any:
    return normalize(outputs, start={"metadata": {"ls_provider": "google"}})


@pytest.mark.parametrize("outputs", [COMPLETION, MESSAGE, GEMINIS])
def test_langsmiths_counts_are_the_answers(outputs: dict[str, Any]) -> None:
    usage = normalize(outputs).usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (11, 7, 18)
    assert normalize(outputs).unmapped == ()


def test_a_wrapped_refusal_is_one() -> None:
    message = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
    record = normalize({**COMPLETION, "choices": [{**CHOICE, "message": message}]})
    assert (record.refused, record.finish_reason) == (True, "stop")


def test_a_wrapped_stream_without_content_may_have_lost_a_refusal() -> None:
    streamed = {**COMPLETION, "object": "chat.completion.chunk"}
    empty = {**streamed, "choices": [{**CHOICE, "message": {"role": "assistant", "content": ""}}]}
    assert (normalize(streamed).refused, normalize(streamed).truncated) == (False, False)
    assert (normalize(empty).refused, normalize(empty).truncated) == (None, False)


def test_a_wrapped_stream_of_text_has_lost_its_end() -> None:
    record = normalize(
        {"object": "text_completion", "model": "gpt-3.5-turbo-instruct", "choices": [{"text": "Hi"}]}
    )
    assert (record.refused, record.truncated, record.finish_reason) == (None, None, None)


def test_a_wrapped_message_is_anthropics() -> None:
    record = normalize(MESSAGE)
    assert (record.provider, record.model, record.response_id) == ("anthropic", "claude-haiku-4-5", "msg_1")
    assert (record.finish_reason, record.truncated, record.refused) == ("stop", False, False)


def test_calls_of_a_wrapped_message_are_calls() -> None:
    called = {**MESSAGE, "stop_reason": "tool_use", "content": "Let me look.", "tool_calls": [CALL]}
    (call,) = normalize(called).tool_calls
    assert (call.id, call.name, call.valid) == ("toolu_1", "get_weather", True)


def test_what_a_text_stream_yielded_beside_its_message_is_not_looked_at() -> None:
    assert normalize({**MESSAGE, "output": ["Thr", "ee."]}) == normalize(MESSAGE)


def test_gemini_counts_thoughts_beside_the_output_and_the_record_in_it() -> None:
    counts = {
        "input_tokens": 64,
        "output_tokens": 19,
        "total_tokens": 140,
        "output_token_details": {"reasoning": 57, "over_200k": 0},
        "input_token_details": {"cache_read": 20, "cache_read_over_200k": 4, "over_200k": 0},
    }
    usage = _of_google({**GEMINIS, "usage_metadata": counts}).usage
    assert (usage.output_tokens, usage.reasoning_tokens, usage.cache_read_tokens) == (76, 57, 24)


def test_counts_that_a_wrapper_made_up_are_none() -> None:
    nothing = dict.fromkeys(COUNTS, 0)
    assert _of_google({**GEMINIS, "usage_metadata": nothing}).usage is None


def test_geminis_words_for_the_end_are_read() -> None:
    record = _of_google({**GEMINIS, "finish_reason": "SAFETY", "content": ""})
    assert (record.provider, record.refused, record.finish_reason) == ("gcp.gemini", True, "content_filter")
    assert _of_google({**GEMINIS, "finish_reason": "MAX_TOKENS"}).truncated is True


@pytest.mark.parametrize(
    "outputs",
    [
        {"content": "Three.", "usage_metadata": GEMINIS["usage_metadata"]},
        {**GEMINIS, "finish_reason": None, "content": ""},
    ],
)
def test_geminis_answers_without_their_end_are_not_judged(outputs: dict[str, Any]) -> None:
    record = _of_google(outputs)
    assert (record.refused, record.truncated, record.provider) == (None, None, "gcp.gemini")


ANSWER: Final = {"role": "assistant", "content": "Three."}


@pytest.mark.parametrize(
    "outputs",
    [
        ANSWER,
        {"message": ANSWER},
        {"messages": [{"role": "user", "content": "How many?"}, ANSWER]},
        {"output": ANSWER},
        {"output": [ANSWER]},
        {"messages": [{"role": "assistant", "content": [{"type": "text", "text": "Three."}]}]},
    ],
)
def test_a_message_of_anybodys_is_read_and_not_judged(outputs: dict[str, Any]) -> None:
    record = normalize(outputs)
    assert (record.provider, record.role, record.api) == ("unknown", "assistant", None)
    assert (record.refused, record.truncated, record.finish_reason) == (None, None, None)
    counted = normalize({**outputs, "usage_metadata": COUNTS}).usage
    assert counted is not None
    assert counted.total_tokens == 18


def test_a_message_that_tells_its_end_is_judged() -> None:
    record = normalize({"message": ANSWER, "finish_reason": "length"})
    assert (record.truncated, record.refused) == (True, False)


def test_costs_that_a_run_tells_are_the_cost() -> None:
    cost = normalize({**ANSWER, "usage_metadata": {**COUNTS, "total_cost": 0.25, "input_cost": 0.05}}).cost
    assert cost is not None
    assert (cost.total, cost.input, cost.source) == (Decimal("0.25"), Decimal("0.05"), "provider")


@pytest.mark.parametrize("outputs", [{"output": "Three."}, {"output": "Three.", "usage_metadata": COUNTS}])
def test_a_text_alone_is_no_answer(outputs: dict[str, Any]) -> None:
    with pytest.raises(UnreadableAnswer):
        normalize(outputs)


@pytest.mark.parametrize(
    "odd",
    [
        {**MESSAGE, "tool_calls": [{"function": 1}, None, "x"], "content": {"a": 1}},
        {**GEMINIS, "content": [1, {"type": "image_url", "image_url": "x"}], "tool_calls": [{"id": 3}]},
        {**COMPLETION, "usage_metadata": {"input_tokens": "many", "input_token_details": 3}},
        {"messages": [None, 3, {"role": 5, "content": "x"}], "usage_metadata": COUNTS},
    ],
)
def test_odd_outputs_raise_nothing_else(odd: dict[str, Any]) -> None:
    try:
        normalize(odd)
    except UnreadableAnswer:
        assert "messages" in odd
