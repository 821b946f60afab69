"""The Responses API: as JSON, through OpenAI's SDK, as a stream, and as `ChatOpenAI` reads it."""

from __future__ import annotations

import json
from typing import Any, Final

import openai
import pytest
from openai.types.responses import Response
from pydantic import BaseModel

from langchain_respmeta import normalize, normalize_stream
from langchain_respmeta.demo import ReplayServer
from tests.providers.raw.same import facts, lacking
from tests.providers.raw.watched import body_of, text_of_stream, watched, whole_scenarios

SCENARIOS: Final = [
    name
    for _, name in whole_scenarios("openai_responses")
    if body_of("openai_responses", name).get("status") != "failed"  # for those LangChain raises
]
MODEL: Final = "gpt-5-mini-2025-08-07"
CUT: Final = "without the provider's last word"


def said(*output: dict[str, Any], **top: Any) -> dict[str, Any]:
    """A whole answer."""
    return {
        "id": "resp_68af4030baa48193b0b43b4c2a176a1a0c4",
        "object": "response",
        "created_at": 1_780_000_000,
        "status": "completed",
        "model": MODEL,
        "output": list(output),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15},
        **top,
    }


def message(*parts: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": list(parts),
    }


def text(words: str, *annotations: dict[str, Any], **part: Any) -> dict[str, Any]:
    return {"type": "output_text", "text": words, "annotations": list(annotations), **part}


def asks(name: str, arguments: str, call_id: str = "call_1") -> dict[str, Any]:
    return {"id": "fc_1", "type": "function_call", "name": name, "arguments": arguments, "call_id": call_id}


def event(kind: str, index: int = 0, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", "output_index": index, "sequence_number": 1, **fields}


BEGUN: Final = event("created", response=said(status="in_progress", usage=None))


# --- the same record on every way ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_body_says_all_that_langchain_says(replay: ReplayServer, name: str) -> None:
    ours = normalize(body_of("openai_responses", name))
    assert lacking(facts(ours), facts(watched(replay, "openai_responses", name))) == []
    assert ours.unmapped == ()


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_stream_says_all_that_langchains_chunks_say(replay: ReplayServer, name: str) -> None:
    ours = normalize_stream(text_of_stream(replay, "openai_responses", name, "/v1/responses"))
    theirs = watched(replay, "openai_responses", name, stream=True)
    assert lacking(facts(ours), facts(theirs)) == []
    assert ours.unmapped == ()


@pytest.mark.parametrize("name", SCENARIOS)
def test_json_a_dict_the_sdks_object_and_its_events_give_one_record(replay: ReplayServer, name: str) -> None:
    raw = body_of("openai_responses", name)
    url = f"{replay.base_url('openai_responses', name)}/v1"
    client = openai.OpenAI(api_key="none-needed", base_url=url, max_retries=0)
    told = [normalize(each) for each in (raw, json.dumps(raw), Response.model_validate(raw))]
    with client.responses.create(model=MODEL, input="Hi", stream=True) as stream:
        told.append(normalize_stream(stream))
    with client.responses.stream(model=MODEL, input="Hi") as helped:
        told.append(normalize_stream(helped))
    for record in map(facts, told):
        for call in record.get("tool_calls", ()):
            call.pop("args_size_bytes", None)  # whitespace between arguments is lost where they are parsed
        assert lacking(record, facts(told[0]) | {"tool_calls": record.get("tool_calls")}) == []


def test_what_the_sdk_parsed_is_named_by_its_type(replay: ReplayServer) -> None:
    class Place(BaseModel):
        place: str

    url = replay.add("openai_responses", "responses-parsed", said(message(text('{"place": "Ur"}'))))
    client = openai.OpenAI(api_key="none-needed", base_url=f"{url}/v1", max_retries=0)
    whole = normalize(client.responses.parse(model=MODEL, input="Where", text_format=Place))
    with client.responses.stream(model=MODEL, input="Where", text_format=Place) as stream:
        streamed = normalize_stream(stream)
    for record in (whole, streamed):
        assert record.structured_output is not None
        assert (record.structured_output.parsed, record.structured_output.type_name) == (True, "Place")


# --- what a response says --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "name", "server_side"),
    [
        ({"type": "web_search_call", "action": {"type": "search", "query": "Ur"}}, "web_search", True),
        ({"type": "file_search_call", "queries": ["Ur"], "results": None}, "file_search", True),
        ({"type": "code_interpreter_call", "code": "1", "container_id": "c"}, "code_interpreter", True),
        ({"type": "image_generation_call", "result": "AAAA"}, "image_generation", True),
        ({"type": "mcp_call", "name": "roll", "arguments": "{}", "server_label": "dice"}, "roll", True),
        ({"type": "computer_call", "call_id": "call_1", "action": {"type": "click"}}, "computer", False),
        ({"type": "local_shell_call", "call_id": "call_1", "action": {}}, "local_shell", False),
        ({"type": "custom_tool_call", "call_id": "call_1", "name": "run", "input": "x"}, "run", False),
        ({"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"}, "look", False),
    ],
)
def test_each_kind_of_call_is_read(item: dict[str, Any], name: str, server_side: bool) -> None:  # noqa: FBT001
    record = normalize(said({"id": "it_1", "status": "completed", **item}))
    assert [(call.name, call.server_side) for call in record.tool_calls] == [(name, server_side)]
    assert record.finish_reason == ("stop" if server_side else "tool_calls")
    assert record.unmapped == ()


