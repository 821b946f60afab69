"""The whole of it: two tools at once, one that fails, one that needs approval; resumed in a second process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from langchain_respmeta.demo import ReplayServer
from langchain_respmeta.local import LocalServer
from langchain_respmeta.record.parts import ToolExecution
from tests.agents.bodies import BODIES
from tests.agents.program import TURNS
from tests.ensure_browser import found
from tests.waiting import CEILING_S

ROOT = Path(__file__).parent.parent.parent
FIELDS = {one.name for one in fields(ToolExecution)} - {"attempt", "cancelled"}
"""Every field of a `ToolExecution`: ten of Agno's, and two of ours."""


@dataclass
class Done:
    """The output of both processes, and the server that both traced to."""

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
                command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=CEILING_S
            )
            assert ended.returncode == 0, ended.stderr
            records[step] = json.loads(ended.stdout)
        yield Done(records, server)


def test_every_field_of_a_tool_execution_is_filled(done: Done):
    told = [one for run in done.runs(run_type="tool") for one in nested(run)["tool_executions"]]
    by_id = {one["tool_call_id"]: one for one in told}
    assert by_id["call_rome"]["result"] == "Rome: 7 C"
    assert by_id["call_oslo"]["tool_args"] == {"city": "Oslo"}
    assert by_id["call_sum"]["tool_call_error"] is True
    assert by_id["call_mail"]["tool_args"] == {"to": "anna@example.com"}
    chains = {run["id"] for run in done.runs() if run["name"] == "forecast"}
    assert {by_id[name]["child_run_id"] for name in ("call_rome", "call_oslo")} == chains
    in_records = [
        one for step in done.records.values() for record in step for one in record.get("tool_executions", ())
    ]
    assert {name for one in (*told, *in_records, *listed(done, 1).values()) for name in one} >= FIELDS


def test_the_first_process_knows_what_waits(done: Done):
    last = done.records["start"][-1]["tool_executions"]
    assert [(one["tool_call_id"], one["requires_confirmation"], one.get("confirmed")) for one in last] == [
        ("call_mail", True, None),
        ("call_spam", True, None),
        ("call_who", True, None),
    ]
    metadata = done.root(0)["extra"]["metadata"]
    assert (metadata["respmeta_tool_calls"], metadata["respmeta_tool_errors"]) == (6, 1)
    assert metadata["respmeta_waiting_calls"] == 3


def test_the_second_process_knows_what_people_said(done: Done):
    told = listed(done, 1)
    assert told.keys() == {"call_mail", "call_spam", "call_who", "call_pay"}
    assert (told["call_mail"]["confirmed"], told["call_mail"]["args_edited"]) == (True, True)
    assert told["call_spam"]["confirmed"] is False
    assert told["call_who"] == {
        "tool_call_id": "call_who",
        "tool_name": "send_mail",
        "requires_user_input": True,
    }
    (mail,) = done.runs(run_type="tool", name="send_mail")
    assert mail["extra"]["metadata"]["respmeta_confirmed"] is True
    assert told["call_mail"]["run_id"] == mail["id"]
    metadata = done.root(1)["extra"]["metadata"]
    assert (metadata["respmeta_rejected_calls"], metadata["respmeta_external_calls"]) == (1, 1)
    assert "respmeta_waiting_calls" not in metadata


def test_the_call_that_was_handed_back_is_the_callers(done: Done):
    (record,) = done.records["resume"]
    (told,) = record["tool_executions"]
    assert told == {"tool_call_id": "call_pay", "tool_name": "pay", "external_execution_required": True}


def test_state_and_compression_are_on_their_runs(done: Done):
    (mail,) = done.runs(run_type="tool", name="send_mail")
    assert nested(mail)["updated_session_state"] == {"sent_to": "anna@example.com"}
    told = nested(done.runs(run_type="llm")[-1])["compression_stats"]
    assert (told["by"], told["cleared_tool_results"]) == ("context_editing", 5)


