"""Asks a server again while a fault may pass: as it says, else with doubling waits, and not for ever."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from langchain_respmeta._delivery.retry import RateLimit
from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history.pull.server_faults import ServerFault, fault_of

T = TypeVar("T")

PER_MINUTE: Final = 900
"""Half of what LangSmith allows for a key on `POST /v2/runs/query` (300 in 10 seconds): others use the key, too."""
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 60.0
_NEVER_ANSWERED_S: Final = 20.0
"""How long a server that has not answered yet is waited for: its address may be wrong."""


class Patience:
    """Sends requests one after the other.

    Args:
        patience_s: Seconds of waiting after which a fault is taken for lasting; counted anew after each answer.
        notice: Called with one line before each wait.
    """

    def __init__(self, patience_s: float, notice: Callable[[str], None]) -> None:
        self.requests = 0
        self.retries = 0
        self.waited_s = 0.0
        self._patience_s = patience_s
        self._notice = notice
        self._rate = RateLimit(PER_MINUTE)
        self._has_answered = False

    def ask(self, request: Callable[[], T]) -> T:
        """Return what `request` returns.

        Raises:
            HistoryError: The fault lasts.
            Exception: What `request` raises when it is no fault that may pass.
        """
        waited, failures = 0.0, 0
        while True:
            time.sleep(self._rate.reserve())
            self.requests += 1
            try:
                answer = request()
            except Exception as error:
                fault = fault_of(error)
                if fault is None or not fault.is_passing:
                    raise
                failures += 1
                wait = self._wait_s(fault, failures)
                if waited + wait > self._bound_s(fault):
                    raise HistoryError(
                        f"LangSmith cannot be asked: {fault}{_asked(fault)}; "
                        f"given up after {failures} requests and {waited:.0f} s of waiting. "
                        "What was pulled is kept: the same call goes on from there"
                    ) from None
            else:
                self._has_answered = True
                return answer
            self._notice(f"{fault}; asked again in {wait:.0f} s")
            time.sleep(wait)
            waited += wait
            self.waited_s += wait
            self.retries += 1

    def _wait_s(self, fault: ServerFault, failures: int) -> float:
        longest = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(failures - 1, 30))
        wait = longest * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret
        return max(wait, fault.retry_after_s or 0.0)

    def _bound_s(self, fault: ServerFault) -> float:
        if fault.status is None and not self._has_answered:
            return min(self._patience_s, _NEVER_ANSWERED_S)
        return self._patience_s


def _asked(fault: ServerFault) -> str:
    return "" if not fault.retry_after_s else f" (it asks to wait {fault.retry_after_s:.0f} s)"
