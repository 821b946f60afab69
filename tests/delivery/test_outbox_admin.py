"""What the command line does to the outbox."""

from __future__ import annotations

import json
import math
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from langchain_respmeta._delivery import service
from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.outbox_admin import outbox_export, outbox_purge, outbox_retry, outbox_status
from langchain_respmeta._delivery.state_dir import OUTBOX_FILE
from langchain_respmeta.errors import SettingsError
from tests.delivery.feedback_cases import API_KEY, client, item, items
from tests.delivery.feedback_server import FeedbackServer
from tests.waiting import CEILING_S

ELSEWHERE = "https://elsewhere.example"


@pytest.fixture
def filled(server: FeedbackServer, tmp_path: Path) -> FeedbackServer:
    """Three failed, two waiting for the server, one waiting for another."""
    box = Outbox(tmp_path / OUTBOX_FILE)
    box.put([(each, 0) for each in [*items(range(5), server.url), item(9, ELSEWHERE)]])
    for row in box.claim([server.url], 3):
        box.keep_failed(row, "HTTP 422: wrong")
    box.close()
    return server


def test_status_of_nothing_creates_nothing(tmp_path: Path) -> None:
    found = outbox_status()
    assert (found["exists"], found["rows"], found["servers"]) == (False, 0, [])
    assert outbox_purge() == 0
    assert outbox_retry(0) == {"requeued": 0, "sent": 0, "failed": 0, "waiting": 0}
    assert outbox_export(tmp_path / "out.jsonl") == 0
    assert [name.name for name in tmp_path.iterdir()] == ["out.jsonl"]


@pytest.mark.parametrize(
    "command",
    [outbox_status, outbox_purge, outbox_retry, lambda: outbox_export("out.jsonl")],
    ids=["status", "purge", "retry", "export"],
)
def test_a_directory_that_cannot_be_looked_into_is_named(
    command: Callable[[], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path / ("x" * 300)))
    with pytest.raises(SettingsError, match="xxx"):
        command()
    assert list(tmp_path.iterdir()) == []


def test_status_shows_for_each_server_what_waits_and_why_it_failed(
    filled: FeedbackServer, tmp_path: Path
) -> None:
    found = json.loads(json.dumps(outbox_status()))
    assert found["path"] == str(tmp_path / OUTBOX_FILE)
    assert (found["exists"], found["rows"], found["sent"]) == (True, 6, 0)
    servers = {server["api_url"]: server for server in found["servers"]}
    here = servers[filled.url]
    assert (here["waiting"], here["failed"]) == (2, 3)
    assert here["errors"] == [{"said": "HTTP 422: wrong", "rows": 3}]
    assert here["oldest"].startswith("20")
    assert (servers[ELSEWHERE]["waiting"], servers[ELSEWHERE]["failed"]) == (1, 0)


def test_retry_delivers_what_the_environment_can_reach_and_leaves_the_rest(
    filled: FeedbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_ENDPOINT", filled.url)
    monkeypatch.setenv("LANGSMITH_API_KEY", API_KEY)
    assert outbox_retry(1.5) == {"requeued": 3, "sent": 5, "failed": 0, "waiting": 1}
    assert len(filled.feedback) == 5


def test_retry_without_waiting_only_requeues(filled: FeedbackServer) -> None:
    assert outbox_retry(0) == {"requeued": 3, "sent": 0, "failed": 0, "waiting": 6}
    assert filled.requests == []


@pytest.mark.parametrize("wait_s", [-1.0, math.nan, math.inf, 86_401.0])
def test_a_wait_that_is_no_time_is_refused_before_anything_changes(
    filled: FeedbackServer, wait_s: float
) -> None:
    before = outbox_status()
    with pytest.raises(SettingsError, match="0 to 86,400"):
        outbox_retry(wait_s)
    assert outbox_status() == before


def test_export_writes_every_item_for_the_user_alone(filled: FeedbackServer, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    assert outbox_export(target) == 6
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert {line["id"] for line in lines} == {item(number, filled.url).id for number in (0, 1, 2, 3, 4, 9)}
    assert sorted(line["state"] for line in lines) == ["failed"] * 3 + ["waiting"] * 3
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert API_KEY not in target.read_text()


def test_purge_takes_a_state_a_server_or_all(filled: FeedbackServer) -> None:
    assert outbox_purge(state="failed") == 3
    assert outbox_purge(api_url=ELSEWHERE) == 1
    assert outbox_purge() == 2
    assert outbox_status()["rows"] == 0


def test_an_outbox_that_cannot_be_opened_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / OUTBOX_FILE).mkdir()
    with pytest.raises(SettingsError, match="cannot be opened"):
        outbox_status()
    monkeypatch.setenv("RESPMETA_OUTBOX_MAX_ROWS", "many")
    with pytest.raises(SettingsError, match="RESPMETA_OUTBOX_MAX_ROWS"):
        outbox_status()


def test_the_admin_functions_work_beside_a_running_worker(server: FeedbackServer) -> None:
    server.become(503)
    service.submit(items(range(10), server.url), client(server.url))
    assert service.persist(CEILING_S)
    assert outbox_status()["servers"][0]["waiting"] == 10
    server.become("ok")
    assert service.flush(CEILING_S)
    assert outbox_status()["rows"] == 0
    assert outbox_status()["sent"] == 10
