"""Bound foreign data: a budget of values and characters, and plain copies that cannot raise.

Shared references multiply when they are copied, a list may hold millions, a mapping may never end, an object may raise
on access. Every message is checked here once before it is read, and everything kept is checked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

MAX_DEPTH: Final = 40
"""Deeper nesting is cut with a mark: JSON libraries fail between 250 and 1000 levels."""

INT64: Final = 2**63
"""The first whole number that is too large for most JSON readers."""

MAX_READ: Final = 200_000
"""Values read of one answer: log probabilities with alternatives of a long answer fit."""

MAX_READ_OF_ALL: Final = 1_000_000
"""Values read of one result, whose candidates may share them."""

MAX_READ_CHARS: Final = 64_000_000
"""Characters read of one answer: pictures in base64 fit."""

MAX_KEPT: Final = 50_000
"""Values that one copy keeps."""

MAX_KEPT_CHARS: Final = 2_000_000
"""Characters that one copy keeps."""

MAX_KEY: Final = 1_000
"""Characters of a key."""

MAX_BITS: Final = 2_048
"""Bits of a whole number: Python refuses to print more than 4,300 digits."""

MORE: Final = "<left out>"
"""The key that marks a mapping's copy as incomplete."""


class LeftOut:
    """Mark of a value that was left out; readers ignore it."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what


class Budget:
    """How much of a message may still be read or copied."""

    __slots__ = ("chars", "cut", "values")

    def __init__(self, values: int = MAX_KEPT, chars: int = MAX_KEPT_CHARS) -> None:
        self.values = values
        self.chars = chars
        self.cut = 0
        """How many places were cut."""

    @classmethod
    def for_reading(cls) -> Budget:
        """The budget of one answer."""
        return cls(MAX_READ, MAX_READ_CHARS)

    @classmethod
    def for_result(cls) -> Budget:
        """The budget of all answers of one result together."""
        return cls(MAX_READ_OF_ALL, MAX_READ_CHARS)

    def for_next(self) -> Budget:
        """The budget of the next answer of the same result."""
        return Budget(min(MAX_READ, self.values), self.chars)

    def take_value(self) -> bool:
        """Count one more value, if it fits; return whether it does."""
        if self.values <= 0:
            self.cut += 1
            return False
        self.values -= 1
        return True

    def take_text(self, size: int) -> bool:
        """Count a text of `size` characters, if it fits; return whether it does."""
        if size > self.chars:
            self.cut += 1
            return False
        self.chars -= size
        return True


_PLAIN_NUMBERS: Final = frozenset({int, float, bool, type(None)})


def is_tame(values: list[Any], budget: Budget) -> bool:  # noqa: C901 - the hot loop, each value once
    """Whether all `values` are plain JSON data within the budget; if so, they are taken from it.

    Goes level by level, so depth and cycles do no harm; shared values count each time. Whole numbers may have any
    size.
    """
    count, chars = budget.values, budget.chars
    keys: list[object] = []
    level: list[Any] = [values]
    for _ in range(MAX_DEPTH + 1):
        inner: list[Any] = []
        for holder in level:
            count -= len(holder)
            if count < 0:
                return False
            if type(holder) is dict:
                keys += holder
                items = holder.values()
            else:
                items = holder
            for item in items:
                kind = type(item)
                if kind is str:
                    chars -= len(item)
                elif kind in _HOLDERS:
                    if item:
                        inner.append(item)
                elif kind not in _PLAIN_NUMBERS:
                    return False
        if not inner:
            chars -= _chars(keys)
            if chars < 0:
                return False
            budget.values, budget.chars = count, chars
            return True
        level = inner
    return False


def _chars(keys: list[Any]) -> int:
    """Characters of all keys; more than any budget if one is too long or no text."""
    if not _TEXT.issuperset(map(type, keys)):
        return MAX_READ_CHARS + 1
    size = sum(map(len, keys))
    return size if size <= MAX_KEY or max(map(len, keys)) <= MAX_KEY else MAX_READ_CHARS + 1


_TEXT: Final = frozenset({str})
_HOLDERS: Final = frozenset({dict, list})
_LEAVES: Final = (Decimal, UUID, datetime, date, Enum, bytes, bytearray, memoryview)
"""Leaves that readers understand."""


def tamed(value: object, budget: Budget) -> Any:
    """`value` itself if it is plain and small, else a copy of dict, list, str, numbers and some plain leaves.

    What does not fit, and objects of any other type, become `LeftOut`. Never raises.
    """
    return value if is_tame([value], budget) else _Copier(budget, LeftOut, _leaf_for_reading).copy(value, 0)


def _leaf_for_reading(value: object, budget: Budget) -> object:
    if type(value) is LeftOut:  # by whoever made plain data of an SDK's object: told here
        budget.cut += 1
        return value
    if issubclass(type(value), _LEAVES):
        return value
    return LeftOut(type_name(value))


Leaf = Callable[[object, Budget], object]
Mark = Callable[[str], object]


def copied(value: object, budget: Budget, leaf: Leaf) -> object:
    """A copy for JSON, with texts as marks; `leaf` converts all but holders, texts and whole numbers."""
    return _Copier(budget, str, leaf).copy(value, 0)


class _Copier:
    """Makes one copy; never raises."""

    __slots__ = ("budget", "for_json", "leaf", "mark")

    def __init__(self, budget: Budget, mark: Mark, leaf: Leaf) -> None:
        self.budget = budget
        self.mark = mark
        self.leaf = leaf
        self.for_json = mark is str

    def copy(self, value: Any, depth: int) -> Any:
        """Copy `value` as far as it fits; plain kinds come first, as they are the most frequent."""
        kind = type(value)
        if kind is str:
            return self._text(value)
        if kind is dict:
            return self._mapping(value.items(), depth)
        if kind is list:
            return self._list(value, depth)
        if kind is int:
            return self._integer(value)
        if kind is float:
            return self._float(value)
        return value if kind in _PLAIN_NUMBERS else self._odd(value, kind, depth)

    def _odd(self, value: Any, kind: type[Any], depth: int) -> Any:  # noqa: PLR0911 - one line for each kind
        if issubclass(kind, Enum):
            return self.leaf(value, self.budget)
        try:
            if issubclass(kind, str):
                return self._text(str.__str__(value))
            if issubclass(kind, int):
                return self._integer(int.__index__(value))
            if issubclass(kind, float):
                return self._float(float.__float__(value))
            if getattr(kind, "__pydantic_root_model__", False):
                value, kind = value.root, type(value.root)
            fields = _fields(value, kind)
            items = None if fields is not None else _elements(value, kind)
        except Exception:  # noqa: BLE001 - a foreign object may raise anything
            self.budget.cut += 1
            return self.mark(f"<{type_name(value)} that cannot be read>")
        if fields is not None:
            return self._mapping(fields, depth)
        return self.leaf(value, self.budget) if items is None else self._list(items, depth)

    def _text(self, text: str) -> object:
        if not self.budget.take_text(len(text)):
            return self.mark(f"<text of {len(text)} characters left out>")
        return writable(text) if self.for_json else text

    def _float(self, number: float) -> object:
        return self.leaf(number, self.budget) if self.for_json else number

    def _integer(self, number: int) -> object:
        if -INT64 <= number < INT64:
            return number
        if number.bit_length() > MAX_BITS:
            self.budget.cut += 1
            return self.mark(f"<integer of {number.bit_length()} bits>")
        return self.leaf(number, self.budget) if self.for_json else number

    def _mapping(self, fields: Iterable[tuple[object, object]], depth: int) -> object:
        if depth >= MAX_DEPTH:
            return self._too_deep()
        copy: dict[str, object] = {}
        try:
            for key, item in fields:
                name = _key(key)
                if not self._fits(len(name)):
                    break
                copy[writable(name) if self.for_json else name] = self.copy(item, depth + 1)
            else:
                return copy
        except Exception:  # noqa: BLE001, S110 - a foreign mapping that raises ends early
            pass
        self.budget.cut += 1
        copy[MORE] = self.mark("<more entries left out>")
        return copy

    def _list(self, items: Iterable[object], depth: int) -> object:
        if depth >= MAX_DEPTH:
            return self._too_deep()
        copy: list[object] = []
        try:
            for item in items:
                if not self._fits(0):
                    break
                copy.append(self.copy(item, depth + 1))
            else:
                return copy
        except Exception:  # noqa: BLE001, S110 - see `_mapping`
            pass
        self.budget.cut += 1
        copy.append(self.mark("<more items left out>"))
        return copy

    def _fits(self, chars: int) -> bool:
        """Count one more value under a key of `chars` characters, if it fits; return whether it does."""
        budget = self.budget
        if budget.values <= 0 or chars > budget.chars:
            return False
        budget.values -= 1
        budget.chars -= chars
        return True

    def _too_deep(self) -> object:
        self.budget.cut += 1
        return self.mark(f"<nested deeper than {MAX_DEPTH} levels>")


def _fields(value: Any, kind: type[Any]) -> Iterable[tuple[Any, Any]] | None:
    """The entries of a mapping or pydantic object; None for other values."""
    if issubclass(kind, dict):
        return dict.items(value)
    if issubclass(kind, Mapping):
        return ((key, value[key]) for key in value)
    if isinstance(getattr(kind, "__pydantic_fields__", None), Mapping):
        return _of_pydantic(value, kind)
    if callable(getattr(kind, "model_dump", None)):
        dumped = value.model_dump()
        return dumped.items() if isinstance(dumped, Mapping) else None
    return None


def _of_pydantic(value: Any, kind: type[Any]) -> Iterator[tuple[Any, Any]]:
    """The fields as `model_dump` gives them, without serializers: it copies without a bound, and runs foreign code."""
    known = kind.__pydantic_fields__
    for name, item in object.__getattribute__(value, "__dict__").items():
        if name in known and not known[name].exclude:
            yield name, item
    yield from (getattr(value, "__pydantic_extra__", None) or {}).items()
    for name in kind.__pydantic_decorators__.computed_fields:
        yield name, getattr(value, name)


def _elements(value: Any, kind: type[Any]) -> Iterable[Any] | None:
    for base in (list, tuple, set, frozenset):
        if issubclass(kind, base):
            return iter(base.__iter__(value))  # not the subclass's own, which may raise or never end
    return None


def _key(key: object) -> str:
    if type(key) is not str:
        key = key_text(key)
    return key if len(key) <= MAX_KEY else f"{key[:MAX_KEY]}<… {len(key)} characters>"


def key_text(key: Any) -> str:
    """A mapping's key of any type as text."""
    try:
        if issubclass(type(key), Enum):
            key = key.value
        return str.__str__(str(key))
    except Exception:  # noqa: BLE001 - a foreign object may have no text
        return f"<{type_name(key)}>"


def type_name(value: object) -> str:
    """Module and name of a value's type."""
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}"


def writable(text: str) -> str:
    """`text` as UTF-8 can hold it: half a surrogate pair, which a cut stream can leave, becomes `\ufffd`."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
