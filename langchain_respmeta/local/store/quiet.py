"""Moments in which nobody of this process reads the database: only then can its `-wal` file be emptied.

SQLite alone looks now and then whether nobody reads. Where reads overlap it hardly ever finds that, and the file grows for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

PATIENCE_S: Final = 2.0
"""How long those who read are waited for, and those who want to read wait at most."""


class Quiet:
    """Counts who reads, and lets new readers wait while it is to be quiet. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._reading = 0
        self._is_wanted = False
        self._own = threading.local()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read; who reads already need not wait to read something else meanwhile."""
        depth = getattr(self._own, "depth", 0)
        with self._changed:
            if not depth:
                self._changed.wait_for(lambda: not self._is_wanted, PATIENCE_S)
            self._reading += 1
        self._own.depth = depth + 1
        try:
            yield
        finally:
            self._own.depth = depth
            with self._changed:
                self._reading -= 1
                self._changed.notify_all()

    @contextmanager
    def quiet(self) -> Iterator[bool]:
        """Wait until nobody else reads, and let nobody begin. False where somebody reads on and on."""
        own = getattr(self._own, "depth", 0)
        with self._changed:
            self._is_wanted = True
            is_quiet = self._changed.wait_for(lambda: self._reading <= own, PATIENCE_S)
        try:
            yield is_quiet
        finally:
            with self._changed:
                self._is_wanted = False
                self._changed.notify_all()
