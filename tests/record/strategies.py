"""Every record that can be: hypothesis strategies taken from the dataclasses themselves."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from langchain_respmeta.record.record import ResponseMetadata
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_times = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=12),
    int: st.integers(),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    datetime: _times,
    Any: json_values,
}


@cache
def parts(part: type[Any]) -> st.SearchStrategy[Any]:
    """Instances of one dataclass of the record, every field drawn."""
    hints = typing.get_type_hints(part)
    drawn = {spec.name: values(hints[spec.name]) for spec in dataclasses.fields(part)}
    if part is ResponseMetadata:
        drawn["schema_version"] = st.just(SCHEMA_VERSION)
    return st.builds(part, **drawn)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of one annotated type."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint is types.NoneType:
        return st.none()
    if dataclasses.is_dataclass(hint):
        return parts(hint)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([values(arg) for arg in args])
    if origin is typing.Literal:
        return st.sampled_from(args)
    if origin is tuple:
        return st.lists(values(args[0]), max_size=2).map(tuple)
    if origin is Mapping:
        return st.dictionaries(values(args[0]), values(args[1]), max_size=3)
    return _LEAVES[hint]


records = parts(ResponseMetadata)
