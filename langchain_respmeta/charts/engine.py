"""DuckDB as charts use it: in memory, with a bound, without a network and without a trace on the disk."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir
from threading import Lock
from typing import Any, Final
from uuid import uuid4

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.late_imports import needing
from langchain_respmeta.errors import SettingsError

MEMORY: Final = "1GB"
"""What DuckDB may hold; beyond it intermediate results go to the folder for temporary files."""
PURPOSE: Final = "Charts and figures over many records"

_KEPT: Final = 128
"""Answers that are kept, of at most `_KEPT_ROWS` each."""
_KEPT_ROWS: Final = 5_000


class Engine:
    """One database in memory. Queries of several threads run one after the other."""

    def __init__(self) -> None:
        duckdb = _duckdb()
        spill = Path(gettempdir()) / f"respmeta-{uuid4().hex}"
        self._lock = Lock()
        self._asked: Bounded[str, list[tuple[Any, ...]]] = Bounded(_KEPT)
        self.connection: Final[Any] = duckdb.connect(
            config={
                "memory_limit": MEMORY,
                "temp_directory": str(spill),
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            }
        )
        self.connection.execute("SET TimeZone = 'UTC'")
        if self._value(
            "enable_progress_bar"
        ):  # in Jupyter without ipywidgets it is off, and setting it raises
            self.connection.execute("SET enable_progress_bar = false")
        weakref.finalize(self, shutil.rmtree, spill, ignore_errors=True)

    def _value(self, setting: str) -> Any:
        return self.connection.execute(f"SELECT current_setting('{setting}')").fetchall()[0][0]

    def asked(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query, those of before where it was asked already: charts ask for the same sums.

        Raises:
            SettingsError: See `rows`.
        """
        found = self._asked.get(sql)
        if found is None:
            found = self.rows(sql)
            if len(found) <= _KEPT_ROWS:
                self._asked.keep(sql, found)
        return found

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement.

        Args:
            sql: The statement.
            parameters: What stands for the `?` in it.

        Raises:
            SettingsError: A file is damaged, is gone, or its values cannot be read.
        """
        with self._lock:
            try:
                found: list[tuple[Any, ...]] = self.connection.execute(sql, [*parameters]).fetchall()
            except (
                _duckdb().IOException,
                _duckdb().InvalidInputException,
                _duckdb().ConversionException,
                _duckdb().OutOfMemoryException,
            ) as fault:
                raise SettingsError(
                    f"the records cannot be read: {first_line(fault)}", setting="what"
                ) from fault
        return found


def first_line(fault: Exception) -> str:
    """Return what an error of DuckDB says, in one line."""
    return str(fault).partition("\n")[0]


def text(value: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def _duckdb() -> Any:
    with needing(PURPOSE, extra="analysis", package="duckdb"):
        import duckdb
    return duckdb
