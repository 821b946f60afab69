"""Servers that refuse, hang, limit or trickle; files that are locked, full or missing."""

from __future__ import annotations

import logging
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import requests
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tracers import LangChainTracer
from langsmith import Client

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._delivery import service
from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.outbox_db import Database
from langchain_respmeta._delivery.service import Delivery
from langchain_respmeta._delivery.state_dir import OUTBOX_FILE
from langchain_respmeta._delivery.worker import Worker
from tests.delivery.feedback_cases import API_KEY, box, client, item, items, quick
from tests.delivery.feedback_server import FeedbackServer
from tests.sending import send_all
from tests.waiting import CEILING_S, ended, until


@pytest.mark.parametrize("mode", ["refuse", "hang", 500, 502, 503, 408, 429])
def test_an_outage_of_any_kind_loses_nothing_and_is_said_once(
    server: FeedbackServer, mode: str | int, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO)
    if mode == "hang":
        service.configure(quick(tmp_path, read_timeout_s=1.0))
    server.become(mode)
    ours = client(server.url)
    for number in range(25):
        service.submit([item(number, server.url)], ours)
    assert service.persist(CEILING_S)
    until(lambda: "takes no feedback now" in caplog.text, "that it is said")
    assert not service.flush(0.2)
    until(lambda: service.delivery().queued == 0, "an idle writer")
    assert box(tmp_path).tallies()["rows"] == 25
    assert service.delivery() == Delivery(waiting=25)
    server.become("ok")
    assert service.flush(CEILING_S)
    assert len(server.feedback) == 25
    assert set(server.posts.values()) == {1}
    said = [(record.levelname, record.name) for record in caplog.records]
    assert [name for level, name in said if level in {"WARNING", "ERROR"}] == [
        "langchain_respmeta._delivery.senders"
    ]
    assert "takes no feedback now" in caplog.text
    assert "takes feedback again" in caplog.text
    assert API_KEY not in caplog.text


class CutOff(FakeListChatModel):
    """Every answer is exceptional."""

    responses: list[str] = ["half an"]  # noqa: RUF012 - a field of pydantic

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        message = AIMessage("half an", response_metadata={"finish_reason": "length"})
        return ChatResult(generations=[ChatGeneration(message=message)])


@pytest.mark.parametrize("mode", ["refuse", "hang", 500, 429])
def test_the_users_calls_go_on_and_their_feedback_arrives_once_when_it_is_over(
    server: FeedbackServer, mode: str | int, tmp_path: Path
) -> None:
    server.become(mode)
    handler = RespMetaHandler()
    traces = Client(api_url=server.url, api_key=API_KEY)
    tracer = LangChainTracer(client=traces, project_name="default")
    model = CutOff()
    for _ in range(20):
        ended(lambda: model.invoke("why?", {"callbacks": [tracer, handler]}))
    assert service.persist(CEILING_S)
    assert (handler.delivery.sent, handler.delivery.waiting) == (0, 20)
    assert box(tmp_path).tallies()["rows"] == 20
    server.become("ok")
    assert handler.flush(CEILING_S)
    given = sorted(body["run_id"] for body in server.feedback.values())
    assert given == sorted(record.run_id for record in handler.records)
    assert set(server.posts.values()) == {1}
    send_all(traces)
    traces.cleanup()


def test_during_an_outage_few_requests_are_made(server: FeedbackServer, tmp_path: Path) -> None:
    service.configure(quick(tmp_path, senders=4, first_backoff_s=3_600.0, max_backoff_s=3_600.0))
    server.become(503)
    service.submit(items(range(200), server.url), client(server.url))
    until(lambda: _worker()._clients.wait_s(server.url) > 0, "a first failure")
    assert not service.flush(1)
    assert len(server.requests) <= 4, "the senders that were under way at first"


def _worker() -> Worker:
    assert service._SERVICE.worker is not None
    return service._SERVICE.worker


