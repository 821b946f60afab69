"""The background reader: it reads ended runs on its own thread, not on the thread that called the model.

A run's message is released as soon as it is read. Callers that need a record earlier (the seam, `handler.records`) read it
themselves; the reader then finds it done. Where that is sure to happen and only counting is left, no thread wakes for one run.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, TypeAlias

from langchain_respmeta._process.faults import user_code
from langchain_respmeta._process.lifecycle import Child, Exit, at_exit, in_child

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Run

Taker: TypeAlias = "Callable[[Run], None]"

SPARE: Final[list[Callable[[], None]]] = []
"""What is done when all is read: work that no call may wait for."""

MAX_PENDING: Final = 4_096
"""Runs waiting to be read; beyond that each caller reads one run for each that it adds, so that memory stays bounded."""

MAX_LEFT: Final = 64
"""Runs that wait to be counted before the thread wakes: they are read, and hold no message."""

_GATHER_S: Final = 0.05
"""How long the thread lets runs gather: waking it for each run costs the caller more than noting the run does."""

_HELP_S: Final = 0.001
"""How often is looked whether a caller that reads a run is through."""


class BackgroundReader:
    """One daemon thread of the process, started with the first run that needs it."""

    def __init__(self) -> None:
        self._pending: deque[tuple[Run, Taker]] = deque()
        self._left: deque[tuple[Run, Taker]] = deque()
        self._wake = threading.Event()
        self._busy = threading.RLock()  # a sink may ask for sums, which drains
        self._helpers: set[int] = set()
        self._thread: threading.Thread | None = None

    def hand_over(self, run: Run, take: Taker) -> None:
        """Read a run soon, and call `take` with it."""
        self._pending.append((run, take))
        if len(self._pending) > MAX_PENDING:
            self._help()
        self.rouse()

    def leave(self, run: Run, take: Taker) -> None:
        """Call `take` some time, at the latest with the next drain: another thread has read the run, or does so at once.

        Where the one before has still not been read, nobody does: then the reader's thread reads both.
        """
        left = self._left
        left.append((run, take))
        try:
            waits = left[-2][0].drafts is None
        except IndexError:  # there is none, or another thread has taken it meanwhile
            waits = False
        if waits or len(left) > MAX_LEFT:
            if len(left) > MAX_PENDING:
                self._help()
            self.rouse()

    def rouse(self) -> None:
        """Have the thread drain soon."""
        if self._thread is None:
            self._start()
        if not self._wake.is_set():
            self._wake.set()

    def drain(self, timeout: float | None = None) -> bool:
        """Read everything that waits, on this thread; return when the runs that other threads read are done, too.

        Args:
            timeout: Seconds after which no other run is begun. Default: no bound.

        Returns:
            Whether everything is read.
        """
        until = None if timeout is None else monotonic() + timeout
        if not self._busy.acquire(timeout=-1 if timeout is None else min(timeout, threading.TIMEOUT_MAX)):
            return False
        try:
            while self._pending or self._left:
                if _is_past(until):
                    return False
                self._read_one()
            for work in SPARE:
                work()
        finally:
            self._busy.release()
        return self._await_helpers(until)

    def _await_helpers(self, until: float | None) -> bool:
        """Wait for callers that read a run in the reader's place just now."""
        own = threading.get_ident()
        for helper in tuple(self._helpers):
            while helper in self._helpers and helper != own:
                if _is_past(until):
                    return False
                sleep(_HELP_S)
        return True

    def _help(self) -> None:
        """Read one run on a caller's thread."""
        thread = threading.get_ident()
        self._helpers.add(thread)
        try:
            self._read_one()
        finally:
            self._helpers.discard(thread)

    def _read_one(self) -> None:
        try:
            run, take = self._pending.popleft() if self._pending else self._left.popleft()
        except IndexError:
            return
        _take(run, take)

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name="respmeta-reader", daemon=True)
        self._thread = thread
        try:
            thread.start()
        except RuntimeError:  # no thread can be had: the next run tries again, and callers read meanwhile
            self._thread = None
            raise

    def _work(self) -> None:
        try:
            while True:
                self._wake.wait()
                sleep(_GATHER_S)
                self._wake.clear()
                self.drain()
        finally:
            self._thread = None  # whatever ended the thread, the next run starts another

    def forget(self) -> None:
        """Begin anew in a forked child: the thread does not exist there, and what it had to read is the parent's.

        What was read and waits to be counted belongs to the sums so far, which the child goes on with.
        """
        self._pending = deque()
        self._left = deque(one for one in self._left if one[0].drafts is not None)
        self._wake = threading.Event()
        self._busy = threading.RLock()  # a sink may ask for sums, which drains
        self._helpers = set()
        self._thread = None


def _is_past(until: float | None) -> bool:
    return until is not None and monotonic() >= until


def _take(run: Run, take: Taker) -> None:
    with user_code("reading an answer"):
        take(run)


BACKGROUND: Final = BackgroundReader()


def _drain() -> None:
    BACKGROUND.drain()


at_exit(Exit.READ, _drain)
at_exit(Exit.READ_FOUND, _drain)
in_child(Child.BACKGROUND, BACKGROUND.forget)
