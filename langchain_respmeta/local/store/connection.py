"""Connections to the database file."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from langchain_respmeta.local.store import packed, search


class Connection(sqlite3.Connection):
    """A connection that can pack and unpack texts of runs, also in SQL."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.row_factory = sqlite3.Row
        self.packer = packed.register(self)
        search.register(self)


def connect(path: Path) -> Connection:
    """Open the file; a transaction begins where the caller says so."""
    connection = sqlite3.connect(
        path, timeout=30, isolation_level=None, check_same_thread=False, factory=Connection
    )
    # Safe in WAL: a power cut may lose the last commits, never the database.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -16000")
    # Views and triggers of the schema use functions of this package; some builds of SQLite refuse that unless told.
    connection.execute("PRAGMA trusted_schema = ON")
    return connection
