"""Agno's `ModelResponse`: every field of its page, both ways, and what must not get in."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from langchain_respmeta.errors import RecordError
from langchain_respmeta.record.record import ResponseMetadata
from tests.record.interchange.agno_response import HELD, RESPONSE, TOOL_EXECUTION
from tests.record.strategies import json_values, records

FIELDS = (
    "role", "content", "parsed", "audio", "images", "videos", "audios", "files", "tool_calls", "tool_executions",
    "reasoning_content", "redacted_reasoning_content", "event", "provider_data", "citations", "response_usage",
    "created_at", "updated_session_state", "compression_stats", "input_tokens", "output_tokens", "total_tokens",
    "time_to_first_token", "reasoning_tokens", "cache_read_tokens", "cache_write_tokens",
)  # fmt: skip
"""All fields of `ModelResponse` on the page."""

EXECUTION_FIELDS = (
    "tool_call_id", "tool_name", "tool_args", "result", "tool_call_error", "child_run_id", "requires_confirmation",
    "confirmed", "requires_user_input", "external_execution_required",
)  # fmt: skip
"""All fields of `ToolExecution` on the page."""


def at(record: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(record, tuple | list):
            record = record[int(step)]
        else:
            record = record[step] if isinstance(record, dict) else getattr(record, step)
    return record


def test_the_example_sets_every_field_of_the_page() -> None:
    assert tuple(RESPONSE) == FIELDS
    assert tuple(HELD) == FIELDS
    assert tuple(TOOL_EXECUTION) == EXECUTION_FIELDS


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_of_the_page_alone_comes_into_the_record_and_back(name: str) -> None:
    given_fields = {name: RESPONSE[name]}
    record = ResponseMetadata.from_agno(given_fields)
    back = record.to_agno()
    assert back[name] == RESPONSE[name]
    assert tuple(sorted(back)) == tuple(sorted(FIELDS)), (
        "every field of the page is written, the absent ones as None"
    )
    assert ResponseMetadata.from_agno(back) == record


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_of_the_page_is_where_the_record_says(name: str) -> None:
    path, value = HELD[name]
    assert at(ResponseMetadata.from_agno(RESPONSE), path) == value


@pytest.mark.parametrize("name", EXECUTION_FIELDS)
def test_a_tool_executions_field_has_the_same_name_on_both_sides(name: str) -> None:
    record = ResponseMetadata.from_agno({"tool_executions": [{name: TOOL_EXECUTION[name]}]})
    assert getattr(record.tool_executions[0], name) == TOOL_EXECUTION[name]
    assert record.to_agno()["tool_executions"][0][name] == TOOL_EXECUTION[name]


def test_a_whole_response_comes_back_equal_and_the_given_one_is_left_alone() -> None:
    told = deepcopy(RESPONSE)
    record = ResponseMetadata.from_agno(told)
    assert told == RESPONSE
    assert record.to_agno() == RESPONSE
    assert ResponseMetadata.from_agno(json.loads(json.dumps(record.to_agno()))) == record
    assert ResponseMetadata.from_dict(json.loads(json.dumps(record.to_dict()))).to_agno() == RESPONSE


@given(records.map(lambda record: ResponseMetadata.from_dict(record.to_dict())))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_record_comes_back_equal(record: ResponseMetadata) -> None:
    told = json.loads(json.dumps(record.to_agno()))
    assert ResponseMetadata.from_agno(told) == record
    assert ResponseMetadata.from_agno(told).to_agno() == told


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("content", "parsed", "extra"), json_values)))
@settings(max_examples=100, deadline=None)
def test_whatever_an_agent_wrote_comes_back_equal(fields: dict[str, Any]) -> None:
    back = ResponseMetadata.from_agno(fields).to_agno()
    assert {name: back[name] for name in fields} == fields


def test_what_agno_cannot_hold_stands_under_one_key_and_comes_back() -> None:
    record = ResponseMetadata(provider="openai", finish_reason="length", truncated=True, service_tier="flex")
    told = record.to_agno()
    assert told["provider_data"] == {
        "respmeta": {
            "provider": "openai",
            "finish_reason": "length",
            "truncated": True,
            "service_tier": "flex",
        }
    }
    assert ResponseMetadata.from_agno(told) == record


def test_what_was_changed_on_the_other_side_is_taken_over() -> None:
    record = ResponseMetadata.from_agno(RESPONSE)
    changed = record.to_agno() | {
        "content": "cloudy",
        "tool_executions": [TOOL_EXECUTION | {"result": "cloudy"}],
    }
    again = ResponseMetadata.from_agno(changed)
    assert again.tool_executions[0].result == "cloudy"
    assert again.to_agno() == changed


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ("AssistantResponse", "assistant_response"),
        ("ToolCallPaused", "tool_call_paused"),
        ("tool_call_started", "tool_call_started"),
    ],
)
def test_an_event_is_known_in_both_spellings_and_keeps_its_own(told: str, word: str) -> None:
    record = ResponseMetadata.from_agno({"event": told})
    assert (record.event, record.unmapped) == (word, ())
    assert record.to_agno()["event"] == told


def test_an_event_that_no_table_knows_is_listed_and_kept() -> None:
    record = ResponseMetadata.from_agno({"event": "CompressionStarted"})
    assert record.unmapped == ("event=CompressionStarted",)
    assert record.to_agno()["event"] == "CompressionStarted"


@pytest.mark.parametrize(
    ("arguments", "valid"),
    [
        ('{"a": 1}', True),
        ("", True),
        (None, True),
        ('{"a": ', False),
        ("[1]", False),
        ({"a": 1}, True),
        (5, False),
    ],
)
def test_arguments_are_measured_and_checked(arguments: Any, valid: bool) -> None:  # noqa: FBT001
    call = ResponseMetadata.from_agno(
        {"tool_calls": [{"function": {"name": "f", "arguments": arguments}}]}
    ).tool_calls[0]
    assert call.valid is valid
    assert call.args_size_bytes == (None if arguments is None else len(_json(arguments)))


def _json(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments, separators=(",", ":"))


def test_media_that_are_only_described_stay_out_of_agnos_lists() -> None:
    """Agno refuses a whole response for one image without an address or bytes."""
    record = ResponseMetadata.from_dict(
        {"schema_version": "1.0", "media": [{"kind": "image", "size_bytes": 9, "origin": "model"}]}
    )
    told = record.to_agno()
    assert told["images"] is None
    assert ResponseMetadata.from_agno(told) == record


def test_without_content_only_facts_are_read() -> None:
    record = ResponseMetadata.from_agno(
        RESPONSE | {"images": [{"id": "i1", "content": "aGVsbG8="}]}, include_content=False
    )
    text = json.dumps(record.to_dict())
    for secret in ("Bern", "sunny", "aGVsbG8=", "EmwKAhgB", "milk", "weather bern"):
        assert secret not in text
    assert record.usage is not None
    assert record.usage.input_tokens == 120
    assert record.reasoning is not None
    assert record.reasoning.redacted
    assert record.tool_executions[0].confirmed
    assert record.updated_session_state == {"cart": None}


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "role": ({"role": 5}, "role"),
    "audio": ({"audio": "hello"}, "audio"),
    "an image": ({"images": [{}, 7]}, "images.1"),
    "an image's address": ({"images": [{"url": 7}]}, "images.0.url"),
    "files": ({"files": {"a": 1}}, "files"),
    "a file's size": ({"files": [{"size": "big"}]}, "files.0.size"),
    "tool_calls": ({"tool_calls": "none"}, "tool_calls"),
    "a tool call": ({"tool_calls": ["f"]}, "tool_calls.0"),
    "a function": ({"tool_calls": [{"function": "f"}]}, "tool_calls.0.function"),
    "an execution's arguments": ({"tool_executions": [{"tool_args": "{}"}]}, "tool_executions.0.tool_args"),
    "an execution's flag": ({"tool_executions": [{"confirmed": "yes"}]}, "tool_executions.0.confirmed"),
    "an execution's time": (
        {"tool_executions": [{"metrics": {"duration": "1 s"}}]},
        "tool_executions.0.metrics.duration",
    ),
    "reasoning": ({"reasoning_content": ["a"]}, "reasoning_content"),
    "redacted reasoning": ({"redacted_reasoning_content": 1}, "redacted_reasoning_content"),
    "event": ({"event": 3}, "event"),
    "provider_data": ({"provider_data": []}, "provider_data"),
    "citations": ({"citations": "x"}, "citations"),
    "citations' urls": ({"citations": {"urls": [{"url": 1}]}}, "citations.urls.0.url"),
    "citations' documents": ({"citations": {"documents": ["x"]}}, "citations.documents.0"),
    "response_usage": ({"response_usage": 7}, "response_usage"),
    "a count": ({"response_usage": {"input_tokens": "7"}}, "response_usage.input_tokens"),
    "a broken count": ({"output_tokens": 1.5}, "output_tokens"),
    "a flag as a count": ({"total_tokens": True}, "total_tokens"),
    "a cost": ({"response_usage": {"cost": "much"}}, "response_usage.cost"),
    "a time that is text": ({"created_at": "2025-01-01"}, "created_at"),
    "a time beyond all calendars": ({"created_at": 10**15}, "created_at"),
    "NaN": ({"time_to_first_token": float("nan")}, "time_to_first_token"),
    "session state": ({"updated_session_state": ["a"]}, "updated_session_state"),
    "compression": ({"compression_stats": 5}, "compression_stats"),
    "the record's rest": ({"provider_data": {"respmeta": 5}}, "provider_data.respmeta"),
    "a field of the rest": ({"provider_data": {"respmeta": {"provider": 5}}}, "provider"),
}


@pytest.mark.parametrize("case", BAD)
def test_another_shape_gives_an_error_that_names_the_field(case: str) -> None:
    told, field = BAD[case]
    with pytest.raises(RecordError, match=field.replace(".", r"\.")) as caught:
        ResponseMetadata.from_agno(told)
    assert caught.value.field == field


@pytest.mark.parametrize("told", [None, "text", [RESPONSE]])
def test_what_is_no_object_is_no_response(told: Any) -> None:
    with pytest.raises(RecordError):
        ResponseMetadata.from_agno(told)


def test_an_error_never_shows_the_value() -> None:
    with pytest.raises(RecordError) as caught:
        ResponseMetadata.from_agno({"reasoning_content": ["my secret thought"]})
    assert "secret" not in str(caught.value)


def test_agno_itself_takes_what_is_written() -> None:
    response = pytest.importorskip("agno.models.response")
    told = ResponseMetadata.from_agno(RESPONSE).to_agno()
    again = response.ModelResponse.from_dict(deepcopy(told)).to_dict()
    record = ResponseMetadata.from_agno(again)
    assert record.to_agno()["citations"] == RESPONSE["citations"]
    assert record.tool_executions[0].tool_name == "get_weather"
    assert record.media == ResponseMetadata.from_agno(RESPONSE).media
    assert again["response_usage"]["input_tokens"] == 120
