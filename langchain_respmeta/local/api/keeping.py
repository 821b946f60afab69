"""The thread that holds the database within its bounds while the server runs."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from contextlib import suppress
from typing import Final, Self

from langchain_respmeta.local.store.connection import Connection
from langchain_respmeta.local.store.retention import Bounds, Keeper
from langchain_respmeta.local.store.store import Store

_log: Final = logging.getLogger(__name__)
_SIZE_S: Final = 1.0
"""Seconds between two looks at the size."""
_AGE_S: Final = 60.0
"""Seconds between two looks at the age."""
_STOP_S: Final = 30.0


class Keeping:
    """Holds a store within its bounds from `start` to `stop`; without bounds it does nothing."""

    def __init__(self, store: Store, bounds: Bounds) -> None:
        self._store = store
        self._keeper = Keeper(store, bounds)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="respmeta-keeping", daemon=True)

    def start(self) -> Self:
        """Begin, with what is too old or too much now."""
        if self._keeper.bounds.are_any:
            self._store.after_write = self._written
            self._thread.start()
        return self

    def stop(self) -> None:
        """End; what is being removed is removed first."""
        self._stopped.set()
        if self._thread.is_alive():
            self._store.after_write = None
            self._thread.join(_STOP_S)

    def _run(self) -> None:
        looked = -_AGE_S
        while True:
            try:
                if time.monotonic() - looked >= _AGE_S:
                    looked = time.monotonic()
                    self._keeper.remove_old()
                self._keeper.remove_too_much()
            except sqlite3.Error as fault:
                _log.warning("the database is not held within its bounds: %s", fault)
            if self._stopped.wait(_SIZE_S):
                return

    def _written(self, connection: Connection) -> None:
        # What was written is written: whoever did need not hear of a lock of somebody else's. The thread tries again.
        with suppress(sqlite3.OperationalError):
            self._keeper.written(connection)
