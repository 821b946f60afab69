"""docs/monitor.md: its programs run as they are written, and the budget stops calls."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from langchain_respmeta import ResponseMetadata
from langchain_respmeta.demo import ReplayServer, demo_scenarios
from langchain_respmeta.record.measures import Cost
from tests.docs.page import ROOT, blocks
from tests.waiting import CEILING_S

_PAGE = blocks((ROOT / "docs/monitor.md").read_text("utf-8"))
_PROGRAMS = [block.text for block in _PAGE if block.language == "python"]
_SHOWN = next(block.text for block in _PAGE if not block.language)
_ANSWER = AIMessage("Hi", response_metadata={"model_name": "gpt-6.1-sol", "finish_reason": "stop"})


def programs(replay: ReplayServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """All programs of the page, one after the other."""
    url = replay.add("openai", "monitor-page", [demo_scenarios()["openai"]["basic"].answers[0]])
    monkeypatch.setenv("OPENAI_BASE_URL", f"{url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    names: dict[str, Any] = {"__name__": "__main__", "response": _ANSWER}
    for text in _PROGRAMS:
        exec(compile(text, "<docs/monitor.md>", "exec"), names)  # noqa: S102 - the page is ours
    return names


def test_the_programs_run_and_the_budget_stops_whom_it_should(
    replay: ReplayServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = programs(replay, monkeypatch)
    title, heads, *_ = capsys.readouterr().out.splitlines()
    assert title == _SHOWN.splitlines()[0]
    assert heads.split() == _SHOWN.splitlines()[1].split()
    monitor = program["handler"].monitor
    assert (program["totals"].calls, monitor.totals().calls) == (1, 2)
    monitor(ResponseMetadata(metadata={"user_id": "ann"}, cost=Cost(total=Decimal(6))))
    assert monitor.flush(CEILING_S)
    assert capsys.readouterr().out.startswith("user_id ann, window day: cost_usd > 5: 6.00")
    config: Any = {"callbacks": [program["Budget"]()], "metadata": {"user_id": "ann"}}
    with pytest.raises(program["OverBudget"], match="ann has spent"):
        program["model"].invoke("Who?", config)
    program["model"].invoke("Who?", {**config, "metadata": {"user_id": "bob"}})
