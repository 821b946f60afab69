"""One state of the process, replaced as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
from threading import Barrier, Thread
from typing import Any

import pytest

from langchain_respmeta._process.faults import FAULTS, report
from langchain_respmeta._process.state import STATE, Part


def test_every_table_is_new_after_a_reset() -> None:
    part = Part[list[int]](list)
    before = STATE[part]
    before.append(1)
    assert STATE[part] is before
    STATE.clear()
    assert STATE[part] == []


def test_a_child_keeps_what_its_part_says_and_nothing_else() -> None:
    part, kept = Part[list[int]](list), Part[list[int]](list, in_child=lambda parents: [*parents, 2])
    STATE[part].append(1)
    STATE[kept].append(1)
    report("a test of the state", ValueError())
    faults = STATE[FAULTS]
    STATE.begin_child()
    assert (STATE[part], STATE[kept]) == ([], [1, 2])
    assert STATE[FAULTS] is faults


def test_threads_that_need_a_table_at_once_share_it() -> None:
    meeting, found = Barrier(4), list[Any]()

    def make() -> object:
        meeting.wait()
        return object()

    part = Part(make)
    threads = [Thread(target=lambda: found.append(STATE[part])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == 1


_FORK = """
import os, threading
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.lifecycle import Fork, around_fork

held, forking = threading.Event(), threading.Event()

def hold():
    with loading:
        held.set()
        forking.wait()

def before():
    os.write(1, b"closed\\n")
    forking.set()  # now the lock that the next step waits for is let go
    return lambda *, in_child: os.write(1, b"opened in child\\n" if in_child else b"opened in parent\\n")  # in one go

around_fork(Fork.OUTBOX, before)
threading.Thread(target=hold).start()
held.wait()
if (child := os.fork()) == 0:
    with loading:
        os._exit(0)
print("child ended with", os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_waits_for_an_import_and_lets_go_what_it_held_on_both_sides() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FORK], capture_output=True, text=True, check=True, timeout=600
    )
    closed, *opened, ended = done.stdout.splitlines()
    assert (closed, sorted(opened)) == ("closed", ["opened in child", "opened in parent"])
    assert ended == "child ended with 0"
