"""Delivery through the real client to a server that misbehaves."""

from __future__ import annotations

import gc
import logging
import sqlite3
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from feedback_cases import API_KEY, client, item, items, quick
from feedback_server import FeedbackServer, project_id

from langchain_respmeta.langsmith import worker
from langchain_respmeta.langsmith._delivery_settings import DeliverySettings
from langchain_respmeta.langsmith._gate import Gate, Pace, backoff
from langchain_respmeta.langsmith._outbox_db import Database
from langchain_respmeta.langsmith._state_dir import OUTBOX_FILE
from langchain_respmeta.langsmith.outbox import Outbox
from langchain_respmeta.langsmith.worker import Delivery


@pytest.fixture
def server() -> Iterator[FeedbackServer]:
    with FeedbackServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _own_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path))
    worker.close(0.5)
    worker.configure(quick(tmp_path))
    yield
    worker.close(0.5)
    worker.configure(None)


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def box(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / OUTBOX_FILE)


def test_feedback_arrives_once_with_everything_langsmith_needs(server: FeedbackServer) -> None:
    given = item(1, server.url, comment="why", value={"a": 1})
    worker.submit([given], client(server.url))
    assert worker.flush(10)
    body = server.feedback[given.id]
    expected = {
        "run_id": given.run_id,
        "trace_id": given.trace_id,
        "session_id": str(project_id("default")),
        "start_time": "2026-11-21T10:00:00+00:00",
        "key": "respmeta_refused",
        "score": 1,
        "value": {"a": 1},
        "comment": "why",
        "extend_trace_retention": False,
    }
    assert {name: body[name] for name in expected} == expected
    assert body["feedback_config"]["categories"][1] == {"value": 1.0, "label": "yes"}
    assert worker.delivery() == Delivery(sent=1)


def test_the_project_is_looked_up_once_and_the_servers_info_never(server: FeedbackServer) -> None:
    ours = client(server.url)
    for number in range(30):
        worker.submit([item(number, server.url)], ours)
        worker.flush(10)
    assert server.count("GET", "/sessions") == 1
    assert server.count("GET", "/info") == 0
    assert server.count("POST", "/feedback") == 30


def test_a_known_session_id_needs_no_look_up(server: FeedbackServer) -> None:
    session = str(project_id("elsewhere"))
    worker.submit([item(1, server.url, session_id=session)], client(server.url))
    assert worker.flush(10)
    assert server.count("GET", "/sessions") == 0
    assert next(iter(server.feedback.values()))["session_id"] == session


def test_an_addressed_run_gets_its_address_and_no_session(server: FeedbackServer) -> None:
    address = {"kind": "AGENT", "id": "support-agent", "environment": "PRODUCTION"}
    worker.submit([item(1, server.url, project=None, address=address)], client(server.url))
    assert worker.flush(10)
    body = next(iter(server.feedback.values()))
    assert body["address"] == "lrn:agents/support-agent/environments/production"
    assert "session_id" not in body
    assert server.count("GET", "/sessions") == 0


def test_asking_for_extended_retention_still_goes_by_the_acknowledged_way(server: FeedbackServer) -> None:
    ours = client(server.url, auto_batch_tracing=True, info={"version": "0.13.0"})
    worker.submit([item(1, server.url, extend_trace_retention=True)], ours)
    assert worker.flush(10)
    assert next(iter(server.feedback.values()))["extend_trace_retention"] is True
    ours.close()


def test_feedback_waits_until_the_first_run_has_made_its_project(server: FeedbackServer) -> None:
    server.projects.clear()
    worker.submit(items(range(20), server.url), client(server.url))
    assert not worker.flush(0.4)
    assert worker.delivery().waiting == 20
    lookups = server.count("GET", "/sessions")
    assert 2 <= lookups <= 25, "one look-up at a time for all of a project's items"
    assert server.count("POST", "/feedback") == 0
    server.projects.add("default")
    assert worker.flush(10)
    assert len(server.feedback) == 20


