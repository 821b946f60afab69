"""A process that forks while its outbox is open, and while threads use it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.state_dir import OUTBOX_FILE
from tests.delivery.feedback_cases import items
from tests.waiting import CEILING_S

URL = "http://127.0.0.1:9"

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / OUTBOX_FILE


def put(box: Outbox, numbers: range) -> None:
    box.put([(each, 0) for each in items(numbers, URL)])


def rows(path: Path) -> int:
    box = Outbox(path)
    try:
        return box.tallies()["rows"]
    finally:
        box.close()


class Child:
    """A forked process that takes its steps on request."""

    def __init__(self, steps: list[Callable[[], None]]) -> None:
        theirs, self._go = os.pipe()
        self._done, mine = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                for step in steps:
                    os.read(theirs, 1)
                    step()
                    os.write(mine, b"d")
                code = 0
            finally:
                os._exit(code)
        os.close(mine)
        os.close(theirs)

    def step(self) -> None:
        """One step more, to its end."""
        os.write(self._go, b"g")
        assert os.read(self._done, 1) == b"d", "the child has failed"

    def end(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_what_a_child_accepts_after_its_parent_has_ended_is_kept(path: Path) -> None:
    """SQLite would have let the parent delete the log that the child writes to."""
    parents = Outbox(path)
    put(parents, range(5))
    childs: list[Outbox] = []
    child = Child([lambda: childs.append(Outbox(path)), lambda: put(childs[0], range(5, 10))])
    child.step()
    parents.close()
    child.step()
    assert rows(path) == 10
    assert child.end() == 0


@contextmanager
def in_use(box: Outbox) -> Iterator[None]:
    """Threads that are inside SQLite nearly all the time."""
    enough = threading.Event()

    def use() -> None:
        while not enough.is_set():
            box.beat()

    threads = [threading.Thread(target=use) for _ in range(3)]
    for thread in threads:
        thread.start()
    yield
    enough.set()
    for thread in threads:
        thread.join()


def test_a_fork_in_the_middle_of_use_leaves_both_sides_able_to_go_on(path: Path) -> None:
    """SQLite's mutexes are the process's: one that another thread held would stay locked in the child."""
    box = Outbox(path)
    with in_use(box):
        for number in range(20):
            child = Child([lambda first=number: put(Outbox(path), range(first, first + 1))])  # type: ignore[misc]
            guard = threading.Timer(CEILING_S, os.kill, args=(child.pid, 9))
            guard.start()
            child.step()
            guard.cancel()
            assert child.end() == 0
    assert box.tallies()["rows"] == 20


def test_an_outbox_in_memory_outlives_a_fork(path: Path) -> None:
    box = Outbox(None)
    put(box, range(3))
    assert Child([]).end() == 0
    assert box.tallies()["rows"] == 3
