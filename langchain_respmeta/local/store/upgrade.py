"""Files of older schema versions become files of this version, in place.

Of version 1 the old table of runs is set aside, then its rows move in pieces, each in a transaction of its own. A program
that is stopped in between goes on when the file is opened again.
"""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from langchain_respmeta.local.store import metadata_index, payloads, rows, search
from langchain_respmeta.local.store.connection import Connection
from langchain_respmeta.local.store.schema import SCHEMA, SCHEMA_VERSION
from langchain_respmeta.local.store.written import Written

Tell: TypeAlias = Callable[[str], object]

_OLD: Final = "runs_of_version_1"
_RUNS_AT_ONCE: Final = 200
_INDEXES: Final = ("newest", "session", "trace", "parent", "calls", "rollups")
_SET_ASIDE: Final = f"""
DROP VIEW IF EXISTS run_view;
{"".join(f"DROP INDEX IF EXISTS runs_{name};" for name in _INDEXES)}
DROP TABLE run_metadata;
ALTER TABLE runs RENAME TO {_OLD};
{SCHEMA}
UPDATE counters SET value = (SELECT COALESCE(MAX(no), 0) FROM {_OLD}) WHERE name = 'last_no';
"""
_STEPS: Final = {1: _SET_ASIDE, 2: f"DROP INDEX IF EXISTS run_numbers_number; {metadata_index.NUMBERS_INDEX}"}
"""A version → the SQL that makes this one of it."""


def upgrade(connection: Connection, tell: Tell | None) -> None:
    """Bring the file to this version, if it is an older one; return when all of it is."""
    version = _version(connection)
    if version in _STEPS:
        _step(connection, version)
    search.prepare(connection)
    if not _has_old(connection):
        return
    (count,) = connection.execute(f"SELECT COUNT(*) FROM {_OLD}").fetchone()
    if tell is not None:
        tell(
            f"The database is of an older version: its {count:,} runs are packed anew now, this once"
            " (100,000 take one or two minutes)."
        )
    while _move_piece(connection):
        pass
    connection.execute(f"DROP TABLE IF EXISTS {_OLD}")
    # Another program may have the file open, or the disk may be full: then the room is used by the next runs.
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("VACUUM")


def _version(connection: Connection) -> int:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def _has_old(connection: Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (_OLD,)).fetchone()
    return found is not None


def _step(connection: Connection, version: int) -> None:
    script = f"BEGIN IMMEDIATE; {_STEPS[version]} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    try:
        connection.executescript(script)
    except sqlite3.OperationalError:
        if connection.in_transaction:
            connection.rollback()
        if _version(connection) == version:  # otherwise another program was quicker
            raise


def _move_piece(connection: Connection) -> int:
    """Move some runs; return how many those were."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = _next_runs(connection)
        rows.write_rows(connection, [_written(connection, row) for row in found])
        if found:
            connection.execute(f"DELETE FROM {_OLD} WHERE no <= ?", (found[-1]["no"],))
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")
    return len(found)


def _next_runs(connection: Connection) -> list[dict[str, Any]]:
    if not _has_old(connection):  # another program has finished it
        return []
    found = connection.execute(f"SELECT * FROM {_OLD} ORDER BY no LIMIT {_RUNS_AT_ONCE}")
    return [dict(row) for row in found]


def _written(connection: Connection, old: Mapping[str, Any]) -> Written:
    texts = {name: old[name] for name in payloads.COLUMNS if old[name] is not None}
    return Written(
        no=old["no"],
        is_new=True,
        row={name: old[name] for name in rows.OWN},
        metadata=payloads.metadata_of(texts.get("extra")),
        changed=frozenset(texts),
        packed={name: connection.packer.pack(text) for name, text in texts.items()},
        packer=connection.packer,
    )
