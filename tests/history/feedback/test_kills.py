"""Killed anywhere, and called again: each item is delivered once, and none is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.feedback_server import FeedbackServer, project_id
from tests.history.feedback.stored import made, write
from tests.waiting import CEILING_S, until

RUNS = 300
KILLS = 20
ROOT = Path(__file__).parents[3]


class Program:
    """The process that forks the children, and what they say."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._lines, self._words = process.stdin, process.stdout

    def begin(self) -> int:
        """Start a child; returns its process id, after all that earlier ones said."""
        self._lines.write("\n")
        self._lines.flush()
        while not isinstance(word := self.word(), int):
            pass
        return word

    def word(self) -> Any:
        """What the child says next."""
        return json.loads(self._words.readline())


@contextmanager
def program(url: str, folder: Path) -> Iterator[Program]:
    arguments = [sys.executable, "-m", "tests.history.feedback.killed", url, str(folder)]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        yield Program(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(CEILING_S) == 0


def is_gone(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return False
    return True


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
@pytest.mark.parametrize("seed", [7])
def test_twenty_kills_lose_nothing_and_give_nothing_twice(
    server: FeedbackServer, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    session = str(project_id("default"))
    folder = write((made(number, session) for number in range(RUNS)), tmp_path / "runs")
    far, is_over = list[int](), 0
    with program(server.url, folder) as parent:
        for _ in range(KILLS):
            child = parent.begin()
            phase = chance.choice(["reading", "giving", "giving", "giving"])
            while (word := parent.word()) != phase and not isinstance(word, dict):
                pass
            for _ in range(chance.randint(0, 2)):
                if not isinstance(word, dict):
                    word = parent.word()
            is_over += isinstance(word, dict)
            time.sleep(chance.random() * 0.02)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            until(lambda child=child: is_gone(child), "the child's end")  # type: ignore[misc]
            far.append(len(server.feedback))
        assert is_over < KILLS // 2
        assert len(set(far)) > KILLS // 4  # they were at different points

        parent.begin()
        while not isinstance(report := parent.word(), dict):
            pass
    assert len(server.feedback) == RUNS // 4 * 3
    assert set(server.posts.values()) == {1}
    assert report["refused"] == {}
