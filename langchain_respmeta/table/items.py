"""Items of a record's lists as `to_dict` writes them, from a draft's plain dicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from math import isfinite
from typing import Any, TypeAlias

from langchain_respmeta.record.build import LISTS
from langchain_respmeta.table.kinds import CLASSES, default_of, fields_of_item


class OddError(Exception):
    """Only the general code can tell this row."""


Item: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]


@cache
def item_of(name: str) -> Item | None:
    """What makes one item of a list; None where items are texts.

    The function raises `OddError` for an item that the record's class would refuse, or write otherwise.
    """
    kind = LISTS[name]
    if kind is None:
        return None
    plan = [
        (field, CLASSES[holds], default_of(spec)) for field, (holds, spec) in fields_of_item(kind).items()
    ]
    names = frozenset(field for field, _, _ in plan)
    floats = [field for field, classes, _ in plan if float in classes]

    def item(one: Mapping[str, Any]) -> dict[str, Any]:
        if not names.issuperset(one):
            raise OddError
        found: dict[str, Any] = {}
        for field, classes, default in plan:
            value = one.get(field, default)
            if value.__class__ in classes:
                found[field] = value
            elif (
                value is not default or default is not None
            ):  # of another class, null against a default, or missing
                raise OddError
        for field in floats:
            if not isfinite(found.get(field, 0)):
                raise OddError
        return found

    return item
