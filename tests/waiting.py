"""Waiting on conditions: a test states what must become true, never how soon.

A ceiling only turns a fault into a failure instead of a hang. It is so high that no busy machine reaches it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from typing import Final, TypeVar

CEILING_S: Final = 120.0
"""For everything that a test waits on: a condition, a socket, another process."""

_PAUSE_S: Final = 0.005
_T = TypeVar("_T")


def until(condition: Callable[[], _T], what: str, ceiling_s: float = CEILING_S) -> _T:
    """Wait until the condition holds; returns what it gave.

    Raises:
        AssertionError: It never held; names `what`.
    """
    end = time.monotonic() + ceiling_s
    while not (found := condition()):
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(_PAUSE_S)
    return found


async def auntil(condition: Callable[[], _T], what: str, ceiling_s: float = CEILING_S) -> _T:
    """The same for a task: the others of its loop run meanwhile."""
    end = time.monotonic() + ceiling_s
    while not (found := condition()):
        assert time.monotonic() < end, f"never came: {what}"
        await asyncio.sleep(_PAUSE_S)
    return found


def ended(act: Callable[[], _T], ceiling_s: float = CEILING_S) -> _T:
    """Have `act` done while what it must not wait for does not come; returns what it gave.

    Raises:
        TimeoutError: It still waits.
    """
    outcome: Future[_T] = Future()

    def run() -> None:
        try:
            outcome.set_result(act())
        except BaseException as error:  # noqa: BLE001 - it is the test's
            outcome.set_exception(error)

    Thread(target=copy_context().run, args=(run,), daemon=True).start()
    return outcome.result(ceiling_s)


async def never() -> None:
    """Wait until cancelled."""
    await asyncio.Event().wait()
