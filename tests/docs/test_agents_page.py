"""docs/agents.md: its example prints the output on the page, and its table names every key."""

import inspect
import os
import re
from pathlib import Path

import pytest
from langsmith import run_trees
from langsmith import utils as langsmith_utils

from langchain_respmeta._agents import trace_summary
from langchain_respmeta.demo import ReplayServer
from langchain_respmeta.langsmith import tool_run_keys
from langchain_respmeta.local import LocalServer
from tests.agents.bodies import openai

PAGE = (Path(__file__).parents[2] / "docs" / "agents.md").read_text()
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(PRINTED,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
TURNS = [
    openai("", ("call_1", "weather", {"city": "Rome"}), ("call_2", "weather", {"city": "Oslo"})),
    openai("", ("call_3", "send_mail", {"to": "ann@example.com", "text": "7 °C in both."})),
    openai("Ann knows."),
]


@pytest.mark.usefixtures("_tracing_on")
def test_the_example_prints_what_the_page_says(
    server: LocalServer,
    replay: ReplayServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "any")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{replay.add('openai', 'docs', TURNS, by='turn')}/v1")
    exec(compile(EXAMPLE, "agents.md", "exec"), {"__name__": "example"})  # noqa: S102
    assert capsys.readouterr().out == PRINTED
    from langchain_core.tracers.langchain import wait_for_all_tracers

    wait_for_all_tracers()
    told = [
        run["extra"]["metadata"]
        for run in server.store.runs(project=os.environ["LANGSMITH_PROJECT"], run_type="tool")
    ]
    assert sorted((one["respmeta_tool_name"], one.get("respmeta_confirmed")) for one in told) == [
        ("send_mail", True),
        ("weather", None),
        ("weather", None),
    ]


@pytest.fixture
def _tracing_on(request: pytest.FixtureRequest, server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_trees, "_CLIENT", None)
    for name, value in {
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_ENDPOINT": server.url,
        "LANGSMITH_API_KEY": "any",
        "LANGSMITH_PROJECT": request.node.name,
    }.items():
        monkeypatch.setenv(name, value)
    langsmith_utils.get_env_var.cache_clear()
    langsmith_utils.get_tracer_project.cache_clear()


def test_the_table_names_every_key():
    rows = {line.split("|")[1].strip(): line for line in PAGE.splitlines() if line.startswith("| ")}
    of_roots = re.findall(r"^        (\w+)=", inspect.getsource(trace_summary), re.MULTILINE)
    assert len(of_roots) > 8
    known_to_all = {"run_id", "model", "finish_reason", "error_type", "error_status", "cost_usd", "latency_s"}
    assert {*of_roots} - known_to_all <= set(re.findall(r"(\w+)`", rows["root"]))
    told = set(re.findall(r"`(\w+)`", rows["tool"] + rows["parser"]))
    assert told >= tool_run_keys.FLAT.keys()
