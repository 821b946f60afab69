"""Delivery where a file, a project or an endpoint is not as expected, and what it logs."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from langchain_core.language_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage
from langsmith import Client, run_trees, utils
from langsmith.run_trees import RunTree

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._delivery import outbox_db, service
from langchain_respmeta._delivery.clients import Clients
from langchain_respmeta._delivery.counts import DeliveryCounts
from langchain_respmeta._delivery.file_faults import ForeignFileError, file_trouble
from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.outbox_admin import outbox_export, outbox_status
from langchain_respmeta._delivery.projects import HURRIED_S, NEVER_MISSED, Misses
from langchain_respmeta._delivery.request import ReplyKind, send
from langchain_respmeta._delivery.senders import Senders
from langchain_respmeta._delivery.state_dir import OUTBOX_FILE
from langchain_respmeta._delivery.twin import twin
from langchain_respmeta._delivery.worker import Worker
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.langsmith.destination import destination_of
from tests.attachment.places import forget_environment
from tests.delivery.feedback_cases import box, client, item, items, quick
from tests.delivery.feedback_server import FeedbackServer
from tests.sending import send_all
from tests.waiting import CEILING_S, until

# --- close -----------------------------------------------------------------------------------------------------------


def test_close_waits_for_a_slow_writer_as_long_as_it_gets_on(
    server: FeedbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch takes longer than `close(0)` once waited for all of them."""
    server.become("refuse")
    whole = Worker._store

    def slow(self: Worker, taken: Any) -> None:
        threading.Event().wait(0.15)
        whole(self, taken)

    monkeypatch.setattr(Worker, "_store", slow)
    monkeypatch.setattr("langchain_respmeta._delivery.worker._MOST_AT_ONCE", 50)
    ours = client(server.url)
    for number in range(500):
        service.submit([item(number, server.url)], ours)
    service.close(0)
    assert box(tmp_path).tallies()["rows"] == 500


# --- projects that are not there yet ---------------------------------------------------------------------------------


def test_senders_that_ask_for_a_missing_project_together_miss_it_once(tmp_path: Path) -> None:
    """A slow server has several senders asking at once: the wait must not double for each of them."""
    settings = quick(tmp_path, first_backoff_s=8.0, max_backoff_s=600.0)
    senders = Senders([], Clients(settings), DeliveryCounts(), settings)
    outbox = box(tmp_path)
    outbox.put([(item(1, "http://x"), 0)])
    (row,) = outbox.claim(["http://x"], 1)
    for _ in range(4):
        senders._projects.note_missing(outbox, row, NEVER_MISSED)
    ((times, _),) = senders._projects._missing.values()
    assert times == 1


