"""The thread that calls users' functions with alerts: neither the chain's threads nor the background reader waits for them."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from langchain_respmeta._process.faults import report, user_code
from langchain_respmeta._process.lifecycle import Exit, at_exit
from langchain_respmeta._process.state import STATE, Part
from langchain_respmeta._process.warn_once import warn_once

if TYPE_CHECKING:
    from langchain_respmeta.monitor.alerts import Alert, Rule

logger: Final = logging.getLogger("langchain_respmeta")

MAX_WAITING: Final = 1_000
"""Alerts that wait for a function that is slow; the oldest are dropped beyond that."""

_EXIT_S: Final = 5.0
"""How long the interpreter's exit waits for them."""


class Caller:
    """One daemon thread of the process, started with the first alert. A forked child has its own, and none of the parent's alerts."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Rule, Alert]] = deque()
        self._changed = threading.Condition()
        self._is_busy = False
        self._thread: threading.Thread | None = None

    def call(self, rule: Rule, alert: Alert) -> None:
        """Have the rule's function called soon."""
        with self._changed:
            self._waiting.append((rule, alert))
            if len(self._waiting) > MAX_WAITING:
                self._waiting.popleft()
                warn_once(
                    logger, "alerts", "alerts come faster than their functions return; the oldest are dropped"
                )
            self._changed.notify_all()
            if self._thread is None:
                self._start()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="respmeta-alerts", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as fault:  # no thread can be had: the next alert, or the exit, tries again
            self._thread = None
            report("telling of an alert", fault)

    def _work(self) -> None:
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: bool(self._waiting))
                self.call_next()
        finally:
            self._thread = None  # whatever ended the thread, the next alert starts another

    def call_next(self) -> bool:
        """Call the function of the oldest alert; False where none waits."""
        with self._changed:
            if not self._waiting:
                return False
            rule, alert = self._waiting.popleft()
            self._is_busy = True
        try:
            with user_code("the function of an alert"):
                rule.do(alert)
        finally:
            with self._changed:
                self._is_busy = False
                self._changed.notify_all()
        return True

    def flush(self, timeout: float) -> bool:
        """Wait until all functions have returned; False when `timeout` seconds were too short. A function itself does not wait.

        Where no thread can be had, as at the interpreter's exit, they are called on this one.
        """
        if self._thread is threading.current_thread():
            return False
        while self._thread is None and self.call_next():
            pass
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._is_busy, timeout)


CALLER: Final = Part(Caller)


def _leave() -> None:
    STATE[CALLER].flush(_EXIT_S)


at_exit(Exit.SINKS, _leave)
