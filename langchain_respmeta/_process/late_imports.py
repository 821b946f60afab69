"""What is loaded at the first need, so that no fork comes in the midst of it.

A child inherits the lock of a module that another thread of its parent was importing, and would wait for it for ever.
So every import that is made late stands under a lock of ours, which a fork waits for.
"""

from __future__ import annotations

import os
import threading
from typing import Final

_WAIT_S: Final = 30.0
"""The longest that a fork waits; to load takes hundredths of a second, price data one, on a busy machine more."""


class ForkLock:
    """Held around what a fork must not interrupt: `with lock: import …`. One thread may hold it twice."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._here = threading.local()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._before,
                after_in_parent=self._after_in_parent,
                after_in_child=self._after_in_child,
            )

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def _before(self) -> None:
        self._here.held = self._lock.acquire(timeout=_WAIT_S)

    def _after_in_parent(self) -> None:
        if self._here.__dict__.pop("held", False):
            self._lock.release()

    def _after_in_child(self) -> None:
        if self._here.__dict__.pop("held", False):
            self._lock.release()
        else:
            self._lock = threading.RLock()  # whoever holds it is not here


loading: Final = ForkLock()
"""`with loading:` stands around every import that is made at its first need."""