def test_what_the_server_knows_already_counts_as_delivered(server: FeedbackServer) -> None:
    given = items(range(3), server.url)
    server.feedback[given[1].id] = {}
    worker.submit(given, client(server.url))
    assert worker.flush(10)
    assert worker.delivery() == Delivery(sent=3)
    assert server.repeats == {given[1].id: 1}


@pytest.mark.parametrize("mode", ["refuse", "hang", 500, 502, 503, 408, 429])
def test_an_outage_of_any_kind_loses_nothing_and_is_said_once(
    server: FeedbackServer, mode: str | int, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO)
    server.become(mode)
    ours = client(server.url)
    for number in range(25):
        worker.submit([item(number, server.url)], ours)
    assert worker.settle(5)
    assert not worker.flush(1.5)
    assert box(tmp_path).tallies()["rows"] == 25
    assert worker.delivery() == Delivery(waiting=25)
    server.become("ok")
    assert worker.flush(20)
    assert len(server.feedback) == 25
    assert set(server.posts.values()) == {1}
    said = [(record.levelname, record.name) for record in caplog.records]
    assert [name for level, name in said if level in {"WARNING", "ERROR"}] == [
        "langchain_respmeta.langsmith._lanes"
    ]
    assert "takes no feedback now" in caplog.text
    assert "takes feedback again" in caplog.text
    assert API_KEY not in caplog.text


def test_during_an_outage_few_requests_are_made(server: FeedbackServer, tmp_path: Path) -> None:
    worker.configure(quick(tmp_path, first_backoff_s=0.2, max_backoff_s=5.0))
    server.become(503)
    worker.submit(items(range(200), server.url), client(server.url))
    worker.flush(1.5)
    assert len(server.requests) <= 12, (
        "0.2 + 0.4 + 0.8 s of back-off, and the lanes that were under way at first"
    )


def test_retry_after_is_waited_for(server: FeedbackServer) -> None:
    server.retry_after = "1"
    server.become(429)
    worker.submit(items(range(3), server.url), client(server.url))
    assert until(lambda: bool(server.requests))
    first = len(server.requests)
    server.mode = "ok"
    assert not worker.flush(0.7)
    assert len(server.requests) <= first + 3
    assert worker.flush(10)


