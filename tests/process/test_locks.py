"""Locks of a process, in a forked child."""

from __future__ import annotations

import os

import pytest

from langchain_respmeta._process.locks import ProcessLock


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_thread_that_forks_while_it_holds_a_lock_lets_it_go_in_both_processes() -> None:
    lock, child, failed = ProcessLock(), -1, 1
    try:
        with lock:
            child = os.fork()
        with lock:
            failed = 0
    finally:
        if child == 0:
            os._exit(failed)
    assert (failed, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])) == (0, 0)
