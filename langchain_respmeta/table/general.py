"""The values of one row by the general code: of any draft, and the reference for the quick way."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import orjson

from langchain_respmeta.record.content import without_content
from langchain_respmeta.record.draft import Draft, as_dict
from langchain_respmeta.record.flat_values import flat_of
from langchain_respmeta.record.plain import INT64, writable
from langchain_respmeta.record.typed import record_of
from langchain_respmeta.table.row import Row
from langchain_respmeta.table.schema import PREFIX, Kind, flat_columns, list_columns


def values_of(row: Row, *, include_content: bool) -> dict[str, Any]:
    """Column → value; what is null is left out. A row that cannot be told is one with a problem."""
    draft = row.draft
    values = _of_run(row)
    if row.problem is None:
        try:
            return values | _of_record(draft, include_content=include_content)
        except Exception as fault:  # noqa: BLE001 - a draft of foreign data: whatever it is, the row says so
            problem = f"the record could not be built ({type(fault).__name__})"
    else:
        problem = row.problem
    return values | {"problem": writable(problem)}


def _of_run(row: Row) -> dict[str, Any]:
    draft = as_dict(row.draft)
    found = {
        **{name: draft.get(name) for name in ("run_id", "trace_id", "parent_run_id")},
        "project_id": row.project_id,
        "run_name": row.run_name,
        "start_time": row.start_time,
        "end_time": row.end_time,
    }
    return {
        name: writable(value) if type(value) is str else value
        for name, value in found.items()
        if value is not None
    }


def _of_record(draft: Draft, *, include_content: bool) -> dict[str, Any]:
    facts = without_content(draft)
    record = record_of(draft, include_content=include_content).to_dict()
    flat = flat_of(facts, PREFIX)
    values: dict[str, Any] = {}
    for column in flat_columns():
        value = flat[column.name] if column.name in flat else as_dict(facts).get(column.path or "")
        told = None if value is None or type(value) is list else fitting(value, column.kind)
        if told is not None:
            values[column.name] = told
    for listed in list_columns():
        if listed.name in draft:
            values[listed.name] = [
                {name: fitting(item.get(name), kind) for name, kind in listed.fields.items()}
                for item in record.get(listed.name, ())
            ]
    return {**values, "record": text_of(record)}


def text_of(record: Mapping[str, Any]) -> str:
    """What `to_dict` wrote as JSON."""
    try:
        return orjson.dumps(record).decode()
    except TypeError:  # a whole number beyond 64 bits
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def fitting(value: Any, kind: Kind) -> Any:
    """`value`, if a column of this kind can hold it; else None."""
    return None if value is None else _FITTING[kind](value)


def _string(value: Any) -> str | None:
    return writable(value) if isinstance(value, str) else None


def _int64(value: Any) -> int | None:
    return value if type(value) is int and -INT64 <= value < INT64 else None


def _float64(value: Any) -> float | None:
    if type(value) not in _NUMBERS:
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _bool(value: Any) -> bool | None:
    return value if type(value) is bool else None


def _timestamp(value: Any) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


_NUMBERS: Final = frozenset({int, float, Decimal})
_FITTING: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    "string": _string,
    "int64": _int64,
    "float64": _float64,
    "bool": _bool,
    "timestamp": _timestamp,
}
