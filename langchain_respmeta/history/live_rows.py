"""`handler.live_facts` for drafts: what the live record on a stored run knows, without a typed record of either.

A record that is not plainly one (`of_metadata` raises `OddError`) is left to the typed way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from langchain_respmeta._runs.read_outcome import ALONE
from langchain_respmeta.handler.live_facts import KEPT, MEASURED, WITHOUT_TEXT, is_nothing
from langchain_respmeta.record.build import LISTS, PARTS, UNJUDGED
from langchain_respmeta.record.draft import Draft, as_dict, merged
from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION
from langchain_respmeta.table.items import OddError, item_of
from langchain_respmeta.table.kinds import CLASSES, classes_of_paths, default_of
from langchain_respmeta.table.schema import without_none

Fields = dict[str, Any]


def with_live_data(draft: Draft, data: Mapping[str, Any], *, include_content: bool, prices: bool) -> Draft:
    """The draft with what the live record knows beyond it.

    Args:
        draft: What was read of the run.
        data: The live record, as it stands on the run.
        include_content: Whether texts are wanted.
        prices: Whether a computed cost is.

    Raises:
        OddError: `data` is no plain record.
    """
    if ALONE in draft.get("warnings", ()):
        raise OddError  # then the live side counts in all
    theirs = _read(data)
    ours = _grouped(draft)
    cost = theirs.get("cost")
    if not prices and cost is not None and cost.get("source") == "computed":
        del theirs["cost"]
    changed: Fields = {}
    for name in _names(include_content=include_content):
        mine, other = ours.get(name, _OURS[name]), theirs.get(name, _THEIRS[name])
        if other is None or other is mine:
            continue
        first, second = (other, mine) if name in MEASURED else (mine, other)
        fill = _filled_part if name in PARTS else _filled
        found = other if name == "cost" and _is_better(other, mine) else fill(name, first, second)
        if found is not mine:
            changed[name] = found
    return _put(draft, changed) if changed else draft


_VERSIONS: Final = frozenset({"1.0", SCHEMA_VERSION})
"""Versions of live records that the quick way reads: 1.0 lacks the run's own facts, which are not on runs anyway."""

# --- the live record -------------------------------------------------------------------------------------------------


def _read(data: Mapping[str, Any]) -> Fields:
    """Its fields: parts as dicts, times and decimals as such."""
    if data["schema_version"] not in _VERSIONS:
        raise OddError
    found: Fields = {}
    for name, value in data.items():
        if name in PARTS:
            if value.__class__ is not dict or not _REQUIRED[name] <= value.keys():
                raise OddError
            found[name] = {
                inner: _value(f"{name}.{inner}", one) for inner, one in value.items() if one is not None
            }
        elif value is not None:
            found[name] = _items(name, value) if name in LISTS else _value(name, value)
        elif _THEIRS.get(name, MISSING) is not None:
            raise OddError
    return found


def _items(name: str, items: Any) -> list[Any]:
    """A list of the record: items with words that its classes know, or texts."""
    item = item_of(name)
    if items.__class__ is not list:
        raise OddError
    if not all(one.__class__ is (str if item is None else dict) for one in items):
        raise OddError
    if item is None:
        return items
    found = [item(one) for one in items]
    if any(
        field in one and one[field] not in known
        for one in found
        for field, known in _WORDS_OF_ITEMS[name].items()
    ):
        raise OddError
    return found


def _value(path: str, value: Any) -> Any:
    kind = classes_of_paths().get(path)
    if kind is None:
        raise OddError
    read = _READ.get(kind)
    if read is not None:
        return read(value)
    words = _WORDS.get(path)
    if type(value) not in CLASSES[kind] or (words is not None and value not in words):
        raise OddError
    if path == "http.headers" and not all(one.__class__ is str for one in value.values()):
        raise OddError
    return value


def _decimal(value: Any) -> Decimal:
    if value.__class__ is not str or _DECIMAL.fullmatch(value) is None:
        raise OddError
    return Decimal(value)


