"""docs/recipes.md: each recipe runs as it is written, and does what it says."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

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


@recipe("FastAPI: who asked, and what it cost")
def test_fastapi(found: list[Block], folder: Path, ask_openai: AskOpenAI) -> None:
    ask_openai("basic")
    write_files(found, folder)
    with TestClient(import_module("service").app) as service:
        told = service.post("/ask", params={"question": "Who?"}, headers={"x-user": "ann"})
        assert told.status_code == 200
        assert told.json().startswith("The oldest known examples of cuneiform")
        (cost,) = service.get("/costs").json().values()
    assert cost > 0


@recipe("Celery: records of worker processes")
def test_celery(found: list[Block], folder: Path, ask_openai: AskOpenAI, traced: Traced) -> None:
    """A real worker that forks; its queue is a folder: the one way in is the other's way out."""
    ask_openai("refusal")
    write_files(found, folder)
    (folder / "data_out").mkdir()
    (folder / "data_in").symlink_to("data_out")
    environment = {**os.environ, "CELERY_BROKER_URL": "filesystem://"}
    quick = ("--concurrency=1", "--without-gossip", "--without-mingle", "--without-heartbeat")
    ask = "import tasks; tasks.answer.delay('How?', user_id='ann')"
    subprocess.run([sys.executable, "-c", ask], env=environment, check=True, timeout=CEILING_S)
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "tasks", "worker", *quick], env=environment
    )
    try:
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
    graph = getattr(import_module(module), name)
    theirs = {"configurable": {"thread_id": "t1"}, "metadata": {"user_id": "ann"}, "callbacks": []}
    graph.invoke({"messages": [("user", "How?")]}, theirs)
    (line,) = until(lambda: lines_of(folder / "refusals.jsonl"), "the refusal's line")
    assert line["provider"] == "openai"


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
