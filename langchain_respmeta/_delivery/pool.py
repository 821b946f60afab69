"""A few daemon threads that send requests: the first works alone while it keeps up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

__all__ = ["SenderPool", "SenderThread"]

_LONG_S: Final = 1.0


class SenderThread(threading.Thread):
    """One thread with at most one request under way."""

    def __init__(self, pool: SenderPool, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._pool = pool
        self.busy_since: float | None = None
        self.is_abandoned = False

    def run(self) -> None:
        try:
            self._pool.work(self)
        finally:
            self._pool.leave(self)

    def busy_s(self) -> float:
        """How long the request under way has taken; 0 where there is none."""
        since = self.busy_since
        return 0.0 if since is None else time.monotonic() - since

    def is_held(self) -> bool:
        """Whether a server takes its time."""
        return self.busy_s() > _LONG_S


class SenderPool:
    """The threads of one kind, and the work that each does from its start to its end."""

    def __init__(self, name: str, work: Callable[[SenderThread], None]) -> None:
        self.work = work
        self.threads: list[SenderThread] = []
        self.abandoned: list[SenderThread] = []
        self.is_stopped = False
        self._name = name
        self._lock = threading.Lock()

    def open(self, most: int) -> None:
        """Start one more thread, where there are fewer than `most`."""
        with self._lock:
            if self.is_stopped or len(self.threads) >= most:
                return
            thread = SenderThread(self, f"{self._name}-{len(self.threads)}")
            self.threads.append(thread)  # before it starts: it looks for itself there
            try:
                thread.start()
            except RuntimeError:  # the interpreter is shutting down
                self.threads.remove(thread)

    def leave(self, thread: SenderThread) -> None:
        """Count a thread as ended; it may be called twice."""
        with self._lock:
            if thread in self.threads:
                self.threads.remove(thread)

    def is_first(self, thread: SenderThread) -> bool:
        """Whether it is the thread that stays when there is nothing to do, and asks a server that failed."""
        return self.threads[:1] == [thread]

    def abandon(self, deadline_s: float) -> int:
        """Give up threads whose request takes longer than `deadline_s`. Returns how many."""
        self.abandoned = [thread for thread in self.abandoned if thread.is_alive()]
        held = [thread for thread in list(self.threads) if thread.busy_s() > deadline_s]
        for thread in held:
            thread.is_abandoned = True
            self.leave(thread)
        self.abandoned += held
        return len(held)

    def join(self, timeout_s: float) -> None:
        """Wait until all threads have ended, at most `timeout_s` in all."""
        until = time.monotonic() + timeout_s
        for thread in list(self.threads):
            thread.join(max(0.0, until - time.monotonic()))
