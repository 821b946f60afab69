"""The user's own clients: sampling, tracing modes, keys, and leaving them as they were."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest
from langsmith import Client

from langchain_respmeta._delivery import service
from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.service import Delivery
from tests.delivery.feedback_cases import API_KEY, box, client, item, items
from tests.delivery.feedback_server import FeedbackServer
from tests.waiting import CEILING_S, until


def test_an_unsampled_trace_gets_no_feedback_and_no_request(server: FeedbackServer, tmp_path: Path) -> None:
    service.submit(items(range(5), server.url), client(server.url, tracing_sampling_rate=0.0))
    assert service.flush(CEILING_S)
    assert service.delivery() == Delivery(skipped=5)
    assert server.requests == []
    assert box(tmp_path).tallies()["rows"] == 0


def test_a_sampled_client_decides_the_same_for_feedback_as_for_the_trace(server: FeedbackServer) -> None:
    ours = client(server.url, tracing_sampling_rate=0.5)
    given = items(range(60), server.url)
    for each in given:
        service.submit([each], ours)
    assert service.flush(CEILING_S)
    chosen = {each.id for each in given if ours._should_sample(each.trace_id)}
    assert 0 < len(chosen) < 60
    assert set(server.feedback) == chosen


def test_a_client_that_samples_by_chance_sends_nothing_and_says_what_helps(
    server: FeedbackServer, caplog: pytest.LogCaptureFixture
) -> None:
    class ByChance(Client):
        def _should_sample(self) -> bool:  # type: ignore[override]
            return True

    ours = ByChance(api_url=server.url, api_key=API_KEY, auto_batch_tracing=False, tracing_sampling_rate=0.5)
    service.submit([item(0, server.url)], ours)
    assert service.flush(CEILING_S)
    assert service.delivery() == Delivery(skipped=1)
    assert server.requests == []
    assert "langsmith>=0.12" in caplog.text


def test_in_otel_mode_nothing_is_sent_and_it_is_said_once(
    server: FeedbackServer, caplog: pytest.LogCaptureFixture
) -> None:
    ours = client(server.url)
    ours._tracing_mode = "otel"
    for number in range(3):
        service.submit([item(number, server.url)], ours)
    assert service.flush(CEILING_S)
    assert service.delivery() == Delivery(skipped=3)
    assert server.requests == []
    assert caplog.text.count("No feedback is sent: tracing mode 'otel'") == 1


def test_in_hybrid_mode_feedback_is_sent(server: FeedbackServer) -> None:
    ours = client(server.url)
    ours._tracing_mode = "hybrid"
    service.submit([item(0, server.url)], ours)
    assert service.flush(CEILING_S)
    assert len(server.feedback) == 1


def test_an_sdk_that_cannot_spare_the_retention_sends_nothing(
    server: FeedbackServer, caplog: pytest.LogCaptureFixture
) -> None:
    class OldClient:
        api_url = server.url

        def create_feedback(self, run_id: str, key: str, **kwargs: Any) -> None:
            raise AssertionError("would extend the trace's retention")

    service.submit([item(0, server.url)], OldClient())  # type: ignore[arg-type]
    assert service.flush(CEILING_S)
    assert service.delivery() == Delivery(skipped=1)
    assert "langsmith>=0.12" in caplog.text


def test_the_users_client_is_left_as_it_was_and_can_be_freed(server: FeedbackServer) -> None:
    ours = client(server.url)
    before = (ours.session, dict(ours.session.adapters), ours._timeout, ours._info)
    service.submit([item(0, server.url)], ours)
    assert service.flush(CEILING_S)
    assert (ours.session, dict(ours.session.adapters), ours._timeout, ours._info) == before
    ref = weakref.ref(ours)
    del ours, before
    until(lambda: gc.collect() >= 0 and ref() is None, "that the client is freed")


def test_clients_that_are_gone_leave_nothing_behind_once_their_feedback_is_sent(
    server: FeedbackServer,
) -> None:
    for number in range(30):
        service.submit([item(number, server.url)], client(server.url))
        assert service.flush(CEILING_S)
    kept = service._SERVICE.worker._clients._twins  # type: ignore[union-attr]
    until(lambda: gc.collect() >= 0 and len(kept) == 0, "that they are let go")
    service.submit([item(30, server.url)], client(server.url))
    assert service.flush(CEILING_S)
    assert len(server.feedback) == 31


def test_feedback_goes_with_its_own_key_though_its_client_is_gone(
    server: FeedbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats: list[int] = []
    whole = Outbox.beat

    def counted(self: Outbox) -> int:
        beats.append(1)
        return whole(self)

    monkeypatch.setattr(Outbox, "beat", counted)
    server.become(503)
    for number in range(3):
        service.submit([item(number, server.url)], client(server.url, api_key=f"key-{number}"))
    assert service.persist(CEILING_S)
    gc.collect()
    seen = len(beats)
    until(lambda: len(beats) >= seen + 3, "several beats, at which clients are let go")
    server.become("ok")
    server.requests.clear()
    assert service.flush(CEILING_S)
    assert {headers["x-api-key"] for _, path, headers in server.requests if path == "/feedback"} == {
        "key-0",
        "key-1",
        "key-2",
    }


def test_two_clients_of_one_address_each_send_their_own(server: FeedbackServer) -> None:
    one, two = client(server.url, api_key="key-one"), client(server.url, api_key="key-two")
    service.submit([item(1, server.url)], one)
    service.submit([item(2, server.url)], two)
    assert service.flush(CEILING_S)
    posts = {headers["x-api-key"] for method, path, headers in server.requests if path == "/feedback"}
    assert posts == {"key-one", "key-two"}


def test_a_changed_key_is_used_from_then_on(server: FeedbackServer) -> None:
    ours = client(server.url, api_key="key-one")
    service.submit([item(1, server.url)], ours)
    assert service.flush(CEILING_S)
    ours.api_key = "key-two"
    service.submit([item(2, server.url)], ours)
    assert service.flush(CEILING_S)
    assert [headers["x-api-key"] for _, path, headers in server.requests if path == "/feedback"] == [
        "key-one",
        "key-two",
    ]


def test_neither_key_nor_header_reaches_the_disk(server: FeedbackServer, tmp_path: Path) -> None:
    server.become(500)
    service.submit(items(range(5), server.url), client(server.url, headers={"X-Extra": "hidden-header"}))
    assert service.persist(CEILING_S)
    until(lambda: bool(server.requests), "a try")
    disk = b"".join(name.read_bytes() for name in tmp_path.iterdir() if name.is_file())
    assert b"respmeta_refused" in disk
    assert API_KEY.encode() not in disk
    assert b"hidden-header" not in disk


def test_a_comments_key_shaped_string_is_never_stored_or_sent(server: FeedbackServer) -> None:
    leak = "Incorrect API key provided: sk-proj-abcdefghijklmnop1234"
    service.submit([item(1, server.url, comment=leak)], client(server.url))
    assert service.flush(CEILING_S)
    assert next(iter(server.feedback.values()))["comment"] == "Incorrect API key provided: [secret removed]"