def _time(value: Any) -> datetime:
    if value.__class__ is not str or _TIME.fullmatch(value) is None:
        raise OddError
    return datetime.fromisoformat(value)


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not isfinite(value):
        raise OddError
    return float(value)


_DECIMAL: Final = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_TIME: Final = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9](?::[0-5][0-9]){2}(?:\.[0-9]{6})?\+00:00")
_READ: Final[Mapping[type, Callable[[Any], Any]]] = {Decimal: _decimal, datetime: _time, float: _number}

# --- what fields are -------------------------------------------------------------------------------------------------


def _words_of(part: Any) -> dict[str, frozenset[str]]:
    """Field → the only words that may stand there."""
    hints = get_type_hints(part)
    plain = {one.name: without_none(hints[one.name]) for one in fields(part)}
    return {name: frozenset(get_args(hint)) for name, hint in plain.items() if get_origin(hint) is Literal}


_WORDS: Final[Mapping[str, frozenset[str]]] = {
    **_words_of(RecordFields),
    **{f"{name}.{inner}": words for name, part in PARTS.items() for inner, words in _words_of(part).items()},
}
_WORDS_OF_ITEMS: Final = {name: _words_of(item) for name, item in LISTS.items() if item is not None}
_THEIRS: Final[Mapping[str, Any]] = {one.name: default_of(one) for one in fields(RecordFields)}
"""Field → what a record tells that does not have it."""
_OURS: Final[Mapping[str, Any]] = {**_THEIRS, **UNJUDGED}
_REQUIRED: Final = {
    name: frozenset(one.name for one in fields(part) if default_of(one) is MISSING)
    for name, part in PARTS.items()
}
_FILLED: Final = {
    name: [one.name for one in fields(part) if default_of(one) is None] for name, part in PARTS.items()
}
"""Part → fields that are not reported where they are missing; another default is a report."""


@cache
def _names(*, include_content: bool) -> tuple[str, ...]:
    """Fields of which the live record may know more."""
    return tuple(name for name in _THEIRS if name not in KEPT and (include_content or name in WITHOUT_TEXT))


# --- both ------------------------------------------------------------------------------------------------------------


def _grouped(draft: Draft) -> Fields:
    """The draft's fields: parts as dicts, without what is not reported."""
    found: Fields = {}
    for path, value in draft.items():
        group, dot, name = path.partition(".")
        if not dot:
            if value is not None:
                found[path] = value
        elif value is None:
            found.setdefault(group, {})
        elif group in found:
            found[group][name] = value
        else:
            found[group] = {name: value}
    return found


def _filled(_: str, first: Any, second: Any) -> Any:
    return second if _is_nothing(first) and not _is_nothing(second) else first


def _is_nothing(value: Any) -> bool:
    return (value.__class__ is list and not value) or is_nothing(value)


def _filled_part(name: str, first: Fields | None, second: Fields | None) -> Fields | None:
    """The first, with what is missing in it from the second."""
    if first is None or second is None:
        return second if first is None else first
    missing = {
        inner: second[inner]
        for inner in _FILLED[name]
        if inner not in first and inner in second and not is_nothing(second[inner])
    }
    return {**first, **missing} if missing else first


def _is_better(theirs: Fields, ours: Fields | None) -> bool:
    """Whether the live cost counts: the only one, or the provider's own, which a look-up found."""
    if "total" not in theirs:
        return False
    if ours is None or "total" not in ours:
        return True
    return theirs.get("source") == "provider" and ours.get("source") != "provider"


def _put(draft: Draft, changed: Fields) -> Draft:
    if not all(changed[name] for name in changed.keys() & PARTS.keys()):
        raise OddError  # a part of which nothing is known has no path in a draft
    kept = {path: value for path, value in as_dict(draft).items() if path.partition(".")[0] not in changed}
    parts = {
        f"{name}.{inner}": one
        for name in changed.keys() & PARTS.keys()
        for inner, one in changed[name].items()
    }
    return merged(kept, {name: value for name, value in changed.items() if name not in PARTS}, parts)
