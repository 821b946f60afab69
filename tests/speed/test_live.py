"""The straight way of a live call gives what the pipeline gives, in the same order, and leaves all else to it."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, LLMResult

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading.compiled.table import READERS, Readers
from langchain_respmeta._reading.stream_notes import StreamNotes
from langchain_respmeta._runs.outcome import Answered
from langchain_respmeta._runs.run import Run
from langchain_respmeta._runs.run_start import start_of
from langchain_respmeta.enrich.prices import price
from langchain_respmeta.handler import live_calls
from langchain_respmeta.handler.live_calls import read_live
from langchain_respmeta.handler.pipeline import read_run

SERIALIZED = {"id": ["langchain", "chat_models", "openai", "ChatOpenAI"]}
PARAMS = {"_type": "openai-chat", "model": "gpt-5"}
USAGE: Any = {"input_tokens": 30, "output_tokens": 4, "total_tokens": 34}
CALLS: Any = [{"name": "weather", "args": {"city": "Paris"}, "id": "call_1", "type": "tool_call"}]


@pytest.fixture(autouse=True)
def _prices() -> None:
    price.preload(wait=True)


def _run(message: Any = None, **fields: Any) -> Run:
    if message is None:
        told = {"model_name": "gpt-5-2025-08-07", "finish_reason": "stop"}
        message = AIMessage("hi", usage_metadata=USAGE, response_metadata=told, **fields)
    metadata = {"ls_provider": "openai", "thread_id": "t-1", "langgraph_node": "model"}
    run = Run(UUID(int=7), SERIALIZED, metadata, PARAMS, None, UUID(int=3), read_live)
    run.handlers = (RespMetaHandler(feedback=False),)
    run.end(Answered(LLMResult(generations=[[ChatGeneration(message=message)]])))
    return run


def _learned(**fields: Any) -> None:
    for _ in range(12):  # the reader, its plan, and the price's own function
        read_live(_run(**fields))
        STATE[READERS].work_off()


@pytest.fixture
def straight(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each call went the straight way."""
    seen: list[bool] = []
    way = live_calls._straight

    def noted(*args: Any) -> Any:
        draft = way(*args)
        seen.append(draft is not None)
        return draft

    monkeypatch.setattr(live_calls, "_straight", noted)
    return seen


@pytest.mark.parametrize("fields", [{}, {"tool_calls": CALLS}])
def test_it_gives_what_the_pipeline_gives(fields: dict[str, Any], straight: list[bool]) -> None:
    _learned(**fields)
    run = _run(**fields)
    draft: Any = read_live(run)[0]
    assert straight[-1]
    run.notes = None  # what joining the calls noted
    general: Any = read_run(run)[0]
    assert [*draft.items()] == [*general.items()]
    assert draft["cost.total"] > 0
    assert draft["thread_id"] == "t-1"


def _streamed(*last: dict[str, Any], usages: int = 1) -> Run:
    """A run of chunks: words, and the last ones with these facts."""
    told = [AIMessageChunk(content="word ")]
    told += [AIMessageChunk(content="", response_metadata=facts) for facts in last]
    told[-1].usage_metadata = USAGE
    told[0].usage_metadata = USAGE if usages > 1 else None
    message = told[0]
    for chunk in told[1:]:
        message = message + chunk
    run = _run(message)
    run.first_chunk, run.first_token = run.started + 0.1, run.started + 0.2
    run.stream = StreamNotes()
    run.stream.recent = [ChatGenerationChunk(message=chunk) for chunk in told]
    return run


ONE_LAST = {"model_name": "gpt-5-2025-08-07", "finish_reason": "stop"}


def test_a_stream_that_lost_nothing_goes_the_straight_way(straight: list[bool]) -> None:
    for _ in range(12):
        read_live(_streamed(ONE_LAST))
        STATE[READERS].work_off()
    run = _streamed(ONE_LAST)
    draft: Any = read_live(run)[0]
    assert straight[-1]
    general: Any = read_run(run)[0]
    assert [*draft.items()] == [*general.items()]
    assert draft["streamed"]
    assert draft["timing.time_to_first_token_s"] == 0.2


@pytest.mark.parametrize(
    ("last", "usages"),
    [(({"model_name": "gpt-5"}, {"model_name": "gpt-5-2025-08-07"}), 1), ((ONE_LAST,), 2)],
    ids=["names in a row", "counts twice"],
)
def test_a_stream_that_needs_repair_is_the_pipelines(
    last: tuple[dict[str, Any], ...], usages: int, straight: list[bool]
) -> None:
    for _ in range(12):
        read_live(_streamed(*last, usages=usages))
        STATE[READERS].work_off()
    assert not any(straight)
    draft: Any = read_live(_streamed(*last, usages=usages))[0]
    assert draft["model"] == "gpt-5-2025-08-07"
    assert draft["usage.total_tokens"] == USAGE["total_tokens"]


def test_a_merged_message_without_its_stream_is_the_pipelines(straight: list[bool]) -> None:
    _learned(message=AIMessageChunk(content="hi", usage_metadata=USAGE, response_metadata=ONE_LAST))
    assert straight
    assert not any(straight)


def test_an_enrichers_run_is_the_pipelines(straight: list[bool]) -> None:
    class Enricher:
        wait_s = 0.0
        facts = ()

        def wants(self, *_: Any) -> bool:
            return True

        def look_up(self, draft: Any, done: Any) -> None:
            done(None)

        def flush(self, timeout: float) -> bool:
            return True

    _learned()
    run, enricher = _run(), cast("Any", Enricher())
    run.handlers = (RespMetaHandler(feedback=False, enrichers=[enricher]),)
    read_live(run)
    assert straight[-2:] == [True, False]
    assert len(run.lookups) == 1


def test_a_reader_whose_draft_differs_is_left_to_the_pipeline(
    straight: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    _learned()
    way = Readers.read_live

    def wrong(self: Readers, *given: Any) -> Any:
        found = way(self, *given)
        if found is not None:
            found[1]["model"] = "another"
        return found

    run: Any = _run()
    found = way(STATE[READERS], run.outcome.response, start_of(run), None)  # type: ignore[arg-type]
    assert found is not None
    found[0].of_live = None
    monkeypatch.setattr(Readers, "read_live", wrong)
    for _ in range(2):
        draft: Any = read_live(_run())[0]
        assert draft["model"] == "gpt-5-2025-08-07"
    assert not straight[-1]


def test_a_fault_leaves_the_call_to_the_pipeline(
    straight: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    _learned()
    monkeypatch.setattr(live_calls, "own_facts", lambda *_: 1 / 0)
    draft: Any = read_live(_run())[0]
    assert not straight[-1]
    assert draft["thread_id"] == "t-1"
