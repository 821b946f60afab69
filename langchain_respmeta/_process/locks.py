"""Locks and forks: what a fork waits for, and what a forked child has anew."""

from __future__ import annotations

import threading
from functools import partial
from typing import Final

from langchain_respmeta._process.late_imports import ForkLock, loading
from langchain_respmeta._process.lifecycle import Child, Fork, Resume, around_fork, in_child

_WAIT_S: Final = 30.0
"""The longest that a fork waits; to load takes hundredths of a second, price data one, on a busy machine more."""


def hold_over_forks(lock: ForkLock, step: Fork) -> ForkLock:
    """Give `lock` a real lock, and hold it during each fork."""
    lock.lock = threading.RLock()
    around_fork(step, partial(_hold, lock))
    return lock


def _hold(lock: ForkLock) -> Resume:
    return partial(_let_go if lock.lock.acquire(timeout=_WAIT_S) else _renew, lock)


def _let_go(lock: ForkLock, *, in_child: bool) -> None:  # noqa: ARG001 - as `Resume` has it
    lock.lock.release()


def _renew(lock: ForkLock, *, in_child: bool) -> None:
    if in_child:
        lock.lock = threading.RLock()  # the thread that holds it is not here


class ProcessLock:
    """One lock of a process, which a forked child has anew: a thread of its parent may have held it."""

    def __init__(self) -> None:
        self._begin()
        self._held = self._lock
        in_child(Child.LOCKS, self._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        lock = self._lock
        lock.acquire()
        self._held = lock

    def __exit__(self, *_: object) -> None:
        self._held.release()  # which is not `_lock` any more in a child that was forked meanwhile, by this very thread


hold_over_forks(loading, Fork.IMPORTS)
