"""The room that the database takes on the disk, and how it is given back while the server goes on."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from langchain_respmeta.local.store.store import Store

_PAGES_AT_ONCE: Final = 128
"""Of one transaction: a writer beside it waits for no more."""
_PATIENCE_MS: Final = 100
"""For readers of other processes: those of this one are waited for by `quiet`."""
_IN_STEPS: Final = 2
"""SQLite's number of a file that can be shrunk in steps."""


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes on the disk."""

    file: int
    """Of the database …"""
    free: int
    """… of which these hold nothing, and are used before it grows."""
    log: int
    """Of what is written but not in the database yet (SQLite's `-wal` file)."""

    @property
    def used(self) -> int:
        """What holds something."""
        return self.file - self.free

    @property
    def whole(self) -> int:
        """All files together."""
        return self.file + self.log


def space_of(store: Store, connection: sqlite3.Connection) -> Space:
    """The room that is taken now."""
    page, pages, free = (_number(connection, name) for name in ("page_size", "page_count", "freelist_count"))
    return Space(page * pages, page * free, log_bytes(store))


def log_bytes(store: Store) -> int:
    """The size of the `-wal` file."""
    try:
        return Path(f"{store.path}-wal").stat().st_size
    except OSError:
        return 0


def shrinks_in_steps(connection: sqlite3.Connection) -> bool:
    """Whether the file can be shrunk without writing it anew; one of an old version cannot, until it was vacuumed once."""
    return _number(connection, "auto_vacuum") == _IN_STEPS


def shrink(store: Store, to: int = 0) -> None:
    """Give free room back until the file has so many bytes, or has no free room left."""
    while True:
        with store.write() as connection:
            now = space_of(store, connection)
            if now.file <= to or not now.free or not shrinks_in_steps(connection):
                return
            # Each row that is fetched is a step of it.
            connection.execute(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})").fetchall()


def take_in(store: Store, connection: sqlite3.Connection) -> bool:
    """Bring all that is written into the database and empty the `-wal` file; False where somebody reads on and on.

    Args:
        store: The database.
        connection: Its writer, outside a transaction.
    """
    (waits,) = connection.execute("PRAGMA busy_timeout").fetchone()
    with store.readers.quiet():
        connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        try:
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout = {waits}")
    return not busy


def _number(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)
