"""What lists count and sum, kept on write: the numbers of each run, its kind, and the totals of each kind and day.

A kind is what runs have in common of all that lists count and filter by: project, view, status, model, finish reason, and which
numbers are known. So the counts and sums of any runs of some kinds, on whole days, come from `totals` alone.
"""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from langchain_respmeta.local import json_text
from langchain_respmeta.local.store.metadata_index import indexed
from langchain_respmeta.local.store.written import PREFIX, Written
from langchain_respmeta.record.billable import SIGNS_OF_BILLING

PICO: Final = 12
"""Decimals of a dollar in which money is summed, as whole numbers: exact, and beyond any list price."""
DAY_US: Final = 86_400_000_000
_YEAR_0_US: Final = 719_528 * DAY_US
"""From the year 0 to 1970: days are counted from there, so that none is negative."""

WORDS: Final = (
    *("provider", "model", "requested_model", "finish_reason", "service_tier", "integration"),
    *("upstream_provider", "error_type", "unpriced_reason", "refused", "truncated", "models", "providers"),
)
"""Keys of the record whose values are part of a kind."""
OF_RUN: Final = ("session_id", "is_call", "is_rollup", "status")
MARKS: Final = ("known", "is_free")
"""`known`: bits of `SUMS` that the run reports. `is_free`: a call without a cost that nobody bills (`record.billable`)."""
TOKENS: Final = ("input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens")
SUMS: Final = (*TOKENS, "cost")
"""Columns that are summed; `cost` in units of 1e-12 dollars."""
_WORD_KEYS: Final = tuple(PREFIX + name for name in WORDS)
_SUM_KEYS: Final = (*(PREFIX + name for name in TOKENS), f"{PREFIX}cost_usd")
_NO_SUMS: Final[list[float | None]] = [None] * len(SUMS)
_SPEEDS: Final = ("latency_s", "time_to_first_token_s")
_BEGUN: Final = tuple(path.rpartition(".")[2] for path in SIGNS_OF_BILLING)
_LARGEST: Final = 10**12
"""Whole numbers up to it are summed exactly, a million of them without an overflow; others as floats."""
_KIND: Final = (*OF_RUN, *MARKS, *WORDS)


def day_of(micros: str) -> str:
    """The expression of a day's number."""
    return f"(({micros} + {_YEAR_0_US}) / {DAY_US})"


