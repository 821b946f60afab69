"""The published schema accepts what is written, refuses what is not, and explains the fields."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator, FormatChecker

from langchain_respmeta.record.measures import Usage
from langchain_respmeta.record.record import ResponseMetadata
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION
from tests.record.samples import BARE, SEARCH
from tests.record.strategies import records

SCHEMA = ResponseMetadata.json_schema()
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def test_it_is_a_schema_of_draft_2020_12() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"].endswith(SCHEMA_VERSION)
    assert SCHEMA["title"] == "ResponseMetadata"
    assert SCHEMA["description"] == "What a provider said about one answer."


@given(records)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_accepts_every_record_that_is_written(record: ResponseMetadata) -> None:
    VALIDATOR.validate(record.to_dict())


REFUSED = [
    {"finish_reason": "end_turn"},
    {"usage": {"input_tokens": "12"}},
    {"usage": {"input_tokens": 1.5}},
    {"cost": {"currency": "USD", "total": 0.5}},
    {"cost": {"currency": "USD", "total": "cheap"}},
    {"cost": {"total": "0.5"}},
    {"created_at": 5},
    {"novelty": 1},
    {"citations": [{}]},
    {"provider": None},
]


@pytest.mark.parametrize("change", REFUSED)
def test_it_refuses_what_is_no_record(change: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(BARE.to_dict())
    assert not VALIDATOR.is_valid({**BARE.to_dict(), **change})


@pytest.mark.parametrize(
    "name", ["schema_version", "provider", "finish_reason", "truncated", "refused", "event"]
)
def test_what_is_always_written_is_required(name: str) -> None:
    data = SEARCH.to_dict()
    del data[name]
    assert not VALIDATOR.is_valid(data)


def test_fields_are_described_by_their_docstrings() -> None:
    usage = SCHEMA["$defs"]["Usage"]["properties"]
    assert (
        usage["input_tokens"]["description"] == "All tokens of the prompt, cache reads and writes included."
    )
    assert all(field["description"] for field in usage.values())
    assert (
        SCHEMA["properties"]["refused"]["description"]
        == "The answer was declined or withheld; see `refusal`. None: no reader recognized the answer."
    )
    assert set(usage) == {field.name for field in dataclasses.fields(Usage)}


def test_each_call_gives_a_schema_of_its_own() -> None:
    ResponseMetadata.json_schema()["properties"].clear()
    assert ResponseMetadata.json_schema() == SCHEMA