@pytest.mark.parametrize("form", ["seconds", "a date"])
def test_retry_after_is_waited_for(server: FeedbackServer, tmp_path: Path, form: str) -> None:
    """An hour: no machine is slow enough to sit it out."""
    service.configure(quick(tmp_path, senders=1))
    server.retry_after = formatdate(time.time() + 3_600, usegmt=True) if form == "a date" else "3600"
    server.become(429)
    service.submit(items(range(3), server.url), client(server.url))
    until(lambda: _worker()._clients.wait_s(server.url) > 0, "the answer")
    assert _worker()._clients.wait_s(server.url) > 1_800
    asked = len(server.requests)
    server.mode = "ok"
    assert not service.flush(0.5)
    assert len(server.requests) == asked


def test_after_the_wait_that_was_told_all_is_sent(server: FeedbackServer) -> None:
    server.retry_after = "1"
    server.become(429)
    service.submit(items(range(3), server.url), client(server.url))
    until(lambda: _worker()._clients.wait_s(server.url) > 0, "the answer")
    server.mode = "ok"
    assert service.flush(CEILING_S)
    assert len(server.feedback) == 3


@pytest.mark.parametrize("poisons", [1, 3])
@pytest.mark.parametrize("senders", [1, 4])
def test_items_the_server_chokes_on_do_not_hold_up_the_others(
    server: FeedbackServer, caplog: pytest.LogCaptureFixture, tmp_path: Path, poisons: int, senders: int
) -> None:
    service.configure(quick(tmp_path, senders=senders))
    given = items(range(40), server.url)
    server.chokes_on.update(poison.id for poison in given[:poisons])
    service.submit(given, client(server.url))
    until(lambda: service.delivery().sent == 40 - poisons, "the others")
    assert service.delivery().waiting == poisons
    assert _asked_again_at_once(server, poisons) == []
    assert sum(record.levelno >= logging.WARNING for record in caplog.records) <= 1


def test_many_items_in_a_row_that_the_server_chokes_on_do_not_hold_up_the_others(
    server: FeedbackServer, tmp_path: Path
) -> None:
    service.configure(quick(tmp_path, first_backoff_s=0.05, max_backoff_s=60))
    given = items(range(120), server.url)
    server.chokes_on.update(poison.id for poison in given[:40])
    service.submit(given, client(server.url))
    until(lambda: service.delivery().sent == 80, "the others")


def _asked_again_at_once(server: FeedbackServer, poisons: int) -> list[str]:
    """Items that failed and were tried again, while others had not had a turn since."""
    good = [place for place, asked in enumerate(server.asked) if asked not in server.chokes_on]
    while_others_wait = server.asked[: good[-1]]
    return [
        earlier
        for place, earlier in enumerate(while_others_wait)
        if earlier in server.chokes_on and earlier in while_others_wait[place + 1 : place + 1 + poisons]
    ]


@pytest.mark.parametrize("before", ["ok", "refuse"])
def test_a_server_that_hangs_does_not_hold_up_another(
    server: FeedbackServer, before: str, tmp_path: Path
) -> None:
    service.configure(quick(tmp_path, read_timeout_s=10 * CEILING_S, request_deadline_s=10 * CEILING_S))
    ours = client(server.url)
    with FeedbackServer() as other:
        other.become(before)
        service.submit([item(1, other.url)], client(other.url))
        if before == "ok":
            assert service.flush(CEILING_S)
        else:
            until(lambda: _worker()._clients.wait_s(other.url) > 0, "that it is away")
        other.become("hang")
        service.submit([item(2, other.url)], client(other.url))
        asked = len(other.requests)
        until(lambda: len(other.requests) > asked, "a request that hangs")
        for number in range(10, 40):
            service.submit([item(number, server.url)], ours)
        until(lambda: len(server.feedback) == 30, "what goes to the other server")
        other.become("ok")
        assert service.flush(CEILING_S)


