"""The last look at a draft: every value is of the kind its field takes, so that the record can be written and read again.

The rules come from the record's own classes, so there is no second list of fields.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import (
    Any,
    Final,
    Literal,
    NamedTuple,
    TypeAlias,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.providers.engine.cells import MAX_DIGITS
from langchain_respmeta.providers.engine.scratch import UNTIL_PRICED, ReadDraft
from langchain_respmeta.providers.engine.symbols import SeenFloat, SeenId, SeenInt, SeenMoney, SeenText
from langchain_respmeta.record.bounds import INT64
from langchain_respmeta.record.plain import json_safe, key_text, writable

Rule: TypeAlias = Callable[[Any], Any]
"""The value as its field takes it; None where it is of another kind."""

MAX_NOTES: Final = 1_000
"""Warnings, and names without a place, that one record lists."""

MAX_NOTE: Final = 1_000
"""Characters of one of them."""

_NOTES: Final = ("warnings", "unmapped")
_NOT_JUDGED: Final = UNTIL_PRICED.union(_NOTES)


class _Item(NamedTuple):
    rules: dict[str, Rule]
    kinds: dict[str, type[Any]]
    needed: frozenset[str]


class _Rules(NamedTuple):
    """Rule of each path, the kind of texts and flags, the rules of mappings, item of each list and group, and needs."""

    paths: dict[str, Rule]
    kinds: dict[str, type[Any]]
    mappings: dict[str, Rule]
    lists: dict[str, _Item]
    groups: dict[str, _Item]
    needed: dict[str, frozenset[str]]
    in_need: set[str]
    """Paths that may be there without what their group needs."""


def conform(draft: ReadDraft, safe: object = None) -> None:
    """Take out of `draft`, with a warning, what its field does not take.

    Args:
        draft: Changed in place.
        safe: A value of it that was made safe for JSON before, and need not be looked through again.
    """
    rules = _rules()
    read_path, kind_of = rules.paths.get, rules.kinds.get
    wrong: list[str] = []
    odd: list[tuple[str, Any]] = []
    by_path = cast("dict[str, Any]", draft)
    for path, value in by_path.items():
        kind = type(value)
        if kind_of(path) is kind and (value.isascii() if kind is str else kind is bool):
            continue  # what most are, without a call
        read = read_path(path)
        if read is None or read(value) is not value:
            odd.append((path, value))
    for path, value in odd:
        if value is not None and value is not safe and path not in _NOT_JUDGED:
            _replace(path, value, by_path, rules, wrong)
    _drop_halves(by_path, rules, wrong)
    if wrong:
        noted = dict.fromkeys(path for path in wrong if not path.startswith("_"))
        draft.setdefault("warnings", []).extend(f"{path}: left out, of another kind" for path in noted)
    for name in _NOTES:
        if name in by_path:
            notes = by_path[name]
            by_path[name] = list(_short_notes(notes if type(notes) is list else [notes]))


def _replace(path: str, value: object, draft: dict[str, Any], rules: _Rules, wrong: list[str]) -> None:
    kept = _read(path, value, rules, wrong)
    if kept is None:
        del draft[path]
        wrong.append(path)
    else:
        draft[path] = kept


def _read(path: str, value: object, rules: _Rules, wrong: list[str]) -> Any:
    if path in rules.lists:
        return _items(path, value, rules.lists[path], wrong)
    if path in rules.groups:
        found = _items(path, [value], rules.groups[path], wrong)
        return found[0] if found else None
    return _kept(rules.paths.get(path) or rules.mappings.get(path), value)


def _drop_halves(draft: dict[str, Any], rules: _Rules, wrong: list[str]) -> None:
    """Groups that lack what they cannot do without."""
    if draft.keys().isdisjoint(rules.in_need):
        return
    for group, names in rules.needed.items():
        mine = [path for path in draft if path.startswith(group)]
        if mine and not draft.keys() >= names:
            wrong.append(group.rstrip("."))
            for path in mine:
                del draft[path]


def _kept(rule: Rule | None, value: object) -> Any:
    return None if rule is None else rule(value)


def _items(path: str, values: object, item: _Item, wrong: list[str]) -> list[dict[str, Any]] | None:
    if type(values) is not list:
        return None
    if all(type(one) is dict and _fits(one, item) for one in values):
        return values
    found = []
    for one in values:
        if type(one) is not dict:
            continue
        kept = one
        for name, value in one.items():
            if value is None:
                continue
            read = _kept(item.rules.get(name), value)
            if read is not value:
                kept = {**kept, name: read}
                if read is None:
                    wrong.append(f"{path}.{name}")
                    del kept[name]
        if kept.keys() >= item.needed:
            found.append(kept)
        else:
            wrong.append(path)
    return found


def _fits(one: dict[str, Any], item: _Item) -> bool:
    """Whether nothing of it has to be changed."""
    kind_of, read_name = item.kinds.get, item.rules.get
    for name, value in one.items():
        kind = type(value)
        if kind_of(name) is kind and (value.isascii() if kind is str else kind is bool):
            continue
        read = read_name(name)
        if value is not None and (read is None or read(value) is not value):
            return False
    return one.keys() >= item.needed


def _short_notes(notes: list[Any]) -> Iterator[str]:
    for note in notes[:MAX_NOTES]:
        yield writable(key_text(note)[:MAX_NOTE])
    if len(notes) > MAX_NOTES:
        yield f"... and {len(notes) - MAX_NOTES} more"


# --- rules -----------------------------------------------------------------------------------------------------------


def _text(value: object) -> str | None:
    if type(value) is str:
        return value if value.isascii() else writable(value)
    if isinstance(value, str) and type(value) in _SEEN:
        return value  # the compiled reader makes it writable
    return writable(str.__str__(value)) if isinstance(value, str) else None


def _whole(value: Any) -> int | None:
    return value if type(value) in _WHOLE and -INT64 <= value < INT64 else None


def _number(value: Any) -> float | None:
    if type(value) not in _NUMBERS:
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:
        return None


_SEEN: Final = frozenset({SeenText, SeenId})
_STRINGS: Final = _SEEN | {str}
_WHOLE: Final = frozenset({int, SeenInt})
_NUMBERS: Final = frozenset({int, float, SeenInt, SeenFloat})
_AMOUNTS: Final = frozenset({Decimal, SeenMoney})
"""Exact types, for a foreign object may lie about its class; a symbol's is that of the value it stands for."""


