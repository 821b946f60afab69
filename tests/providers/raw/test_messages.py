"""Anthropic's messages and their streams: through the real SDK, as JSON, and as `ChatAnthropic` reads them."""

from __future__ import annotations

import json
from typing import Any, Final

import anthropic
import httpx
import pytest
from anthropic.types import Message
from anthropic.types.beta import BetaMessage
from pydantic import BaseModel

from langchain_respmeta import RespMetaHandler, ResponseMetadata, normalize, normalize_stream
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model, scenario_runnable
from tests.providers.raw.same import facts, lacking

SCENARIOS: Final = [
    name
    for name, scenario in demo_scenarios()["anthropic"].items()
    if not scenario.failing and len(scenario.answers) == 1
]


def body(**fields: Any) -> dict[str, Any]:
    usage = {"input_tokens": 10, "output_tokens": 5, "service_tier": "standard"}
    return {
        "id": "msg_01AbCdEfGhIjKlMnOpQrStUv",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5-20250929",
        "content": [{"type": "text", "text": "Hi."}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage,
    } | fields


def watched(replay: ReplayServer, name: str, *, stream: bool) -> ResponseMetadata:
    handler = RespMetaHandler(feedback=False, include_content=True)
    scenario = demo_scenarios()["anthropic"][name]
    model: Any = scenario_runnable(replay, scenario) if scenario.tools else scenario_model(replay, scenario)
    if stream:
        for _ in model.stream(scenario.messages, {"callbacks": [handler]}):
            pass
    else:
        model.invoke(scenario.messages, {"callbacks": [handler]})
    (record,) = handler.records
    return record


def client(replay: ReplayServer, name: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(
        api_key="none-needed", base_url=replay.base_url("anthropic", name), max_retries=0
    )


def asked(name: str) -> Any:
    scenario = demo_scenarios()["anthropic"][name]
    return {"model": scenario.model, "max_tokens": 100, "messages": scenario.messages}


# --- the same record on every way ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_sdks_message_says_all_that_langchains_says(replay: ReplayServer, name: str) -> None:
    message = client(replay, name).messages.create(**asked(name))
    theirs = facts(watched(replay, name, stream=False))
    assert lacking(facts(normalize(message)), theirs) == []
    assert normalize(message).unmapped == ()


@pytest.mark.parametrize("name", SCENARIOS)
def test_json_a_dict_and_the_sdks_object_give_one_record(replay: ReplayServer, name: str) -> None:
    raw: Any = demo_scenarios()["anthropic"][name].answers[0].body
    records = [normalize(each) for each in (raw, json.dumps(raw), json.dumps(raw).encode(), Message(**raw))]
    assert all(facts(record) == facts(records[0]) for record in records)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_sdks_events_say_all_that_langchains_chunks_say(replay: ReplayServer, name: str) -> None:
    events = list(client(replay, name).messages.create(**asked(name), stream=True))
    theirs = facts(watched(replay, name, stream=True))
    assert lacking(facts(normalize_stream(events)), theirs) == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_stream_says_what_the_whole_message_says(replay: ReplayServer, name: str) -> None:
    raw: Any = demo_scenarios()["anthropic"][name].answers[0].body
    whole = facts(normalize(raw))
    with client(replay, name).messages.stream(**asked(name)) as stream:
        helped = list(stream)
    text = httpx.post(
        f"{replay.base_url('anthropic', name)}/v1/messages", json=asked(name) | {"stream": True}
    ).text
    plain = [json.loads(line[5:]) for line in text.splitlines() if line.startswith("data:")]
    for events in (helped, text, text.encode(), plain):
        record = normalize_stream(events)
        assert record.streamed is True
        assert facts(record) == whole


# --- what one message says -------------------------------------------------------------------------------------------


def test_the_input_counts_what_the_cache_gave_and_took() -> None:
    usage = {
        "input_tokens": 4,
        "output_tokens": 20,
        "cache_read_input_tokens": 1000,
        "cache_creation_input_tokens": 300,
        "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 100},
        "output_tokens_details": {"thinking_tokens": 7},
        "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1},
        "service_tier": "priority",
        "inference_geo": "us",
    }
    record = normalize(body(usage=usage))
    counts = record.usage
    assert (counts.input_tokens, counts.output_tokens, counts.total_tokens) == (1304, 20, 1324)
    assert (counts.cache_read_tokens, counts.cache_write_tokens) == (1000, 300)
    assert (counts.cache_write_5m_tokens, counts.cache_write_1h_tokens) == (200, 100)
    assert (counts.reasoning_tokens, counts.web_search_requests) == (7, 2)
    assert record.service_tier == "priority"
    assert record.provider_data["usage"]["inference_geo"] == "us"
    assert record.warnings == ()


@pytest.mark.parametrize(
    ("word", "finish"),
    [
        ("refusal", "refusal"),
        ("pause_turn", "pause"),
        ("model_context_window_exceeded", "length"),
        ("max_tokens", "length"),
        ("tool_use", "tool_calls"),
    ],
)
def test_the_word_for_the_end_is_read(word: str, finish: str) -> None:
    record = normalize(body(stop_reason=word))
    assert (record.finish_reason, record.native_finish_reason) == (finish, word)
    assert record.refused is (word == "refusal")


def test_a_refusal_has_its_category_and_words() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "That I cannot do."}
    refusal = normalize(body(stop_reason="refusal", stop_details=details)).refusal
    assert refusal is not None
    assert (refusal.category, refusal.reason) == ("cyber", "That I cannot do.")


def test_a_beta_message_keeps_what_only_the_beta_has() -> None:
    edits = [{"type": "clear_tool_uses_20250919", "cleared_input_tokens": 50, "cleared_tool_uses": 2}]
    container = {"id": "container_01", "expires_at": "2026-11-01T00:00:00Z", "skills": None}
    raw = body(context_management={"applied_edits": edits}, container=container)
    for given in (raw, BetaMessage.model_validate(raw)):
        record = normalize(given)
        assert record.provider_data["context_management"]["applied_edits"] == edits
        assert record.provider_data["container"]["id"] == "container_01"
        assert record.unmapped == ()


def test_tools_of_either_side_thoughts_and_citations_are_read() -> None:
    cited = {
        "type": "char_location",
        "cited_text": "grass is green",
        "document_index": 0,
        "document_title": "G",
    }
    found = {"type": "web_search_result", "url": "https://e.org", "title": "E", "encrypted_content": "x"}
    blocks = [
        {"type": "thinking", "thinking": "Hm.", "signature": "s"},
        {"type": "redacted_thinking", "data": "abc"},
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [found]},
        {"type": "text", "text": "Green.", "citations": [cited]},
        {"type": "tool_use", "id": "toolu_1", "name": "paint", "input": {"colour": "green"}},
    ]
    record = normalize(body(content=blocks, stop_reason="tool_use"))
    assert record.reasoning is not None
    assert (record.reasoning.text, record.reasoning.redacted) == ("Hm.", True)
    assert {(call.id, call.server_side) for call in record.tool_calls} == {
        ("srvtoolu_1", True),
        ("toolu_1", False),
    }
    (citation,) = record.citations
    assert (citation.quote, citation.start_index, citation.end_index) == ("grass is green", 0, 6)


