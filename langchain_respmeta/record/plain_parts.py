"""Lists and mappings of a record as they stand on a run: one quick walk over plain JSON data.

`content.without_content` and `secrets.value_without_secrets` are the reference; what this walk cannot say (a secret, a key
or number that JSON lacks, anything nested deep) raises `NotPlainError`, and they say it. Texts that UTF-8 lacks and whole
numbers beyond 64 bits are not looked for: whoever writes the result as JSON sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from langchain_respmeta.record import content
from langchain_respmeta.record.shown_texts import (
    FACTS,
    NAMES,
    NotPlainError,
    clean,
    is_plain_id,
    plain_name,
    texts_of,
)
from langchain_respmeta.record.words import url

_DEEPEST: Final = 30
_AS_IS: Final = frozenset({int, bool, type(None)})


def raw(value: Any, depth: int = 0) -> Any:
    """A copy with its texts, none of which holds a secret."""
    kind = value.__class__
    if kind is str:
        return clean(value)
    if kind in _AS_IS:
        return value
    if kind is float:
        return _finite(value)
    if depth > _DEEPEST:
        raise NotPlainError
    if kind is dict:
        return {_name(name): raw(item, depth + 1) for name, item in value.items()}
    if kind is list:
        return [raw(item, depth + 1) for item in value]
    raise NotPlainError


def _name(name: Any) -> str:
    """A key as it is: of an item's fields, or somebody's own; only identifiers are kept."""
    if name in NAMES:
        return NAMES[name]
    if type(name) is not str:
        raise NotPlainError
    return NAMES[name] if content.key_name(name) == name else plain_name(name)


def _finite(number: float) -> float:
    if number - number:  # neither infinite nor no number
        raise NotPlainError
    return number


# --- without content ---------------------------------------------------------------------------------------------------


def facts(value: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """What the provider sent besides, without texts."""
    if depth > _DEEPEST:
        raise NotPlainError
    found: dict[str, Any] = {}
    for name, item in value.items():
        kind = item.__class__
        if kind is str:
            found[NAMES[name]] = FACTS[name, item]
        elif kind in _AS_IS:
            found[NAMES[name]] = item
        else:
            found[NAMES[name]] = _fact(item, kind, name, depth)
    return found


def _fact(item: Any, kind: type, key: str, depth: int) -> Any:
    if kind is float:
        return _finite(item)
    if kind is dict:
        return facts(item, depth + 1)
    if kind is list and depth <= _DEEPEST:
        return [
            FACTS[key, one] if one.__class__ is str else _fact(one, one.__class__, key, depth + 1)
            for one in item
        ]
    if kind in _AS_IS:
        return item
    raise NotPlainError


def _text(may: Callable[[str], str], text: str) -> str:
    return text if is_plain_id(text) else clean(may(text))


def _address(text: str) -> str:
    shown = url(text)
    return text if shown == text else clean(shown)  # an address that was looked through has no secret


def _item(name: str) -> Callable[[Any], dict[str, Any]]:
    hidden = content.CONTENT_OF_ITEMS.get(name, frozenset())
    told = {key: _shown(key, may) for key, may in content.ITEMS[name].items()}

    def facts_of(one: Any) -> dict[str, Any]:
        if one.__class__ is not dict:
            raise NotPlainError
        found: dict[str, Any] = {}
        for key, value in one.items():
            if key not in hidden:
                is_told = value.__class__ is str and key in told
                found[_name(key)] = told[key](value) if is_told else raw(value, 1)
        return found

    return facts_of


_REPEATING: Final = frozenset(
    {"category", "mime_type", "name", "probability", "severity", "source", "tool_name", "type"}
)
"""Fields of items whose texts are few: they are checked once."""


def _shown(key: str, may: Callable[[str], str]) -> Callable[[str], str]:
    if key in _REPEATING:
        return texts_of(may).__getitem__
    if may is content.token:
        return lambda text: _text(may, text)
    if may is url:
        return _address
    return lambda text: clean(may(text))


def _list(of: Callable[[Any], Any]) -> Callable[[list[Any]], list[Any]]:
    return lambda items: [of(one) for one in items]


def _state(value: dict[str, Any]) -> dict[str, Any]:
    return {NAMES[key]: clean(f"<{type(item).__name__}>") for key, item in value.items()}


LIST_FACTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **{name: _list(_item(name)) for name in content.ITEMS},
    "warnings": _list(texts_of(content.warning).__getitem__),
    "unmapped": _list(texts_of(content.path).__getitem__),
}
MAPPING_FACTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(content.MAPPINGS, facts),
    "updated_session_state": _state,
}
"""Part of a record → the part without texts; one that is in neither table is shown `raw`."""
