"""The table's columns: one row for each record. Made of the record's own tables, so that there is no second list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Literal,
    NamedTuple,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from langchain_respmeta._process.late_imports import loading, needing
from langchain_respmeta.record.allowed_facts import NAMES
from langchain_respmeta.record.derived import COUNTED, DERIVED
from langchain_respmeta.record.flat_keys import FLAT
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION

if TYPE_CHECKING:
    import pyarrow as pa

TABLE_VERSION: Final = "1.1"
"""Version of the table's shape, `major.minor`: a new column raises the minor one, a renamed or dropped one the major."""

PREFIX: Final = "respmeta"
"""What the flat columns' names begin with, as the keys on LangSmith's runs do unless a handler is told otherwise."""

Kind: TypeAlias = Literal["string", "int64", "float64", "bool", "timestamp"]
"""Type of a column's values, in Arrow's words; `timestamp` is in microseconds, UTC."""


class Column(NamedTuple):
    """One column of scalars."""

    name: str
    kind: Kind
    path: str = ""
    """Of a flat column: where its value stands in a draft, or the name of what is computed of one."""
    meaning: str = ""
    """Empty where the record's field tells it."""


class ListColumn(NamedTuple):
    """One column of lists of structs, whose fields are those of the items' class; a mapping is JSON in text."""

    name: str
    fields: Mapping[str, Kind]


OF_RUN: Final = (
    Column("run_id", "string", meaning="The run's id."),
    Column("trace_id", "string", meaning="The id of the root run above it."),
    Column("parent_run_id", "string", meaning="The id of the run directly above it."),
    Column("project_id", "string", meaning="The project's id, which an export calls `session_id`."),
    Column("run_name", "string", meaning="The run's name."),
    Column(
        "thread_id",
        "string",
        meaning="Its `thread_id`, else its `session_id` or `conversation_id`, of its metadata.",
    ),
    Column("agent_name", "string", meaning="The agent that called, of its metadata."),
    Column("graph_node", "string", meaning="LangGraph's node that called."),
    Column("graph_step", "int64", meaning="LangGraph's step in which it did."),
    Column("start_time", "timestamp", meaning="When the run started."),
    Column("end_time", "timestamp", meaning="When it ended."),
)
"""What the run itself says; also told of rows that cannot be read."""

IDS: Final = ("run_id", "trace_id", "parent_run_id", *NAMES)
"""Those of them that stand in a draft."""

TAGS: Final = "tags"
"""Column of the run's own tags, a list of texts; null where they are not carried."""
OWN_METADATA: Final = Column(
    "metadata",
    "string",
    meaning="Of the run's own metadata, the keys that `by` names, as JSON; null where there are none.",
)

RECORD: Final = Column(
    "record",
    "string",
    meaning="The whole record as JSON: what `normalize_run(run).to_dict()` returns. Its fields: [fields.md](fields.md).",
)
PROBLEM: Final = Column("problem", "string", meaning="Why the row could not be read; null for a good one.")

_CANDIDATES: Final = ("candidate_index", "candidates")
_LISTS: Final = ("tool_calls", "citations", "safety")


@cache
def flat_columns() -> tuple[Column, ...]:
    """The scalars of the record, named as the keys on runs, and which candidate of its call a row is."""
    kinds = _kinds()
    return (
        Column(f"{PREFIX}_schema_version", "string", "schema_version"),
        *(Column(f"{PREFIX}_{name}", kinds[path], path) for name, path in FLAT.items()),
        *(Column(f"{PREFIX}_{name}", "int64", name) for name in COUNTED),
        *(
            Column(f"{PREFIX}_{name}", _kind(_returned(derived.of)), name)
            for name, derived in DERIVED.items()
        ),
        *(Column(f"{PREFIX}_{name}", kinds[name], name) for name in _CANDIDATES),
    )


@cache
def list_columns() -> tuple[ListColumn, ...]:
    """Lists of the record that are columns, with the fields of their items."""
    with loading:
        from langchain_respmeta.record.fields import RecordFields
    hints = get_type_hints(RecordFields)
    items = {name: get_type_hints(get_args(hints[name])[0]) for name in _LISTS}
    return tuple(
        ListColumn(name, {field: _kind(hint) for field, hint in of_item.items() if field[0] != "_"})
        for name, of_item in items.items()
    )


def _kinds() -> dict[str, Kind]:
    """Path of a scalar of the record → the type of its column."""
    with loading:
        from langchain_respmeta.record.fields import RecordFields
    found: dict[str, Kind] = {}
    hints = get_type_hints(RecordFields)
    for field in fields(RecordFields):
        part = without_none(hints[field.name])
        if hasattr(part, "__dataclass_fields__"):
            inner = get_type_hints(part)
            found |= {f"{field.name}.{one.name}": _kind(inner[one.name]) for one in fields(part)}
        elif get_origin(part) is not tuple:
            found[field.name] = _kind(part)
    return found


def without_none(hint: Any) -> Any:
    """An annotation without the `None` in it."""
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not type(None))
    return hint


def _kind(hint: Any) -> Kind:
    """The type of a column for values of an annotation; texts where Arrow has no closer one."""
    return _KINDS.get(without_none(hint), "string")


def _returned(derive: Any) -> Any:
    return get_type_hints(derive)["return"]


_KINDS: Final[Mapping[Any, Kind]] = {
    bool: "bool",
    int: "int64",
    float: "float64",
    Decimal: "float64",
    datetime: "timestamp",
}


@cache
def arrow() -> Any:
    """The package `pyarrow`.

    Raises:
        MissingExtraError: It is not installed.
    """
    with needing("A table of records", extra="export", package="pyarrow"):
        import pyarrow as pa
        import pyarrow.compute
    return pa


@cache
def arrow_type(kind: Kind) -> pa.DataType:
    """The Arrow type of a kind of column."""
    pa = arrow()
    types = {"timestamp": pa.timestamp("us", "UTC"), "bool": pa.bool_()}
    return types.get(kind) or pa.type_for_alias(kind)


@cache
def table_schema() -> pa.Schema:
    """The schema of every table of records, with its versions as metadata.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    pa = arrow()
    columns = [
        *(pa.field(one.name, arrow_type(one.kind)) for one in (*OF_RUN, *flat_columns())),
        *(
            pa.field(
                one.name,
                pa.list_(pa.struct([pa.field(name, arrow_type(kind)) for name, kind in one.fields.items()])),
            )
            for one in list_columns()
        ),
        pa.field(TAGS, pa.list_(pa.string())),
        *(pa.field(one.name, arrow_type(one.kind)) for one in (OWN_METADATA, RECORD, PROBLEM)),
    ]
    return pa.schema(
        columns,
        metadata={"respmeta_table_version": TABLE_VERSION, "respmeta_schema_version": SCHEMA_VERSION},
    )
