"""The seven integrations, through their real classes: every documented fact in its field, none invented."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from langchain_respmeta import RespMetaHandler, ResponseMetadata
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model
from tests.integrations.expected import EVERYWHERE, ONLY_WHOLE
from tests.integrations.modes import MODES, STREAMED, WHOLE


def _record(replay: ReplayServer, provider: str, scenario: str, mode: str) -> ResponseMetadata:
    handler = RespMetaHandler(feedback=False)
    model: Any = scenario_model(replay, demo_scenarios()[provider][scenario])
    MODES[mode](model, {"callbacks": [handler]})
    assert len(handler.records) == 1
    return handler.records[0]


def _field(record: Any, path: str) -> Any:
    return reduce(lambda part, name: None if part is None else getattr(part, name), path.split("."), record)


def _cases(table: dict[tuple[str, str], Any], modes: Any) -> list[Any]:
    return [
        pytest.param(provider, scenario, mode, id=f"{provider}-{scenario}-{mode}")
        for provider, scenario in table
        for mode in modes
    ]


@pytest.mark.parametrize(("provider", "scenario", "mode"), _cases(EVERYWHERE, MODES))
def test_documented_facts_stand_in_their_fields_however_the_model_is_called(
    replay: ReplayServer, provider: str, scenario: str, mode: str
) -> None:
    record = _record(replay, provider, scenario, mode)
    expected = EVERYWHERE[provider, scenario]
    assert {path: _field(record, path) for path in expected} == expected


@pytest.mark.parametrize(("provider", "scenario", "mode"), _cases(ONLY_WHOLE, WHOLE))
def test_facts_of_whole_answers_stand_in_their_fields(
    replay: ReplayServer, provider: str, scenario: str, mode: str
) -> None:
    record = _record(replay, provider, scenario, mode)
    for path, value in ONLY_WHOLE[provider, scenario].items():
        found = _field(record, path)
        assert found is not None if value is ... else found == value, path


@pytest.mark.parametrize(("provider", "scenario", "mode"), _cases(ONLY_WHOLE, STREAMED))
def test_what_a_stream_does_not_hand_over_is_none(
    replay: ReplayServer, provider: str, scenario: str, mode: str
) -> None:
    record = _record(replay, provider, scenario, mode)
    assert {path: _field(record, path) for path in ONLY_WHOLE[provider, scenario]} == dict.fromkeys(
        ONLY_WHOLE[provider, scenario]
    )


SUCCEEDING = [
    (provider, name)
    for provider, scenarios in demo_scenarios().items()
    for name, scenario in scenarios.items()
    if not scenario.failing
]


def _is_one_answer(provider: str, scenario: str) -> bool:
    """Not a sequence, no failure, one candidate (LangChain merges those of a stream into one message)."""
    return scenario not in {"agent", "retry", "disconnect", "n2"} and (provider, scenario) != (
        "openai_responses",
        "failed",
    )


@pytest.mark.parametrize(("provider", "scenario"), [case for case in SUCCEEDING if _is_one_answer(*case)])
def test_a_stream_gives_the_outcome_and_counts_of_the_whole_answer(
    replay: ReplayServer, provider: str, scenario: str
) -> None:
    whole, streamed = (_record(replay, provider, scenario, mode) for mode in ("invoke", "stream"))
    assert streamed.finish_reason == whole.finish_reason
    if whole.usage is not None:  # a blocked Gemini prompt keeps its counts in streams only
        for name in ("input_tokens", "output_tokens", "total_tokens"):
            assert _field(streamed, f"usage.{name}") == _field(whole, f"usage.{name}"), name
    assert _client_tools(streamed) == _client_tools(whole)
    assert whole.warnings == streamed.warnings == ()
    assert whole.unmapped == streamed.unmapped == ()


def _client_tools(record: ResponseMetadata) -> list[str | None]:
    return [call.name for call in record.tool_calls if not call.server_side]


@pytest.mark.parametrize("mode", STREAMED)
def test_a_stream_is_timed(replay: ReplayServer, mode: str) -> None:
    record = _record(replay, "openai", "basic", mode)
    timing = record.timing
    assert record.streamed is True
    assert timing is not None
    assert 0 < timing.time_to_first_chunk_s <= timing.time_to_first_token_s <= timing.latency_s  # type: ignore[operator]
    assert timing.tokens_per_second > 0  # type: ignore[operator]


@pytest.mark.parametrize("mode", WHOLE)
def test_a_whole_answer_has_no_stream_times(replay: ReplayServer, mode: str) -> None:
    record = _record(replay, "openai", "basic", mode)
    assert record.streamed is False
    assert record.timing is not None
    assert record.timing.time_to_first_token_s is None
    assert record.timing.latency_s > 0  # type: ignore[operator]


@pytest.mark.parametrize("mode", MODES)
def test_citations_of_a_web_search_survive_every_mode(replay: ReplayServer, mode: str) -> None:
    record = _record(replay, "openai_responses", "web_search", mode)
    assert [(item.url, item.start_index, item.end_index) for item in record.citations] == [
        ("https://science.nasa.gov/mission/voyager/", 69, 124),
        ("https://en.wikipedia.org/wiki/Voyager_1", 209, 267),
    ]
    assert [(call.name, call.server_side) for call in record.tool_calls] == [("web_search", True)]


def test_several_candidates_give_a_record_each_and_count_usage_once(replay: ReplayServer) -> None:
    handler = RespMetaHandler(feedback=False)
    model: Any = scenario_model(replay, demo_scenarios()["openai"]["n2"])
    result = model.generate([[HumanMessage("hi")]], callbacks=[handler])
    assert len(result.generations[0]) == len(handler.records) == 2
    assert [record.candidate_index for record in handler.records] == [0, 1]
    assert {record.candidates for record in handler.records} == {2}
    first, second = handler.records
    assert first.usage is not None
    assert second.usage is None
    assert first.response_id == second.response_id is not None
    assert first.model == second.model is not None


def test_texts_stay_out_unless_asked_for(replay: ReplayServer) -> None:
    handlers = [RespMetaHandler(feedback=False, include_content=flag) for flag in (False, True)]
    model: Any = scenario_model(replay, demo_scenarios()["anthropic"]["web_search"])
    model.invoke("hi", config={"callbacks": list(handlers)})
    without, with_texts = (handler.records[0].citations[0] for handler in handlers)
    assert (without.quote, without.text) == (None, None)
    assert with_texts.quote
    assert with_texts.text
    assert without.url == with_texts.url