@pytest.fixture
def page() -> Iterator[Page]:
    chromium = found()
    if chromium is None:
        pytest.skip("no Chromium is installed")
    expect.set_options(timeout=CEILING_S * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page()
        browser.close()


def rows(page: Page, address: str) -> dict[str, str]:
    """The rows of the table of tool executions by call id, as one reads them."""
    page.goto(address)
    table = page.locator("section", has=page.get_by_role("heading", name="Tool executions"))
    texts = [" ".join(row.inner_text().split()) for row in table.locator("tbody tr").all()]
    return {next(word for word in text.split() if word.startswith("call_")): text for text in texts}


@pytest.mark.browser
def test_the_page_of_a_tools_run_shows_its_execution(done: Done, page: Page):
    (mail,) = done.runs(run_type="tool", name="send_mail")
    page.goto(f"{done.server.url}/run/{mail['id']}")
    facts = page.locator("section", has=page.get_by_role("heading", name="Tool execution", exact=True))
    text = " ".join(facts.inner_text().split())
    for shown in (
        *("tool name send_mail", "tool call id call_mail", "tool args to anna@example.com", "duration"),
        *("result sent to anna@example.com", "tool call error no", "requires confirmation yes"),
        *("confirmed yes", "args edited yes"),
    ):
        assert shown in text
    state = page.locator("section", has=page.get_by_role("heading", name="Updated session state"))
    assert "anna@example.com" in state.inner_text()


@pytest.mark.browser
def test_the_page_of_the_asking_call_shows_what_became_of_its_tools(done: Done, page: Page):
    """The run was sent before they ran, and before anybody was asked, in another process and trace."""
    asking = [run for run in done.runs(run_type="llm") if nested(run).get("tool_calls")]
    pair = rows(page, f"{done.server.url}/run/{asking[0]['id']}")
    assert pair.keys() == {"call_rome", "call_oslo"}
    assert "Rome: 7 C" in pair["call_rome"]
    assert "no error" in pair["call_rome"]
    page.get_by_role("link", name="open", exact=True).first.click()
    expect(page.get_by_role("heading", name="forecast")).to_be_visible()
    mails = rows(page, f"{done.server.url}/run/{asking[2]['id']}")
    for shown in (
        "requires confirmation",
        " confirmed",
        "args edited",
        "sent to anna@example.com",
        "no error",
    ):
        assert shown in mails["call_mail"]
    assert "not confirmed" in mails["call_spam"]
    assert "requires user input" in mails["call_who"]
    page.get_by_role("link", name="send_mail").first.click()
    expect(page.get_by_role("heading", name="Tool execution", exact=True)).to_be_visible()
    page.goto(f"{done.server.url}/run/{asking[1]['id']}")
    failed = page.locator("section", has=page.get_by_role("heading", name="Tool execution", exact=True))
    assert "tool call error yes" in " ".join(failed.inner_text().split())
    page.goto(f"{done.server.url}/run/{asking[3]['id']}")
    handed = page.locator("section", has=page.get_by_role("heading", name="Tool execution", exact=True))
    assert "external execution required yes" in " ".join(handed.inner_text().split())
    compressed = page.locator("section", has=page.get_by_role("heading", name="Compression"))
    assert "cleared tool results 5" in " ".join(compressed.inner_text().split())


@pytest.mark.browser
def test_the_pages_of_the_roots_show_them_all(done: Done, page: Page):
    first = rows(page, f"{done.server.url}/run/{done.root(0)['id']}")
    assert first.keys() == {"call_rome", "call_oslo", "call_sum", "call_mail", "call_spam", "call_who"}
    assert "tool call error" in first["call_sum"]
    assert "requires confirmation" in first["call_mail"]
    badges = page.locator(".badges").inner_text()
    for badge in ("6 tool calls", "1 tool error", "3 wait for a person"):
        assert badge in badges
    second = rows(page, f"{done.server.url}/run/{done.root(1)['id']}")
    assert second.keys() == {"call_mail", "call_spam", "call_who", "call_pay"}
    assert "external execution required" in second["call_pay"]
    for title in ("Compression", "Updated session state"):
        expect(page.get_by_role("heading", name=title)).to_be_visible()


def listed(done: Done, number: int) -> dict[str, dict[str, Any]]:
    """A root's tool executions by call id."""
    return {one["tool_call_id"]: one for one in nested(done.root(number))["rollup"]["tool_executions"]}


def nested(run: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = run["extra"]["metadata"]["respmeta"]
    return found
