"""SDKs' objects as the plain data that they stand for, by what their types have: no SDK is imported."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from itertools import islice
from typing import Any, Final

from langchain_respmeta.record.bounds import (
    MAX_DEPTH,
    MAX_READ_OF_ALL,
    Budget,
    LeftOut,
    is_tame,
    key_text,
    type_name,
)

_PARSED: Final = frozenset({"parsed", "parsed_output", "parsedOutput"})
"""What an SDK made of the answer by a type of the user's: the type's name tells something, its fields do not."""

_UNSET: Final = frozenset({"Unset", "UnsetType", "NotGiven", "Omit", "Undefined"})
"""Types whose value means: the API said nothing."""

_LEAVES: Final = frozenset({str, int, float, bool, type(None)})

Fields = Iterable[tuple[Any, Any]]


def plain(value: object) -> Any:
    """`value` with all objects in it as mappings and lists; what is unknown stays as it is.

    What is too deep, too much, holds itself or raises is a `LeftOut`: nobody after this meets a cycle or what has no end.
    Keys are those of the wire, where the type knows them. Values that are None or unset are left out of objects.
    """
    if is_tame([value], Budget.for_result()):
        return value
    return _Walk().plain(value, 0)


def fields_of(value: object) -> Fields | None:
    """Names and values of an object of any known kind; None for other values. May raise what the object raises."""
    kind = type(value)
    return next((found for find in _KINDS if (found := find(value, kind)) is not None), None)


class _Walk:
    """Goes through one answer."""

    __slots__ = ("left", "within")

    def __init__(self) -> None:
        self.left = MAX_READ_OF_ALL
        self.within: set[int] = set()
        """Ids of the holders that it is in."""

    def plain(self, value: Any, depth: int) -> Any:
        kind = type(value)
        self.left -= 1
        if kind in _LEAVES:
            return value
        if self.left <= 0:
            return LeftOut(type_name(value))
        if issubclass(kind, Enum | str | bytes | bytearray):
            return _leaf(value, kind)
        if depth > MAX_DEPTH or id(value) in self.within:
            return LeftOut(type_name(value))
        self.within.add(id(value))
        try:
            return self._holder(value, kind, depth)
        except Exception:  # noqa: BLE001 - a foreign object may raise when it is read
            return LeftOut(type_name(value))
        finally:
            self.within.discard(id(value))

    def _holder(self, value: Any, kind: type[Any], depth: int) -> Any:
        if issubclass(kind, Sequence | AbstractSet) and not is_protobuf(kind):
            return [self.plain(item, depth + 1) for item in islice(value, max(self.left, 0))]
        return self._object(value, kind, depth)

    def _object(self, value: Any, kind: type[Any], depth: int) -> Any:
        if getattr(kind, "__pydantic_root_model__", False):
            return self.plain(value.root, depth + 1)
        is_mapping = issubclass(kind, Mapping) and not is_protobuf(kind)
        fields = _items(value, kind) if is_mapping else fields_of(value)
        if fields is None:
            return value
        copy: dict[str, Any] = {}
        for key, item in fields:
            if self.left <= 0:
                break
            name = key if type(key) is str else key_text(key)
            if is_mapping or not _is_unset(item):
                copy[name] = item if name in _PARSED and _is_object(item) else self.plain(item, depth + 1)
        return copy


def _leaf(value: Any, kind: type[Any]) -> Any:
    if issubclass(kind, Enum):
        return value.value if type(value.value) in _LEAVES else value
    return str.__str__(value) if issubclass(kind, str) else value


def _items(value: Any, kind: type[Any]) -> Fields:
    """Of a mapping; Hugging Face's are dataclasses, too, and have what the class does not know as attributes only."""
    return {**value, **vars(value)}.items() if dataclasses.is_dataclass(kind) else value.items()


def is_protobuf(kind: type[Any]) -> bool:
    """Whether values of this type are messages of protobuf."""
    return getattr(kind, "DESCRIPTOR", None) is not None and callable(getattr(kind, "ListFields", None))


