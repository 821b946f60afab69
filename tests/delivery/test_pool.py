"""The threads that feedback and look-ups share."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from langchain_respmeta._delivery.pool import SenderPool, SenderThread
from tests.waiting import CEILING_S, until


class Held:
    """Work that goes on until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.began: list[SenderThread] = []

    def __call__(self, thread: SenderThread) -> None:
        self.began.append(thread)
        self.let_go.wait(CEILING_S)


@pytest.fixture
def held() -> Iterator[Held]:
    held = Held()
    yield held
    held.let_go.set()


def test_no_more_threads_than_asked_for_and_a_place_is_free_when_one_ends(held: Held) -> None:
    pool = SenderPool("test-pool", held)
    for _ in range(5):
        pool.open(2)
    until(lambda: len(held.began) == 2, "two threads")
    assert [thread.name for thread in pool.threads] == ["test-pool-0", "test-pool-1"]
    assert all(thread.daemon for thread in pool.threads)
    assert pool.is_first(pool.threads[0])
    held.let_go.set()
    until(lambda: not pool.threads, "their end")
    pool.open(2)
    until(lambda: len(held.began) == 3, "another one")


def test_a_thread_whose_work_raises_leaves_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    pool = SenderPool("test-pool", lambda _: 1 / 0)  # type: ignore[arg-type,return-value]
    pool.open(1)
    until(lambda: not pool.threads, "its end")


def test_only_a_thread_with_a_request_under_way_is_abandoned_and_another_may_start(held: Held) -> None:
    pool = SenderPool("test-pool", held)
    pool.open(2)
    pool.open(2)
    first, second = pool.threads
    first.busy_since = 0.0
    assert pool.abandon(1e-9) == 1
    assert (first.is_abandoned, second.is_abandoned) == (True, False)
    assert pool.threads == [second]
    pool.open(2)
    assert len(pool.threads) == 2
    held.let_go.set()
    pool.join(CEILING_S)
    until(lambda: pool.abandon(1e-9) == 0 and not pool.abandoned, "that ended ones are forgotten")


def test_a_pool_that_is_stopped_starts_none(held: Held) -> None:
    pool = SenderPool("test-pool", held)
    pool.is_stopped = True
    pool.open(1)
    assert not pool.threads
