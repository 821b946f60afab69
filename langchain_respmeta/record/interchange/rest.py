"""Convert without loss: what the other side has no field for is stored under one key, and restored from there.

A shape is a pair of pure functions over JSON data, `read` (theirs → ours) and `write` (ours → theirs), which may both
lose data. A round trip finds the losses, so no table of them has to be maintained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, NamedTuple

from langchain_respmeta.record import json_codec
from langchain_respmeta.record.fields import RecordFields, RecordT
from langchain_respmeta.record.interchange.kinds import MAPPING, plain_decimal, wrong
from langchain_respmeta.record.interchange.patch import SAME, difference, patched
from langchain_respmeta.record.plain import json_safe

RECORD_KEY: Final = "respmeta"
"""Key in the other shape for the record's fields that it has no field for."""


class Shape(NamedTuple):
    """Another library's shape of an answer."""

    key: str
    """Key in the record's `provider_data` for the shape's fields that the record has no field for."""
    read: Callable[[Mapping[str, Any]], dict[str, Any]]
    """Theirs → the fields that a record is made with."""
    write: Callable[[RecordFields], dict[str, Any]]


def theirs(shape: Shape, record: RecordFields) -> dict[str, Any]:
    """`record` in the other shape, with the fields that an earlier `ours` stored."""
    told = shape.write(replace(record, provider_data=without(shape.key, record.provider_data)))
    kept = record.provider_data.get(shape.key)
    found: dict[str, Any] = patched(told, kept) if isinstance(kept, Mapping) else told
    return found


def ours(shape: Shape, told: Mapping[str, Any], kind: type[RecordT]) -> RecordT:
    """Read the other shape as a record; fields that the record lacks are stored in `provider_data`."""
    record = kind(**shape.read(told))
    record = replace(record, provider_data=without(shape.key, record.provider_data))
    extra = difference(plain(told), shape.write(record))
    if extra is SAME:
        return record
    return replace(record, provider_data={**record.provider_data, shape.key: extra})


def rest(shape: Shape, record: RecordFields, told: Mapping[str, Any]) -> dict[str, Any]:
    """What `told` loses of `record`."""
    found = difference(json_codec.to_dict(record), json_codec.to_dict(ours(shape, told, type(record))))
    return {} if found is SAME else found


def with_rest(record: RecordT, found: Any, field: str) -> RecordT:
    """`record` with the difference that `rest` found.

    Raises:
        RecordError: it does not fit; `.field` is below `field` or names the record's own field.
    """
    if not isinstance(found, Mapping):
        raise wrong(field, MAPPING.expected, found)
    whole = patched(json_codec.to_dict(record), found)
    always = json_codec.always_written_names(type(record))
    return json_codec.from_dict(
        {name: value for name, value in whole.items() if value is not None or name in always}, type(record)
    )


def without(key: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without one key."""
    return {name: value for name, value in data.items() if name != key}


def plain(value: Any) -> Any:
    """JSON data; decimals are numbers if these are exact."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return plain_decimal(value)
    return value if isinstance(value, int) else json_safe(value)
