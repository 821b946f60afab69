"""Every scalar of a run's metadata, and its tags, so that any key can be filtered through an index.

A text stands once for its key (`words`), however many runs have it. `run_metadata` shows all of it by name.
"""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, TypeGuard

import orjson

from langchain_respmeta.local import json_text
from langchain_respmeta.local.store.written import Written

DDL: Final = """
CREATE TABLE IF NOT EXISTS keys (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS words (id INTEGER PRIMARY KEY, key INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE (key, text));
-- A number stands in run_numbers, a string as its word in run_words, and so do true and false.
CREATE TABLE IF NOT EXISTS run_words (no INTEGER NOT NULL, word INTEGER NOT NULL, PRIMARY KEY (no, word)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS run_words_word ON run_words (word, no);
CREATE TABLE IF NOT EXISTS run_numbers (
    no INTEGER NOT NULL,
    key INTEGER NOT NULL,
    number REAL NOT NULL,
    PRIMARY KEY (no, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS run_numbers_number ON run_numbers (key, number, no);
CREATE TRIGGER IF NOT EXISTS run_metadata_removed AFTER DELETE ON runs BEGIN
    DELETE FROM run_words WHERE no = old.no;
    DELETE FROM run_numbers WHERE no = old.no;
END;
-- A word goes with the last run that has it: else a database that holds its bound would fill up with ids.
CREATE TRIGGER IF NOT EXISTS words_unused AFTER DELETE ON run_words BEGIN
    DELETE FROM words WHERE id = old.word AND NOT EXISTS (SELECT 1 FROM run_words WHERE word = old.word);
END;
CREATE VIEW IF NOT EXISTS run_metadata AS
SELECT e.no AS run_no, k.name AS key, w.text AS text, NULL AS number
FROM run_words e JOIN words w ON w.id = e.word JOIN keys k ON k.id = w.key WHERE k.name <> ''
UNION ALL
SELECT e.no, k.name, NULL, e.number FROM run_numbers e JOIN keys k ON k.id = e.key;
"""

TAGS: Final = ""
"""The key of the words that are a run's tags: no key of metadata that anybody gives is empty."""


def index(connection: sqlite3.Connection, written: Sequence[Written]) -> None:
    """Index the metadata and tags of a batch."""
    changed = [one for one in written if "extra" in one.changed or one.row["tags"]]
    found = [
        (one.no, key, *indexed(value))
        for one in changed
        for key, value in one.metadata.items()
        if _is_scalar(value) and key
    ]
    found += [(one.no, TAGS, tag, None) for one in changed for tag in _tags(one.row["tags"])]
    keys = _keys(connection, {key for _, key, _, _ in found})
    pairs = _words(connection, {(keys[key], text) for _, key, text, _ in found if text is not None})
    words = defaultdict[int, list[int]](list)
    for no, key, text, _ in found:
        if text is not None:
            words[no].append(pairs[keys[key], text])
    old = [one.no for one in changed if not one.is_new]
    connection.executemany(
        "DELETE FROM run_words WHERE no = ? AND word NOT IN (SELECT value FROM json_each(?))",
        [(no, json_text.dumps(words[no])) for no in old],
    )
    connection.executemany("DELETE FROM run_numbers WHERE no = ?", [(no,) for no in old])
    connection.executemany(
        "INSERT OR IGNORE INTO run_words (no, word) VALUES (?, ?)",
        [(no, word) for no, of_run in words.items() for word in of_run],
    )
    connection.executemany(
        "INSERT INTO run_numbers (no, key, number) VALUES (?, ?, ?)",
        [(no, keys[key], number) for no, key, _, number in found if number is not None],
    )


def _keys(connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, int]:
    """The numbers of keys, new ones included."""
    return {name: _number_of(connection, "keys", ("name",), (name,)) for name in names}


def _words(connection: sqlite3.Connection, pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The numbers of texts of keys, new ones included."""
    return {pair: _number_of(connection, "words", ("key", "text"), pair) for pair in pairs}


def _number_of(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], values: Sequence[object]
) -> int:
    """The number of a row with these values, which is made if there is none."""
    where = " AND ".join(f"{column} = ?" for column in columns)
    found = connection.execute(f"SELECT id FROM {table} WHERE {where}", values).fetchone()
    if found is not None:
        return int(found[0])
    marks = ", ".join("?" * len(columns))
    made = connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)
    return int(made.lastrowid or 0)


def _tags(text: str | None) -> set[str]:
    tags = orjson.loads(text) if text else []
    return {tag for tag in tags if isinstance(tag, str)}


def _is_scalar(value: object) -> TypeGuard[str | float]:
    return isinstance(value, (str, int, float, bool))


def indexed(value: str | float) -> tuple[str | None, float | None]:
    """How a scalar is indexed: as a text (true and false too), or as a number."""
    if isinstance(value, bool):
        return json_text.dumps(value), None
    return (value, None) if isinstance(value, str) else (None, float(value))
