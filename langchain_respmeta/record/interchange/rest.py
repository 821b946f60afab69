"""Exact both ways: what the other side cannot hold goes beside it under a clear key, and comes back from there.

A shape is a pair of pure functions over JSON data, `read` (theirs → ours) and `write` (ours → theirs), each as lossy
as it has to be. Here the losses are found by going there and back, so no table of them can be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, NamedTuple

from langchain_respmeta.record import json_codec
from langchain_respmeta.record.fields import RecordFields, RecordT
from langchain_respmeta.record.interchange.kinds import MAPPING, plain_decimal, wrong
from langchain_respmeta.record.interchange.patch import SAME, difference, laid_over
from langchain_respmeta.record.plain import json_safe

RECORD_KEY: Final = "respmeta"
"""In the other shape: the record's fields that it has no place for."""


class Shape(NamedTuple):
    """Another library's shape of an answer."""

    key: str
    """In the record's `provider_data`: fields of the shape that the record has no place for."""
    read: Callable[[Mapping[str, Any]], dict[str, Any]]
    """Theirs → the fields that a record is made with."""
    write: Callable[[RecordFields], dict[str, Any]]


def theirs(shape: Shape, record: RecordFields) -> dict[str, Any]:
    """`record` in the shape, with what an earlier `ours` had to keep beside it."""
    told = shape.write(replace(record, provider_data=without(shape.key, record.provider_data)))
    kept = record.provider_data.get(shape.key)
    found: dict[str, Any] = laid_over(told, kept) if isinstance(kept, Mapping) else told
    return found


def ours(shape: Shape, told: Mapping[str, Any], kind: type[RecordT]) -> RecordT:
    """What the shape says as record; fields without a place in it are kept in `provider_data`."""
    record = kind(**shape.read(told))
    record = replace(record, provider_data=without(shape.key, record.provider_data))
    beside = difference(plain(told), shape.write(record))
    if beside is SAME:
        return record
    return replace(record, provider_data={**record.provider_data, shape.key: beside})


def rest(shape: Shape, record: RecordFields, told: Mapping[str, Any]) -> dict[str, Any]:
    """What `told`, read again, lacks of `record`."""
    found = difference(json_codec.to_dict(record), json_codec.to_dict(ours(shape, told, type(record))))
    return {} if found is SAME else found


def with_rest(record: RecordT, found: Any, field: str) -> RecordT:
    """`record` with what `rest` found laid over it.

    Raises:
        RecordError: it does not fit; `.field` is below `field` or names the record's own field.
    """
    if not isinstance(found, Mapping):
        raise wrong(field, MAPPING.expected, found)
    whole = laid_over(json_codec.to_dict(record), found)
    return json_codec.from_dict(
        {
            name: value
            for name, value in whole.items()
            if value is not None or name in json_codec.ALWAYS_WRITTEN
        },
        type(record),
    )


def without(key: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that lacks one key."""
    return {name: value for name, value in data.items() if name != key}


def plain(value: Any) -> Any:
    """JSON data; decimals as numbers where these hold them exactly."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return plain_decimal(value)
    return value if isinstance(value, int) else json_safe(value)