def test_a_refusal_for_good_is_kept_counted_and_said_once(
    server: FeedbackServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ours = client(server.url)
    worker.submit([item(0, server.url)], ours)
    assert worker.flush(10)
    server.become(422)
    worker.submit(items(range(1, 6), server.url), ours)
    assert worker.flush(10)
    assert worker.delivery() == Delivery(sent=1, failed=5)
    rows = list(box(tmp_path).export())
    assert {(row["state"], row["error"]) for row in rows} == {("failed", 'HTTP 422: {"detail": "told to"}')}
    assert len(caplog.records) == 1
    assert "respmeta outbox status" in caplog.text


def test_a_run_the_server_does_not_know_yet_is_tried_again_then_given_up(
    server: FeedbackServer, tmp_path: Path
) -> None:
    worker.configure(quick(tmp_path, not_found_attempts=4))
    late, never = items(range(2), server.url)
    server.unknown_runs |= {late.run_id, never.run_id}
    worker.submit([late, never], client(server.url))
    assert until(lambda: server.count("POST", "/feedback") >= 2)
    server.unknown_runs.discard(late.run_id)
    assert worker.flush(10)
    assert set(server.feedback) == {late.id}
    assert worker.delivery() == Delivery(sent=1, failed=1)


def test_one_item_the_server_chokes_on_does_not_hold_up_the_others(
    server: FeedbackServer, caplog: pytest.LogCaptureFixture
) -> None:
    poison = item(0, server.url)
    server.chokes_on.add(poison.id)
    worker.submit([poison, *items(range(1, 40), server.url)], client(server.url))
    assert until(lambda: worker.delivery().sent == 39)
    assert worker.delivery().waiting == 1
    assert sum(record.levelno >= logging.WARNING for record in caplog.records) == 1


def test_a_server_that_trickles_for_ever_costs_one_thread_not_the_delivery(
    server: FeedbackServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    worker.configure(quick(tmp_path, request_deadline_s=0.3, lanes=1, lease_s=2.0))
    server.mode = "trickle"
    ours = client(server.url)
    worker.submit([item(0, server.url)], ours)
    assert until(lambda: bool(server.requests))
    server.mode = "ok"  # the held request goes on trickling
    worker.submit(items(range(1, 4), server.url), ours)
    assert until(lambda: len(server.feedback) >= 3), server.requests
    assert "another thread takes over" in caplog.text
    server.become("ok")
    assert until(lambda: len(server.feedback) == 4)
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
    worker.submit([item(0, server.url)], ours)
    assert until(lambda: bool(threads["network"]))
    server.become(mode)
    seen = _audited(lambda: [worker.submit([item(n, server.url)], ours) for n in range(1, 500)])
    assert seen == []
    worker.flush(0.3)
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
    worker.submit([item(0, server.url)], ours)
    assert worker.flush(10)
    other = sqlite3.connect(tmp_path / OUTBOX_FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    worker.submit(items(range(1, 4), server.url), ours)
    assert worker.delivery().queued <= 1
    assert not worker.settle(0.3), "the keeper waits for the file, the caller does not"
    other.execute("COMMIT")
    assert worker.flush(10)
    assert len(server.feedback) == 4


def test_a_full_hand_over_drops_and_counts(server: FeedbackServer, tmp_path: Path) -> None:
    worker.configure(quick(tmp_path, handover=10))
    ours = client(server.url)
    worker.submit([item(0, server.url)], ours)
    assert worker.flush(10)
    other = sqlite3.connect(tmp_path / OUTBOX_FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for number in range(1, 60):
        worker.submit([item(number, server.url)], ours)
    other.execute("COMMIT")
    assert worker.flush(10)
    done = worker.delivery()
    assert done.dropped > 0
    assert done.sent + done.dropped == 60


def test_without_a_place_for_the_outbox_feedback_is_kept_in_memory_with_one_warning(
    server: FeedbackServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "a file"
    blocked.touch()
    worker.configure(quick(blocked / "sub"))
    worker.submit(items(range(30), server.url), client(server.url))
    assert worker.flush(10)
    assert len(server.feedback) == 30
    assert [record.getMessage()[:37] for record in caplog.records] == [
        "No feedback outbox can be written ([E"
    ]


def test_a_file_that_cannot_be_written_any_more_does_not_stop_delivery(
    server: FeedbackServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ours = client(server.url)
    worker.submit([item(0, server.url)], ours)
    assert worker.flush(10)
    whole = Outbox.put

    def full(self: Outbox, rows: Any) -> Any:
        if self.durable:
            raise sqlite3.OperationalError("database or disk is full")
        return whole(self, rows)

    monkeypatch.setattr(Outbox, "put", full)
    worker.submit(items(range(1, 5), server.url), ours)
    assert worker.flush(10)
    assert len(server.feedback) == 5
    assert "disk is full" in caplog.text


def test_an_unsampled_trace_gets_no_feedback_and_no_request(server: FeedbackServer, tmp_path: Path) -> None:
    worker.submit(items(range(5), server.url), client(server.url, tracing_sampling_rate=0.0))
    assert worker.flush(5)
    assert worker.delivery() == Delivery(skipped=5)
    assert server.requests == []
    assert box(tmp_path).tallies()["rows"] == 0


def test_a_sampled_client_decides_the_same_for_feedback_as_for_the_trace(server: FeedbackServer) -> None:
    ours = client(server.url, tracing_sampling_rate=0.5)
    given = items(range(60), server.url)
    for each in given:
        worker.submit([each], ours)
    assert worker.flush(10)
    chosen = {each.id for each in given if ours._should_sample(each.trace_id)}
    assert 0 < len(chosen) < 60
    assert set(server.feedback) == chosen


def test_in_otel_mode_nothing_is_sent_and_it_is_said_once(
    server: FeedbackServer, caplog: pytest.LogCaptureFixture
) -> None:
    ours = client(server.url)
    ours._tracing_mode = "otel"
    for number in range(3):
        worker.submit([item(number, server.url)], ours)
    assert worker.flush(5)
    assert worker.delivery() == Delivery(skipped=3)
    assert server.requests == []
    assert caplog.text.count("No feedback is sent: tracing mode 'otel'") == 1


def test_in_hybrid_mode_feedback_is_sent(server: FeedbackServer) -> None:
    ours = client(server.url)
    ours._tracing_mode = "hybrid"
    worker.submit([item(0, server.url)], ours)
    assert worker.flush(5)
    assert len(server.feedback) == 1


def test_an_sdk_that_cannot_spare_the_retention_sends_nothing(
    server: FeedbackServer, caplog: pytest.LogCaptureFixture
) -> None:
    class OldClient:
        api_url = server.url

        def create_feedback(self, run_id: str, key: str, **kwargs: Any) -> None:
            raise AssertionError("would extend the trace's retention")

    worker.submit([item(0, server.url)], OldClient())  # type: ignore[arg-type]
    assert worker.flush(5)
    assert worker.delivery() == Delivery(skipped=1)
    assert "langsmith>=0.10" in caplog.text


def test_the_users_client_is_left_as_it_was_and_can_be_freed(server: FeedbackServer) -> None:
    ours = client(server.url)
    before = (ours.session, dict(ours.session.adapters), ours._timeout, ours._info)
    worker.submit([item(0, server.url)], ours)
    assert worker.flush(10)
    assert (ours.session, dict(ours.session.adapters), ours._timeout, ours._info) == before
    ref = weakref.ref(ours)
    del ours, before
    assert until(lambda: gc.collect() >= 0 and ref() is None, 3)


def test_two_clients_of_one_address_each_send_their_own(server: FeedbackServer) -> None:
    one, two = client(server.url, api_key="key-one"), client(server.url, api_key="key-two")
    worker.submit([item(1, server.url)], one)
    worker.submit([item(2, server.url)], two)
    assert worker.flush(10)
    posts = {headers["x-api-key"] for method, path, headers in server.requests if path == "/feedback"}
    assert posts == {"key-one", "key-two"}


def test_a_changed_key_is_used_from_then_on(server: FeedbackServer) -> None:
    ours = client(server.url, api_key="key-one")
    worker.submit([item(1, server.url)], ours)
    assert worker.flush(10)
    ours.api_key = "key-two"
    worker.submit([item(2, server.url)], ours)
    assert worker.flush(10)
    assert [headers["x-api-key"] for _, path, headers in server.requests if path == "/feedback"] == [
        "key-one",
        "key-two",
    ]


def test_neither_key_nor_header_reaches_the_disk(server: FeedbackServer, tmp_path: Path) -> None:
    server.become(500)
    worker.submit(items(range(5), server.url), client(server.url, headers={"X-Extra": "hidden-header"}))
    worker.flush(0.3)
    disk = b"".join(name.read_bytes() for name in tmp_path.iterdir() if name.is_file())
    assert b"respmeta_refused" in disk
    assert API_KEY.encode() not in disk
    assert b"hidden-header" not in disk


def test_what_an_earlier_process_left_goes_through_this_processes_client(
    server: FeedbackServer, tmp_path: Path
) -> None:
    left = box(tmp_path)
    left.put([(each, 0) for each in items(range(5), server.url)])
    left.close()
    worker.resume(client(server.url))
    assert until(lambda: len(server.feedback) == 5)


def test_what_is_left_goes_through_the_environments_client_if_it_leads_there(
    server: FeedbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = box(tmp_path)
    left.put([(item(1, server.url), 0), (item(2, "https://elsewhere.example"), 0)])
    left.close()
    monkeypatch.setenv("LANGSMITH_ENDPOINT", server.url)
    monkeypatch.setenv("LANGSMITH_API_KEY", API_KEY)
    worker.resume()
    assert until(lambda: len(server.feedback) == 1)
    assert [group[0] for group in box(tmp_path).groups()] == ["https://elsewhere.example"]


def test_resume_starts_nothing_where_nothing_was_left() -> None:
    worker.resume()
    assert not any(thread.name.startswith("respmeta-feedback") for thread in threading.enumerate())


def test_close_delivers_then_a_later_submit_begins_anew(server: FeedbackServer) -> None:
    ours = client(server.url)
    worker.submit(items(range(30), server.url), ours)
    worker.close(10)
    assert len(server.feedback) == 30
    worker.submit([item(30, server.url)], ours)
    assert worker.flush(10)
    assert len(server.feedback) == 31


def test_close_does_not_wait_for_a_server_that_is_away(server: FeedbackServer, tmp_path: Path) -> None:
    server.become("refuse")
    worker.submit(items(range(30), server.url), client(server.url))
    worker.flush(0.5)
    began = time.monotonic()
    worker.close(30)
    assert time.monotonic() - began < 10
    assert box(tmp_path).tallies()["rows"] == 30


def test_flush_and_counts_without_any_feedback() -> None:
    assert worker.flush(0)
    assert worker.settle(0)
    assert worker.delivery() == Delivery()
    worker.close()


def test_feedback_can_be_worked_out_on_the_workers_thread_and_a_fault_there_costs_one_run(
    server: FeedbackServer, caplog: pytest.LogCaptureFixture
) -> None:
    ours = client(server.url)
    threads: list[str] = []

    def make() -> list[Any]:
        threads.append(threading.current_thread().name)
        return items(range(3), server.url)

    worker.submit(lambda: 1 / 0, ours)  # type: ignore[arg-type,return-value]
    worker.submit(make, ours)
    assert worker.flush(10)
    assert threads == ["respmeta-feedback-keeper"]
    assert worker.delivery() == Delivery(sent=3, dropped=1)
    assert "could not be worked out" in caplog.text


def test_many_threads_submitting_lose_nothing(server: FeedbackServer) -> None:
    ours = client(server.url)

    def many(start: int) -> None:
        for number in range(start, start + 25):
            worker.submit([item(number, server.url)], ours)

    threads = [threading.Thread(target=many, args=(start * 25,)) for start in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worker.flush(30)
    assert len(server.feedback) == 400
    assert set(server.posts.values()) == {1}
    assert not server.repeats


def test_backoff_doubles_with_jitter_and_is_bounded() -> None:
    settings = DeliverySettings(first_backoff_s=1, max_backoff_s=10)
    for failures, longest in ((1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (1000, 10)):
        waits = [backoff(settings, failures) for _ in range(50)]
        assert longest / 2 <= min(waits)
        assert max(waits) <= longest
        assert len(set(waits)) > 1


def test_a_gate_honours_retry_after_up_to_its_bound_and_opens_wide_after_success() -> None:
    now = [100.0]
    gate = Gate(DeliverySettings(first_backoff_s=1, max_retry_after_s=60), clock=lambda: now[0])
    assert gate.failed(retry_after_s=20)
    assert not gate.failed(retry_after_s=9_999_999)
    now[0] += 59
    assert not gate.is_open()
    now[0] += 2
    assert gate.is_open()
    assert gate.passed() == 2
    assert gate.failures == 0


def test_the_pace_stays_below_langsmiths_limit_in_any_minute() -> None:
    now = [0.0]
    pace = Pace(DeliverySettings().requests_per_minute, clock=lambda: now[0])
    sent: list[float] = []
    while now[0] < 180:
        now[0] += pace.reserve()
        sent.append(now[0])
    busiest = max(sum(start <= moment < start + 60 for moment in sent) for start in range(0, 120, 5))
    assert 3_900 <= busiest <= 4_600
