"""The outbox's SQLite connection: opened privately, shared by threads, moved aside when damaged.

No connection is open while the process forks. SQLite keeps a process-wide list of its locks, which a child would
inherit without the locks: a parent that ends would then delete the log that the child writes. And a thread inside
SQLite at that moment would leave its mutexes locked in the child for ever.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from langchain_respmeta._delivery.file_faults import ForeignFileError
from langchain_respmeta._delivery.outbox_sql import COLUMNS, PRAGMAS, SCHEMA
from langchain_respmeta._delivery.state_dir import make_private
from langchain_respmeta._process.lifecycle import Fork, Resume, around_fork

__all__ = ["Database"]

logger = logging.getLogger(__name__)

_T = TypeVar("_T")
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY_S: Final = 15.0
_HURRY_MS: Final = 500
_SIDE_FILES: Final = ("", "-wal", "-shm")
_FORK_S: Final = 0.5
"""Longest wait of a fork for a use of the database: milliseconds, unless another process holds the file."""


class Database:
    """One connection behind one lock: every use of it is short."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._inode = 0
        self._connection: sqlite3.Connection | None = None
        with self._lock:
            self._connected()
        _open_ones[id(self)] = self

    def read(self, query: Callable[[sqlite3.Connection], _T]) -> _T:
        """Return the result of `query`."""
        with self._lock:
            connection = self._connected()
            try:
                return query(connection)
            except sqlite3.DatabaseError as error:
                return query(self._recovered(connection, error))

    def write(self, change: Callable[[sqlite3.Connection], _T]) -> _T:
        """Return the result of `change`, all of it committed or none."""

        def step(connection: sqlite3.Connection) -> _T:
            with _transaction(connection):
                return change(connection)

        return self.read(step)

    def compact(self) -> None:
        """Give free space back to the file system, unless another process reads it now."""
        with self._lock, suppress(sqlite3.OperationalError):
            connection = self._connected()
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def refresh(self) -> None:
        """Reopen the file when it was moved aside or deleted."""
        if self.path is None:
            return
        with self._lock:
            connection = self._connected()
            if _inode(self.path) != self._inode:
                connection.close()
                self._connection = None
                self._connected()

    def hurry(self) -> None:
        """From now on wait for other processes only briefly: this process ends."""
        with self._lock:
            self._connected().execute(f"PRAGMA busy_timeout = {_HURRY_MS}")

    def close(self) -> None:
        """Close the connection."""
        _open_ones.pop(id(self), None)
        with self._lock:
            self._connected().close()

    # -- around a fork

    def pause(self) -> bool:
        """Lock and close; the next use reopens the file. False when it is in long use."""
        if not self._lock.acquire(timeout=_FORK_S):
            return False
        if self._connection is not None and self.path is not None:
            self._connection.close()
            self._connection = None
        return True

    def resume(self) -> None:
        """Unlock after the fork, on the same thread."""
        self._lock.release()

    # -- the connection

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._connection = self._open()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._connection = self._set_aside(error)
        return self._connection

    def _open(self) -> sqlite3.Connection:
        if self.path is not None:
            make_private(self.path)
        connection = sqlite3.connect(
            self.path or ":memory:", timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            _check_ours(connection)
            for pragma in PRAGMAS:
                connection.execute(pragma)
            connection.executescript(SCHEMA)
        except BaseException:
            connection.close()
            raise
        self._inode = _inode(self.path)
        return connection

    def _recovered(self, damaged: sqlite3.Connection, error: sqlite3.DatabaseError) -> sqlite3.Connection:
        if not _is_damage(error) or self.path is None:
            raise error
        damaged.close()
        self._connection = self._set_aside(error)
        return self._connection

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


def _check_ours(connection: sqlite3.Connection) -> None:
    """Refuse another program's database, or another version's with other columns.

    Raises:
        ForeignFileError: It is such a file; it is unchanged.
    """
    connection.execute("BEGIN")
    try:
        tables = {
            str(name)
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        }
        found = {
            name: tuple(row[1] for row in connection.execute(f"PRAGMA table_info({name})"))
            for name in tables & COLUMNS.keys()
        }
        is_ours = tables <= COLUMNS.keys() and all(
            COLUMNS[name] == columns for name, columns in found.items()
        )
        if not is_ours or connection.execute("PRAGMA user_version").fetchone()[0]:
            raise ForeignFileError("another program's or version's database")
    finally:
        connection.execute("COMMIT")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):  # some errors roll back by themselves
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    # The low byte is the primary code, the rest its detail.
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in _DAMAGED


def _inode(path: Path | None) -> int:
    try:
        return path.stat().st_ino if path else 0
    except OSError:
        return 0


# --- forks -----------------------------------------------------------------------------------------------------------

_open_ones: Final[weakref.WeakValueDictionary[int, Database]] = weakref.WeakValueDictionary()


def _pause_all() -> Resume:
    # `valuerefs` copies atomically, whatever other threads open and close meanwhile.
    found = [database for ref in _open_ones.valuerefs() if (database := ref()) is not None]
    return partial(_resume, [database for database in found if database.pause()])


def _resume(paused: list[Database], *, in_child: bool) -> None:
    for database in paused:
        database.resume()
    if in_child:
        _open_ones.clear()  # the parent's: unused here


around_fork(Fork.OUTBOX, _pause_all)
