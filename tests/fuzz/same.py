"""Compare what a compiled function puts on a run with what the general code puts there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from langchain_respmeta.langsmith.compiled_keys import compiled
from langchain_respmeta.langsmith.draft_shape import Shape
from langchain_respmeta.langsmith.keys_of_run import by_general_code


class Stamping(NamedTuple):
    """How a run is stamped: what a handler and a client decide."""

    prefix: str = "respmeta"
    include_content: bool = False
    hidden: bool = False


def check_compiled(draft: Any, stamping: Stamping, traced: Any = None, *, own_ids: bool = False) -> bool:
    """Whether a compiled function says it all; raises where it says anything else than the general code."""
    paths, kinds = [*draft], [*map(type, draft.values())]
    content, hidden = stamping.include_content, stamping.hidden
    shape = Shape(paths, kinds, stamping.prefix, include_content=content, hidden=hidden, own_ids=own_ids)
    emit = compiled(shape)
    if emit is None:
        return False
    try:
        expected_keys, expected_usage, facts = by_general_code(draft, stamping, traced, hidden=hidden)
        keys, usage, sums = emit(draft, traced)
    except Exception:  # noqa: BLE001 - the general code says what the function cannot, or fails with it
        return False
    assert is_same(keys, expected_keys), different(keys, expected_keys)
    assert is_same(usage, expected_usage), different(usage, expected_usage)
    assert is_same(sums, facts), different(sums, facts)
    return True


def is_same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal in values, types and order."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return [*one] == [*other] and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    return repr(one) == repr(other) if isinstance(one, float | Decimal) else bool(one == other)


def different(one: Any, other: Any) -> Any:
    """Where they differ."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return one, other
    return {
        key: different(one.get(key), other.get(key))
        for key in {**one, **other}
        if not is_same(one.get(key), other.get(key))
    } or ([*one], [*other])
