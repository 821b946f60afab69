"""The outbox's SQLite connection: opened privately, shared by threads, and moved aside when it is damaged."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from langchain_respmeta.langsmith._outbox_sql import PRAGMAS, SCHEMA
from langchain_respmeta.langsmith._state_dir import make_private

__all__ = ["Database"]

logger = logging.getLogger(__name__)

_T = TypeVar("_T")
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY_S: Final = 15.0
_HURRY_MS: Final = 500
_SIDE_FILES: Final = ("", "-wal", "-shm")


class Database:
    """One connection behind one lock: every use of it is short."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._inode = 0
        try:
            self._connection = self._open()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._connection = self._set_aside(error)

    def read(self, query: Callable[[sqlite3.Connection], _T]) -> _T:
        """The result of `query`."""
        with self._lock:
            try:
                return query(self._connection)
            except sqlite3.DatabaseError as error:
                self._recover(error)
                return query(self._connection)

    def write(self, change: Callable[[sqlite3.Connection], _T]) -> _T:
        """The result of `change`, all of it committed or none."""

        def step(_: sqlite3.Connection) -> _T:
            with self._transaction() as connection:
                return change(connection)

        return self.read(step)

    def compact(self) -> None:
        """Give free space back to the file system, unless another process is reading right now."""
        with self._lock, suppress(sqlite3.OperationalError):
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def refresh(self) -> None:
        """Open the file anew when another process has moved it aside or somebody has deleted it."""
        if self.path is None:
            return
        with self._lock:
            if _inode(self.path) != self._inode:
                self._connection.close()
                self._connection = self._open()

    def hurry(self) -> None:
        """From now on wait for other processes only briefly: this one is ending."""
        with self._lock:
            self._connection.execute(f"PRAGMA busy_timeout = {_HURRY_MS}")

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            with suppress(sqlite3.Error):  # some errors have rolled back already
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        if self.path is not None:
            make_private(self.path)
        connection = sqlite3.connect(
            self.path or ":memory:", timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in PRAGMAS:
                connection.execute(pragma)
            connection.executescript(SCHEMA)
        except BaseException:
            connection.close()
            raise
        self._inode = _inode(self.path)
        return connection

    def _recover(self, error: sqlite3.DatabaseError) -> None:
        if not _is_damage(error) or self.path is None:
            raise error
        self._connection.close()
        self._connection = self._set_aside(error)

    def _set_aside(self, error: sqlite3.DatabaseError) -> sqlite3.Connection:
        assert self.path is not None
        aside = self.path.with_name(f"{self.path.name}.damaged-{int(time.time() * 1000)}")
        for side in _SIDE_FILES:
            with suppress(FileNotFoundError):
                os.replace(f"{self.path}{side}", f"{aside}{side}")  # noqa: PTH105 - names with a suffix after the suffix
        logger.warning(
            "Feedback outbox %s is damaged (%s): it was moved to %s and a new one was begun",
            self.path,
            error,
            aside,
        )
        return self._open()


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    # The low byte is the primary code, the rest says where it was found.
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in _DAMAGED


def _inode(path: Path | None) -> int:
    try:
        return path.stat().st_ino if path else 0
    except OSError:
        return 0
