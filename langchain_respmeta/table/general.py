"""One record by the general code: of any draft, and the reference for the quick way (`shape`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

from langchain_respmeta.record.content import without_content
from langchain_respmeta.record.draft import Draft, as_dict
from langchain_respmeta.record.flat_values import flat_of
from langchain_respmeta.record.typed import record_of
from langchain_respmeta.table.fitting import fitting
from langchain_respmeta.table.schema import OWN_METADATA, PREFIX, TAGS, flat_columns, list_columns


def values_of(draft: Draft, *, include_content: bool) -> dict[str, Any]:
    """Column → value; what is null is left out.

    Raises:
        Exception: The draft is none of a record.
    """
    return values_with(draft, record_of(draft, include_content=include_content).to_dict())


def values_with(draft: Draft, record: Mapping[str, Any]) -> dict[str, Any]:
    """The same, where the draft's record is there already, as `to_dict` writes it.

    Raises:
        Exception: The draft is none of a record.
    """
    facts = without_content(draft)
    flat = flat_of(facts, PREFIX)
    values: dict[str, Any] = {}
    for column in flat_columns():
        value = flat[column.name] if column.name in flat else as_dict(facts).get(column.path)
        told = fitting(value, column.kind)
        if told is not None:
            values[column.name] = told
    lists = {one.name: record.get(one.name, []) for one in list_columns() if one.name in draft}
    own = {TAGS: record[TAGS]} if TAGS in record else {}
    if OWN_METADATA.name in record:
        own[OWN_METADATA.name] = text_of(record[OWN_METADATA.name])
    return {**values, **lists, **own, "record": text_of(record)}


def text_of(record: Mapping[str, Any]) -> str:
    """What `to_dict` wrote as JSON."""
    try:
        return orjson.dumps(record).decode()
    except TypeError:  # a whole number beyond 64 bits
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"))
