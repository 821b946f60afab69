"""`check_refusal`: who declined, why, and what to tell the user, of whatever holds an answer."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from langchain_core.messages import AIMessage
from langchain_core.outputs import LLMResult
from langchain_openai import ChatOpenAI

from langchain_respmeta import RespMetaHandler, UnreadableAnswer, check_refusal, extract, normalize
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_runnable
from langchain_respmeta.record.refusal_messages import MESSAGES
from langchain_respmeta.record.vocabulary import RefusalSource

SCENARIOS = demo_scenarios()
REFUSED = [
    ("openai", "refusal", "message", MESSAGES["message"]),
    ("openai", "content_filter", "content_filter", MESSAGES["content_filter"]),
    ("openai_responses", "refusal", "message", MESSAGES["message"]),
    ("openai_responses", "content_filter", "content_filter", MESSAGES["content_filter"]),
    ("anthropic", "refusal", "stop_reason", MESSAGES["stop_reason"]),
    ("google", "safety", "content_filter", MESSAGES["content_filter"]),
    ("google", "prompt_blocked", "prompt_block", MESSAGES["prompt_block"]),
    ("google", "recitation", "content_filter", MESSAGES["recitation"]),
    ("bedrock", "guardrail", "guardrail", MESSAGES["guardrail"]),
    ("bedrock", "content_filtered", "content_filter", MESSAGES["content_filter"]),
]
ANSWERED = [
    ("openai", "basic"),
    ("openai_responses", "basic"),
    ("anthropic", "truncated"),
    ("google", "basic"),
]


def of_langchain(replay: ReplayServer, provider: str, name: str) -> Any:
    scenario = SCENARIOS[provider][name]
    return scenario_runnable(replay, scenario).invoke(scenario.messages)


def raw(provider: str, name: str) -> Any:
    return SCENARIOS[provider][name].answers[0].body


@pytest.mark.parametrize(("provider", "name", "source", "message"), REFUSED)
def test_a_refusal_says_who_declined_and_what_to_tell(
    replay: ReplayServer, provider: str, name: str, source: str, message: str
) -> None:
    for answer in (of_langchain(replay, provider, name), raw(provider, name)):
        told = check_refusal(answer)
        assert (told.refused, told.source, told.message) == (True, source, message)
        record = normalize(answer)
        assert record.refusal is not None
        assert (told.reason, told.category) == (record.refusal.reason, record.refusal.category)
        again = check_refusal(record)
        assert (again.refused, again.message, again.reason) == (True, message, told.reason)


@pytest.mark.parametrize(("provider", "name"), ANSWERED)
def test_an_answer_is_not_refused_and_holds_its_text(replay: ReplayServer, provider: str, name: str) -> None:
    message = of_langchain(replay, provider, name)
    told = check_refusal(message)
    assert (told.refused, told.message, told.reason, told.source) == (False, None, None, None)
    assert told.content == message.text
    assert told.content
    assert check_refusal(raw(provider, name)).content == told.content


def test_what_came_before_a_filter_cut_it_is_still_there() -> None:
    choice = {"index": 0, "finish_reason": "content_filter", "message": {"content": "First, take"}}
    told = check_refusal({"id": "x", "object": "chat.completion", "model": "gpt-4.1", "choices": [choice]})
    assert (told.refused, told.content) == (True, "First, take")


def test_a_record_of_a_refused_request_is_refused(replay: ReplayServer) -> None:
    body = {"error": {"code": "content_filter", "message": "The prompt triggered a policy", "status": 400}}
    url = replay.add("openai", "check-refused-request", body, 400)
    handler = RespMetaHandler(feedback=False)
    model = ChatOpenAI(model="gpt-4.1", base_url=f"{url}/v1", api_key="none", max_retries=0)
    with pytest.raises(Exception, match="policy"):
        model.invoke("x", {"callbacks": [handler]})
    told = check_refusal(handler.records[-1])
    assert told.refused
    assert told.message
    assert told.reason is None  # the handler's records hold no texts unless it is told so


@pytest.mark.parametrize("value", [None, 3, "Sorry", {"a": 1}, {"choices": []}, AIMessage])
def test_what_nobody_can_read_is_never_not_refused(value: Any) -> None:
    with pytest.raises(UnreadableAnswer):
        check_refusal(value)


def test_nor_is_a_message_whose_end_is_not_told() -> None:
    bare = {"role": "assistant", "content": "Sorry."}
    assert normalize(bare).refused is None
    assert "No refusal" not in normalize(bare).describe()
    with pytest.raises(UnreadableAnswer, match="nothing says whether"):
        check_refusal(bare)


def test_nor_is_a_record_of_it() -> None:
    handler = RespMetaHandler(feedback=False)

    run_id = uuid4()
    handler.on_llm_start({}, ["x"], run_id=run_id)
    handler.on_llm_end(LLMResult(generations=[]), run_id=run_id)
    record = handler.records[-1]
    assert record.refused is None
    with pytest.raises(UnreadableAnswer, match="nothing says whether"):
        check_refusal(record)


# --- the texts for users -----------------------------------------------------------------------------------------------


def refused(category: str | None) -> Any:
    details = {"category": category} if category else {}
    metadata = {"stop_reason": "refusal", "stop_details": details, "model_provider": "anthropic"}
    return AIMessage("", response_metadata=metadata)


def test_each_source_has_a_text() -> None:
    assert set(RefusalSource.__args__) < set(MESSAGES)


def test_your_texts_come_first_the_most_special_of_them() -> None:
    mine = {"Cyber": "cyber!", "stop_reason": "model!", "refused": "any!"}
    assert check_refusal(refused("cyber"), messages=mine).message == "cyber!"
    assert check_refusal(refused("bio"), messages=mine).message == "model!"
    assert check_refusal(refused("bio"), messages={"refused": "any!"}).message == "any!"
    assert check_refusal(refused("self_harm"), messages="one for all").message == "one for all"
    assert check_refusal(refused("self_harm"), messages={"cyber": "cyber!"}).message == MESSAGES["self_harm"]


def test_nothing_of_what_was_asked_or_answered_is_told_to_the_user(replay: ReplayServer) -> None:
    told = check_refusal(of_langchain(replay, "openai", "refusal"))
    assert told.reason
    assert told.message in MESSAGES.values()


# --- the tutorials' name -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["openai", "openai_responses", "anthropic", "google", "mistral", "groq"])
def test_extract_reads_as_normalize_does(provider: str) -> None:
    body, named = raw(provider, "basic"), provider.removesuffix("_responses")
    assert extract(body, named) == normalize(body, provider=named)
