"""The record as JSON-ready data, and back: exact both ways.

Writing walks the dataclasses by a plan that is made once a class; pydantic's own writer would need a second pass for
times, decimals, surrogates, bounds and empty defaults. Reading is pydantic's, strict, over the same dataclasses, so there
is no second list of fields.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from langchain_respmeta.errors import RecordError
from langchain_respmeta.record.fields import RecordFields, RecordT
from langchain_respmeta.record.plain import MAX_DEPTH, json_safe, key_text, writable
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION

ALWAYS_WRITTEN: Final = frozenset({"schema_version", "provider", "finish_reason"})
"""Names in every written record, null included: they identify it as a record."""

_DEEPEST: Final = MAX_DEPTH + 10
"""Nothing that `json_safe` kept is cut: it is a few levels deep in a record."""

_TOO_DEEP: Final = f"<nested deeper than {MAX_DEPTH + 10} levels>"

_FIXED_NOTATION: Final = 40
"""Decimals with more digits than this before or after the point keep their exponent."""


# ---------------------------------------------------------------------------------------------------- writing


def to_dict(record: RecordFields) -> dict[str, Any]:
    """`record` as dict, list, str, int, float, bool and None only, in field order.

    Left out are None, empty lists and mappings that are the default, and numbers that JSON lacks (NaN, infinity).
    Halves of surrogate pairs, which UTF-8 cannot encode, become U+FFFD.
    """
    return _part(record)


class _Plan(NamedTuple):
    names: tuple[str, ...]
    read: Callable[[object], tuple[object, ...]]
    default_empty: frozenset[str]
    always: frozenset[str]
    """Written as null, too: left out, they would be read as another default."""


def always_written(spec: Field[object]) -> bool:
    """Whether `to_dict` always writes this field."""
    return spec.name in ALWAYS_WRITTEN or not (_default(spec) is None or _default(spec) in ((), {}))


def _default(spec: Field[object]) -> object:
    return spec.default if spec.default_factory is MISSING else spec.default_factory()


def always_written_names(part: type) -> frozenset[str]:
    """The fields of a record, or of a part of it, that `to_dict` always writes."""
    return (_PLANS.get(part) or _plan(part)).always


_SCALARS: Final = frozenset({int, bool})
_PLANS: Final[dict[type, _Plan]] = {}


def _plan(part: type) -> _Plan:
    names = tuple(spec.name for spec in fields(part))
    empty = frozenset(spec.name for spec in fields(part) if _default(spec) in ((), {}))
    always = frozenset(spec.name for spec in fields(part) if always_written(spec))
    _PLANS[part] = plan = _Plan(names, attrgetter(*names), empty, always)
    return plan


def _part(part: object) -> dict[str, Any]:
    kind = type(part)
    names, read, default_empty, always = _PLANS.get(kind) or _plan(kind)
    written: dict[str, Any] = {}
    for name, value in zip(names, read(part), strict=True):
        if value is None:
            if name in always:
                written[name] = None
        elif type(value) in _SCALARS:
            written[name] = value
        elif value or name not in default_empty:
            encoded = _encode(value)
            if encoded is not None:
                written[name] = encoded
    return written


def _encode(value: object, depth: int = 0) -> object:
    encoder = _ENCODERS.get(type(value))
    if encoder is not None:
        return encoder(value, depth)
    if type(value) in _PLANS or is_dataclass(type(value)):
        return _part(value)
    if isinstance(value, Mapping):
        return _mapping(value, depth)
    return json_safe(value)


def _as_is(value: object, _: int) -> object:
    return value


def _text(value: str, _: int = 0) -> str:
    return writable(value)


def _number(value: float, _: int) -> float | None:
    return value if math.isfinite(value) else None


def _decimal(value: Decimal, _: int) -> str | None:
    return decimal_text(value) if value.is_finite() else None


def decimal_text(value: Decimal) -> str:
    """A finite decimal as text that loses no digit."""
    return f"{value:f}" if abs(value.adjusted()) < _FIXED_NOTATION else str(value)


def _time(value: datetime, _: int) -> str:
    # The record's times are UTC by definition, naive ones included.
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()


def _sequence(value: list[object] | tuple[object, ...], depth: int) -> list[object]:
    if depth >= _DEEPEST:
        return [_TOO_DEEP]
    return [_encode(item, depth + 1) for item in value]


def _mapping(value: Mapping[object, object], depth: int) -> dict[str, object]:
    if depth >= _DEEPEST:
        return {_TOO_DEEP: None}
    return {
        _text(key if type(key) is str else key_text(key)): _encode(item, depth + 1)
        for key, item in value.items()
    }


_ENCODERS: Final[dict[type, Callable[[Any, int], Any]]] = {
    str: _text,
    int: _as_is,
    bool: _as_is,
    type(None): _as_is,
    float: _number,
    Decimal: _decimal,
    datetime: _time,
    tuple: _sequence,
    list: _sequence,
    dict: _mapping,
}


# ---------------------------------------------------------------------------------------------------- reading


def from_dict(data: Mapping[str, Any], kind: type[RecordT]) -> RecordT:
    """Read what `to_dict` wrote, as a record of the class `kind`.

    Raises:
        RecordError: not a record, of a version that cannot be read, or with a wrong value; `.field` names the place.
    """
    version = _readable_version(data)
    try:
        record: RecordT = adapter(kind).validate_json(_json(data), strict=True)
    except ValidationError as error:
        raise _explained(error, version) from error
    for name in ("created_at", "received_at"):
        time = getattr(record, name)
        if time is not None and time.tzinfo is None:
            raise _wrong(name, f"expected {_TIME}, got {time.isoformat()!r} without an offset", version)
    return record


_ADAPTERS: Final[dict[type, TypeAdapter[Any]]] = {}


def adapter(kind: type) -> TypeAdapter[Any]:
    """Pydantic's view of a class of records, made once."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


