"""Load the price data.

Importing genai-prices takes 0.4 to 1 s: it is imported at the first use, and never on a thread that must not block.
"""

from __future__ import annotations

import logging
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeAlias
from zlib import crc32

from langchain_respmeta._process.late_imports import ForkLock
from langchain_respmeta._process.lifecycle import Child, Fork, in_child
from langchain_respmeta._process.locks import hold_over_forks
from langchain_respmeta.enrich.prices.book import Book

if TYPE_CHECKING:
    from collections.abc import Callable

    from genai_prices.data_snapshot import DataSnapshot

    Snapshots: TypeAlias = Callable[[], DataSnapshot]

_log: Final = logging.getLogger("langchain_respmeta")


class Loader:
    """Keep the book of the current data; one instance per process."""

    def __init__(self) -> None:
        self._lock = hold_over_forks(ForkLock(), Fork.PRICES)
        """Its own lock: other late imports must not wait a second for it."""
        self._started = False
        self.ready = False
        """Whether pricing does not have to wait."""
        self._snapshots: Snapshots | None = None
        self._package = ""
        self._book: Book | None = None

    def start(self) -> None:
        """Start loading in the background, once."""
        if self.ready or self._started:
            return
        self._started = True
        in_child(Child.PRICES, self._begin_again)
        Thread(target=self.load, name="respmeta-prices", daemon=True).start()

    def load(self) -> None:
        """Load, and return when the data is loaded or cannot be."""
        with self._lock:
            if self.ready:
                return
            try:
                self._take()
            except ImportError as error:
                _log.warning("No costs are computed: genai-prices cannot be imported (%s).", error)
            except Exception as error:  # noqa: BLE001 - an 0.x release may have any shape
                _log.warning("No costs are computed: genai-prices is not what it was (%s).", _words(error))
            self.ready = True

    def _take(self) -> None:
        from genai_prices import __version__
        from genai_prices.data_snapshot import get_snapshot

        self._package = f"genai-prices {__version__}"
        self._book = self._open(get_snapshot())
        self._snapshots = get_snapshot

    @property
    def snapshots(self) -> Snapshots | None:
        """Gives the current data; None where there is none."""
        return self._snapshots

    def book(self) -> Book | None:
        """The book of the current data (genai-prices may update it at run time), or None if there is none."""
        if self._snapshots is None or self._book is None:
            return None
        snapshot = self._snapshots()
        if snapshot is not self._book.snapshot:
            self._book = self._open(snapshot)
        return self._book

    def _open(self, snapshot: DataSnapshot) -> Book:
        from genai_prices.data import providers

        if snapshot.providers is providers:
            return Book(snapshot, self._package)
        if snapshot.from_auto_update:
            return Book(snapshot, f"{self._package}, updated {snapshot.timestamp:%Y-%m-%dT%H:%M}")
        return Book(snapshot, f"{self._package}, custom data {crc32(repr(snapshot.providers).encode()):08x}")

    def _begin_again(self) -> None:
        """In a forked child the loading thread does not exist."""
        self._started = self.ready


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