class City(BaseModel):
    name: str


def test_a_message_that_the_sdk_parsed_tells_as_what(replay: ReplayServer) -> None:
    text = body(content=[{"type": "text", "text": '{"name": "Paris"}'}])
    replay.add("anthropic", "parsed", text)
    asked_for: Any = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    parsed = client(replay, "parsed").messages.parse(**asked_for, output_format=City)
    structured = normalize(parsed).structured_output
    assert structured is not None
    assert (structured.parsed, structured.type_name) == (True, "City")
    assert normalize(text).structured_output is None


# --- whose message it is ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "provider", "said"),
    [
        ({}, None, "anthropic"),
        ({"id": "msg_bdrk_01AbCd"}, None, "aws.bedrock"),
        ({"id": "msg_vrtx_01AbCd"}, None, "gcp.vertex_ai"),
        ({"id": "msg_bdrk_01AbCd"}, "https://openrouter.ai/api", "openrouter"),
        ({"id": "gen-1760000000-AbC"}, None, "openrouter"),
        ({"model": "deepseek-chat"}, None, "unknown"),
        ({"model": "deepseek-chat"}, "https://api.deepseek.com/anthropic", "deepseek"),
        ({"model": "kimi-k2-turbo"}, "https://api.moonshot.ai/anthropic", "moonshot"),
        ({"model": "MiniMax-M2"}, "https://api.minimax.io/anthropic", "minimax"),
        ({}, "bedrock", "aws.bedrock"),
    ],
)
def test_only_anthropics_own_messages_are_said_to_be_anthropics(
    fields: dict[str, Any], provider: str | None, said: str
) -> None:
    record = normalize(body(**fields), provider)
    assert record.provider == said
    assert record.api == "messages"
    assert record.usage is not None


# --- the completions of old ------------------------------------------------------------------------------------------