def test_a_server_that_trickles_for_ever_costs_one_thread_not_the_delivery(
    server: FeedbackServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service.configure(quick(tmp_path, request_deadline_s=0.3, senders=1, lease_s=2.0))
    server.mode = "trickle"
    ours = client(server.url)
    service.submit([item(0, server.url)], ours)
    until(lambda: bool(server.requests), "a request that is held")
    server.mode = "ok"  # the held request goes on trickling
    service.submit(items(range(1, 4), server.url), ours)
    until(lambda: len(server.feedback) >= 3, "the others")
    assert "another thread takes over" in caplog.text
    server.become("ok")
    until(lambda: len(server.feedback) == 4, "the one that was held")
    assert set(server.posts.values()) == {1}


@pytest.mark.parametrize("mode", ["ok", "refuse", "hang", 500, 429])
def test_submit_touches_neither_file_nor_network_on_the_callers_thread(
    server: FeedbackServer, mode: str | int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the server does, submit can cost the same only if nothing of it happens on this thread."""
    threads: dict[str, set[int]] = {"file": set(), "network": set()}
    for kind, owner, name in (("file", Database, "read"), ("network", requests.Session, "send")):
        whole = getattr(owner, name)

        def noting(self: Any, *args: Any, kind: str = kind, whole: Any = whole, **kwargs: Any) -> Any:
            threads[kind].add(threading.get_ident())
            return whole(self, *args, **kwargs)

        monkeypatch.setattr(owner, name, noting)
    ours = client(server.url)
    service.submit([item(0, server.url)], ours)
    until(lambda: bool(threads["network"]), "a request")
    server.become(mode)
    seen = _audited(lambda: [service.submit([item(n, server.url)], ours) for n in range(1, 500)])
    assert seen == []
    service.flush(0.3)
    here = threading.get_ident()
    assert threads["file"]
    assert here not in threads["file"] | threads["network"]


_IO = ("sqlite3.", "socket.", "os.", "open")


def _audited(act: Callable[[], object]) -> list[str]:
    """Names of the file, socket and SQLite events that `act` causes on this thread."""
    seen: list[str] = []
    watch = {"on": True, "thread": threading.get_ident()}

    def hook(event: str, _: object) -> None:
        if watch["on"] and threading.get_ident() == watch["thread"] and event.startswith(_IO):
            seen.append(event)

    sys.addaudithook(hook)
    act()
    watch["on"] = False
    return seen


def test_submit_returns_while_the_outbox_is_locked_by_somebody_else(
    server: FeedbackServer, tmp_path: Path
) -> None:
    ours = client(server.url)
    service.submit([item(0, server.url)], ours)
    assert service.flush(CEILING_S)
    other = sqlite3.connect(tmp_path / OUTBOX_FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    service.submit(items(range(1, 4), server.url), ours)
    assert service.delivery().queued <= 1
    assert not service.persist(0.3), "the writer waits for the file, the caller does not"
    other.execute("COMMIT")
    assert service.flush(CEILING_S)
    assert len(server.feedback) == 4


def test_a_full_hand_over_drops_and_counts(server: FeedbackServer, tmp_path: Path) -> None:
    service.configure(quick(tmp_path, handover=10))
    ours = client(server.url)
    service.submit([item(0, server.url)], ours)
    assert service.flush(CEILING_S)
    other = sqlite3.connect(tmp_path / OUTBOX_FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for number in range(1, 60):
        service.submit([item(number, server.url)], ours)
    other.execute("COMMIT")
    assert service.flush(CEILING_S)
    done = service.delivery()
    assert done.dropped > 0
    assert done.sent + done.dropped == 60


def test_without_a_place_for_the_outbox_feedback_is_kept_in_memory_with_one_warning(
    server: FeedbackServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "a file"
    blocked.touch()
    service.configure(quick(blocked / "sub"))
    service.submit(items(range(30), server.url), client(server.url))
    assert service.flush(CEILING_S)
    assert len(server.feedback) == 30
    assert [record.getMessage()[:37] for record in caplog.records] == [
        "No feedback outbox can be written (No"
    ]


def test_a_file_that_cannot_be_written_any_more_does_not_stop_delivery(
    server: FeedbackServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ours = client(server.url)
    service.submit([item(0, server.url)], ours)
    assert service.flush(CEILING_S)
    whole = Outbox.put

    def full(self: Outbox, rows: Any) -> Any:
        if self.durable:
            raise sqlite3.OperationalError("database or disk is full")
        return whole(self, rows)

    monkeypatch.setattr(Outbox, "put", full)
    service.submit(items(range(1, 5), server.url), ours)
    assert service.flush(CEILING_S)
    assert len(server.feedback) == 5
    assert "disk is full" in caplog.text
