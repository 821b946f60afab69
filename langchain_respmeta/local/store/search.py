"""The full-text index of runs, kept on write, and the condition that a search is.

All words must occur in a run; the last one may go on. The index knows no positions of words (it would be three times as
large), so it knows no phrases: words in quotes are words. A word of eight or more hex digits is also the beginning of the id
of a run or a trace.
"""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import functools
import re
import sqlite3
from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException

from langchain_respmeta.local import json_text
from langchain_respmeta.local.store import packed
from langchain_respmeta.local.store.condition import Numbers
from langchain_respmeta.local.store.search_words import VERSION, words_in, words_of_row, words_of_run
from langchain_respmeta.local.store.written import Written

MOST_CHARACTERS: Final = 1_000
"""Of a search."""
SHORTEST_BEGINNING: Final = 3
"""Letters from which on the last word may go on: one that begins with "a" has every tenth word of the language."""
_AT_ONCE: Final = 500
_FUNCTION: Final = "respmeta_words"
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{1,4}){0,6}")
_GROUPS: Final = (8, 12, 16, 20)
"""Hex digits before each dash of a UUID."""

_COLUMNS: Final = ", ".join(
    [
        "{run}.name",
        "{run}.error",
        "{run}.tags",
        *(packed.sql_text(f"p.{n}") for n in ("extra", "inputs", "outputs")),
    ]
)
_FORGET: Final = "INSERT INTO search (search, rowid, words)"
_OF_RUN: Final = f"{_FUNCTION}({_COLUMNS.format(run='r')}) FROM runs r LEFT JOIN payloads p ON p.no = r.no"
_DDL: Final = (
    # No content: the words' texts stand in the runs. No columnsize: nothing is ranked.
    (
        "CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5"
        " (words, content='', columnsize=0, detail=none, tokenize='ascii')"
    ),
    # Before the run is gone, as its texts tell which words it had. Runs that are not indexed yet have none.
    (
        "CREATE TRIGGER IF NOT EXISTS search_removed BEFORE DELETE ON runs"
        " WHEN old.no <= coalesce((SELECT value FROM counters WHERE name = 'search_to'), old.no)"
        f" BEGIN {_FORGET} SELECT 'delete', old.no, {_FUNCTION}({_COLUMNS.format(run='old')})"
        " FROM (SELECT 1) LEFT JOIN payloads p ON p.no = old.no; END"
    ),
)


