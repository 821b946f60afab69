"""Connections to the database file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from langchain_respmeta.local.store import packed, search
from langchain_respmeta.local.store.condition import Numbers

_LOG_PAGES: Final = 500
"""Of the `-wal` file, 4 MB: then they are brought into the database."""


class Connection(sqlite3.Connection):
    """A connection that can pack and unpack texts of runs, also in SQL."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.row_factory = sqlite3.Row
        self.packer = packed.register(self)
        self.chosen: Sequence[Numbers] | None = None
        """What the temporary table of chosen runs was filled by, in this snapshot (`chosen`)."""
        search.register(self)


def connect(path: Path) -> Connection:
    """Open the file; a transaction begins where the caller says so."""
    connection = sqlite3.connect(
        path, timeout=30, isolation_level=None, check_same_thread=False, factory=Connection
    )
    # Safe in WAL: a power cut may lose the last commits, never the database.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
    connection.execute("PRAGMA temp_store = MEMORY")
    # Views and triggers of the schema use functions of this package; some builds of SQLite refuse that unless told.
    connection.execute("PRAGMA trusted_schema = ON")
    return connection
