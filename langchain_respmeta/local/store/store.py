"""The database file: one writer at a time, and concurrent readers (SQLite in WAL mode)."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.local.store import feedback as _feedback
from langchain_respmeta.local.store import packed, runs_read, search
from langchain_respmeta.local.store.connection import Connection, connect
from langchain_respmeta.local.store.quiet import Quiet
from langchain_respmeta.local.store.schema import SCHEMA, SCHEMA_VERSION
from langchain_respmeta.local.store.upgrade import upgrade

_MEMORY = ":memory:"
_PAGE = 8_192
"""Bytes: of texts as long as a run's, pages of SQLite's usual size leave a fifth empty."""
_TABLES = frozenset({"sessions", "runs", "feedback"})
"""Of every version of the schema."""


def _is_foreign(connection: sqlite3.Connection) -> bool:
    """Whether the file has tables, and they are not ours."""
    tables = {
        row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    return bool(tables) and not tables >= _TABLES


class Store:
    """Runs, feedback and projects in one SQLite file.

    Args:
        path: The file, made readable for its owner only. None or ":memory:" takes a temporary file, which
            `close` removes: a database in memory cannot be read by several connections in WAL mode.
        tell: Is given a sentence for people when opening takes long, because a file of an older version is upgraded.

    Raises:
        SettingsError: The file is no database, or one of a newer version of this package.
    """

    def __init__(
        self, path: str | Path | None = None, *, tell: Callable[[str], object] | None = None
    ) -> None:
        temporary = path is None or str(path) == _MEMORY
        self._scratch = Path(tempfile.mkdtemp(prefix="respmeta-")) if temporary else None
        self.path = self._scratch / "runs.db" if self._scratch else Path(str(path)).expanduser()
        self._write_lock = threading.RLock()
        self.readers = Quiet()
        self._readers: list[Connection] = []
        self._readers_lock = threading.Lock()
        self._watcher: Connection | None = None
        self._closed = False
        self.after_write: Callable[[Connection], None] | None = None
        """Called after each transaction that wrote, before the next one may begin."""
        try:
            self._writer = self._create(tell)
        except (sqlite3.DatabaseError, OSError) as exc:
            raise SettingsError(f"{self.path} cannot be used as a database: {exc}", setting="db") from exc

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The writing connection inside one transaction: all of it is stored, or nothing."""
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")
            if self.after_write is not None:
                self.after_write(self._writer)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one snapshot and cannot write; many may be used at once."""
        with self.readers.reading():
            connection = self._take_reader()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                connection.rollback()
                connection.chosen = None
                self._give_back(connection)

    def version(self) -> int:
        """A number that is another one after anything was written, by whatever program."""
        with self._readers_lock:
            if self._closed:
                raise RuntimeError("the store is closed")
            # A connection of its own: each counts the writes of all others.
            self._watcher = self._watcher or connect(self.path)
            return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])

    def runs(self, **where: object) -> list[dict[str, Any]]:
        """Whole runs as the API returns them, oldest first; `where` compares columns, as in `run_type="llm"`.

        Two keys are added for tests: `posts` and `patches`, how many creates and updates the server
        received for the run, refused ones included. `project` filters by the project's name.
        """
        with self.read() as connection:
            return runs_read.stored_runs(connection, where)

    def feedback(self, **where: object) -> list[dict[str, Any]]:
        """Whole feedback rows, oldest first; `where` compares columns, as in `run_id=...` or `key=...`.

        In addition to the API's keys they have `extend_trace_retention` (whether the client asked for it, which
        is LangSmith's default) and `received_by` ("request" or "multipart").
        """
        with self.read() as connection:
            return _feedback.stored_feedback(connection, where)

    def metadata(self, run_id: object) -> Mapping[str, Any]:
        """The metadata of one run, empty when the run or its metadata does not exist."""
        found = self.runs(id=str(run_id))
        extra = found[0]["extra"] if found else None
        metadata = extra.get("metadata") if isinstance(extra, dict) else None
        return metadata or {}

    def give_back_space(self) -> bool:
        """Shrink the file to what is in it, so that nothing of removed rows is left; False where it is in use, or the disk full."""
        with self._write_lock:
            try:
                search.tidy(self._writer)
                self._writer.execute("VACUUM")
                (busy, *_) = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError:
                return False
        return not busy

    def close(self) -> None:
        """Close all connections; a temporary database is deleted. Calling it again does nothing."""
        with self._write_lock, self._readers_lock:
            if self._closed:
                return
            self._closed = True
            for connection in (*self._readers, self._writer, self._watcher):
                if connection is not None:
                    connection.close()
            self._readers.clear()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _create(self, tell: Callable[[str], object] | None) -> Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made before SQLite opens it: SQLite gives its -wal and -shm files the mode of the database.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = connect(self.path)
        if _is_foreign(connection):
            connection.close()
            raise SettingsError(
                f"{self.path} is a database of another program; name another file", setting="db"
            )
        # Both count for a new file; the second for an old one, too, from its next VACUUM on.
        connection.execute(f"PRAGMA page_size = {_PAGE}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found > SCHEMA_VERSION:
            connection.close()
            raise SettingsError(
                f"{self.path} was written by a newer version of langchain-respmeta; "
                "update the package or name another file",
                setting="db",
            )
        if found == 0:
            connection.executescript(SCHEMA)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        upgrade(connection, tell)
        packed.keep_dictionary(connection)
        return connection

    def _take_reader(self) -> Connection:
        with self._readers_lock:
            if self._closed:
                raise RuntimeError("the store is closed")
            if self._readers:
                return self._readers.pop()
        connection = connect(self.path)
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _give_back(self, connection: Connection) -> None:
        with self._readers_lock:
            if not self._closed:
                self._readers.append(connection)
                return
        connection.close()