def _flag(value: object) -> bool | None:
    return value if type(value) is bool else None


def _amount(value: Any) -> Decimal | None:
    if type(value) not in _AMOUNTS or not value.is_finite():
        return None
    small = abs(value.adjusted()) <= MAX_DIGITS and len(value.as_tuple().digits) <= 2 * MAX_DIGITS
    return value if small else None


def _time(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _mapping(value: object) -> dict[str, Any] | None:
    return json_safe(value) if isinstance(value, Mapping) else None


def _texts(value: object) -> dict[str, str] | None:
    if type(value) is dict and all(
        type(key) is str and type(text) in _STRINGS for key, text in value.items()
    ):
        return value if all(map(str.isascii, (*value, *value.values()))) else json_safe(value)
    return None


_RULES: Final[dict[Any, Rule]] = {
    Mapping[str, str]: _texts,
    str: _text,
    int: _whole,
    float: _number,
    bool: _flag,
    Decimal: _amount,
    datetime: _time,
}


def _one_of(words: frozenset[str]) -> Rule:
    return lambda value: value if type(value) is str and value in words else None


def _rule(hint: object) -> Rule:
    if get_origin(hint) in {Union, UnionType}:
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is Literal:
        return _one_of(frozenset(get_args(hint)))
    return _RULES.get(hint, _mapping)


def _of_class(part: type[Any]) -> _Item:
    hints = get_type_hints(part)
    needed = [one.name for one in fields(part) if one.default is MISSING and one.default_factory is MISSING]
    rules = {name: _rule(hint) for name, hint in hints.items() if name[0] != "_"}
    return _Item(rules, _kinds(rules), frozenset(needed))


def _kinds(rules: Mapping[str, Rule]) -> dict[str, type[Any]]:
    """Of texts and flags: a text in ASCII, or a flag, needs no rule's look."""
    kinds: dict[Rule, type[Any]] = {_text: str, _flag: bool}
    return {name: kinds[rule] for name, rule in rules.items() if rule in kinds}


@cache
def _rules() -> _Rules:
    with loading:
        from langchain_respmeta.record.record import ResponseMetadata

    rules = _Rules({}, {}, {}, {}, {}, {}, set())
    for name, hint in get_type_hints(ResponseMetadata).items():
        parts = [part for part in (hint, *get_args(hint)) if is_dataclass(part)]
        if name.startswith("_") or name in _NOTES:
            continue
        if not parts:
            _add_rule(name, _rule(hint), rules)
            continue
        item = _of_class(parts[0])  # type: ignore[arg-type]
        if get_origin(hint) is tuple:
            rules.lists[name] = item
            continue
        rules.groups[name] = item
        for inner, rule in item.rules.items():
            _add_rule(f"{name}.{inner}", rule, rules)
        if item.needed:
            alone = item.needed if len(item.needed) == 1 else frozenset()
            rules.in_need.update(f"{name}.{inner}" for inner in item.rules.keys() - alone)
            rules.needed[f"{name}."] = frozenset(f"{name}.{inner}" for inner in item.needed)
    rules.kinds.update(_kinds(rules.paths))
    return rules


def _add_rule(path: str, rule: Rule, rules: _Rules) -> None:
    (rules.mappings if rule is _mapping else rules.paths)[path] = rule
