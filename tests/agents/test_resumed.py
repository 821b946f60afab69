"""The whole of it: two tools at once, one that fails, one that needs approval; resumed in a second process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from langchain_respmeta.demo import ReplayServer
from langchain_respmeta.local import LocalServer
from tests.agents.bodies import BODIES
from tests.agents.program import TURNS
from tests.ensure_browser import found

ROOT = Path(__file__).parent.parent.parent
FIELDS = {
    "tool_call_id",
    "tool_name",
    "tool_args",
    "result",
    "tool_call_error",
    "child_run_id",
    "requires_confirmation",
    "confirmed",
}
"""Of Agno's `ToolExecution`; the other two are in tests/agents/test_people.py and test_tools.py."""


@dataclass
class Done:
    """What both processes said, and the server that both sent to."""

    records: dict[str, list[dict[str, Any]]]
    server: LocalServer

    def runs(self, **where: Any) -> list[dict[str, Any]]:
        return sorted(self.server.store.runs(**where), key=lambda run: run["start_time"])

    def root(self, number: int) -> dict[str, Any]:
        return [run for run in self.runs() if run["parent_run_id"] is None][number]


@pytest.fixture(scope="module", params=["openai", "anthropic"])
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    provider = request.param
    database = tmp_path_factory.mktemp("checkpoints") / "agent.db"
    with ReplayServer() as replay, LocalServer() as server:
        url = replay.add(provider, "agent", [BODIES[provider](*turn) for turn in TURNS], by="turn")
        records = {}
        for step in ("start", "resume"):
            command = [sys.executable, "-m", "tests.agents.program", step]
            command += [provider, url, str(database), server.url, "agents"]
            ended = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
            )
            assert ended.returncode == 0, ended.stderr
            records[step] = json.loads(ended.stdout)
        yield Done(records, server)


def test_every_field_of_a_tool_execution_is_filled(done: Done):
    told = [one for run in done.runs(run_type="tool") for one in nested(run)["tool_executions"]]
    assert {name for one in told for name in one} >= FIELDS
    by_id = {one["tool_call_id"]: one for one in told}
    assert by_id["call_rome"]["result"] == "Rome: 7 C"
    assert by_id["call_oslo"]["tool_args"] == {"city": "Oslo"}
    assert by_id["call_sum"]["tool_call_error"] is True
    assert by_id["call_mail"]["tool_args"] == {"to": "anna@example.com"}
    chains = {run["id"] for run in done.runs() if run["name"] == "forecast"}
    assert {by_id[name]["child_run_id"] for name in ("call_rome", "call_oslo")} == chains


def test_the_first_process_knows_what_waits(done: Done):
    last = done.records["start"][-1]["tool_executions"]
    assert [(one["tool_call_id"], one["requires_confirmation"], one.get("confirmed")) for one in last] == [
        ("call_mail", True, None),
        ("call_spam", True, None),
    ]
    metadata = done.root(0)["extra"]["metadata"]
    assert (metadata["respmeta_tool_calls"], metadata["respmeta_tool_errors"]) == (5, 1)


def test_the_second_process_knows_what_people_said(done: Done):
    told = {one["tool_call_id"]: one for one in nested(done.root(1))["rollup"]["tool_executions"]}
    assert told.keys() == {"call_mail", "call_spam"}
    assert (told["call_mail"]["confirmed"], told["call_mail"]["args_edited"]) == (True, True)
    assert told["call_spam"]["confirmed"] is False
    (mail,) = [run for run in done.runs(run_type="tool") if run["name"] == "send_mail"]
    assert mail["extra"]["metadata"]["respmeta_confirmed"] is True


@pytest.mark.browser
def test_the_page_shows_it(done: Done):
    chromium = found()
    if chromium is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"{done.server.url}/run/{done.root(0)['id']}")
        table = page.locator("section", has=page.get_by_role("heading", name="Tool executions"))
        assert table.locator("tbody tr").count() == 5
        table.get_by_role("link").first.click()
        assert page.get_by_role("heading", name="forecast").is_visible()
        (mail,) = [run for run in done.runs(run_type="tool") if run["name"] == "send_mail"]
        page.goto(f"{done.server.url}/run/{mail['id']}")
        facts = page.locator("section", has=page.get_by_role("heading", name="Tool execution", exact=True))
        text = facts.inner_text()
        for shown in ("call_mail", "anna@example.com", "confirmed", "args edited", "duration"):
            assert shown in text
        browser.close()


def nested(run: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = run["extra"]["metadata"]["respmeta"]
    return found
