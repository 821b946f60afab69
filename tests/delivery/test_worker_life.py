"""Start, flush, close, resumed feedback, and counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from langsmith import Client

from langchain_respmeta._delivery import service
from langchain_respmeta._delivery.clients import Clients
from langchain_respmeta._delivery.counts import DeliveryCounts
from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.outbox_admin import outbox_purge, outbox_retry
from langchain_respmeta._delivery.outbox_row import Row
from langchain_respmeta._delivery.request import Reply, ReplyKind
from langchain_respmeta._delivery.senders import Senders
from langchain_respmeta._delivery.service import Delivery
from langchain_respmeta._delivery.state_dir import OUTBOX_FILE
from langchain_respmeta._delivery.worker import Worker
from tests.delivery.feedback_cases import API_KEY, box, client, item, items, quick
from tests.delivery.feedback_server import FeedbackServer
from tests.waiting import CEILING_S, ended, until


def test_what_an_earlier_process_left_goes_through_this_processes_client(
    server: FeedbackServer, tmp_path: Path
) -> None:
    left = box(tmp_path)
    left.put([(each, 0) for each in items(range(5), server.url)])
    left.close()
    service.resume(client(server.url))
    until(lambda: len(server.feedback) == 5, "what was left")


def test_what_is_left_goes_through_the_environments_client_if_it_leads_there(
    server: FeedbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = box(tmp_path)
    left.put([(item(1, server.url), 0), (item(2, "https://elsewhere.example"), 0)])
    left.close()
    monkeypatch.setenv("LANGSMITH_ENDPOINT", server.url)
    monkeypatch.setenv("LANGSMITH_API_KEY", API_KEY)
    service.resume()
    until(lambda: len(server.feedback) == 1, "what leads there")
    elsewhere = ["https://elsewhere.example"]
    until(lambda: [group[0] for group in box(tmp_path).groups()] == elsewhere, "only the other being left")


def test_resume_starts_nothing_where_nothing_was_left() -> None:
    before = set(threading.enumerate())  # those of an earlier test may still be ending
    service.resume()
    begun = set(threading.enumerate()) - before
    assert not [thread.name for thread in begun if thread.name.startswith("respmeta-feedback")]


def test_close_delivers_then_a_later_submit_begins_anew(server: FeedbackServer) -> None:
    ours = client(server.url)
    service.submit(items(range(30), server.url), ours)
    service.close(CEILING_S)
    assert len(server.feedback) == 30
    service.submit([item(30, server.url)], ours)
    assert service.flush(CEILING_S)
    assert len(server.feedback) == 31


def _worker() -> Worker:
    assert service._SERVICE.worker is not None
    return service._SERVICE.worker


def test_close_does_not_wait_for_a_server_that_is_away(server: FeedbackServer, tmp_path: Path) -> None:
    server.become("refuse")
    service.submit(items(range(30), server.url), client(server.url))
    until(_worker()._clients.are_all_failing, "that the server is away")
    ended(lambda: service.close(10 * CEILING_S))
    assert box(tmp_path).tallies()["rows"] == 30


def test_close_stores_all_that_was_handed_over_however_little_time_it_has(
    server: FeedbackServer, tmp_path: Path
) -> None:
    server.become("refuse")
    ours = client(server.url)
    for number in range(2_000):
        service.submit([item(number, server.url)], ours)
    service.close(0)
    assert box(tmp_path).tallies()["rows"] == 2_000


def test_a_sender_that_lies_down_hears_of_what_is_stored_meanwhile(tmp_path: Path) -> None:
    settings = quick(tmp_path, beat_s=10 * CEILING_S)
    counts = _ComesAfterALook()
    senders = Senders([], Clients(settings), counts, settings)
    counts.then = senders.wake
    ended(senders._rest)


def test_a_row_that_is_delivered_while_outbox_and_counts_are_compared_is_not_taken_for_purged(
    server: FeedbackServer, tmp_path: Path
) -> None:
    worker = Worker(quick(tmp_path))
    box = _DeliversWhileItIsCounted(tmp_path / OUTBOX_FILE)
    worker._boxes.append(box)
    worker._put([(each, 0) for each in items(range(4), server.url)])
    box.deliver = lambda row: worker._senders._delivered(
        box, row, Reply(ReplyKind.DELIVERED), worker._clients.breaker(server.url)
    )
    for _ in range(2):
        worker._reconcile()
    until(lambda: worker.counts.waiting == 2, "that what was delivered is counted")
    box.purge()
    box.deliver = None
    worker._reconcile()
    assert worker.counts.waiting == 0


class _DeliversWhileItIsCounted(Outbox):
    """A sender delivers a row just before the waiting ones are counted."""

    deliver: Callable[[Row], None] | None = None

    def own_waiting(self) -> int:
        if self.deliver is not None:
            rows = self.claim(self.waiting_urls(), 1)
            sender = threading.Thread(target=self.deliver, args=rows)
            sender.start()
            sender.join(0.2)
        return super().own_waiting()


class _ComesAfterALook(DeliveryCounts):
    """Something is stored just after it was looked whether there is anything."""

    then: Callable[[], None]

    @property
    def waiting(self) -> int:
        stored = threading.Thread(target=self.then)
        stored.start()
        stored.join(0.2)
        return 0


def test_flush_and_counts_without_any_feedback() -> None:
    assert service.flush(0)
    assert service.persist(0)
    assert service.delivery() == Delivery()
    service.close()


def test_feedback_can_be_worked_out_on_the_workers_thread_and_a_fault_there_costs_one_run(
    server: FeedbackServer, caplog: pytest.LogCaptureFixture
) -> None:
    ours = client(server.url)
    threads: list[str] = []

    def make() -> list[Any]:
        threads.append(threading.current_thread().name)
        return items(range(3), server.url)

    service.submit(lambda: 1 / 0, ours)  # type: ignore[arg-type,return-value]
    service.submit(make, ours)
    assert service.flush(CEILING_S)
    assert threads == ["respmeta-feedback-writer"]
    assert service.delivery() == Delivery(sent=3, dropped=1)
    assert "could not be worked out" in caplog.text


def test_a_client_of_ones_own_that_raises_costs_the_feedback_through_it_alone(
    server: FeedbackServer, caplog: pytest.LogCaptureFixture
) -> None:
    class Raising(Client):
        def _should_sample(self, trace_id: Any = None) -> bool:
            raise ValueError("what the user wrote")

    broken = Raising(api_url=server.url, api_key=API_KEY, auto_batch_tracing=False)
    # In one batch, as they come under load.
    service.submit(items(range(3), server.url), client(server.url))
    service.submit(items(range(3, 5), server.url), broken)
    service.submit(items(range(5, 8), server.url), client(server.url))
    assert service.flush(CEILING_S)
    assert service.delivery() == Delivery(sent=6, dropped=2)
    assert "ValueError" in caplog.text
    assert "the user wrote" not in caplog.text


def test_what_is_purged_by_hand_is_no_longer_waited_for(server: FeedbackServer) -> None:
    server.become(503)
    service.submit(items(range(10), server.url), client(server.url))
    assert service.persist(CEILING_S)
    assert outbox_purge() == 10
    assert service.flush(CEILING_S)
    assert service.delivery().waiting == 0


def test_what_is_purged_while_it_is_refused_is_counted_once(server: FeedbackServer) -> None:
    ours = _Purging(api_url=server.url, api_key=API_KEY, auto_batch_tracing=False)
    service.submit([item(1, server.url, session_id=str(uuid4()))], ours)
    assert service.flush(CEILING_S)
    assert service.delivery() == Delivery()
    server.become(503)
    service.submit([item(2, server.url)], client(server.url))
    assert not service.flush(0.5)


class _Purging(Client):
    """The outbox is purged while the server refuses."""

    def create_feedback(self, *args: Any, extend_trace_retention: bool = True, **kwargs: Any) -> Any:
        outbox_purge()
        until(lambda: service.delivery().waiting == 0, "that it is noticed")
        raise ValueError("no")


def test_what_failed_and_is_let_wait_again_is_delivered_and_the_counts_agree(server: FeedbackServer) -> None:
    server.become(422)
    service.submit(items(range(5), server.url), client(server.url))
    assert service.flush(CEILING_S)
    server.become("ok")
    assert outbox_retry(0)["requeued"] == 5
    until(lambda: len(server.feedback) == 5, "what waits again")
    until(lambda: service.delivery() == Delivery(sent=5, failed=5), "counts that agree")


def test_submitting_after_this_modules_part_in_the_exit_stores_for_the_next_start(
    server: FeedbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service._SERVICE, "is_exiting", True)
    monkeypatch.setattr(threading.Thread, "start", _no_more_threads)
    service.submit(items(range(3), server.url), client(server.url))
    monkeypatch.undo()
    assert box(tmp_path).tallies()["rows"] == 3


def _no_more_threads(_: threading.Thread) -> None:
    raise RuntimeError("can't create new thread at interpreter shutdown")


def test_many_threads_submitting_lose_nothing(server: FeedbackServer) -> None:
    ours = client(server.url)

    def many(start: int) -> None:
        for number in range(start, start + 25):
            service.submit([item(number, server.url)], ours)

    threads = [threading.Thread(target=many, args=(start * 25,)) for start in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert service.flush(CEILING_S)
    assert len(server.feedback) == 400
    assert set(server.posts.values()) == {1}
    assert not server.repeats
