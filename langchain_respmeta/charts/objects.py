"""Records in memory as DuckDB's relation `everything`: Python's objects, and whatever Arrow can read."""

# ruff: noqa: S608 (what is put into SQL text are names of this package's own; words of others are quoted by `engine.text`)

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import orjson

from langchain_respmeta.charts.engine import Engine, text
from langchain_respmeta.charts.facts import NO_RECORD, objects_sql, rows_sql
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.table.general import text_of
from langchain_respmeta.table.schema import PREFIX, arrow

_BATCH: Final = 2_000
"""Records whose texts are in memory at once."""
_MARK: Final = f"{PREFIX}_provider"
"""The column by which a table of records is known."""


def is_arrow(what: Any) -> bool:
    """Whether Arrow can read it: tables, batches, readers, data frames, relations."""
    return hasattr(what, "__arrow_c_stream__") or hasattr(what, "__arrow_c_array__")


def is_record(what: Any) -> bool:
    """Whether it is a record of this package."""
    return hasattr(what, "schema_version") and hasattr(what, "to_dict")


def check_columns(columns: Iterable[str], name: str) -> None:
    """See that a table is one of records.

    Raises:
        SettingsError: It is not.
    """
    if _MARK not in columns:
        raise SettingsError(
            f"{name} is no table of records: it has no column {_MARK}."
            " `respmeta normalize` and `handler.records.to_parquet(...)` write one",
            setting="what",
        )


def fill_from_arrow(engine: Engine, what: Any) -> str:
    """Make `everything` of one table; it may be read only once."""
    pa = arrow()
    reader = pa.RecordBatchReader.from_stream(what) if hasattr(what, "__arrow_c_stream__") else pa.table(what)
    name = type(what).__name__
    check_columns(reader.schema.names, f"the {name}")
    engine.connection.register("given", reader)
    engine.rows(f"CREATE TABLE everything AS {rows_sql(reader.schema.names, 'given', timed=False)}")
    engine.connection.unregister("given")
    return name


def fill_from_records(engine: Engine, records: Iterable[Any]) -> str:
    """Make `everything` of records, of what their `to_dict` returned, or of a table's rows."""
    pa = arrow()
    schema = pa.schema([("json", pa.string())])
    batches = [
        pa.record_batch([pa.array(texts, pa.string())], schema=schema) for texts in _texts(iter(records))
    ]
    engine.connection.register("given", pa.Table.from_batches(batches, schema))
    engine.rows(f"CREATE TABLE everything AS {objects_sql('given')}")
    engine.connection.unregister("given")
    drop_repeats(engine)
    check_records(engine, "the list")
    return "the records given"


def check_records(engine: Engine, name: str) -> None:
    """See that at least one of several objects is a record.

    Raises:
        SettingsError: None of them is.
    """
    ((count, bad),) = engine.rows(
        f"SELECT count(*), count(*) FILTER (problem = {text(NO_RECORD)}) FROM everything"
    )
    if count and bad == count:
        raise SettingsError(
            f"{name} holds no records: what `to_dict` or `handler.records.to_jsonl(...)` writes, or"
            " `respmeta normalize` of old runs",
            setting="what",
        )


def drop_repeats(engine: Engine) -> None:
    """Keep the last of several records of one answer: an enricher amended it."""
    engine.rows(
        "DELETE FROM everything WHERE run_id IS NOT NULL AND rowid NOT IN"
        " (SELECT arg_max(rowid, (coalesce(amendment, 0), rowid)) FROM everything WHERE run_id IS NOT NULL GROUP BY run_id, candidate_index)"
    )


def _texts(records: Iterator[Any]) -> Iterator[list[str]]:
    while batch := [*islice(records, _BATCH)]:
        yield [_text(one) for one in batch]


def _text(record: Any) -> str:
    if isinstance(record, Mapping):
        return orjson.dumps(record, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    if is_record(record):
        return text_of(record.to_dict())
    raise SettingsError(
        f"{type(record).__name__} is no record: give what `handler.records` or `normalize` returns",
        setting="what",
    )