def test_a_row_that_is_put_off_while_another_sender_finds_its_project_does_not_wait_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was put off by what held a moment ago, and nobody would call it before that wait is over."""
    settings = quick(tmp_path)
    outbox = box(tmp_path)
    senders = Senders([outbox], Clients(settings), DeliveryCounts(), settings)
    outbox.put([(item(1, "http://x"), 0)])
    (row,) = outbox.claim(["http://x"], 1)
    place = (row.item.api_url, row.project)
    senders._projects._missing[place] = Misses(1, time.monotonic() + 3_600)
    finder = threading.Thread(target=senders._projects._note_found, args=(place,))
    whole = Outbox.put_off

    def slow(self: Outbox, *args: Any, **kwargs: Any) -> None:
        finder.start()
        finder.join(0.3)
        whole(self, *args, **kwargs)

    monkeypatch.setattr(Outbox, "put_off", slow)
    thread = SimpleNamespace(is_abandoned=False)
    assert senders._is_put_off(thread, outbox, row)  # type: ignore[arg-type]
    finder.join(CEILING_S)
    assert [one.seq for one in outbox.claim(["http://x"], 1)] == [row.seq]


def test_a_missed_project_takes_no_row_from_a_sender_that_is_sending_it(tmp_path: Path) -> None:
    outbox = box(tmp_path)
    outbox.put([(each, 0) for each in items(range(3), "http://x")])
    mine, _ = outbox.claim(["http://x"], 2)
    outbox.put_off_project("http://x", mine.project, 0.0)
    assert [row.item.id for row in outbox.claim(["http://x"], 3)] == [item(2, "http://x").id]


def test_flush_does_not_sit_out_a_long_wait_for_a_project_that_is_there_by_now(
    server: FeedbackServer, tmp_path: Path
) -> None:
    """The project appears while its next look-up is an hour away."""
    service.configure(quick(tmp_path, first_backoff_s=3_600.0, max_backoff_s=3_600.0))
    server.projects.clear()
    service.submit(items(range(20), server.url), client(server.url))
    until(lambda: server.count("GET", "/sessions") > 0, "a look-up")
    server.projects.add("default")
    assert service.flush(CEILING_S)
    assert len(server.feedback) == 20


@pytest.mark.parametrize(
    ("mode", "says", "lines"),
    [("ok", "does not know 'project default' yet", 1), ("503", "does not answer (HTTP 503)", 0)],
)
def test_a_flush_in_vain_says_why_once(
    server: FeedbackServer, caplog: pytest.LogCaptureFixture, mode: str, says: str, lines: int
) -> None:
    """An outage is told by its own line already."""
    server.projects.clear()
    if mode != "ok":
        server.become(int(mode))
    service.submit(items(range(3), server.url), client(server.url))
    until(lambda: says in (service.delivery().reason or ""), "a reason")
    for _ in range(3):
        assert not service.flush(0.2)
    told = [one.getMessage() for one in caplog.records if "items wait after flush" in one.getMessage()]
    assert len(told) == lines
    assert all(says in one for one in told)


def test_nothing_that_waits_has_no_reason(server: FeedbackServer) -> None:
    service.submit(items(range(3), server.url), client(server.url))
    assert service.flush(CEILING_S)
    assert service.delivery().reason is None
    assert HURRIED_S <= 1


# --- endpoints by environment ----------------------------------------------------------------------------------------

_ENDPOINTS = (
    '[{"api_url": "http://one", "api_key": "lsv2_k1", "project_name": "elsewhere"},'
    ' {"api_url": "http://two", "api_key": "lsv2_k2", "project_name": "here"}]'
)


@pytest.mark.parametrize(
    ("endpoints", "url", "key", "project"),
    [
        (_ENDPOINTS, "http://two", "lsv2_k2", "here"),
        ('{"http://one": "lsv2_k1", "http://two": "lsv2_k2"}', "http://one", "lsv2_k1", "here"),
    ],
)
def test_feedback_goes_to_the_endpoint_that_keeps_the_runs_id_with_its_key(
    monkeypatch: pytest.MonkeyPatch, endpoints: str, url: str, key: str, project: str
) -> None:
    for name in ("LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    utils.get_env_var.cache_clear()
    monkeypatch.setenv("LANGSMITH_RUNS_ENDPOINTS", endpoints)
    ours = Client(
        api_url="http://main", api_key="lsv2_k0", auto_batch_tracing=False, tracing_sampling_rate=0.5
    )
    tree = RunTree(name="a", client=ours, session_name="here", id=uuid4())
    utils.get_env_var.cache_clear()
    place = destination_of(tree, None)
    assert place is not None
    assert (place.client.api_url, place.client.api_key, place.project) == (url, key, project)
    assert place.client.tracing_sample_rate == 0.5
    again = destination_of(tree, None)
    assert again is not None
    assert again.client is place.client, "one client for all runs"


WAYS: dict[str, Callable[[Any, Any], object]] = {
    "invoke": lambda model, config: model.invoke("why?", config),
    "ainvoke": lambda model, config: asyncio.run(model.ainvoke("why?", config)),
    "stream": lambda model, config: list(model.stream("why?", config)),
}


@pytest.mark.parametrize("way", WAYS)
def test_with_endpoints_in_the_environment_alone_feedback_arrives_where_the_copy_keeps_its_id(
    server: FeedbackServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    """No client is passed, and the one that LangChain makes leads to neither endpoint."""
    server.projects.add("here")
    with FeedbackServer() as other:
        endpoints = [
            {"api_url": other.url, "api_key": "lsv2_k1", "project_name": "elsewhere"},
            {"api_url": server.url, "api_key": "lsv2_k2", "project_name": "here"},
        ]
        monkeypatch.setenv("LANGSMITH_TRACING", "true")
        monkeypatch.setenv("LANGSMITH_API_KEY", "lsv2_k0")
        monkeypatch.setenv("LANGSMITH_PROJECT", "here")
        monkeypatch.setenv("LANGSMITH_RUNS_ENDPOINTS", json.dumps(endpoints))
        monkeypatch.setattr(run_trees, "_CLIENT", None)
        forget_environment()
        handler = RespMetaHandler()
        cut_off = AIMessage("half an", response_metadata={"finish_reason": "length"})
        WAYS[way](FakeMessagesListChatModel(responses=[cut_off]), {"callbacks": [handler]})
        assert handler.flush(CEILING_S), handler.delivery
        (given,) = server.feedback.values()
        assert (given["run_id"], given["key"]) == (handler.records[0].run_id, "respmeta_truncated")
        assert {sent["x-api-key"] for _, path, sent in server.requests if path == "/feedback"} == {"lsv2_k2"}
        assert other.count("POST", "/feedback") == 0
        traces = run_trees.get_cached_client()
        send_all(traces)
        traces.cleanup()
        assert {sent["x-api-key"] for _, path, sent in other.requests if path.startswith("/runs")} == {
            "lsv2_k1"
        }
    forget_environment()
    assert not [one for one in caplog.records if one.name.startswith("langchain_respmeta")]


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE TABLE feedback (id TEXT, score REAL)",
        "CREATE TABLE people (name TEXT)",
        "PRAGMA user_version = 7",
    ],
)
def test_a_foreign_database_in_the_outboxs_place_is_left_as_it_is_and_delivery_goes_on(
    server: FeedbackServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, schema: str
) -> None:
    foreign = tmp_path / OUTBOX_FILE
    other = sqlite3.connect(foreign)
    other.execute(schema)
    other.commit()
    other.close()
    before = foreign.read_bytes()
    service.submit(items(range(5), server.url), client(server.url))
    assert service.flush(CEILING_S)
    assert len(server.feedback) == 5
    (line,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert "another program's or version's database" in line.getMessage()
    assert line.exc_info is None
    with pytest.raises(SettingsError, match="another program's or version's database; move it away"):
        outbox_status()
    assert foreign.read_bytes() == before


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left"), "disk is full"),
        (OSError(errno.EROFS, "Read-only"), "read-only"),
        (PermissionError(errno.EACCES, "no"), "permission denied"),
        (sqlite3.OperationalError("database or disk is full"), "disk is full"),
        (sqlite3.OperationalError("near 'my secret': syntax error"), "OperationalError"),
        (ForeignFileError("x"), "move it away"),
    ],
)
def test_a_files_trouble_is_one_line_with_advice_and_no_text_of_the_error(
    error: OSError | sqlite3.Error, says: str
) -> None:
    said = file_trouble(error)
    assert says in said
    assert "secret" not in said
    assert "RESPMETA_STATE_DIR" in said


def test_a_full_disk_is_told_without_a_traceback(
    server: FeedbackServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ours = client(server.url)
    service.submit([item(0, server.url)], ours)
    assert service.flush(CEILING_S)

    def full(self: Outbox) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Outbox, "beat", full)
    until(lambda: "disk is full" in caplog.text, "a line")
    assert "Traceback" not in caplog.text
    assert "unexpected" not in caplog.text


def test_an_export_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        outbox_export(tmp_path)


def test_what_left_the_outbox_is_in_none_of_its_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where SQLite was built without overwriting, which some systems switch on for all programs."""
    monkeypatch.setattr(outbox_db, "PRAGMAS", ("PRAGMA secure_delete=OFF", *outbox_db.PRAGMAS))
    outbox = box(tmp_path)
    outbox.put([(item(n, "http://x", comment=f"canary-{n} " * 50), 0) for n in range(50)])
    for row in outbox.claim(["http://x"], 50):
        outbox.remove(row)
    outbox.close()  # the last connection folds the log into the file
    bytes_left = b"".join(path.read_bytes() for path in tmp_path.glob(f"{OUTBOX_FILE}*"))
    assert b"canary" not in bytes_left


# --- statuses, private texts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, "NOT_FOUND"),
        (408, "BROKEN"),
        (409, "DELIVERED"),
        (425, "BROKEN"),
        (429, "LIMITED"),
        (422, "REJECTED"),
    ],
)
def test_what_each_status_means_for_an_item(
    server: FeedbackServer, tmp_path: Path, status: int, kind: str
) -> None:
    server.become(status)
    ours = twin(client(server.url), quick(tmp_path))
    assert send(ours, item(1, server.url), str(uuid4())).kind is ReplyKind[kind]
