"""Killed anywhere, and called again: each item is delivered once, and none is lost."""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.feedback_server import FeedbackServer, project_id
from tests.history.feedback import killed
from tests.history.feedback.stored import made, write
from tests.waiting import CEILING_S

RUNS = 1_200
KILLS = 20


@pytest.fixture(scope="module")
def processes() -> BaseContext:
    """Processes forked from one that has imported everything and started nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.history.feedback.killed", "pyarrow.parquet", "pyarrow.compute"])
    return context


def next_word(pipe: Any) -> Any:
    assert pipe.poll(CEILING_S)
    return pipe.recv()


@pytest.mark.parametrize("seed", [7])
def test_twenty_kills_lose_nothing_and_give_nothing_twice(
    server: FeedbackServer, tmp_path: Path, processes: BaseContext, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    session = str(project_id("default"))
    folder = write((made(number, session) for number in range(RUNS)), tmp_path / "runs")

    def begin() -> tuple[Any, Any]:
        ours, theirs = processes.Pipe()
        arguments = (server.url, tmp_path / "state", folder, theirs)
        child = processes.Process(target=killed.give, args=arguments)  # type: ignore[attr-defined]
        child.start()
        return child, ours

    far, is_over = list[int](), 0
    for _ in range(KILLS):
        child, pipe = begin()
        phase = chance.choice(["reading", "giving", "giving", "giving"])
        while (word := next_word(pipe)) != phase and not isinstance(word, dict):
            pass
        is_over += isinstance(word, dict)
        for _ in range(0 if isinstance(word, dict) else chance.randint(0, 4)):
            next_word(pipe)
        time.sleep(chance.random() * 0.02)
        child.kill()
        child.join()
        far.append(len(server.feedback))
    assert not is_over
    assert len(set(far)) > KILLS // 4  # they were at different points

    child, pipe = begin()
    while not isinstance(report := next_word(pipe), dict):
        pass
    pipe.send("enough")
    child.join(CEILING_S)
    assert len(server.feedback) == RUNS // 4 * 3
    assert set(server.posts.values()) == {1}
    assert report["refused"] == {}
