"""The durable queue of feedback: an SQLite file in the user's state directory, shared by all processes of the user.

A stored item is *accepted*: it outlives a crash and is delivered, by this process or a later one, exactly once as far
as the server honours the deterministic id. Rules:

- Bounded in rows, bytes and age. When full, drop the oldest routine items (numbers, and flags that are 0) first, then
  the oldest of all. Every drop is counted and warned about.
- A row belongs to the process that accepted it: only that process has its client (key, workspace). When that process
  has ended, others whose client has the same address take over.
- No API key and no header is ever stored: the item, the server's address and the project's name are.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import orjson

from langchain_respmeta._delivery import outbox_sql as sql
from langchain_respmeta._delivery.item import FeedbackItem
from langchain_respmeta._delivery.outbox_db import Database
from langchain_respmeta._delivery.outbox_row import Row, Stored, item_of, row_of
from langchain_respmeta._delivery.process import host, is_alive
from langchain_respmeta._delivery.settings import DeliverySettings

__all__ = ["Outbox"]

logger = logging.getLogger(__name__)

_ANY_TIMES: Final = 2**31
_FAR: Final = 7_200.0
"""Longest wait; a time further ahead comes from a clock that was set back."""


class Outbox:
    """One open queue. Its methods are thread-safe, and too slow for a user's thread."""

    def __init__(
        self,
        path: Path | None,
        settings: DeliverySettings | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open, or create, the queue at `path`; None keeps it in memory.

        Raises:
            OSError, sqlite3.OperationalError: The file cannot be created or written.
        """
        self.path = path
        self.owner = uuid4().hex
        self._settings = settings or DeliverySettings()
        self._clock = clock
        self._db = Database(path)
        self.beat()

    @property
    def durable(self) -> bool:
        """Whether rows outlive this process."""
        return self.path is not None

    # -- filling

    def put(self, items: Sequence[tuple[FeedbackItem, int]]) -> Stored:
        """Accept items, each with the number of its client. Afterwards they outlive a crash."""
        now = self._clock()
        rows = [row_of(item, now, self.owner, client) for item, client in items]
        fitting = [row for row in rows if row[4] <= self._settings.max_item_bytes]
        refused = len(rows) - len(fitting)

        def store(db: sqlite3.Connection) -> Stored:
            before = db.total_changes
            new = sum(db.execute(sql.INSERT, row).rowcount for row in fitting)
            if db.total_changes == before:
                return Stored(0, 0, 0, refused)
            own, other = self._make_room(db)
            return Stored(new, own, other, refused)

        return self._db.write(store)

    def _make_room(self, db: sqlite3.Connection) -> tuple[int, int]:
        own = other = 0
        rows, size = self._totals(db)
        while rows > self._settings.max_rows or size > self._settings.max_bytes:
            victims = db.execute(sql.VICTIM, (max(1, min(500, rows - self._settings.max_rows)),)).fetchall()
            if not victims:
                break
            db.executemany("DELETE FROM feedback WHERE seq = ?", [(victim[0],) for victim in victims])
            mine = sum(owner == self.owner and state == "waiting" for _, _, owner, state in victims)
            own, other = own + mine, other + len(victims) - mine
            rows, size = self._totals(db)
        _add(db, "dropped_full", own + other)
        return own, other

    @staticmethod
    def _totals(db: sqlite3.Connection) -> tuple[int, int]:
        found = dict(db.execute("SELECT name, n FROM tally WHERE name IN ('rows', 'bytes')").fetchall())
        return found["rows"], found["bytes"]

    # -- delivering

    def claim(
        self, api_urls: Iterable[str], limit: int, *, untried: bool = False, at_random: bool = False
    ) -> list[Row]:
        """Lease up to `limit` due rows for `api_urls`; with `untried`, only rows that never failed.

        Exceptional rows come first, or any `at_random`; of the claimed ones, those that failed before come last, so that a
        payload that breaks the server does not open the circuit breaker for the rest.
        """
        urls = list(api_urls)
        if not urls:
            return []
        now = self._clock()
        tried = 0 if untried else _ANY_TIMES
        names = {f"url{number}": url for number, url in enumerate(urls)}
        order = "random()" if at_random else "routine, seq"
        query = sql.CLAIM.format(urls=", ".join(f":{name}" for name in names), order=order)
        values = {"now": now, "absurd": now + _FAR, "me": self.owner, "limit": limit, "tried": tried, **names}
        if not self._db.read(lambda db: db.execute(query, values).fetchone()):
            return []  # reading takes no lock

        def lease(db: sqlite3.Connection) -> list[Row]:
            found = [(item_of(body), *rest) for body, *rest in db.execute(query, values).fetchall()]
            until = now + self._settings.lease_s
            db.executemany(
                "UPDATE feedback SET lease_until = ?, owner = ? WHERE seq = ?",
                [(until, self.owner, seq) for item, seq, *_ in found if item is not None],
            )
            db.executemany(sql.UNREADABLE, [(seq,) for item, seq, *_ in found if item is None])
            return [
                Row(seq, item, project, attempts, client, adopted=owner != self.owner)
                for item, seq, project, attempts, client, owner in found
                if item is not None
            ]

        return sorted(self._db.write(lease), key=lambda row: row.attempts)

    def remove(self, row: Row) -> bool:
        """Delete a delivered row. False when it had been dropped meanwhile."""

        def delete(db: sqlite3.Connection) -> bool:
            gone = db.execute(
                "DELETE FROM feedback WHERE seq = ? AND id = ?", (row.seq, row.item.id)
            ).rowcount
            _add(db, "sent", gone)
            return gone > 0

        return self._db.write(delete)

    def keep_failed(self, row: Row, error: str) -> bool:
        """Keep a refused row for `status`, `export` and `retry`. False when it waits no more."""
        return self._update(row, "state = 'failed', lease_until = 0, error = ?", (error,))

    def put_off(self, row: Row, wait_s: float, error: str | None = None, *, counts: bool = True) -> None:
        """Make a row due again after `wait_s`. `counts`: whether this was an attempt of the row's own."""
        due = self._clock() + wait_s
        assignments = "due_at = ?, lease_until = 0, attempts = attempts + ?, error = coalesce(?, error)"
        self._update(row, assignments, (due, int(counts), error))

    def _update(self, row: Row, assignments: str, values: tuple[object, ...]) -> bool:
        still = "WHERE seq = ? AND id = ? AND state = 'waiting'"
        statement = f"UPDATE feedback SET {assignments} {still}"  # noqa: S608 - literals from above
        return self._db.write(lambda db: db.execute(statement, (*values, row.seq, row.item.id)).rowcount > 0)

    def put_off_project(self, api_url: str, project: str, wait_s: float) -> None:
        """Make all rows of a missing project due again after `wait_s`.

        Leased rows stay leased: another thread may have found the project and be sending them.
        """
        self._set_due("?", api_url, project, wait_s)

    def bring_forward(self, api_url: str, project: str, wait_s: float) -> None:
        """Make all of a project's rows due after `wait_s` at the latest."""
        self._set_due("min(due_at, ?)", api_url, project, wait_s)

    def _set_due(self, due: str, api_url: str, project: str, wait_s: float) -> None:
        where = "state = 'waiting' AND api_url = ? AND place = ? AND owner = ?"
        statement = f"UPDATE feedback SET due_at = {due} WHERE {where}"  # noqa: S608 - literals from above
        values = (self._clock() + wait_s, api_url, project, self.owner)
        self._db.write(lambda db: db.execute(statement, values))

    def own_waiting(self) -> int:
        """Count this process's waiting rows: fewer than it knows of when others purged or took over some."""
        query = "SELECT count(*) FROM feedback WHERE state = 'waiting' AND owner = ?"
        return int(self._db.read(lambda db: db.execute(query, (self.owner,)).fetchone())[0])

    def own_clients(self) -> set[int]:
        """Return the numbers of the clients that rows of this process wait for."""
        query = "SELECT DISTINCT client FROM feedback WHERE state = 'waiting' AND owner = ? AND client IS NOT NULL"
        return {number for (number,) in self._db.read(lambda db: db.execute(query, (self.owner,)).fetchall())}

    def waiting_urls(self) -> list[str]:
        """Return the servers that rows of this process, or of none, wait for."""
        query = "SELECT DISTINCT api_url FROM feedback WHERE state = 'waiting' AND owner IN (?, '')"
        return [url for (url,) in self._db.read(lambda db: db.execute(query, (self.owner,)).fetchall())]

    # -- living

    def beat(self) -> int:
        """Note that this process is alive, release the rows of dead ones, drop what is too old.

        Returns:
            How many of this process's waiting rows were dropped for their age.
        """
        self._db.refresh()
        now = self._clock()

        def step(db: sqlite3.Connection) -> int:
            db.execute(
                "INSERT OR REPLACE INTO process VALUES (?, ?, ?, ?)", (self.owner, host(), os.getpid(), now)
            )
            self._bury(db, now)
            return self._expire(db, now)

        return self._db.write(step)

    def _bury(self, db: sqlite3.Connection, now: float) -> None:
        known = db.execute("SELECT token, host, pid, seen FROM process").fetchall()
        alive = [
            token
            for token, where, pid, seen in known
            if token == self.owner or is_alive(where, pid, now - seen, self._settings.owner_ttl_s)
        ]
        marks = ", ".join("?" * len(alive))
        db.execute(f"DELETE FROM process WHERE token NOT IN ({marks})", alive)  # noqa: S608 - only marks
        db.execute(
            f"UPDATE feedback SET owner = '', client = NULL, lease_until = 0 WHERE owner NOT IN ('', {marks})",  # noqa: S608
            alive,
        )

    def _expire(self, db: sqlite3.Connection, now: float) -> int:
        too_old = (now - self._settings.max_age_s,)
        own = "SELECT count(*) FROM feedback WHERE accepted_at < ? AND state = 'waiting' AND owner = ?"
        mine: int = db.execute(own, (*too_old, self.owner)).fetchone()[0]
        gone = db.execute("DELETE FROM feedback WHERE accepted_at < ?", too_old).rowcount
        _add(db, "dropped_old", gone)
        if gone:
            days = self._settings.max_age_s / 86_400
            logger.warning(
                "Feedback outbox: %d items were dropped, undelivered for more than %.1f days", gone, days
            )
        return mine

    def close(self) -> None:
        """Release this process's rows, and close."""

        def leave(db: sqlite3.Connection) -> None:
            db.execute(sql.ORPHAN, (self.owner,))
            db.execute("DELETE FROM process WHERE token = ?", (self.owner,))

        # Where this fails, the next process finds a dead owner.
        with suppress(sqlite3.Error):
            self._db.hurry()
            self._db.write(leave)
        self._db.close()

    # -- for the command line

    def tallies(self) -> dict[str, int]:
        """Return totals over the life of the file: rows, bytes, sent, dropped_full, dropped_old."""
        return dict(self._db.read(lambda db: db.execute("SELECT name, n FROM tally").fetchall()))

    def groups(self) -> list[tuple[str, str, int, float, int, int]]:
        """Return (api_url, state, rows, oldest accepted_at, most attempts, rows not yet due)."""
        return self._db.read(lambda db: db.execute(sql.COUNT, {"now": self._clock()}).fetchall())

    def errors(self) -> list[tuple[str, str, int]]:
        """Return (api_url, last error, rows), the most frequent first."""
        return self._db.read(lambda db: db.execute(sql.LAST_ERRORS).fetchall())

    def count(self, state: str) -> int:
        """Count the rows of one state, of all processes."""
        query = "SELECT count(*) FROM feedback WHERE state = ?"
        return int(self._db.read(lambda db: db.execute(query, (state,)).fetchone())[0])

    def retry_failed(self, but: str = "") -> int:
        """Have failed rows wait again, and make every waiting row due. Returns how many had failed.

        Args:
            but: Leave those whose error is like this pattern of SQL's.
        """

        def step(db: sqlite3.Connection) -> int:
            back = db.execute(sql.REQUEUE, (but,)).rowcount
            db.execute("UPDATE feedback SET due_at = ? WHERE state = 'waiting'", (self._clock(),))
            return back

        return self._db.write(step)

    def export(self) -> Iterator[dict[str, object]]:
        """Yield every row as a dict, the oldest first."""
        names = ("state", "attempts", "accepted_at", "error")
        last = 0
        while rows := self._page(last):
            for _, body, *rest in rows:
                yield orjson.loads(body) | dict(zip(names, rest, strict=True))
            last = rows[-1][0]

    def _page(self, after: int) -> list[tuple[Any, ...]]:
        return self._db.read(lambda db: db.execute(sql.EXPORT, (after,)).fetchall())

    def purge(self, state: str | None = None, api_url: str | None = None) -> int:
        """Delete rows (all, or of one state or server) and give the space back. Returns how many."""
        statement = "DELETE FROM feedback WHERE (? IS NULL OR state = ?) AND (? IS NULL OR api_url = ?)"
        gone = self._db.write(lambda db: db.execute(statement, (state, state, api_url, api_url)).rowcount)
        self._db.compact()
        return gone


def _add(db: sqlite3.Connection, name: str, n: int) -> None:
    if n:
        db.execute("UPDATE tally SET n = n + ? WHERE name = ?", (n, name))
