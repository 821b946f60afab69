"""Where two drafts differ: keys, values, their types, and the order of lists; True is not 1, and 1 is not 1.0."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """One place, and what stands there in both."""

    path: str
    fast: Any
    general: Any

    def __str__(self) -> str:
        return f"{self.path}: fast {self.fast!r:.200}, general {self.general!r:.200}"


class _Nothing:
    def __repr__(self) -> str:
        return "nothing"


NOTHING = _Nothing()


def differences(fast: Any, general: Any, path: str = "") -> Iterator[Difference]:
    """All places, the outermost where the kinds differ."""
    if type(fast) is not type(general):
        yield Difference(path, fast, general)
    elif isinstance(fast, dict):
        keys = {(type(key), key): key for key in (*fast, *general)}
        for key in keys.values():
            inner = f"{path}.{key}" if path else str(key)
            yield from differences(_entry(fast, key), _entry(general, key), inner)
    elif isinstance(fast, list | tuple):
        if len(fast) != len(general):
            yield Difference(f"{path} (length)", fast, general)
        for index, (one, other) in enumerate(zip(fast, general, strict=False)):
            yield from differences(one, other, f"{path}[{index}]")
    elif not _same(fast, general):
        yield Difference(path, fast, general)


def _entry(holder: dict[Any, Any], key: Any) -> Any:
    """The value under a key of this very type: `{1: …}` has no entry `True`."""
    if type(key) is str:
        return holder.get(key, NOTHING)
    return next((value for name, value in holder.items() if type(name) is type(key) and name == key), NOTHING)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float):
        return repr(one) == repr(other)  # no number is one, and 0.0 is not -0.0
    if isinstance(one, Decimal):
        return one.as_tuple() == other.as_tuple()
    return one is other or bool(one == other)


def in_order(fast: Any, general: Any) -> bool:
    """Whether all dicts of two equal drafts have their keys in one order."""
    if isinstance(fast, dict):
        return list(fast) == list(general) and all(in_order(fast[key], general[key]) for key in fast)
    if isinstance(fast, list):
        return all(in_order(one, other) for one, other in zip(fast, general, strict=True))
    return True


def holders(value: Any, path: str = "") -> Iterator[tuple[int, str]]:
    """(id, path) of all that can be changed in it."""
    if isinstance(value, dict):
        yield id(value), path
        for key, item in value.items():
            yield from holders(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        yield id(value), path
        for item in value:
            yield from holders(item, f"{path}[]")


def spoil(value: Any) -> None:
    """Change all that can be changed in it, as a user may."""
    if isinstance(value, dict):
        for item in value.values():
            spoil(item)
        value.clear()
        value["spoilt"] = "spoilt"
    elif isinstance(value, list):
        for item in value:
            spoil(item)
        value[:] = ["spoilt"]
