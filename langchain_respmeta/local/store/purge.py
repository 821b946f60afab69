"""Removes stored runs for good: those of old traces, those of a project, or both. In pieces, so that a server can go on.

A trace is as old as its newest run. What belongs to a run goes with it: metadata, attachments, feedback.
"""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from langchain_respmeta.local.store import removal
from langchain_respmeta.local.store.removal import PurgeCounts, Tell
from langchain_respmeta.local.store.store import Store

_OLD_RUN: Final = (
    "r.start_us < :before AND NOT EXISTS"
    " (SELECT 1 FROM runs n WHERE n.trace_id = r.trace_id AND n.start_us >= :before)"
)
_OLD_FEEDBACK: Final = "created_us < :before AND run_id IS NOT NULL AND run_id NOT IN (SELECT id FROM runs)"


@dataclass(frozen=True, slots=True)
class Purge:
    """What is to be removed; one of the two at least.

    Attributes:
        before_us: Traces of which no run has started since, in microseconds.
        session_id: Runs of this project; without a time the project itself, too.
    """

    before_us: int | None = None
    session_id: str | None = None

    @property
    def parameters(self) -> dict[str, object]:
        """Of the conditions."""
        return {"before": self.before_us, "session": self.session_id}

    @property
    def is_whole_project(self) -> bool:
        """Whether the project goes, too."""
        return self.before_us is None and self.session_id is not None

    @property
    def runs(self) -> str:
        """The condition for runs `r`."""
        return self._condition(_OLD_RUN, "r.session_id")

    @property
    def lost_feedback(self) -> str:
        """The condition for feedback that goes though its run is not here, or not any more."""
        return self._condition(_OLD_FEEDBACK, "session_id")

    def _condition(self, is_old: str, session: str) -> str:
        asked = ((self.before_us, is_old), (self.session_id, f"{session} = :session"))
        return " AND ".join(condition for value, condition in asked if value is not None)


def count(store: Store, purge: Purge) -> PurgeCounts:
    """How much would be removed now."""
    runs = f"(SELECT r.id FROM runs r WHERE {purge.runs})"
    with store.read() as connection:

        def number(sql: str) -> int:
            return int(connection.execute(sql, purge.parameters).fetchone()[0])

        return PurgeCounts(
            projects=int(purge.is_whole_project),
            traces=number(f"SELECT COUNT(DISTINCT r.trace_id) FROM runs r WHERE {purge.runs}"),
            runs=number(f"SELECT COUNT(*) FROM runs r WHERE {purge.runs}"),
            attachments=number(f"SELECT COUNT(*) FROM attachments WHERE run_id IN {runs}"),
            feedback=number(f"SELECT COUNT(*) FROM feedback WHERE run_id IN {runs} OR {purge.lost_feedback}"),
        )


def remove(store: Store, purge: Purge, tell: Tell = lambda _: None) -> PurgeCounts:
    """Remove it; return how much that was. Stopped in between, what is removed stays removed.

    Args:
        store: Also one that serves meanwhile, here or in another process.
        purge: What to remove.
        tell: Is called after each piece with what is removed so far.
    """
    done = PurgeCounts()
    while True:
        with store.write() as connection:
            piece = _remove_traces(connection, purge)
        if not piece.traces:
            break
        done += piece
        tell(done)
    with store.write() as connection:
        return done + _remove_rest(connection, purge)


def _remove_traces(connection: sqlite3.Connection, purge: Purge) -> PurgeCounts:
    """Remove the runs of some traces."""
    found = connection.execute(
        f"SELECT DISTINCT r.trace_id FROM runs r WHERE {purge.runs} LIMIT {removal.TRACES_AT_ONCE}",
        purge.parameters,
    ).fetchall()
    return removal.remove_piece(connection, [row["trace_id"] for row in found], purge.session_id)


def _remove_rest(connection: sqlite3.Connection, purge: Purge) -> PurgeCounts:
    feedback = connection.execute(
        f"DELETE FROM feedback WHERE {purge.lost_feedback}", purge.parameters
    ).rowcount
    if purge.is_whole_project:
        connection.execute("DELETE FROM sessions WHERE id = :session", purge.parameters)
    return PurgeCounts(projects=int(purge.is_whole_project), feedback=feedback)
