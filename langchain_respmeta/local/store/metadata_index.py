"""Every scalar of a run's metadata, so that any key can be filtered through an index."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final, TypeGuard

from langchain_respmeta.local import json_text
from langchain_respmeta.local.store.written import Written

DDL: Final = """
-- A number has only `number`, a string only `text`, and so have true and false.
CREATE TABLE IF NOT EXISTS run_metadata (
    run_no INTEGER NOT NULL,
    key TEXT NOT NULL,
    text TEXT,
    number REAL,
    PRIMARY KEY (run_no, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS run_metadata_text ON run_metadata (key, text, run_no) WHERE text IS NOT NULL;
CREATE INDEX IF NOT EXISTS run_metadata_number ON run_metadata (key, number, run_no) WHERE number IS NOT NULL;
CREATE TRIGGER IF NOT EXISTS run_metadata_removed AFTER DELETE ON runs BEGIN
    DELETE FROM run_metadata WHERE run_no = old.no;
END;
"""


def index(connection: sqlite3.Connection, written: Sequence[Written]) -> None:
    """Index the metadata of a batch."""
    changed = [one for one in written if "extra" in one.changed]
    connection.executemany(
        "DELETE FROM run_metadata WHERE run_no = ?", [(one.no,) for one in changed if not one.is_new]
    )
    connection.executemany(
        "INSERT INTO run_metadata (run_no, key, text, number) VALUES (?, ?, ?, ?)",
        [
            (one.no, key, *indexed(value))
            for one in changed
            for key, value in one.metadata.items()
            if _is_scalar(value)
        ],
    )


def _is_scalar(value: object) -> TypeGuard[str | float]:
    return isinstance(value, (str, int, float, bool))


def indexed(value: str | float) -> tuple[str | None, float | None]:
    """How a scalar is indexed: as a text (true and false too), or as a number."""
    if isinstance(value, bool):
        return json_text.dumps(value), None
    return (value, None) if isinstance(value, str) else (None, float(value))
