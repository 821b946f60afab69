"""Processes that are killed, forked, run in parallel, or simply end."""

from __future__ import annotations

import multiprocessing
import os
import random
import subprocess
import sys
import time
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest

from langchain_respmeta._delivery import service
from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.state_dir import OUTBOX_FILE
from tests.delivery import crash_child
from tests.delivery.feedback_cases import client, item, items
from tests.delivery.feedback_server import FeedbackServer
from tests.waiting import CEILING_S, until

TOTAL = 1_000
KILLS = 20


@pytest.fixture(scope="module")
def processes() -> BaseContext:
    """Processes forked from one that has imported everything and started nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["langchain_respmeta._delivery.worker"])
    return context


def rows(tmp_path: Path) -> int:
    box = Outbox(tmp_path / OUTBOX_FILE)
    try:
        return box.tallies()["rows"]
    finally:
        box.close()


def until_empty(tmp_path: Path) -> None:
    until(lambda: rows(tmp_path) == 0, "an empty outbox")


@pytest.mark.parametrize("seed", [4])
def test_a_thousand_through_an_outage_and_twenty_kills_each_arrive_exactly_once(
    server: FeedbackServer, tmp_path: Path, processes: BaseContext, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    accepted = 0
    modes = ["refuse", "hang", 500, 429, 503, "ok"] * 4
    chance.shuffle(modes)
    for kill in range(KILLS):
        server.become(modes[kill])
        ours, theirs = processes.Pipe(duplex=False)
        last = TOTAL * (kill + 1) // KILLS
        child = processes.Process(  # type: ignore[attr-defined]
            target=crash_child.submit_and_report, args=(server.url, tmp_path, accepted, last, theirs)
        )
        child.start()
        for _ in range(chance.randint(1, 10)):
            if accepted < last and ours.poll(CEILING_S):
                accepted = ours.recv()
        time.sleep(chance.random() * 0.05)
        child.kill()
        child.join()
        while ours.poll(0):
            try:
                accepted = ours.recv()
            except EOFError:
                break
        server.become("refuse")  # nothing of the dead process may still arrive while the next is born
    assert accepted > 0
    server.become("ok")
    ours, theirs = processes.Pipe()
    child = processes.Process(  # type: ignore[attr-defined]
        target=crash_child.finish, args=(server.url, tmp_path, accepted, TOTAL, theirs)
    )
    child.start()
    assert ours.recv() is True
    until_empty(tmp_path)
    ours.send("enough")
    child.join(CEILING_S)
    expected = {item(number, server.url).id for number in range(TOTAL)}
    assert set(server.feedback) == expected
    assert set(server.posts.values()) == {1}


def test_two_processes_share_what_was_left_and_send_nothing_twice(
    server: FeedbackServer, tmp_path: Path, processes: BaseContext
) -> None:
    left = Outbox(tmp_path / OUTBOX_FILE)
    left.put([(each, 0) for each in items(range(200), server.url)])
    left.close()
    children, pipes = [], []
    for first in (200, 250):
        ours, theirs = processes.Pipe()
        child = processes.Process(  # type: ignore[attr-defined]
            target=crash_child.finish, args=(server.url, tmp_path, first, first + 50, theirs)
        )
        child.start()
        children.append(child)
        pipes.append(ours)
    assert [pipe.recv() for pipe in pipes] == [True, True]
    until_empty(tmp_path)
    for pipe, child in zip(pipes, children, strict=True):
        pipe.send("enough")
        child.join(CEILING_S)
        assert child.exitcode == 0
    assert set(server.feedback) == {item(number, server.url).id for number in range(300)}
    assert set(server.posts.values()) == {1}
    assert not server.repeats


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_begins_empty_with_a_worker_of_its_own(server: FeedbackServer) -> None:
    server.become(503)
    ours = client(server.url)
    service.submit(items(range(10), server.url), ours)
    service.persist(CEILING_S)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            begins_empty = service.delivery() == service.Delivery()
            service.submit(items(range(10, 20), server.url), ours)
            is_accepted = service.persist(CEILING_S)
            mine = service.delivery().waiting == 10
            service.close(0.2)
            code = 0 if begins_empty and is_accepted and mine else 2
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert service.delivery().waiting >= 10
    service.submit(items(range(20, 25), server.url), ours)
    server.become("ok")
    assert service.flush(CEILING_S)
    until(lambda: len(server.feedback) == 25, "what the child left, too")
    assert set(server.feedback) == {item(number, server.url).id for number in range(25)}
    assert set(server.posts.values()) == {1}
    assert not server.repeats


def test_a_multiprocessing_child_that_just_returns_has_delivered(
    server: FeedbackServer, tmp_path: Path, processes: BaseContext
) -> None:
    child = processes.Process(  # type: ignore[attr-defined]
        target=crash_child.submit_and_leave, args=(server.url, tmp_path, 0, 20)
    )
    child.start()
    child.join(CEILING_S)
    assert len(server.feedback) == 20
    assert rows(tmp_path) == 0


PROGRAM = """
import sys; sys.path[:0] = [{root!r}]
from pathlib import Path
from tests.delivery.feedback_cases import client, items, quick
from langchain_respmeta._delivery import service as worker
worker.configure(quick(Path({state!r}), drain_s={drain_s}))
worker.submit(items(range({count}), {url!r}), client({url!r}))
"""


def run_program(server: FeedbackServer, tmp_path: Path, count: int, drain_s: float) -> str:
    """What it wrote to stderr until its end. For a request that hangs it would wait for longer than the ceiling."""
    root = str(Path(__file__).parents[2])
    program = PROGRAM.format(root=root, state=str(tmp_path), drain_s=drain_s, count=count, url=server.url)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=CEILING_S,
        check=True,
    )
    return done.stderr


def test_a_program_that_ends_delivers_on_its_way_out(server: FeedbackServer, tmp_path: Path) -> None:
    stderr = run_program(server, tmp_path, 40, drain_s=CEILING_S)
    assert len(server.feedback) == 40
    assert rows(tmp_path) == 0
    assert stderr == ""


def test_a_program_whose_server_hangs_ends_within_the_bound_and_leaves_its_feedback(
    server: FeedbackServer, tmp_path: Path
) -> None:
    server.become("hang")
    stderr = run_program(server, tmp_path, 40, drain_s=1.0)
    assert "Traceback" not in stderr
    assert rows(tmp_path) == 40
    server.become("ok")
    service.resume(client(server.url))
    until_empty(tmp_path)
    assert len(server.feedback) == 40
