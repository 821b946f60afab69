"""Every scalar of a run's metadata, and its tags, so that any key can be filtered through an index.

A text stands once for its key (`words`), however many runs have it. `run_metadata` shows all of it by name.
"""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

import orjson

from langchain_respmeta.local import json_text
from langchain_respmeta.local.store import many
from langchain_respmeta.local.store.written import Written

NUMBERS_INDEX: Final = "CREATE INDEX IF NOT EXISTS run_numbers_key ON run_numbers (key, no, number);"
"""Not by number: each of a batch would change a page of its own. A condition reads all numbers of its key."""
DDL: Final = f"""
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
{NUMBERS_INDEX}
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

_SCALARS: Final = (str, int, float)
TAGS: Final = ""
"""The key of the words that are a run's tags: no key of metadata that anybody gives is empty."""


def index(connection: sqlite3.Connection, written: Sequence[Written]) -> None:
    """Index the metadata and tags of a batch."""
    changed = [one for one in written if "extra" in one.changed or one.row["tags"]]
    texts, numbers = list[tuple[int, str, str]](), list[tuple[int, str, float]]()
    for one in changed:
        for key, value in one.metadata.items():
            if isinstance(value, _SCALARS) and key:
                text, number = indexed(value)
                if text is not None:
                    texts.append((one.no, key, text))
                elif number is not None:
                    numbers.append((one.no, key, number))
        texts += [(one.no, TAGS, tag) for tag in _tags(one.row["tags"])]
    keys = _keys(connection, {key for _, key, _ in (*texts, *numbers)})
    pairs = [(keys[key], text) for _, key, text in texts]
    ids = _words(connection, set(pairs))
    words = [(row[0], ids[pair]) for row, pair in zip(texts, pairs, strict=True)]
    _remove_old(connection, [one.no for one in changed if not one.is_new], words)
    many.insert(connection, "INSERT OR IGNORE INTO run_words (no, word)", words)
    rows = [(no, keys[key], number) for no, key, number in numbers]
    many.insert(connection, "INSERT INTO run_numbers (no, key, number)", rows)


def _remove_old(connection: sqlite3.Connection, old: Sequence[int], words: Sequence[tuple[int, int]]) -> None:
    """Remove what runs had before; words that they still have stay, as a word goes with the last run that has it."""
    kept: dict[int, list[int]] = {no: [] for no in old}
    for no, word in words:
        if no in kept:
            kept[no].append(word)
    connection.executemany(
        "DELETE FROM run_words WHERE no = ? AND word NOT IN (SELECT value FROM json_each(?))",
        [(no, json_text.dumps(stay)) for no, stay in kept.items()],
    )
    connection.executemany("DELETE FROM run_numbers WHERE no = ?", [(no,) for no in old])


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


def indexed(value: str | float) -> tuple[str | None, float | None]:
    """How a scalar is indexed: as a text (true and false too), or as a number."""
    if isinstance(value, bool):
        return json_text.dumps(value), None
    return (value, None) if isinstance(value, str) else (None, float(value))
