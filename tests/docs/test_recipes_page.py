"""docs/recipes.md: each recipe runs as it is written, and does what it says."""

from __future__ import annotations

import copy
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

import prometheus_client
import pytest
from starlette.testclient import TestClient

from langchain_respmeta.demo import ReplayServer, demo_scenarios
from tests.attachment.traced import Traced
from tests.docs.page import Block, run, sections, write_files
from tests.waiting import CEILING_S, until

RECIPES: Final = sections("docs/recipes.md")
TRIED: Final[set[str]] = set()
ANSWERS: Final = demo_scenarios()["openai"]

AskOpenAI = Callable[..., None]
"""Names of the demo's answers, or bodies, in the order in which they are given."""


def recipe(title: str) -> pytest.MarkDecorator:
    """Hand a recipe's blocks to a test, and note that it is tried."""
    TRIED.add(title)
    return pytest.mark.parametrize("found", [pytest.param(RECIPES[title], id="")])


def test_each_recipe_is_tried() -> None:
    assert set(RECIPES) == TRIED


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of its own, from which a recipe's modules are loaded."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def ask_openai(replay: ReplayServer, monkeypatch: pytest.MonkeyPatch) -> AskOpenAI:
    """Point `ChatOpenAI` at answers of the demo's."""

    def ask(*answers: str | dict[str, Any]) -> None:
        bodies = [ANSWERS[one].answers[0] if isinstance(one, str) else one for one in answers]
        monkeypatch.setenv("OPENAI_BASE_URL", f"{replay.add('openai', 'recipes', bodies)}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "none")

    return ask


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


@recipe("What did each model cost today?")
def test_cost_of_each_model(
    found: list[Block], ask_openai: AskOpenAI, capsys: pytest.CaptureFixture[str]
) -> None:
    ask_openai("basic")
    handler = run(found, show=True)["handler"]
    words = capsys.readouterr().out.split()
    assert words[words.index("gpt-6.1-sol-2026-08-12") + 1] == "1"
    (one,) = handler.monitor.figures(by="model", window="day")
    assert one.cost_usd == handler.records[-1].cost.total > 0


@recipe("What did each user cost, each thread, each agent?")
def test_cost_of_each_user(
    found: list[Block], ask_openai: AskOpenAI, capsys: pytest.CaptureFixture[str]
) -> None:
    ask_openai("basic", "headers")
    handler = run(found, show=True)["handler"]
    costs = {record.metadata["user_id"]: str(record.cost.total) for record in handler.records}
    assert set(costs) == {"ann", "ben"}
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert sorted(shown) == [[user, "1", cost] for user, cost in costs.items()]


@recipe("Which answers were refused, and why?")
def test_refused_answers(
    found: list[Block], folder: Path, ask_openai: AskOpenAI, capsys: pytest.CaptureFixture[str]
) -> None:
    ask_openai("refusal")
    handler = run(found, show=True)["handler"]
    run_id = handler.records[-1].run_id
    assert capsys.readouterr().out == f"[('{run_id}', 'message')]\n"
    (line,) = until(lambda: lines_of(folder / "refusals.jsonl"), "the refusal's line")
    assert line["run_id"] == run_id


@recipe("Which service tier is slow?")
def test_slow_tiers(found: list[Block], ask_openai: AskOpenAI, capsys: pytest.CaptureFixture[str]) -> None:
    ask_openai("basic", "service_tier_flex")
    handler = run(found, show=True)["handler"]
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == {"default", "flex"}
    by_tier = {one.value: one for one in handler.monitor.figures(by="service_tier")}
    assert by_tier["flex"].p95_first_token_s > 0
    assert by_tier["default"].p95_first_token_s is None


@recipe("Tell me when answers are cut")
def test_told_of_cut_answers(
    found: list[Block], ask_openai: AskOpenAI, capsys: pytest.CaptureFixture[str]
) -> None:
    ask_openai("truncated")
    run(found, show=True)
    told = "2 of 2 answers of gpt-6-luna-2026-05-20 were cut\n"
    assert until(lambda: capsys.readouterr().out, "the alert") == told


@recipe("Parquet: keep every record")
def test_parquet(found: list[Block], ask_openai: AskOpenAI, capsys: pytest.CaptureFixture[str]) -> None:
    ask_openai("basic")
    run(found, show=True)
    assert capsys.readouterr().out == "[('gpt-6.1-sol-2026-08-12', 1)]\n"


@recipe("Prometheus")
def test_prometheus(found: list[Block], ask_openai: AskOpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scraped over HTTP; at a free port, of a registry of its own."""
    ask_openai("basic")
    registry = prometheus_client.CollectorRegistry()
    monkeypatch.setattr(prometheus_client, "REGISTRY", registry)
    server, thread = prometheus_client.start_http_server(0, registry=registry)
    monkeypatch.setattr(prometheus_client, "start_http_server", lambda _: None)
    program = run(found)
    assert program["handler"].flush(CEILING_S)
    page = urlopen(f"http://127.0.0.1:{server.server_port}/metrics").read().decode()
    server.shutdown()
    server.server_close()
    thread.join()
    (line,) = [
        one
        for one in page.splitlines()
        if one.startswith("respmeta_cost_usd_total{") and 'user_id="ann"' in one
    ]
    assert float(line.split()[-1]) == float(program["handler"].records[-1].cost.total)


@recipe("FastAPI: who asked, and what it cost")
def test_fastapi(found: list[Block], folder: Path, ask_openai: AskOpenAI) -> None:
    ask_openai("basic")
    write_files(found, folder)
    with TestClient(import_module("service").app) as service:
        told = service.post("/ask", params={"question": "Who?"}, headers={"x-user": "ann"})
        assert told.status_code == 200
        assert told.json().startswith("The oldest known examples of cuneiform")
        (cost,) = service.get("/costs").json().items()
    assert cost[0] == "ann"
    assert cost[1] > 0


@recipe("Celery: records of worker processes")
def test_celery(
    found: list[Block],
    folder: Path,
    ask_openai: AskOpenAI,
    traced: Traced,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A real worker that forks; its queue is a folder: the one way in is the other's way out."""
    ask_openai("refusal")
    write_files(found, folder)
    (folder / "data_out").mkdir()
    (folder / "data_in").symlink_to("data_out")
    monkeypatch.setenv("CELERY_BROKER_URL", "filesystem://")
    quick = ("--concurrency=1", "--without-gossip", "--without-mingle", "--without-heartbeat")
    worker = subprocess.Popen([sys.executable, "-m", "celery", "-A", "tasks", "worker", *quick])
    try:
        import_module("tasks").answer.delay("How?", user_id="ann")
        until(lambda: lines_of(folder / "refusals.jsonl"), "the refusal's line")
        worker.send_signal(signal.SIGTERM)
        worker.wait(CEILING_S)
    finally:
        worker.kill()
        worker.wait()
    told = traced.model_metadata()
    assert told["respmeta_refused"] is True
    assert told["user_id"] == "ann"
    assert [
        one["key"] for one in traced.server.store.feedback() if one["run_id"] == traced.model_run()["id"]
    ] == ["respmeta_refused"]


@recipe("LangGraph server: a graph with the handler in it")
def test_a_langgraph_server_s_graph(found: list[Block], folder: Path, ask_openai: AskOpenAI) -> None:
    """The graph is loaded by langgraph.json and called with a config of its own, as the server does."""
    ask_openai("refusal")
    write_files(found, folder)
    (place,) = json.loads((folder / "langgraph.json").read_text())["graphs"].values()
    module, name = place.removeprefix("./").split(".py:")
    loaded = import_module(module)
    graph = getattr(loaded, name)
    theirs = {"configurable": {"thread_id": "t1"}, "metadata": {"user_id": "ann"}, "callbacks": []}
    graph.invoke({"messages": [("user", "How?")]}, theirs)
    (record,) = loaded.handler.records
    assert (record.thread_id, record.graph_node, record.metadata) == ("t1", "model", {"user_id": "ann"})
    (line,) = until(lambda: lines_of(folder / "refusals.jsonl"), "the refusal's line")
    assert line["run_id"] == record.run_id


@recipe("Turning it off")
@pytest.mark.parametrize("is_on", [True, False])
def test_turning_it_off(
    found: list[Block],
    is_on: bool,  # noqa: FBT001
    folder: Path,
    ask_openai: AskOpenAI,
    traced: Traced,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask_openai("refusal")
    write_files(found, folder)
    monkeypatch.setenv("WATCH_MODELS", "yes")
    if not is_on:
        for line in (folder / "off.env").read_text().splitlines():
            monkeypatch.setenv(*line.split("=", 1))
    program = run(found)
    (handler,) = program["callbacks"]
    program["model"].invoke("How?")
    assert handler.records[-1].refused
    told = [key for key in traced.model_metadata() if key.startswith("respmeta")]
    sent = [one["key"] for one in traced.feedback(handler)]
    assert (bool(told), sent) == ((True, ["respmeta_refused"]) if is_on else (False, []))
    monkeypatch.setenv("WATCH_MODELS", "no")
    assert run(found)["callbacks"] == []


@recipe("Stripping secrets")
def test_stripping_secrets(found: list[Block], folder: Path, ask_openai: AskOpenAI) -> None:
    refusal = copy.deepcopy(ANSWERS["refusal"].answers[0].body)
    words = "I do not write to bob@example.com with sk-proj-0123456789abcdefghij today."
    refusal["choices"][0]["message"]["refusal"] = words
    ask_openai(refusal)
    run(found)
    (line,) = until(lambda: lines_of(folder / "refusals.jsonl"), "the refusal's line")
    assert line["reason"] == "I do not write to <mail> with [secret removed] today."
