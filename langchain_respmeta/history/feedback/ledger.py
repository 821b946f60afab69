"""What an earlier run of the same feedback has done: a file in the state directory, held by one process at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from langchain_respmeta._delivery.file_faults import file_trouble
from langchain_respmeta._delivery.state_dir import make_private, state_dir
from langchain_respmeta.errors import HistoryError, RespMetaError, SettingsError

FILE: Final = "ledger-v1.sqlite3"
"""The name carries the schema's version."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS file (
    name TEXT PRIMARY KEY, rows INTEGER NOT NULL, items INTEGER NOT NULL, is_over INTEGER NOT NULL
)
"""
_NOTE: Final = """
INSERT INTO file VALUES (:name, :rows, :items, :is_over) ON CONFLICT (name)
DO UPDATE SET rows = rows + :rows, items = items + :items, is_over = :is_over
"""


@dataclass(frozen=True, slots=True)
class Done:
    """How far a file is done."""

    rows: int = 0
    is_over: bool = False


class Ledger:
    """The notes of one feedback: of a server, a project and rules. An item is in the outbox before its part is noted.

    The lock is SQLite's own, on the file: it ends with its process, however that ends.
    """

    def __init__(self, path: Path) -> None:
        """Open, or create, the file.

        Raises:
            HistoryError: Another process holds it.
            SettingsError: It cannot be written.
        """
        self.path: Final = path
        try:
            make_private(path)
            self._db = sqlite3.connect(path, timeout=0, isolation_level=None)
        except (OSError, sqlite3.Error) as fault:
            raise _unusable(path, fault) from fault
        try:
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("BEGIN EXCLUSIVE")
            self._db.execute(_SCHEMA)
            self._db.execute("COMMIT")
        except sqlite3.Error as fault:
            self._db.close()
            raise _unusable(path, fault) from fault

    def done(self, name: str) -> Done:
        """How far a file was done."""
        found = self._db.execute("SELECT rows, is_over FROM file WHERE name = ?", (name,)).fetchone()
        return Done() if found is None else Done(found[0], bool(found[1]))

    def items(self) -> int:
        """How many items were handed to the outbox in all."""
        return int(self._db.execute("SELECT coalesce(sum(items), 0) FROM file").fetchone()[0])

    def note(self, name: str, rows: int, items: int, *, is_over: bool = False) -> None:
        """Note that more of a file is done.

        Raises:
            SettingsError: It cannot be written.
        """
        values = {"name": name, "rows": rows, "items": items, "is_over": is_over}
        try:
            self._db.execute(_NOTE, values)
        except sqlite3.Error as fault:
            raise _unusable(self.path, fault) from fault

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _unusable(path: Path, fault: OSError | sqlite3.Error) -> RespMetaError:
    if getattr(fault, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
        return HistoryError(
            "another process gives this feedback just now: wait for it, or end it and run this again"
        )
    return SettingsError(f"{path} cannot be used: {file_trouble(fault)}", setting="RESPMETA_STATE_DIR")


def history_dir(*told: str) -> Path:
    """Return the directory of what is kept for old runs, by what it is kept for (a server, a project, rules).

    Raises:
        SettingsError: There is no state directory.
    """
    name = sha256("\n".join(told).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    try:
        return state_dir() / "history" / name
    except OSError as fault:
        raise SettingsError(str(fault), setting="RESPMETA_STATE_DIR") from fault


@contextmanager
def read_ledger(directory: Path) -> Iterator[Ledger | None]:
    """The ledger of a directory, for who only looks; None where there is none.

    Raises:
        HistoryError: Another process holds it.
    """
    path = directory / FILE
    if not path.exists():
        yield None
        return
    with Ledger(path) as found:
        yield found
