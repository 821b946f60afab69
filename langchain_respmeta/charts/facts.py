"""What charts know of each record: names, SQL types, and where a table's row or a record's JSON holds them."""

# ruff: noqa: S608 (what is put into SQL text are names of this package's own; words of others are quoted by `engine.text`)

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from langchain_respmeta.record.flat_keys import FLAT
from langchain_respmeta.table.schema import OF_RUN, PREFIX, Kind, flat_columns

EXACT: Final = "DECIMAL(38,22)"
"""Money: sums are exact. 22 decimals hold what a double can tell of a price, 16 digits before them any bill."""

_TYPES: Final[Mapping[Kind, str]] = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
}
_LIST: Final = "VARCHAR[]"
_MONEY: Final = "_usd"
"""Ending of the names of what is counted in dollars."""


class Fact(NamedTuple):
    """One column of the relation `records`."""

    name: str
    type: str
    """In DuckDB's words."""
    column: str | None
    """Its column in a table of records."""
    path: str
    """Where a record's JSON holds it."""


@cache
def facts() -> tuple[Fact, ...]:
    """All facts of a record: ids and names, then its flat keys without their prefix, then what only its JSON holds."""
    flat = {column.name: column for column in flat_columns()}
    return (
        *(Fact(one.name, _TYPES[one.kind], one.name, one.name) for one in OF_RUN),
        Fact("tags", _LIST, "tags", "tags"),
        Fact("metadata", "JSON", "metadata", "metadata"),
        *(
            Fact(name, _type_of(name, flat[f"{PREFIX}_{name}"].kind), f"{PREFIX}_{name}", path)
            for name, path in {**FLAT, **_CANDIDATES}.items()
        ),
        *_OF_RECORD,
        Fact("problem", "VARCHAR", "problem", "problem"),
    )


_CANDIDATES: Final = {"candidate_index": "candidate_index"}
_OF_RECORD: Final = (
    Fact("received_at", "TIMESTAMPTZ", None, "received_at"),
    Fact("created_at", "TIMESTAMPTZ", None, "created_at"),
    Fact("amendment", "BIGINT", "amendment", "amendment"),
    Fact("refusal_source", "VARCHAR", None, "refusal.source"),
    Fact("refusal_category", "VARCHAR", None, "refusal.category"),
    Fact("rate_limits", "JSON", None, "rate_limits"),
)
"""What stands only in the record's JSON."""

_TIMES: Final = ("end_time", "start_time", "received_at", "created_at")
"""When a call counts: when its answer came, as for everybody else who counts calls (monitor, metrics)."""
TIMES_OF_ROWS: Final = _TIMES[:2]
"""Those that are columns of a table: where a row has one, its record need not be read for its time."""
IS_CALL: Final = "coalesce(candidate_index, 0) = 0"
"""Whether a record stands for its call: one of several candidates has no usage and no cost."""

NO_RECORD: Final = "neither a record nor a row of a table"
"""The `problem` of JSON that tells no record."""


def rows_sql(columns: Collection[str], relation: str, *, timed: bool) -> str:
    """Return the facts of a relation with a table's columns: what it lacks is read of the record's JSON, or null.

    Args:
        columns: Those of the relation.
        relation: What reads it.
        timed: Whether each row has one of `TIMES_OF_ROWS`.
    """
    told = ", ".join(_of_row(one, columns) for one in facts())
    return _with_time(f"SELECT {told} FROM {relation}", TIMES_OF_ROWS if timed else _TIMES)


def objects_sql(relation: str) -> str:
    """Return the facts of a relation with one column `json`: a table's rows or records, each an object.

    What is neither, or null where a line was no JSON, has a `problem`.
    """
    parts = dict.fromkeys(
        ["schema_version", f"{PREFIX}_schema_version", *(part for one in facts() for part in _paths(one))]
    )
    paths = ", ".join(f"'$.{part}'" for part in parts)
    places = {part: f"x[{number}]" for number, part in enumerate(parts, 1)}
    told = ", ".join(_of_object(one, places) for one in facts() if one.name != "problem")
    version = ", ".join(places[path] for path in (f"{PREFIX}_schema_version", "schema_version"))
    problem = f"CASE WHEN coalesce({places['problem']}, {version}) IS NULL THEN '{NO_RECORD}' ELSE {places['problem']} END"
    told = f"{told}, {problem} AS problem"
    read = f"SELECT json_extract_string(json, [{paths}]) AS x FROM {relation}"
    return _with_time(f"SELECT {told} FROM ({read})", _TIMES)


def texts_sql(relation: str, kept: Sequence[str] = ()) -> str:
    """Return the facts of a relation with a column of texts for each of them, by its name; what is nested is JSON.

    Args:
        relation: What reads it.
        kept: Other columns of it, which are told as they are.
    """
    told = ", ".join([*kept, *(_typed(one.name, one, is_json=True) for one in facts())])
    return _with_time(f"SELECT {told} FROM {relation}", _TIMES)


def _with_time(sql: str, times: Collection[str]) -> str:
    return f"SELECT *, coalesce({', '.join(times)}) AS time, {IS_CALL} AS is_call FROM ({sql})"


def _type_of(name: str, kind: Kind) -> str:
    return EXACT if name.endswith(_MONEY) else _TYPES[kind]


def _of_row(fact: Fact, columns: Collection[str]) -> str:
    if fact.column in columns:
        value = f'"{fact.column}"'
        # A double's shortest text is the decimal that it was made of.
        return _typed(f"CAST({value} AS VARCHAR)" if fact.type == EXACT else value, fact, is_json=False)
    if "record" not in columns or fact.column in _ONLY_OF_RUN:
        return _typed("NULL", fact, is_json=False)
    if fact.type == "JSON":
        return f"json_extract(record, '$.{fact.path}') AS {fact.name}"
    group, _, name = fact.path.rpartition(".")
    inner = f"json_extract(record, '$.{group}')" if group else "record"
    return _typed(f"json_extract_string({inner}, '$.{name}')", fact, is_json=True)


_ONLY_OF_RUN: Final = frozenset({"project_id", "start_time", "end_time", "problem"})
"""What no record says."""


def _paths(fact: Fact) -> tuple[str, ...]:
    """Return where an object holds a fact: as a row's column, in the record in a row, in a record."""
    return (*((fact.column,) if fact.column else ()), f"record.{fact.path}", fact.path)


def _of_object(fact: Fact, places: Mapping[str, str]) -> str:
    return _typed(f"coalesce({', '.join(places[part] for part in _paths(fact))})", fact, is_json=True)


def _typed(value: str, fact: Fact, *, is_json: bool) -> str:
    text = f"TRY_CAST({value} AS JSON)" if is_json and fact.type in _NESTED else value
    return f"TRY_CAST({text} AS {fact.type}) AS {fact.name}"


_NESTED: Final = frozenset({_LIST, "JSON"})
