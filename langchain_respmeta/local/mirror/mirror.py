"""The mirror: filled from the store's rows as far as they have changed, in pieces, when somebody looks at charts."""

# ruff: noqa: S608 (what is put into SQL text are names of this package's own)

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from langchain_respmeta.charts.engine import Engine
from langchain_respmeta.charts.facts import facts, texts_sql
from langchain_respmeta.charts.source import Source
from langchain_respmeta.local.mirror import rows
from langchain_respmeta.local.store.selection import Selection
from langchain_respmeta.local.store.store import Store
from langchain_respmeta.table.schema import arrow

FILL_S: Final = 1.0
"""How long one request fills the mirror; what is left, the next one does."""
_PIECE: Final = 2_000
"""Runs that are read at once."""
_SELECTIONS: Final = 12
"""Selections whose numbers are kept."""
_MOST_REMOVED: Final = 50_000
"""Removed rows after which DuckDB gives their memory back."""
_WAIT_S: Final = 30.0
_IDS: Final = ("run_id", "trace_id", "parent_run_id", "project_id")
"""Kept as numbers of 128 bits, a third of their texts."""
_CALLS: Final = "mirrored"
_EVERYTHING: Final = "everything"


class FillingError(Exception):
    """The mirror is not yet full.

    Attributes:
        done: Calls that it has.
        whole: Calls that there are.
    """

    def __init__(self, done: int, whole: int) -> None:
        super().__init__(f"{done} of {whole} calls are read")
        self.done = done
        self.whole = whole


class BusyError(Exception):
    """Others ask for too much at the same time."""


class Mirror:
    """The model calls of a store as a source of charts. Several threads may ask; one is answered at a time.

    Args:
        store: Whose runs it holds.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._place = rows.Place()
        self._seen: rows.Counters | None = None
        self._removals = 0
        self._removed = 0
        self._names: dict[Selection, str] = {}
        self._made = 0

    @contextmanager
    def source(self, selection: Selection) -> Iterator[Source]:
        """The calls that a selection means, or of traces the calls in them; as the store has them now.

        Raises:
            FillingError: It takes more than one request to read all calls; the next one goes on.
            BusyError: Other requests take too long.
            MissingExtraError: A package of the extra `analysis` is not installed.
        """
        if not self._lock.acquire(timeout=_WAIT_S):
            raise BusyError
        try:
            engine = self._engine = self._engine or _made()
            with self._store.read() as connection:
                self._catch_up(engine, connection)
                name = self._names.get(selection) or self._choose(engine, connection, selection)
            yield Source(engine, "the runs", relation=name)
        finally:
            self._lock.release()

    # --- filling -----------------------------------------------------------------------------------------------------

    def _catch_up(self, engine: Engine, connection: sqlite3.Connection) -> None:
        counters = rows.counters_of(connection)
        if counters == self._seen:
            return
        self._forget(engine)
        self._seen = None
        if counters.removals != self._removals:
            self._remove_lost(engine, connection)
            self._removals = counters.removals
        until = time.monotonic() + FILL_S
        while found := rows.changed_since(connection, self._place, _PIECE):
            self._put(engine, found)
            self._place = rows.Place(found[-1]["written"], found[-1]["no"])
            if len(found) == _PIECE and time.monotonic() > until:
                raise FillingError(_size(engine), len(rows.numbers_of(connection)))
        self._seen = counters
        self._give_back(engine)

    def _put(self, engine: Engine, found: Sequence[sqlite3.Row]) -> None:
        """Add rows in the place of those of the same runs."""
        pa = arrow()
        given = {name: pa.array(values, pa.string()) for name, values in rows.columns_of(found).items()}
        engine.connection.register("given", pa.table({"no": [row["no"] for row in found], **given}))
        before = _size(engine)
        engine.rows(f"DELETE FROM {_CALLS} WHERE no IN (SELECT no FROM given)")
        self._removed += before - _size(engine)
        engine.rows(f"INSERT INTO {_CALLS} {_compact('given')}")
        engine.connection.unregister("given")

    def _remove_lost(self, engine: Engine, connection: sqlite3.Connection) -> None:
        engine.connection.register("left_over", arrow().table({"no": rows.numbers_of(connection)}))
        before = _size(engine)
        engine.rows(f"DELETE FROM {_CALLS} WHERE no NOT IN (SELECT no FROM left_over)")
        self._removed += before - _size(engine)
        engine.connection.unregister("left_over")

    def _give_back(self, engine: Engine) -> None:
        if self._removed > _MOST_REMOVED:
            engine.rows("CHECKPOINT")
            self._removed = 0

    # --- choosing ----------------------------------------------------------------------------------------------------

    def _choose(self, engine: Engine, connection: sqlite3.Connection, selection: Selection) -> str:
        """Make a view of the calls that are meant, with a name that no other ever has: answers are kept by it."""
        while len(self._names) >= _SELECTIONS:
            _drop(engine, self._names.pop(next(iter(self._names))))
        self._made += 1
        name = f"calls_{self._made}"
        numbers = rows.chosen(connection, selection)
        engine.rows(
            f"CREATE TABLE {name}_numbers AS"
            " SELECT CAST(unnest(string_split(nullif(?, ''), ',')) AS BIGINT) AS no",
            [numbers],
        )
        ((count,),) = engine.rows(f"SELECT count(*) FROM {name}_numbers")
        some = "" if count == _size(engine) else f" WHERE no IN (SELECT no FROM {name}_numbers)"
        engine.rows(f"CREATE VIEW {name} AS SELECT * FROM {_EVERYTHING}{some}")
        self._names[selection] = name
        return name

    def _forget(self, engine: Engine) -> None:
        for name in self._names.values():
            _drop(engine, name)
        self._names.clear()


def _made() -> Engine:
    engine = Engine()
    engine.rows("SET threads = 1")  # more of them take more of the machine, and save nobody time
    columns = ["no", *(one.name for one in facts())]
    engine.connection.register("given", arrow().table({name: [None] for name in columns}))
    engine.rows(f"CREATE TABLE {_CALLS} AS {_compact('given')} LIMIT 0")
    engine.connection.unregister("given")
    texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in _IDS)
    engine.rows(f"CREATE VIEW {_EVERYTHING} AS SELECT * REPLACE ({texts}) FROM {_CALLS}")
    return engine


def _compact(relation: str) -> str:
    ids = ", ".join(f"TRY_CAST({name} AS UUID) AS {name}" for name in _IDS)
    return f"SELECT * REPLACE ({ids}) FROM ({texts_sql(relation, ['CAST(no AS BIGINT) AS no'])})"


def _size(engine: Engine) -> int:
    ((size,),) = engine.rows(f"SELECT count(*) FROM {_CALLS}")
    return int(size)


def _drop(engine: Engine, name: str) -> None:
    engine.rows(f"DROP VIEW {name}")
    engine.rows(f"DROP TABLE {name}_numbers")
