"""What a draft's values are by their paths: what the quick way takes for granted, once it has looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, get_origin, get_type_hints

from langchain_respmeta.record.build import LISTS, PARTS
from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.table.schema import without_none

CLASSES: Final[Mapping[type, frozenset[type]]] = {
    str: frozenset({str}),
    int: frozenset({int}),
    float: frozenset({int, float}),
    bool: frozenset({bool}),
    Decimal: frozenset({Decimal}),
    datetime: frozenset({datetime}),
    dict: frozenset({dict}),
    list: frozenset({list}),
}
"""What a path holds → classes that its values may have."""


@cache
def classes_of_paths() -> Mapping[str, type]:
    """Path in a draft → what it holds."""
    found: dict[str, type] = {}
    for name, hint in get_type_hints(RecordFields).items():
        if name in PARTS:
            inner = _hints(PARTS[name])
            found |= {f"{name}.{field}": _class(one) for field, one in inner.items()}
        elif name in LISTS:
            found[name] = list
        elif name[0] != "_":
            found[name] = _class(hint)
    return found


def fields_of_item(item: type[Any]) -> Mapping[str, tuple[type, Field[Any]]]:
    """Field of a list's item → what it holds, and what its class says of it."""
    specs = {one.name: one for one in fields(item)}
    return {name: (_class(hint), specs[name]) for name, hint in _hints(item).items()}


def default_of(spec: Field[Any]) -> Any:
    """A field's default; `MISSING` where it has none."""
    return spec.default if spec.default_factory is MISSING else spec.default_factory()


def _hints(part: type) -> dict[str, Any]:
    names = {one.name for one in fields(part)}
    return {name: hint for name, hint in get_type_hints(part).items() if name in names}


def _class(hint: Any) -> type:
    plain = without_none(hint)
    if plain in CLASSES:
        known: type = plain
        return known
    return dict if get_origin(plain) is Mapping else str