_VERSION: Final = re.compile(r"(\d{1,6})\.(\d{1,6})")
_OURS: Final = tuple(map(int, SCHEMA_VERSION.split(".")))


def _readable_version(data: object) -> str:
    if not isinstance(data, Mapping):
        raise RecordError(
            f"Expected a record as ResponseMetadata.to_dict() writes it (a mapping), got {type(data).__name__}. "
            "Read one record at a time; parse JSON text first.",
        )
    version = data.get("schema_version")
    if version is None:
        raise RecordError(_no_version(data), field="schema_version")
    match = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if match is None:
        raise _wrong(
            "schema_version", f'expected "major.minor" such as "{SCHEMA_VERSION}", got {_shown(version)}'
        )
    if "rollup" in data:
        raise _wrong(
            "rollup", "this is the roll-up of a root run, not a record; read the records of its LLM runs"
        )
    if int(match[1]) != _OURS[0]:
        raise _other_major(match[0], newer=int(match[1]) > _OURS[0])
    return match[0]


def _no_version(data: Mapping[object, object]) -> str:
    if isinstance(data.get("respmeta"), Mapping):
        return "schema_version: missing. This is a run's metadata; the record is its `respmeta` entry."
    names = ", ".join(str(name)[:30] for name in list(data)[:4]) or "nothing"
    return (
        f"schema_version: missing. This is not a record that ResponseMetadata.to_dict() wrote (it holds {names}); "
        "an answer of a model becomes a record with langchain_respmeta.normalize()."
    )


def _other_major(version: str, *, newer: bool) -> RecordError:
    todo = (
        "upgrade langchain-respmeta to read it"
        if newer
        else "read it with the release of langchain-respmeta that wrote it, and write it again"
    )
    return RecordError(
        f"schema_version: the record has version {version}, this release reads {_OURS[0]}.x (up to {SCHEMA_VERSION}): "
        f"{todo}.",
        field="schema_version",
        schema_version=version,
    )


def _json(data: Mapping[str, object]) -> bytes:
    try:
        return _text(json.dumps(data, default=_plain, ensure_ascii=False)).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise RecordError(
            f"The record is not JSON data: {error}. Give what ResponseMetadata.to_dict() or json.loads() returned.",
        ) from error


def _plain(value: object) -> object:
    """For json.dumps: a mapping, time or decimal that did not come from JSON."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, datetime | Decimal):
        return value.isoformat() if isinstance(value, datetime) else str(value)
    msg = f"it holds a {type(value).__name__}"
    raise TypeError(msg)


# ---------------------------------------------------------------------------------------------------- explaining

_TIME: Final = "a time in ISO 8601 with its offset, such as 2025-01-31T10:30:00+00:00"
_DECIMAL: Final = 'a decimal number as text, such as "0.0012"'
_EXPECTED: Final[dict[str, str]] = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dataclass_type": "an object",
    "dict_type": "an object",
    "mapping_type": "an object",
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "decimal_type": _DECIMAL,
    "decimal_parsing": _DECIMAL,
    "finite_number": _DECIMAL,
}
"""pydantic's types of error, in words; for others its own message is used."""


def _explained(error: ValidationError, version: str) -> RecordError:
    details = error.errors(include_url=False)
    first, more = details[0], len(details) - 1
    also = f" ({more} more)" if more else ""
    place = [str(part) for part in first["loc"] if not _OF_SCHEMA.match(str(part))]
    return _wrong(".".join(place) or "record", _difference(first) + also, version)


_OF_SCHEMA: Final = re.compile(r"(json-or-python|lax-or-strict)\[")
"""What pydantic below 2.12 inserts between the names of a location."""


def _difference(detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == "missing":
        return "missing"
    if kind == "unexpected_keyword_argument":
        return "not a name of the record; names of your own belong in provider_data"
    if kind == "literal_error":
        return f"expected one of {detail.get('ctx', {}).get('expected')}, got {_shown(detail['input'])}"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, got {_shown(detail['input'])}"
    return detail["msg"]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _wrong(field: str, difference: str, version: str | None = None) -> RecordError:
    if version is not None and int(version.split(".")[1]) > _OURS[1]:
        todo = (
            f"The record was written by a newer version ({version}; this release reads up to {SCHEMA_VERSION}): "
            "upgrade langchain-respmeta."
        )
    else:
        todo = "Correct it, or write the record again with ResponseMetadata.to_dict()."
    return RecordError(f"{field}: {difference}. {todo}", field=field, schema_version=version)