def piece(text: str, **fields: Any) -> dict[str, Any]:
    head = {"type": "completion", "id": "compl_01AbCd", "model": "claude-2.1", "completion": text}
    return head | {"stop_reason": None, "stop": None, "log_id": "compl_01AbCd"} | fields


def test_a_completion_says_the_same_whole_and_streamed() -> None:
    end = {"stop_reason": "stop_sequence", "stop": "END"}
    raw = piece(" Hello!", **end)
    for given in (raw, json.dumps(raw)):
        record = normalize(given)
        assert (record.provider, record.api, record.model) == ("anthropic", "complete", "claude-2.1")
        assert (record.response_id, record.finish_reason) == ("compl_01AbCd", "stop_sequence")
        assert record.stop_sequence == "END"
        assert record.unmapped == ()
    events = [{"type": "ping"}, piece(" Hel"), piece("lo!"), piece("", **end)]
    text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    whole = facts(normalize(raw))
    assert facts(normalize_stream(text)) == whole
    assert facts(normalize_stream(events[1:])) == whole
    assert normalize_stream(events[1:3]).warnings


# --- streams that are odd --------------------------------------------------------------------------------------------

START: Final = {"type": "message_start", "message": body(content=[], stop_reason=None)}
TOOL: Final = {
    "type": "content_block_start",
    "index": 0,
    "content_block": {"type": "tool_use", "id": "toolu_1", "name": "paint", "input": {}},
}


def delta(told: object, index: object = 0) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": told}


def test_a_stream_that_broke_off_says_so_and_how_far_the_arguments_came() -> None:
    record = normalize_stream(
        [START, TOOL, delta({"type": "input_json_delta", "partial_json": '{"colour": "g'})]
    )
    assert any("without the provider's last word" in warning for warning in record.warnings)
    assert record.finish_reason is None
    (call,) = record.tool_calls
    assert (call.name, call.valid, call.args_size_bytes) == ("paint", False, 13)


def test_an_error_in_the_stream_is_kept_with_what_came_before() -> None:
    fault = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    record = normalize_stream([START, delta({"type": "text_delta", "text": "Hi"}), fault])
    assert record.error is not None
    assert (record.error.type, record.error.message) == ("overloaded_error", "Overloaded")
    assert record.finish_reason == "error"
    assert record.response_id == START["message"]["id"]  # type: ignore[index]
    assert record.unmapped == ()


@pytest.mark.parametrize("streamed", [False, True])
def test_an_error_in_place_of_a_message_is_the_records_error(*, streamed: bool) -> None:
    fault = {"type": "rate_limit_error", "message": "Slow down."}
    body = {"type": "error", "error": fault, "request_id": "req_1"}
    record = normalize_stream([body]) if streamed else normalize(body)
    assert record.error is not None
    assert (record.error.type, record.error.message) == ("rate_limit_error", "Slow down.")
    assert record.provider == "anthropic"
    assert record.unmapped == ()


def test_a_server_that_leaves_counts_out_of_the_last_event_loses_none() -> None:
    usage = {"input_tokens": 0, "output_tokens": 9}
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage}
    record = normalize_stream(
        [START, delta({"type": "text_delta", "text": "Hi"}), end, {"type": "message_stop"}]
    )
    assert (record.usage.input_tokens, record.usage.output_tokens) == (10, 9)


@pytest.mark.parametrize(
    "odd",
    [
        delta({"type": "text_delta", "text": 5}),
        delta({"type": "text_delta"}, index=[1]),
        delta({"type": ["text_delta"]}),
        delta("text"),
        delta({"type": "citations_delta", "citation": 3}),
        delta({"type": "new_delta", "colour": "green"}, index=7),
        {"type": "content_block_start", "index": {}, "content_block": []},
        {"type": "message_delta", "delta": [], "usage": 7},
        {"type": "message_start", "message": None},
        {"type": ["message_stop"]},
    ],
)
def test_what_an_event_should_not_hold_costs_nothing_else(odd: dict[str, Any]) -> None:
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}}
    record = normalize_stream([START, odd, end])
    assert record.finish_reason == "stop"
    assert record.usage.output_tokens == 9


def test_the_callers_events_are_left_as_they_are() -> None:
    start = {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text", "text": "", "citations": []},
    }
    cited = {"type": "char_location", "cited_text": "a", "document_index": 0}
    events = [START, start, delta({"type": "citations_delta", "citation": cited}), {"type": "message_stop"}]
    before = json.dumps(events)
    assert len(normalize_stream(events).citations) == 1
    assert json.dumps(events) == before