def test_arguments_that_are_no_json_are_invalid() -> None:
    record = normalize(said(asks("look", '{"a"'), asks("look", "{}", "call_2")))
    assert {call.id: call.valid for call in record.tool_calls} == {"call_1": False, "call_2": True}


def test_a_refusal_is_a_part_of_the_message() -> None:
    record = normalize(said(message({"type": "refusal", "refusal": "No."})))
    assert record.refused is True
    assert record.refusal is not None
    assert (record.refusal.source, record.refusal.reason) == ("message", "No.")


def test_each_kind_of_citation_is_read_where_it_stands() -> None:
    record = normalize(
        said(
            message(
                text("Ur is old. "),
                text(
                    "See there.",
                    {"type": "url_citation", "url": "https://a.example", "start_index": 0, "end_index": 3},
                    {"type": "file_citation", "file_id": "file_1", "filename": "a.txt", "index": 9},
                    {
                        "type": "container_file_citation",
                        "container_id": "c_1",
                        "file_id": "cfile_1",
                        "filename": "b.txt",
                        "start_index": 0,
                        "end_index": 3,
                    },
                ),
            )
        )
    )
    assert [(one.type, one.url or one.file_id) for one in record.citations] == [
        ("url", "https://a.example"),
        ("file", "file_1"),
        ("file", "cfile_1"),
    ]
    assert (record.citations[0].start_index, record.citations[0].end_index) == (11, 14)


def test_log_probabilities_of_all_parts_count() -> None:
    parts = [text("x", logprobs=[{"token": "x", "logprob": one, "top_logprobs": []}]) for one in (-0.5, -1.5)]
    record = normalize(said(message(*parts)))
    assert record.logprobs is not None
    assert (record.logprobs.tokens, record.logprobs.mean) == (2, -1.0)


@pytest.mark.parametrize(
    ("top", "finish", "native"),
    [
        ({"status": "queued"}, None, "queued"),
        ({"status": "cancelled"}, "cancelled", "cancelled"),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
            "content_filter",
            "content_filter",
        ),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            "length",
            "max_output_tokens",
        ),
    ],
)
def test_the_status_is_the_end(top: dict[str, Any], finish: str | None, native: str) -> None:
    record = normalize(said(**top))
    assert (record.finish_reason, record.native_finish_reason) == (finish, native)
    assert record.truncated is (finish == "length")


