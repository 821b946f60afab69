"""The demo's answers, as an integration's call of them is recorded, and as the API gives them."""

from __future__ import annotations

from typing import Any

import httpx

from langchain_respmeta import RespMetaHandler, ResponseMetadata
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model, scenario_runnable


def whole_scenarios(*families: str) -> list[tuple[str, str]]:
    """(family, scenario) of calls that succeed with one answer."""
    return [
        (family, name)
        for family in families
        for name, scenario in demo_scenarios()[family].items()
        if not scenario.failing and len(scenario.answers) == 1
    ]


def body_of(family: str, name: str) -> Any:
    """The body of a scenario's answer."""
    return demo_scenarios()[family][name].answers[0].body


def text_of_stream(replay: ReplayServer, family: str, name: str, path: str) -> str:
    """The same answer as the server streams it."""
    scenario = demo_scenarios()[family][name]
    asked = {
        "model": scenario.model,
        "messages": [],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    return httpx.post(f"{replay.base_url(family, name)}{path}", json=asked).text


def watched(replay: ReplayServer, family: str, name: str, *, stream: bool = False) -> ResponseMetadata:
    """The record of the integration's own call."""
    handler = RespMetaHandler(feedback=False, include_content=True)
    scenario = demo_scenarios()[family][name]
    model: Any = scenario_runnable(replay, scenario) if scenario.tools else scenario_model(replay, scenario)
    config = {"callbacks": [handler]}
    if stream:
        for _ in model.stream(scenario.messages, config, **scenario.bind):
            pass
    else:
        model.invoke(scenario.messages, config, **scenario.bind)
    return handler.records[0]