@functools.cache
def is_available() -> bool:
    """Whether this Python's SQLite has FTS5; without it a search looks at names and errors."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE probe USING fts5 (words)")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


def register(connection: sqlite3.Connection) -> None:
    """Give a connection the SQL function that the index needs when a run is removed."""
    connection.create_function(_FUNCTION, 6, words_of_row, deterministic=True)


def prepare(connection: sqlite3.Connection) -> None:
    """Make the index where it is missing, or made by other rules, in pieces: stopped in between, it goes on from there.

    Args:
        connection: The writer's, in no transaction, before it writes.
    """
    if not is_available():
        # Without FTS5 the trigger could not run. Another Python finds the index missing and builds it again.
        connection.execute("DROP TRIGGER IF EXISTS search_removed")
        connection.execute("DELETE FROM counters WHERE name = 'search_version'")
        return
    while _prepare_piece(connection):
        pass


def forget(connection: sqlite3.Connection, written: Sequence[Written]) -> None:
    """Before runs are written again: take their words out of the index."""
    known = [one.no for one in written if not one.is_new]
    if known and is_available():
        connection.execute(
            f"{_FORGET} SELECT 'delete', r.no, {_OF_RUN} WHERE r.no IN (SELECT value FROM json_each(?))",
            (json_text.dumps(known),),
        )


def index(connection: sqlite3.Connection, written: Sequence[Written]) -> None:
    """After runs were written: put their words into the index."""
    if is_available():
        connection.executemany(
            "INSERT INTO search (rowid, words) VALUES (?, ?)", [(one.no, _words(one)) for one in written]
        )


def tidy(connection: sqlite3.Connection) -> None:
    """Write the index anew, without what is left of removed runs; a second or two for 100,000 runs."""
    if is_available():
        connection.execute("INSERT INTO search (search) VALUES ('optimize')")


def matching(text: str) -> list[Numbers]:
    """The runs in which all the words of a text occur: those that are in all of these.

    Raises:
        HTTPException: 400 for a text that is too long.
    """
    if len(text) > MOST_CHARACTERS:
        raise HTTPException(
            400, f"Search for fewer words: a search has at most {MOST_CHARACTERS} characters."
        )
    pieces = text.split()
    if not is_available():
        named = "instr(lower(r.name || ' ' || r.id || ' ' || coalesce(r.error, '')), lower(?)) > 0"
        found = [Numbers(f"SELECT r.no FROM runs r WHERE {named}", (piece,)) for piece in pieces]
        return found or [_NONE]
    ids = [piece for piece in pieces if _ID.fullmatch(piece.lower())]
    terms = _terms(" ".join(piece for piece in pieces if piece not in ids))
    found = [_of_id(piece.lower()) for piece in dict.fromkeys(ids)]
    if terms:
        found.append(Numbers(_MATCHING, (" AND ".join(terms),)))
    return found or [_NONE]


_MATCHING: Final = "SELECT rowid FROM search WHERE search MATCH ?"
_NONE: Final = Numbers("SELECT NULL WHERE 0")


def _terms(text: str) -> list[str]:
    """The words as FTS5 reads them."""
    words = words_in(text)
    if not words:
        return []
    last = words.pop()
    may_go_on = len(last) >= SHORTEST_BEGINNING and not text.endswith('"')
    return [*(f'"{word}"' for word in dict.fromkeys(words)), f'"{last}"*' if may_go_on else f'"{last}"']


def _of_id(piece: str) -> Numbers:
    """Runs whose own or trace's id begins so, or that have it as a word."""
    digits = piece.replace("-", "")
    groups = (digits[start:end] for start, end in zip((0, *_GROUPS), (*_GROUPS, 32), strict=True))
    beginning = "-".join(group for group in groups if group)
    words = " AND ".join(f'"{word}"' for word in piece.split("-") if word)
    match = f'"{digits}"* OR ({words})' if "-" in piece else f'"{digits}"*'
    ranges = " UNION ALL ".join(
        f"SELECT no FROM runs WHERE {column} >= ? AND {column} < ?" for column in ("id", "trace_id")
    )
    bounds = (beginning, beginning + "~") * 2
    return Numbers(f"{_MATCHING} UNION ALL {ranges}", (match, *bounds))


def _words(one: Written) -> str:
    row = one.row
    return words_of_run(
        row["name"], row["error"], row["tags"], one.metadata, one.value("inputs"), one.value("outputs")
    )


def _prepare_piece(connection: sqlite3.Connection) -> bool:
    """Index some runs of before; False when all are."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        state = dict(
            connection.execute("SELECT name, value FROM counters WHERE name LIKE 'search%'").fetchall()
        )
        if state.get("search_version") != VERSION:
            _begin(connection)
            state = {"search_to": 0}
        is_more = "search_to" in state and _index_stored(connection, state["search_to"])
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return is_more


def _begin(connection: sqlite3.Connection) -> None:
    for kind, name in (("TRIGGER", "search_removed"), ("TABLE", "search")):
        connection.execute(f"DROP {kind} IF EXISTS {name}")
    for statement in _DDL:
        connection.execute(statement)
    connection.execute(
        "INSERT OR REPLACE INTO counters VALUES ('search_version', ?), ('search_to', 0)", (VERSION,)
    )


def _index_stored(connection: sqlite3.Connection, after: int) -> bool:
    numbers = connection.execute(
        "SELECT no FROM runs WHERE no > ? ORDER BY no LIMIT ?", (after, _AT_ONCE)
    ).fetchall()
    if not numbers:
        connection.execute("DELETE FROM counters WHERE name = 'search_to'")
        return False
    last = numbers[-1]["no"]
    connection.execute(
        f"INSERT INTO search (rowid, words) SELECT r.no, {_OF_RUN} WHERE r.no > ? AND r.no <= ? ORDER BY r.no",
        (after, last),
    )
    connection.execute("UPDATE counters SET value = ? WHERE name = 'search_to'", (last,))
    return True