def test_a_failed_response_tells_its_error() -> None:
    body = said(status="failed", error={"code": "rate_limit_exceeded", "message": "Slow down."}, usage=None)
    record = normalize(body)
    assert (record.event, record.finish_reason) == ("error", "error")
    assert record.error is not None
    assert (record.error.code, record.error.message) == ("rate_limit_exceeded", "Slow down.")
    assert record.error.retryable is True


def test_what_the_request_said_is_not_kept() -> None:
    body = said(
        message(text("Ur.")),
        instructions="secret words",
        text={"format": {"type": "text"}},
        reasoning={"effort": "low", "summary": None},
        tools=[{"type": "function", "name": "secret words"}],
        prompt_cache_key="secret words",
    )
    record = normalize(body)
    assert "secret words" not in json.dumps(record.to_dict())
    assert record.reasoning is None
    assert record.unmapped == ()


def test_azures_filters_are_ratings() -> None:
    results = {
        "hate": {"filtered": False, "severity": "safe"},
        "jailbreak": {"detected": True, "filtered": True},
    }
    filters = [{"blocked": True, "source_type": "prompt", "content_filter_results": results}]
    record = normalize(said(message(text("Ur.")), content_filters=filters), "azure")
    assert [(one.category, one.scope, one.blocked) for one in record.safety] == [
        ("hate", "prompt", False),
        ("jailbreak", "prompt", True),
    ]


@pytest.mark.parametrize(
    ("provider", "usage", "field", "value"),
    [
        ("openrouter", {"cost": 0.004, "is_byok": True}, "routing.is_byok", True),
        ("xai", {"num_sources_used": 4}, "usage.num_search_results", 4),
        ("openai", {"input_tokens_details": {"cached_tokens": 3}}, "usage.cache_read_tokens", 3),
        ("openai", {"input_tokens_details": {"cache_write_tokens": 2}}, "usage.cache_write_tokens", 2),
        ("openai", {"output_tokens_details": {"reasoning_tokens": 4}}, "usage.reasoning_tokens", 4),
    ],
)
def test_the_usage_is_read_whole(provider: str, usage: dict[str, Any], field: str, value: object) -> None:
    counts = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, **usage}
    found: Any = normalize(said(message(text("Ur.")), usage=counts), provider)
    assert found.usage.input_tokens == 10
    for name in field.split("."):
        found = getattr(found, name)
    assert found == value


def test_perplexitys_sources_are_citations() -> None:
    results = {"type": "search_results", "results": [{"url": "https://a.example", "title": "A"}]}
    record = normalize(said(results, message(text("Ur."))), "perplexity")
    assert [(one.url, one.title) for one in record.citations] == [("https://a.example", "A")]
    assert record.unmapped == ()


# --- streams ---------------------------------------------------------------------------------------------------------


def test_a_stream_that_broke_off_tells_what_had_come() -> None:
    thought = {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}
    cited = {"type": "url_citation", "url": "https://a.example", "start_index": 0, "end_index": 2}
    where: Any = {"index": 1, "content_index": 0}
    record = normalize_stream(
        [
            BEGUN,
            event("output_item.added", item={**thought, "summary": []}),
            event("output_item.done", item=thought),
            event("output_item.added", 1, item=message()),
            event("output_text.delta", **where, delta="Ur is"),
            event("output_text.annotation.added", **where, annotation=cited, annotation_index=0),
            event("output_item.added", 2, item=asks("look", "")),
            event("function_call_arguments.delta", 2, delta='{"a"'),
        ]
    )
    assert record.reasoning is not None
    assert record.reasoning.text == "Hm."
    assert [(one.url, one.text) for one in record.citations] == [("https://a.example", "Ur")]
    assert [(call.id, call.valid, call.args_size_bytes) for call in record.tool_calls] == [
        ("call_1", False, 4)
    ]
    assert (record.finish_reason, record.api, record.usage) == (None, "responses", None)
    assert any(CUT in warning for warning in record.warnings)


