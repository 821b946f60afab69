"""Holds the database within its bounds while runs stream in: by age, and by the size of its files.

The size is that of all files, so the database itself may have less: the rest is room for what is written but not yet in it. What is
removed leaves free pages, which the next runs take, so a file that has reached its bound stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from langchain_respmeta._process.settings import SERVER, from_environment, read_text
from langchain_respmeta.local import times
from langchain_respmeta.local.store import removal, space
from langchain_respmeta.local.store.connection import Connection
from langchain_respmeta.local.store.purge import Purge, remove
from langchain_respmeta.local.store.removal import PurgeCounts
from langchain_respmeta.local.store.store import Store

_MOST_LOG: Final = 16 << 20
"""Bytes of the room for what is not in the database yet, if a quarter of the bound is not less."""
_REQUEST: Final = 4 << 20
"""Bytes that storing one request of a usual size adds to it: there has to be room for them."""
_AIM: Final = 0.9
"""Share of what the database may have that is left when the oldest traces were removed …"""
_BEGIN: Final = 0.95
"""… which begins here; beyond the whole of it, whoever writes removes as much before the next one may write."""
_RUNS_LOOKED_AT: Final = 100
_TRACES_AT_ONCE: Final = 5

_OLDEST: Final = """
SELECT f.trace_id
FROM (SELECT DISTINCT trace_id FROM (SELECT trace_id FROM runs ORDER BY start_us, id LIMIT ?)) f
ORDER BY (SELECT MAX(n.start_us) FROM runs n WHERE n.trace_id = f.trace_id)
LIMIT ?
"""
"""Of the traces that began first, those whose newest run is the oldest."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept."""

    keep: timedelta | None = None
    """Traces go of which no run has started for so long."""
    max_bytes: int | None = None
    """Of all files of the database together; the oldest traces go."""

    @property
    def are_any(self) -> bool:
        """Whether there is one."""
        return self.keep is not None or self.max_bytes is not None

    def describe(self) -> str:
        """For people, as in `for 30 days, in 2 GB at most`."""
        told = []
        if self.keep is not None:
            told.append(f"for {_duration(self.keep)}")
        if self.max_bytes is not None:
            told.append(f"in {bytes_text(self.max_bytes)} at most")
        return ", ".join(told)

    @property
    def log_bytes(self) -> int:
        """How much of the size is left for what is not in the database yet."""
        return min(_MOST_LOG, (self.max_bytes or 0) // 4)

    @property
    def file_bytes(self) -> int:
        """How much of the size the database may take."""
        return (self.max_bytes or 0) - self.log_bytes


def _duration(time: timedelta) -> str:
    number, name = next(
        (time // unit, name) for name, unit in _UNITS.items() if not time % unit or name == "minutes"
    )
    return f"{number:,} {name if number != 1 else name.removesuffix('s')}"


_UNITS: Final = {"days": timedelta(days=1), "hours": timedelta(hours=1), "minutes": timedelta(minutes=1)}


def bytes_text(size: int) -> str:
    """A size for people."""
    return f"{size / 1e9:,.4g} GB" if size >= _GB else f"{size / 1e6:,.1f} MB".replace(".0 MB", " MB")


_GB: Final = 10**9


def read_bounds(keep: str | None, max_size: str | None, environ: Mapping[str, str] = os.environ) -> Bounds:
    """The bounds as told (`30d`, `2GB`), else as the environment has them.

    Raises:
        SettingsError: One of them cannot be read.
    """
    told = from_environment(SERVER, environ)
    for name, text in (("keep", keep), ("max_size", max_size)):
        if text is not None:
            told[name] = read_text(SERVER[name], text, name)
    return Bounds(told.get("keep"), told.get("max_size"))


class Keeper:
    """Holds one database within its bounds.

    Args:
        store: The database.
        bounds: How much is kept.
        now: The time, in microseconds.
    """

    def __init__(self, store: Store, bounds: Bounds, now: Callable[[], int] = times.now) -> None:
        self.bounds = bounds
        self._store = store
        self._now = now
        self._is_removing = False
        self._log_left = 0

    def remove_old(self) -> PurgeCounts:
        """Remove what is older than is kept, and give the room back."""
        if self.bounds.keep is None:
            return PurgeCounts()
        before = self._now() - self.bounds.keep // timedelta(microseconds=1)
        removed = remove(self._store, Purge(before_us=before))
        if removed.is_any:
            space.shrink(self._store)
        return removed

    def remove_too_much(self) -> PurgeCounts:
        """Remove the oldest traces when the database nears its size, and shrink a file that is beyond it."""
        if self.bounds.max_bytes is None:
            return PurgeCounts()
        most, removed = self.bounds.file_bytes, PurgeCounts()
        with self._store.write() as connection:  # others may know the file as it was before a VACUUM
            now, in_steps = space.space_of(self._store, connection), space.shrinks_in_steps(connection)
        if now.used > _BEGIN * most:
            removed = remove_oldest(self._store, round(_AIM * most))
        if now.file > most:
            if in_steps:
                space.shrink(self._store, to=most)
            else:
                self._store.give_back_space()
        return removed

    def written(self, connection: Connection) -> None:
        """Called by the store after each write, with its writer: nothing more is written while too much is there."""
        if self.bounds.max_bytes is None:
            return
        self._take_in(connection)
        most = self.bounds.file_bytes
        if not self._is_removing and space.space_of(self._store, connection).used > most:
            self._is_removing = True  # its own writes come here, too
            try:
                remove_oldest(self._store, most)
            finally:
                self._is_removing = False

    def _take_in(self, connection: Connection) -> None:
        log, room = space.log_bytes(self._store), self.bounds.log_bytes
        step = max(0, min(room // 2, room - _REQUEST))
        if log <= max(step, self._log_left):
            return
        # Where somebody reads on and on, as much again is written before the next attempt: each is waited for.
        self._log_left = 0 if space.take_in(self._store, connection) else log + step


def remove_oldest(store: Store, aim: int, tell: removal.Tell = lambda _: None) -> PurgeCounts:
    """Remove the oldest traces until what the database holds has at most so many bytes, or there is no run left."""
    done = PurgeCounts()
    while True:
        with store.write() as connection:
            if space.space_of(store, connection).used <= aim:
                return done
            found = connection.execute(_OLDEST, (_RUNS_LOOKED_AT, _TRACES_AT_ONCE)).fetchall()
            done += removal.remove_piece(connection, [row["trace_id"] for row in found])
        tell(done)
        if not found:
            return done
