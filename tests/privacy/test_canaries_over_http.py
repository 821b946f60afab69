"""Canaries in what providers send over HTTP, streamed or not, in their errors, and in tools, and where they may not go.

The trace itself is LangChain's: it holds the answers, as the user wants. What is ours is looked through: metadata,
feedback, what waits on disk, the log, what sinks are given and write, and the table of records.
"""

from __future__ import annotations

import itertools
import json
import logging
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, interrupt

from langchain_respmeta import RespMetaHandler, ResponseMetadata
from langchain_respmeta.demo import ReplayServer, Scenario, demo_scenarios, scenario_model
from langchain_respmeta.sinks import jsonl
from tests.agents.fakes import asks, model
from tests.attachment.check import metadata_of, ours_of
from tests.attachment.traced import Traced
from tests.integrations.modes import MODES
from tests.privacy.canaries import TEXTS, paths_of, planted, stored_in

pytestmark = [  # of SDKs, about odd answers
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings"),
    pytest.mark.filterwarnings("ignore:.* is not a valid [A-Z]"),
]
PROVIDERS = tuple(demo_scenarios())
MOST = 9
"""Calls of one provider in one mode: spread over all places of its answers, in each mode over other ones."""


class Watched:
    """A handler, and everything of it that is given away."""

    def __init__(self, traced: Traced, where: Path, log: pytest.LogCaptureFixture) -> None:
        log.set_level(logging.DEBUG, "langchain_respmeta")
        self.traced, self.where, self.log = traced, where, log
        self.sunk: list[ResponseMetadata] = []
        self.lines = where.with_name(f"{where.name}.jsonl")
        self.handler = RespMetaHandler(feedback="all", sinks=[self.sunk.append, jsonl(self.lines)])
        self.config: Any = {"callbacks": [self.handler]}

    def given_away(self) -> tuple[list[Any], list[dict[str, Any]], bytes]:
        feedback = self.traced.feedback(self.handler)
        metadata = [ours_of(metadata_of(run)) for run in self.traced.runs()]
        stored = stored_in(self.where)
        rows = json.loads(json.dumps(self.handler.records.to_arrow().to_pylist(), default=str))
        lines = [json.loads(line) for line in self.lines.read_bytes().splitlines()]
        assert len(rows) == len(self.handler.records)
        assert len(lines) == len(self.sunk)
        return [*metadata, *(record.to_dict() for record in self.sunk), *rows, *lines], feedback, stored

    def assert_silent_about(self, *canaries: str) -> None:
        told, feedback, stored = self.given_away()
        assert told
        assert stored
        ours = [each.getMessage() for each in self.log.records if each.name.startswith("langchain_respmeta")]
        for canary in canaries:
            assert not list(paths_of([told, feedback], canary)), canary
            assert not [line for line in ours if canary in line]
            assert canary.encode() not in stored
            assert json.dumps(canary)[1:-1].encode() not in stored


@pytest.fixture
def watched(traced: Traced, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Watched:
    return Watched(traced, tmp_path, caplog)


def _planted(scenarios: list[Scenario], name: str, offset: int) -> Scenario:
    """One scenario of answers that each hold a canary in one place."""
    turns = itertools.cycle(TEXTS)
    found = [
        replace(scenario.answers[0], body=tree["body"])
        for scenario in scenarios
        for _, tree in planted({"body": scenario.answers[0].body}, next(turns))
    ]
    step = max(1, len(found) // MOST)
    return replace(scenarios[0], name=name, answers=tuple(found[offset % step :: step]), by="call")


@pytest.mark.parametrize("mode", ["invoke", "stream", "v3"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_text_of_an_answer_leaves(
    replay: ReplayServer, watched: Watched, provider: str, mode: str
) -> None:
    answered = [
        scenario
        for scenario in demo_scenarios()[provider].values()
        if isinstance(scenario.answers[0].body, dict) and scenario.answers[0].events is None
    ]
    scenario = _planted(answered, f"canaries-{mode}", tuple(MODES).index(mode))
    replay.add_scenario(scenario)
    asked: Any = scenario_model(replay, scenario)
    for _ in scenario.answers:
        with suppress(Exception):  # an integration that cannot read it raises; that is told too
            MODES[mode](asked, watched.config)
    assert len(scenario.answers) >= MOST
    assert len(watched.handler.records) > len(scenario.answers) / 2
    watched.assert_silent_about(*TEXTS)


@pytest.mark.parametrize("mode", ["invoke", "stream"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_text_of_an_error_leaves(replay: ReplayServer, watched: Watched, provider: str, mode: str) -> None:
    base = demo_scenarios()[provider]["error_429"]
    failures = [
        replace(base, answers=(replace(base.answers[0], status=status),)) for status in (400, 403, 404, 422)
    ]
    scenario = _planted(failures, f"failing-canaries-{mode}", 0)
    replay.add_scenario(scenario)
    asked: Any = scenario_model(replay, scenario)
    for _ in scenario.answers:
        with pytest.raises(Exception):  # noqa: B017, PT011 - each SDK raises its own
            MODES[mode](asked, watched.config)
        assert watched.handler.records[-1].finish_reason == "error"
    watched.assert_silent_about(*TEXTS)


@pytest.mark.parametrize("canary", TEXTS)
def test_no_text_of_tools_and_people_leaves(watched: Watched, canary: str) -> None:
    """Arguments, results, failures, questions and the answers of people; an edit, a rejection, an interrupt."""

    @tool
    def look(word: str) -> str:
        """Look."""
        return f"{word} {canary}"

    @tool
    def fail(word: str) -> str:
        """Fail."""
        raise ValueError(f"{canary}: {word}")

    @tool
    def ask(question: str) -> str:
        """Ask."""
        return str(interrupt({"question": f"{question} {canary}", canary: canary}))

    @tool
    def send(to: str) -> str:
        """Send."""
        return to

    calls = (
        ("a", "look", {"word": canary}),
        ("b", "ask", {"question": canary}),
        ("c", "send", {"to": canary}),
        ("d", "send", {"to": "x"}),
    )
    agent: Any = create_agent(
        model(asks(*calls[:1]), asks(calls[1]), asks(*calls[2:]), canary),
        [look, fail, ask, send],
        checkpointer=InMemorySaver(),
        middleware=[HumanInTheLoopMiddleware({"send": True})],
    )
    config = {**watched.config, "configurable": {"thread_id": "1"}}
    agent.invoke({"messages": [("user", canary)]}, config)
    agent.invoke(Command(resume={"answer": canary}), config)
    decisions = [
        {"type": "edit", "edited_action": {"name": "send", "args": {"to": f"{canary} too"}}},
        {"type": "reject", "message": canary},
    ]
    agent.invoke(Command(resume={"decisions": decisions}), config)
    failing: Any = create_agent(model(asks(("e", "fail", {"word": canary}))), [fail])
    with pytest.raises(ValueError, match=r"."):
        failing.invoke({"messages": [("user", canary)]}, watched.config)
    assert len(watched.traced.runs(run_type="tool")) >= 4
    watched.assert_silent_about(canary)
