"""A record survives any number of round trips through data and JSON; other input raises an error with the reason."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings

from langchain_respmeta.errors import RecordError
from langchain_respmeta.record import fields as fields_module
from langchain_respmeta.record import json_codec, measures, parts
from langchain_respmeta.record.measures import Cost, Timing, Usage
from langchain_respmeta.record.parts import Logprobs, Media, ToolCall, ToolExecution
from langchain_respmeta.record.record import ResponseMetadata
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION
from tests.record.samples import BARE, CACHED, FAILED, REFUSED, SEARCH
from tests.record.strategies import records

SAMPLES = (SEARCH, REFUSED, FAILED, CACHED, BARE)
MINOR = int(SCHEMA_VERSION.split(".")[1])
NEWER = f"{SCHEMA_VERSION.split('.')[0]}.{MINOR + 1}"


@given(records)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_record_survives_data_and_json(record: ResponseMetadata) -> None:
    data = record.to_dict()
    assert ResponseMetadata.from_dict(data) == record
    assert ResponseMetadata.from_dict(json.loads(json.dumps(data))) == record


@pytest.mark.parametrize("record", SAMPLES)
def test_what_is_read_is_written_the_same_again(record: ResponseMetadata) -> None:
    text = json.dumps(record.to_dict())
    again = ResponseMetadata.from_dict(json.loads(text))
    assert again == record
    assert json.dumps(again.to_dict()) == text


def test_only_what_was_reported_is_written_in_the_order_of_the_fields() -> None:
    record = ResponseMetadata(
        usage=Usage(output_tokens=0),
        cost=Cost(total=Decimal("1E-7")),
        created_at=datetime(2025, 1, 15, 10, 30, tzinfo=timezone(timedelta(hours=2))),
        model="m",
        tool_calls=(ToolCall(),),
    )
    assert json.dumps(record.to_dict()) == json.dumps(
        {
            "schema_version": SCHEMA_VERSION,
            "provider": "unknown",
            "model": "m",
            "created_at": "2025-01-15T10:30:00+02:00",
            "finish_reason": None,
            "truncated": False,
            "refused": False,
            "tool_calls": [{"valid": True, "server_side": False}],
            "usage": {"output_tokens": 0},
            "cost": {"total": "0.0000001", "currency": "USD"},
            "event": "assistant_response",
        }
    )


def test_an_empty_mapping_that_says_something_is_kept() -> None:
    record = ResponseMetadata(
        updated_session_state={},
        tool_executions=(ToolExecution(tool_args={}),),
        usage=Usage(),
        provider_data={},
    )
    data = record.to_dict()
    assert data["updated_session_state"] == {}
    assert data["tool_executions"] == [{"tool_args": {}}]
    assert data["usage"] == {}
    assert "provider_data" not in data
    assert ResponseMetadata.from_dict(data) == record


def test_the_data_is_a_copy() -> None:
    inner = {"a": [1]}
    record = ResponseMetadata(provider_data={"k": inner})
    record.to_dict()["provider_data"]["k"]["a"].append(2)
    assert inner == {"a": [1]}


@pytest.mark.parametrize("record", SAMPLES)
def test_what_is_written_is_json_for_strict_writers(record: ResponseMetadata) -> None:
    huge_to_text = {**record.to_dict(), "provider_data": {}}
    assert orjson.loads(orjson.dumps(huge_to_text)) == huge_to_text


def test_what_json_has_no_word_for_is_left_out_or_put_in_words() -> None:
    record = ResponseMetadata(
        model="half \ud83d",
        timing=Timing(latency_s=float("nan"), load_s=2.0),
        cost=Cost(total=Decimal("NaN")),
        logprobs=Logprobs(mean=-1.0, min=float("-inf"), tokens=1),
        provider_data={
            "bytes": b"abc",
            7: ("x", {1}),
            "proxy": MappingProxyType({"k": "\udc00\ud83d\ude00"}),
        },
    )
    data = record.to_dict()
    assert data["model"] == "half \ufffd"
    assert data["timing"] == {"load_s": 2.0}
    assert data["cost"] == {"currency": "USD"}
    assert data["logprobs"] == {"mean": -1.0, "tokens": 1}
    assert data["provider_data"] == {
        "bytes": "<3 bytes>",
        "7": ["x", [1]],
        "proxy": {"k": "\ufffd\U0001f600"},
    }
    orjson.dumps(data)


@pytest.mark.parametrize("wrap", [lambda inner: {"d": inner}, lambda inner: [inner], lambda inner: (inner,)])
def test_deep_provider_data_is_cut_and_says_so(wrap: Callable[[Any], Any]) -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = wrap(deep)
    text = json.dumps(ResponseMetadata(provider_data={"k": deep}).to_dict())
    assert "nested deeper than" in text
    assert len(text) < 1000


def test_a_naive_time_is_written_as_utc() -> None:
    record = ResponseMetadata(created_at=datetime(2025, 1, 15, 10, 30))  # noqa: DTZ001
    assert record.to_dict()["created_at"] == "2025-01-15T10:30:00+00:00"


def test_large_and_small_decimals_keep_every_digit_and_a_bounded_text() -> None:
    for text in (
        "0.1",
        "123456789.123456789012345678901234567890",
        "-0.000",
        "1E+30",
        "1E-500000",
        "7E+400000",
    ):
        value = Decimal(text)
        data = ResponseMetadata(cost=Cost(total=value)).to_dict()
        assert len(data["cost"]["total"]) < 60
        read = ResponseMetadata.from_dict(data).cost
        assert read is not None
        assert read.total == value


def test_half_surrogates_in_foreign_data_do_not_stop_the_reading() -> None:
    data = {**BARE.to_dict(), "model": "x\ud800"}
    assert ResponseMetadata.from_dict(data).model == "x\ufffd"


def test_data_that_never_went_through_json_is_read_too() -> None:
    data = MappingProxyType(
        {
            "schema_version": SCHEMA_VERSION,
            "created_at": datetime(2025, 1, 15, tzinfo=UTC),
            "cost": MappingProxyType({"total": Decimal("0.5")}),
            "warnings": ("w",),
        }
    )
    record = ResponseMetadata.from_dict(data)
    assert record.created_at == datetime(2025, 1, 15, tzinfo=UTC)
    assert record.cost == Cost(total=Decimal("0.5"))
    assert record.warnings == ("w",)


WRONG_VALUES = [
    ("usage.input_tokens", {"usage": {"input_tokens": "12"}}, "a whole number, got '12'"),
    ("usage.input_tokens", {"usage": {"input_tokens": True}}, "a whole number, got True"),
    ("usage.input_tokens", {"usage": {"input_tokens": 1.5}}, "a whole number, got 1.5"),
    ("timing.latency_s", {"timing": {"latency_s": "1.2"}}, "a number, got '1.2'"),
    ("truncated", {"truncated": "false"}, "true or false, got 'false'"),
    ("model", {"model": 4}, "text, got 4"),
    ("warnings.0", {"warnings": [4]}, "text, got 4"),
    ("citations", {"citations": {"type": "url"}}, "a list, got {'type': 'url'}"),
    ("citations.1.type", {"citations": [{"type": "url"}, {}]}, "missing"),
    ("usage", {"usage": [1]}, "an object, got [1]"),
    ("provider_data", {"provider_data": [1]}, "an object, got [1]"),
    ("cost.total", {"cost": {"total": "cheap"}}, "a decimal number as text"),
    ("cost.total", {"cost": {"total": "NaN"}}, "a decimal number as text"),
    ("created_at", {"created_at": "yesterday"}, "a time in ISO 8601"),
    ("created_at", {"created_at": 1736937000}, "a time in ISO 8601"),
    ("created_at", {"created_at": "2025-01-15T10:30:00"}, "without an offset"),
    ("finish_reason", {"finish_reason": "end_turn"}, "expected one of 'stop', 'tool_calls'"),
    ("refusal.source", {"refusal": {"source": "mood"}}, "expected one of 'message', 'stop_reason'"),
    ("usage.tokens", {"usage": {"tokens": 1}}, "not a name of the record"),
    ("modell", {"modell": "m"}, "not a name of the record"),
    ("model", {"model": 4, "role": 5}, "(1 more)"),
    ("rollup", {"rollup": {"llm_calls": 2}}, "roll-up of a root run"),
]


@pytest.mark.parametrize(("field", "change", "words"), WRONG_VALUES)
def test_a_wrong_value_is_named_with_its_place_what_was_expected_and_what_to_do(
    field: str, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(RecordError) as caught:
        ResponseMetadata.from_dict({**BARE.to_dict(), **change})
    message = str(caught.value)
    assert message.startswith(f"{field}: ")
    assert words in message
    assert caught.value.field == field
    assert message.endswith(". Correct it, or write the record again with ResponseMetadata.to_dict().")


NO_RECORDS = [
    (None, "got NoneType", None),
    ([BARE.to_dict()], "got list", None),
    ('{"schema_version": "1.0"}', "got str", None),
    ({}, "it holds nothing", "schema_version"),
    (
        {"role": "assistant", "content": "x", "tool_executions": []},
        "it holds role, content",
        "schema_version",
    ),
    ({"data": {"id": "gen-1"}}, "it holds data", "schema_version"),
    ({"respmeta": BARE.to_dict(), "ls_provider": "openai"}, "its `respmeta` entry", "schema_version"),
    ({"schema_version": 1.0}, 'expected "major.minor"', "schema_version"),
    ({"schema_version": "one"}, "got 'one'", "schema_version"),
    (
        {"schema_version": "2.0"},
        "has version 2.0, this release reads 1.x (up to 1.1): upgrade",
        "schema_version",
    ),
    ({"schema_version": "0.9"}, "the release of langchain-respmeta that wrote it", "schema_version"),
    ({"schema_version": "1.0", "model": object()}, "holds a object", None),
    ({"schema_version": "1.0", "candidates": 10**5000}, "not JSON data", None),
]


@pytest.mark.parametrize(("data", "words", "field"), NO_RECORDS)
def test_what_is_no_record_says_what_it_is(data: Any, words: str, field: str | None) -> None:
    with pytest.raises(RecordError) as caught:
        ResponseMetadata.from_dict(data)
    assert words in str(caught.value)
    assert caught.value.field == field


def test_a_circle_is_no_record() -> None:
    circle: dict[str, Any] = {**BARE.to_dict()}
    circle["provider_data"] = circle
    with pytest.raises(RecordError, match="not JSON data"):
        ResponseMetadata.from_dict(circle)


def test_a_newer_minor_is_read_as_far_as_its_names_are_known() -> None:
    record = ResponseMetadata.from_dict({**SEARCH.to_dict(), "schema_version": NEWER})
    assert record == dataclasses.replace(SEARCH, schema_version=NEWER)


@pytest.mark.parametrize("news", [{"novelty": 1}, {"usage": {"novel_tokens": 3}}, {"finish_reason": "bored"}])
def test_news_of_a_newer_minor_ask_for_the_upgrade(news: dict[str, Any]) -> None:
    with pytest.raises(RecordError) as caught:
        ResponseMetadata.from_dict({**BARE.to_dict(), "schema_version": NEWER, **news})
    assert f"written by a newer version ({NEWER}; this release reads up to {SCHEMA_VERSION})" in str(
        caught.value
    )
    assert "upgrade langchain-respmeta" in str(caught.value)
    assert caught.value.schema_version == NEWER


def test_an_older_minor_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_codec, "_OURS", (1, MINOR + 1))
    assert ResponseMetadata.from_dict(SEARCH.to_dict()) == SEARCH


def test_long_values_are_shortened_in_messages() -> None:
    with pytest.raises(RecordError) as caught:
        ResponseMetadata.from_dict({**BARE.to_dict(), "usage": {"input_tokens": "secret " * 100}})
    assert len(str(caught.value)) < 250


def test_every_part_of_the_record_is_covered_by_the_strategy() -> None:
    """A new dataclass in the module is either reached by the round trips or this fails."""
    defined = {
        item
        for item in (*vars(fields_module).values(), *vars(parts).values(), *vars(measures).values())
        if isinstance(item, type) and dataclasses.is_dataclass(item)
    }
    schema_parts = set(ResponseMetadata.json_schema()["$defs"]) | {"RecordFields"}
    assert {item.__name__ for item in defined} == schema_parts
    assert Media in defined
