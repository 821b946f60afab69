"""Starts that are known already: shared where they are equal, in everything that a reader may look at."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading import starts
from langchain_respmeta._reading.starts import MAX_BYTES, MAX_STARTS, STARTS, KnownStart
from langchain_respmeta.providers.engine.run_start import RunStart

SERIALIZED = {"lc": 1, "type": "constructor", "id": ["langchain", "ChatOpenAI"], "kwargs": {"model": "gpt-5"}}
METADATA = {"ls_provider": "openai", "ls_model_name": "gpt-5", "thread_id": "t1"}
PARAMS: dict[str, Any] = {"_type": "openai-chat", "model": "gpt-5", "extra_body": {"service_tier": "flex"}}


def _start(
    serialized: Any = SERIALIZED, metadata: Any = METADATA, params: Any = PARAMS, **more: bool
) -> RunStart:
    return STATE[STARTS].get(serialized, metadata, params, **more)


def test_equal_starts_are_one_and_say_what_a_new_one_says() -> None:
    first = _start()
    again = _start({**SERIALIZED}, {**METADATA, "thread_id": "t2"}, {**PARAMS})
    assert first is again
    assert isinstance(first, KnownStart)
    new = RunStart.from_callback(SERIALIZED, METADATA, PARAMS)
    for name in RunStart.__slots__:
        assert getattr(first, name) == getattr(new, name), name


@pytest.mark.parametrize(
    "changed",
    [
        {"serialized": {**SERIALIZED, "kwargs": {"model": "gpt-5", "openai_api_base": "https://x.test"}}},
        {"metadata": {**METADATA, "ls_provider": "azure"}},
        {"metadata": {**METADATA, "ls_model_name": "other"}},
        {"metadata": {**METADATA, "respmeta_provider": "groq"}},
        {"metadata": {**METADATA, "ls_structured_output_format": {"schema": 1}}},
        {"params": {**PARAMS, "model": "gpt-4o"}},
        {"params": {**PARAMS, "extra_body": {"service_tier": "priority"}}},
        {"params": {**PARAMS, "tools": [{"type": "web_search"}]}},
        {"params": {**PARAMS, "n": 1}},
        {"params": {**PARAMS, "n": True}},
        {"params": {**PARAMS, "n": 1.0}},
        {"params": None},
        {"structured": True},
        {"heard": True},
    ],
)
def test_whatever_a_reader_may_look_at_makes_another_start(changed: dict[str, Any]) -> None:
    first, other = _start(), _start(**changed)
    assert first is not other
    assert isinstance(first, KnownStart)
    assert isinstance(other, KnownStart)
    assert first.key != other.key


def test_a_setting_that_was_changed_in_place_is_seen() -> None:
    body = {"service_tier": "flex"}
    params = {**PARAMS, "extra_body": body}
    first = _start(params=params)
    body["service_tier"] = "priority"
    assert _start(params=params) is not first


def test_the_environment_counts_where_the_class_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    before = _start()
    monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.test/v1")
    assert before.base_url is None
    assert _start().base_url == "https://proxy.test/v1"
    anthropic = {**SERIALIZED, "id": ["langchain", "ChatAnthropic"]}
    assert _start(anthropic) is _start(anthropic)


@pytest.mark.parametrize(
    "params", [{"response_format": object}, {"stop": {1, 2} and object()}, {"long": "x" * (MAX_BYTES + 1)}]
)
def test_what_cannot_be_compared_is_read_anew_each_time(params: dict[str, Any]) -> None:
    first = _start(params=params)
    assert type(first) is RunStart
    assert _start(params=params) is not first


@pytest.mark.parametrize("odd", [None, [], "text", 3])
def test_odd_arguments_give_what_a_new_start_gives(odd: Any) -> None:
    assert _start(odd, odd, odd).integration is None
    assert _start(SERIALIZED, odd, PARAMS).integration == "ChatOpenAI"


def test_a_stored_start_is_the_same_one_again() -> None:
    stored = {"serialized": SERIALIZED, "metadata": METADATA, "invocation_params": PARAMS}
    first = STATE[STARTS].of_mapping(stored)
    assert first is STATE[STARTS].of_mapping({**stored, "serialized": {**SERIALIZED}})
    assert first is _start()


def test_only_so_many_starts_are_kept() -> None:
    first = _start()
    for number in range(MAX_STARTS + 1):
        _start(params={**PARAMS, "seed": number})
    assert _start() is not first


def test_a_start_of_which_nothing_is_told_is_known_without_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    first = STATE[STARTS].of_mapping({})
    monkeypatch.setattr(starts, "_model_of", None)
    assert STATE[STARTS].of_mapping(None) is first