@pytest.mark.parametrize(
    ("kind", "fields", "text_of"),
    [
        ("reasoning_summary_text.delta", {"summary_index": 0}, lambda record: record.reasoning.text),
        ("reasoning_text.delta", {"content_index": 0}, lambda record: record.reasoning.text),
        ("refusal.delta", {"content_index": 0}, lambda record: record.refusal.reason),
    ],
)
def test_texts_come_in_pieces(kind: str, fields: dict[str, Any], text_of: Any) -> None:
    record = normalize_stream(
        [BEGUN, event(kind, **fields, delta="I can"), event(kind, **fields, delta="not.")]
    )
    assert text_of(record) == "I cannot."


def test_the_items_stand_in_for_an_output_that_the_last_event_lacks() -> None:
    events = [
        BEGUN,
        event("output_item.done", 1, item=asks("look", "{ }")),
        event("output_item.done", item=message(text("Ur."))),
        event("completed", response=said()),
    ]
    record = normalize_stream(events)
    assert [(call.name, call.args_size_bytes) for call in record.tool_calls] == [("look", 3)]
    assert (record.finish_reason, record.warnings) == ("tool_calls", ())


@pytest.mark.parametrize(
    "fault",
    [
        {"type": "error", "code": "server_error", "message": "Broke.", "param": None},
        {"type": "error", "error": {"type": "server_error", "code": "server_error", "message": "Broke."}},
        event("failed", response=said(status="failed", error={"code": "server_error", "message": "Broke."})),
    ],
)
def test_an_error_ends_a_stream(fault: dict[str, Any]) -> None:
    record = normalize_stream([BEGUN, event("output_text.delta", content_index=0, delta="U"), fault])
    assert record.error is not None
    assert (record.error.code, record.error.message) == ("server_error", "Broke.")
    assert (record.event, record.finish_reason, record.warnings) == ("error", "error", ())


def test_an_incomplete_response_is_whole() -> None:
    end = said(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    record = normalize_stream([BEGUN, event("incomplete", response=end)])
    assert (record.truncated, record.warnings) == (True, ())


@pytest.mark.parametrize(
    "odd",
    [
        event("output_text.delta", content_index="x", delta="U"),
        event("output_text.delta", content_index=10**9, delta="U"),
        event("output_text.delta", index=-3, delta=5),
        event("output_text.annotation.added", annotation="x"),
        event("output_item.done", item="x"),
        event("output_item.added", item={"type": ["x"], "content": 3}),
        event("output_item.done", item={"type": "message", "content": "Ur."}),
        {"type": "response.output_text.delta", "output_index": {}, "delta": "x"},
        {"type": "response.in_progress", "response": 3},
        {"type": ["x"]},
        {"type": "keepalive"},
    ],
)
def test_what_an_event_should_not_hold_costs_nothing_else(odd: dict[str, Any]) -> None:
    end = said(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    record = normalize_stream([BEGUN, odd, event("incomplete", response=end)])
    assert (record.truncated, record.model) == (True, MODEL)
    assert not any("could not be" in warning for warning in record.warnings)


def test_the_callers_events_are_left_as_they_are() -> None:
    events = [
        BEGUN,
        event("output_item.added", item=message(text("", logprobs=[]))),
        event("output_text.delta", content_index=0, delta="Ur"),
        event("output_text.annotation.added", content_index=0, annotation={"type": "x"}),
    ]
    before = json.dumps(events)
    normalize_stream(events)
    assert json.dumps(events) == before


def test_perplexitys_counts_of_its_cache_and_searches_have_their_own_names() -> None:
    usage = {
        "input_tokens": 20,
        "output_tokens": 5,
        "total_tokens": 25,
        "input_tokens_details": {"cache_read_input_tokens": 7, "cache_creation_input_tokens": 3},
        "tool_calls_details": {"search_web": {"invocation": 2}},
    }
    record = normalize(said(message(text("Ur.")), usage=usage), "perplexity")
    assert record.usage is not None
    assert (record.usage.cache_read_tokens, record.usage.cache_write_tokens) == (7, 3)
    assert record.usage.web_search_requests == 2
    assert record.unmapped == ()