def _is_unset(value: object) -> bool:
    return value is None or type(value).__name__ in _UNSET


def _is_object(value: object) -> bool:
    return type(value) not in _LEAVES and not isinstance(value, Mapping | list | tuple)


# --- kinds of objects ------------------------------------------------------------------------------------------------


def _of_pydantic(value: Any, kind: type[Any]) -> Fields | None:
    """Version 2: its fields, under the names of the wire."""
    known = getattr(kind, "__pydantic_fields__", None)
    if not isinstance(known, Mapping):
        return None
    return _pydantic_fields(value, kind, known)


def _pydantic_fields(value: Any, kind: type[Any], known: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    for name, item in object.__getattribute__(value, "__dict__").items():
        field = known.get(name)
        if field is not None and (name in _PARSED or not field.exclude):
            yield _alias(field, name), item
    yield from (getattr(value, "__pydantic_extra__", None) or {}).items()
    for name in kind.__pydantic_decorators__.computed_fields:
        yield name, getattr(value, name)


def _alias(field: Any, name: str) -> str:
    alias = getattr(field, "serialization_alias", None) or getattr(field, "alias", None)
    return alias if isinstance(alias, str) else name


def _of_pydantic_v1(value: Any, kind: type[Any]) -> Fields | None:
    known = kind.__dict__.get("__fields__")
    if not isinstance(known, Mapping) or not callable(getattr(kind, "dict", None)):
        return None
    return (
        (_alias(known[name], name) if name in known else name, item)
        for name, item in object.__getattribute__(value, "__dict__").items()
        if not name.startswith("_")
    )


def _of_proto_plus(value: Any, kind: type[Any]) -> Fields | None:
    """Google's wrappers of protobuf messages: the class knows the message."""
    as_message = getattr(kind, "pb", None)
    return _of_protobuf(message := as_message(value), type(message)) if callable(as_message) else None


def _of_protobuf(value: Any, kind: type[Any]) -> Fields | None:
    """A message as protobuf's own JSON, without the zeros of fields that were not sent; enums by their names."""
    if not is_protobuf(kind):
        return None
    module = sys.modules.get("google.protobuf.json_format")
    if module is None:  # whoever makes messages without it gets their fields one by one
        return ((field.name, item) for field, item in value.ListFields())
    dumped: dict[str, Any] = module.MessageToDict(value, preserving_proto_field_name=True)
    return dumped.items()


def _of_dataclass(value: Any, kind: type[Any]) -> Fields | None:
    if not dataclasses.is_dataclass(kind):
        return None
    return _attributes(value, (field.name for field in dataclasses.fields(kind)))


def _of_attrs(value: Any, kind: type[Any]) -> Fields | None:
    attributes = getattr(kind, "__attrs_attrs__", None)
    if not isinstance(attributes, tuple):
        return None
    return _attributes(value, (attribute.name for attribute in attributes))


def _attributes(value: Any, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Those that can be read."""
    for name in names:
        try:
            item = getattr(value, name)
        except Exception:  # noqa: BLE001, S112 - a foreign attribute may raise: it costs itself alone
            continue
        yield name, item


_DUMPS: Final = ("model_dump", "to_dict", "as_dict", "dict")


def _of_dump(value: Any, kind: type[Any]) -> Fields | None:
    """What an object gives of itself, by one of the usual names."""
    for name in _DUMPS:
        dump: Callable[[Any], Any] | None = getattr(kind, name, None)
        if callable(dump) and not isinstance(value, type):
            dumped = dump(value)
            if isinstance(dumped, Mapping):
                return dumped.items()
    return None


_KINDS: Final[tuple[Callable[[Any, type[Any]], Fields | None], ...]] = (
    _of_pydantic,
    _of_pydantic_v1,
    _of_proto_plus,
    _of_protobuf,
    _of_dataclass,
    _of_attrs,
    _of_dump,
)
