"""The table as lines of JSON: one object a row, with the table's columns as keys.

What is null is left out. Times are ISO 8601 in UTC, lists are lists, and a column that holds JSON as text (`record`) is that
JSON itself. A record that was written again has `amendment`: 1, 2, …; of several lines of one record the last one counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import orjson

from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.table.arrays import array_of, json_of, lists_of
from langchain_respmeta.table.general import text_of
from langchain_respmeta.table.rows import row_of
from langchain_respmeta.table.schema import (
    OF_RUN,
    OWN_METADATA,
    PREFIX,
    PROBLEM,
    RECORD,
    TAGS,
    arrow,
    flat_columns,
    list_columns,
    table_schema,
)
from langchain_respmeta.table.ticks import ticks_of, time_of

if TYPE_CHECKING:
    import pyarrow as pa

AMENDMENT: Final = "amendment"
"""Key of a line that replaces an earlier one: the how-maniest time the record was written again. It is no column."""

ROWS_OF_BATCH: Final = 2_000
"""Lines that are read into one batch."""

Skipped = Callable[[int, str], None]
"""Takes the place of a line that is no row, from 0, and why."""

_BEYOND_64_BITS: Final = re.compile(rb"[0-9]{19}")
"""`orjson` reads a longer whole number as a float."""


def line_of(record: RecordFields, amendment: int = 0) -> bytes:
    """A record's row as one line with its end. It needs no Arrow."""
    return line_of_row({**row_of(record), **({AMENDMENT: amendment} if amendment else {})})


def line_of_row(row: Mapping[str, Any]) -> bytes:
    """A row of the table's Python values (times are `ticks`) as one line with its end. It needs no Arrow."""
    times = {name: _text(time_of(row[name])) for name in _times() if name in row}
    return _line({**row, **times})


def lines_of(table: pa.Table | pa.RecordBatch) -> Iterator[bytes]:
    """Each row of a table (of any of its versions) as one line with its end."""
    batches = table.to_batches(max_chunksize=ROWS_OF_BATCH) if hasattr(table, "to_batches") else [table]
    for batch in batches:
        yield from map(_line, map(_without_nulls, batch.to_pylist()))


def batches_of_lines(lines: Iterable[bytes], skipped: Skipped) -> Iterator[pa.RecordBatch]:
    """Lines as batches of the table's schema, in their order and in bounded memory.

    Keys that are no column are left out, columns that a line lacks are null. A line that is no row of the table, such as one
    that a crash has cut, is left out and told to `skipped`.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    rows = rows_of_lines(lines, skipped)
    while part := [*islice(rows, ROWS_OF_BATCH)]:
        yield batch_of_rows(part)


def rows_of_lines(lines: Iterable[bytes], skipped: Skipped) -> Iterator[dict[str, Any]]:
    """The same as one mapping for each line, as JSON has it."""
    for place, line in enumerate(lines):
        if not line or line.isspace():
            continue
        row = parsed_line(line)
        if row is None:
            skipped(place, "it is no JSON object: a crash or a full disk has cut it")
        elif not is_row(row):
            skipped(place, "it is no row of the table of records")
        else:
            yield row


def is_row(found: Mapping[str, Any]) -> bool:
    """Whether an object of JSON is a row of the table, of any version."""
    return not _SIGNS.isdisjoint(found)


def batch_of_rows(rows: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """Rows of `rows_of_lines` as one batch of the table's schema.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    columns: dict[str, pa.Array] = {}
    for one in (*OF_RUN, *flat_columns(), PROBLEM):
        values = [row.get(one.name) for row in rows]
        found = map(_ticks, values) if one.kind == "timestamp" else values
        columns[one.name] = array_of([*found], one.kind)
    for many in list_columns():
        columns[many.name] = lists_of([_items(row.get(many.name)) for row in rows], many.fields)
    columns[TAGS] = arrow().array([_texts(row.get(TAGS)) for row in rows], table_schema().field(TAGS).type)
    for name in _JSON:
        columns[name] = json_of([_json(row.get(name)) for row in rows])
    return arrow().RecordBatch.from_pydict(columns, schema=table_schema())


_SIGNS: Final = frozenset({f"{PREFIX}_schema_version", PROBLEM.name})
"""A row of the table has one of these columns."""
_JSON: Final = frozenset({OWN_METADATA.name, RECORD.name})
"""Columns that hold JSON as text."""


def _times() -> list[str]:
    return [one.name for one in (*OF_RUN, *flat_columns()) if one.kind == "timestamp"]


# --- writing ---------------------------------------------------------------------------------------------------------


def _line(row: Mapping[str, Any]) -> bytes:
    inner = {name: orjson.Fragment(row[name]) for name in _JSON & row.keys()}
    return orjson.dumps({**row, **inner}, default=_text, option=_OPTIONS) + b"\n"


_OPTIONS: Final = orjson.OPT_PASSTHROUGH_DATETIME


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _without_nulls(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [_without_nulls(one) if isinstance(one, dict) else one for one in value]
        if isinstance(value, list)
        else value
        for name, value in row.items()
        if value is not None
    }


# --- reading ---------------------------------------------------------------------------------------------------------


def parsed_line(line: bytes) -> dict[str, Any] | None:
    """Parse a line; None where it is no JSON object. Whole numbers of any size stay whole."""
    try:
        row = json.loads(line) if _BEYOND_64_BITS.search(line) else orjson.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _ticks(value: Any) -> int | None:
    try:
        return ticks_of(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        return None


def _items(value: Any) -> list[dict[str, Any]] | None:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else None


def _texts(value: Any) -> list[str] | None:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else None


def _json(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else text_of(value)