def whole_days(since_us: int | None, until_us: int | None) -> tuple[int | None, int | None]:
    """The first day that begins in the range, and the first that does not end in it."""
    first = None if since_us is None else -(-(since_us + _YEAR_0_US) // DAY_US)
    end = None if until_us is None else (until_us + _YEAR_0_US) // DAY_US
    return first, end


def begin_of(day: int) -> int:
    """When a day begins, in microseconds since 1970."""
    return day * DAY_US - _YEAR_0_US


_ADDED: Final = ", ".join(f"{name} = {name} + excluded.{name}" for name in ("runs", *SUMS))
_TAKEN: Final = ", ".join(("runs = runs - 1", *(f"{name} = {name} - old.{name}" for name in SUMS)))
DDL: Final = f"""
CREATE TABLE IF NOT EXISTS kinds (
    id INTEGER PRIMARY KEY,
    told TEXT NOT NULL UNIQUE,     -- all that follows, as JSON
    {", ".join(_KIND)}
);
-- One row for each run, kind by kind, so that groups of kinds are read in order.
CREATE TABLE IF NOT EXISTS facts (
    kind INTEGER NOT NULL,
    no INTEGER NOT NULL,
    start_us INTEGER NOT NULL,
    {", ".join((*SUMS, *_SPEEDS))},
    PRIMARY KEY (kind, no)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS facts_no ON facts (no);
CREATE INDEX IF NOT EXISTS facts_newest ON facts (start_us, no, kind);
CREATE TABLE IF NOT EXISTS totals (
    kind INTEGER NOT NULL,
    day INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    {", ".join(SUMS)},
    PRIMARY KEY (kind, day)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS facts_added AFTER INSERT ON facts BEGIN
    INSERT INTO totals (kind, day, runs, {", ".join(SUMS)})
    VALUES (new.kind, {day_of("new.start_us")}, 1, {", ".join(f"new.{name}" for name in SUMS)})
    ON CONFLICT (kind, day) DO UPDATE SET {_ADDED};
END;
CREATE TRIGGER IF NOT EXISTS facts_removed AFTER DELETE ON facts BEGIN
    UPDATE totals SET {_TAKEN} WHERE kind = old.kind AND day = {day_of("old.start_us")};
    DELETE FROM totals WHERE kind = old.kind AND day = {day_of("old.start_us")} AND runs = 0;
END;
CREATE TRIGGER IF NOT EXISTS kinds_unused AFTER DELETE ON totals BEGIN
    DELETE FROM kinds WHERE id = old.kind AND NOT EXISTS (SELECT 1 FROM totals WHERE kind = old.kind);
END;
CREATE TRIGGER IF NOT EXISTS facts_of_removed AFTER DELETE ON runs BEGIN
    DELETE FROM facts WHERE no = old.no;
END;
"""
_WRITE: Final = (
    f"INSERT INTO facts (kind, no, start_us, {', '.join((*SUMS, *_SPEEDS))})"
    f" VALUES ({', '.join('?' * (3 + len(SUMS) + len(_SPEEDS)))})"
)
_NEW_KIND: Final = f"INSERT INTO kinds (told, {', '.join(_KIND)}) VALUES (?, {', '.join('?' * len(_KIND))})"


def index(connection: sqlite3.Connection, written: Sequence[Written]) -> None:
    """Keep the numbers and kinds of a batch."""
    connection.executemany("DELETE FROM facts WHERE no = ?", [(one.no,) for one in written if not one.is_new])
    sums = [_sums(one.metadata) for one in written]
    kinds = [_kind(one, known) for one, known in zip(written, sums, strict=True)]
    told = [json_text.dumps(kind) for kind in kinds]
    numbers = {
        name: _number_of(connection, name, kind) for name, kind in dict(zip(told, kinds, strict=True)).items()
    }
    connection.executemany(
        _WRITE,
        [
            (numbers[name], one.no, one.row["start_us"], *summed, *_speeds(one))
            for name, one, summed in zip(told, written, sums, strict=True)
        ],
    )


def _number_of(connection: sqlite3.Connection, told: str, kind: Sequence[object]) -> int:
    """The number of a kind, a new one included."""
    found = connection.execute("SELECT id FROM kinds WHERE told = ?", (told,)).fetchone()
    if found is not None:
        return int(found[0])
    return int(connection.execute(_NEW_KIND, (told, *kind)).lastrowid or 0)


def _kind(one: Written, sums: Sequence[float | None]) -> list[object]:
    """The values of `_KIND`."""
    known = 0
    for bit, value in enumerate(sums):
        if value is not None:
            known |= 1 << bit
    metadata, row = one.metadata, one.row
    words = [_word(metadata[key]) if key in metadata else None for key in _WORD_KEYS]
    return [*[row[name] for name in OF_RUN], known, int(_is_free(one)), *words]


def _word(value: object) -> str | None:
    """A value as it is indexed, if it is a text."""
    return indexed(value)[0] if isinstance(value, (str, bool)) else None


def _is_free(one: Written) -> bool:
    """As `record.billable` decides it for a record."""
    if not one.row["is_call"] or _flat(one, "cost_usd") is not None:
        return False
    if one.metadata.get(f"{PREFIX}cache_hit") is True:
        return True
    failed = one.metadata.get(f"{PREFIX}finish_reason") == "error"
    return failed and all(_flat(one, name) is None for name in _BEGUN)


def _flat(one: Written, name: str) -> float | None:
    return _number(one.metadata.get(f"{PREFIX}{name}"))


def _speeds(one: Written) -> list[float | None]:
    """The values of `_SPEEDS`; a run that reports no latency took from its start to its end."""
    latency, first_token = (_flat(one, name) for name in _SPEEDS)
    if latency is None and one.row["end_us"] is not None:
        latency = (one.row["end_us"] - one.row["start_us"]) / 1e6
    return [latency, first_token]


def _sums(metadata: Mapping[str, Any]) -> list[float | None]:
    """The values of `SUMS`."""
    if metadata.keys().isdisjoint(_SUM_KEYS):
        return _NO_SUMS
    *tokens, cost = [metadata.get(key) for key in _SUM_KEYS]
    return [*map(_number, tokens), _pico(cost)]


def _number(value: object) -> float | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return value if abs(value) <= _LARGEST else float(value)


def _pico(value: object) -> float | None:
    """Dollars in units of 1e-12: a double's shortest text is the decimal that it was made of."""
    number = _number(value)
    if number is None:
        return None
    exact = Decimal(repr(number)).scaleb(PICO)
    return int(exact.to_integral_value()) if abs(exact) <= _LARGEST * 10**PICO // 10**6 else float(exact)
