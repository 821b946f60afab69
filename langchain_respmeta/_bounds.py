"""What strangers hand over, made small and tame: a budget of values and characters, and nothing that can raise.

Shared references multiply when they are copied, a list may hold millions, a mapping may never end, an object may raise
when it is looked at. Every message passes here once before it is read, and everything kept passes here again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

MAX_DEPTH: Final = 40
"""Deeper nesting is cut and says so: JSON libraries give up between 250 and 1000 levels."""

INT64: Final = 2**63
"""The first whole number that is too large for most who read JSON."""

MAX_READ: Final = 200_000
"""Values that are read of one answer: a long one's log probabilities with their alternatives fit."""

MAX_READ_CHARS: Final = 64_000_000
"""Characters that are read of one answer: pictures in base64 fit."""

MAX_KEPT: Final = 50_000
"""Values that one copy keeps."""

MAX_KEPT_CHARS: Final = 2_000_000
"""Characters that one copy keeps."""

MAX_KEY: Final = 1_000
"""Characters of a key."""

MAX_BITS: Final = 2_048
"""Of a whole number: Python refuses to write one of more than 4,300 digits."""

MORE: Final = "<left out>"
"""The key under which a copy of a mapping says that it is not whole."""


class LeftOut:
    """Stands where a value was left out; no reader takes it for anything."""

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
        """How many places lack something."""

    @classmethod
    def for_reading(cls) -> Budget:
        """What one answer may hold."""
        return cls(MAX_READ, MAX_READ_CHARS)

    @classmethod
    def none_left(cls) -> Budget:
        """Nothing more may be copied."""
        return cls(0, 0)

    def take_text(self, size: int) -> bool:
        """Whether a text of `size` characters still fits; then it is counted."""
        if size > self.chars:
            self.cut += 1
            return False
        self.chars -= size
        return True


_ALWAYS_TAME: Final = frozenset({bool, float, type(None)})


def is_tame(value: Any, budget: Budget) -> bool:  # noqa: C901, PLR0911, PLR0912 - the hot loop, each value once
    """Whether `value` is plain JSON data within the budget, which is then used up by it.

    Goes level by level, so that neither depth nor a cycle matters; what is shared counts each time it is met.
    """
    values, chars = budget.values, budget.chars
    level = [value]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for holder in level:
            values -= len(holder) if type(holder) in _HOLDERS else 1
            if values < 0:
                return False
            if type(holder) is dict:
                for key in holder:
                    if type(key) is not str or len(key) > MAX_KEY:
                        return False
                    chars -= len(key)
                items: Any = holder.values()
            else:
                items = holder if type(holder) is list else (holder,)
            for item in items:
                kind = type(item)
                if kind is str:
                    chars -= len(item)
                elif kind is int:
                    if not -INT64 <= item < INT64:
                        return False
                elif kind in _HOLDERS:
                    inner.append(item)
                elif kind not in _ALWAYS_TAME:
                    return False
        if chars < 0:
            return False
        if not inner:
            budget.values, budget.chars = values, chars
            return True
        level = inner
    return False


_HOLDERS: Final = frozenset({dict, list})
_LEAVES: Final = (Decimal, UUID, datetime, date, Enum, bytes, bytearray, memoryview)
"""What a reader knows what to do with."""


def tamed(value: Any, budget: Budget) -> Any:
    """`value` itself where it is plain and small, else a copy: dict, list, str and numbers, and some plain leaves.

    What does not fit, and objects of any other type, become `LeftOut`. Never raises.
    """
    kind = type(value)
    if kind in _HOLDERS and is_tame(value, budget):
        return value
    return _copied(value, budget, 0, LeftOut, _leaf_for_reading)


def _leaf_for_reading(value: Any, _: Budget) -> Any:
    if type(value) is LeftOut or issubclass(type(value), _LEAVES):
        return value
    return LeftOut(type_name(value))


Leaf = Callable[[Any, Budget], Any]
Mark = Callable[[str], Any]


def copied(value: Any, budget: Budget, leaf: Leaf) -> Any:
    """A copy whose marks are texts; `leaf` says what becomes of what is neither a holder, a text nor a number."""
    return _copied(value, budget, 0, str, leaf)


def _copied(  # noqa: PLR0911 - one line for each plain kind
    value: Any, budget: Budget, depth: int, mark: Mark, leaf: Leaf
) -> Any:
    kind = type(value)
    if kind in _ALWAYS_TAME:
        return value if kind is not float or mark is not str else leaf(value, budget)
    if issubclass(kind, Enum):
        return leaf(value, budget)
    try:
        if issubclass(kind, str):
            text = str.__str__(value)
            return text if budget.take_text(len(text)) else mark(f"<text of {len(text)} characters left out>")
        if issubclass(kind, int):
            return _integer(int.__index__(value), budget, mark, leaf)
        if issubclass(kind, float):
            return leaf(float.__float__(value), budget) if mark is str else float.__float__(value)
        fields = _fields(value, kind)
        items = None if fields is not None else _elements(value, kind)
    except Exception:  # noqa: BLE001 - a stranger's object: whatever it raises, nothing of it can be read
        budget.cut += 1
        return mark(f"<{type_name(value)} that cannot be read>")
    if fields is None and items is None:
        return leaf(value, budget)
    if depth >= MAX_DEPTH:
        budget.cut += 1
        return mark(f"<nested deeper than {MAX_DEPTH} levels>")
    if fields is not None:
        return _copied_mapping(fields, budget, depth, mark, leaf)
    return _copied_list(items or (), budget, depth, mark, leaf)


def _integer(number: int, budget: Budget, mark: Mark, leaf: Leaf) -> Any:
    if -INT64 <= number < INT64:
        return number
    if number.bit_length() > MAX_BITS:
        budget.cut += 1
        return mark(f"<integer of {number.bit_length()} bits>")
    return leaf(number, budget) if mark is str else number


def _copied_mapping(
    fields: Iterable[tuple[Any, Any]], budget: Budget, depth: int, mark: Mark, leaf: Leaf
) -> dict[str, Any]:
    copy: dict[str, Any] = {}
    for key, item in _limited(fields, budget):
        if item is _END:
            budget.cut += 1
            copy[MORE] = mark("<more entries left out>")
            break
        name = _key(key)
        if not budget.take_text(len(name)):
            copy[MORE] = mark("<more entries left out>")
            break
        copy[name] = _copied(item, budget, depth + 1, mark, leaf)
    return copy


def _copied_list(items: Iterable[Any], budget: Budget, depth: int, mark: Mark, leaf: Leaf) -> list[Any]:
    copy: list[Any] = []
    for _, item in _limited(((None, item) for item in items), budget):
        if item is _END:
            budget.cut += 1
            copy.append(mark("<more items left out>"))
            break
        copy.append(_copied(item, budget, depth + 1, mark, leaf))
    return copy


_END: Final = object()


def _limited(pairs: Iterable[tuple[Any, Any]], budget: Budget) -> Iterator[tuple[Any, Any]]:
    """The pairs as far as the budget goes, then one that says so; a stranger's iterator that raises has ended early."""
    walk = iter(pairs)
    while True:
        try:
            key, item = next(walk)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001 - see `_copied`
            yield None, _END
            return
        if budget.values <= 0:
            yield None, _END
            return
        budget.values -= 1
        yield key, item


def _fields(value: Any, kind: type[Any]) -> Iterable[tuple[Any, Any]] | None:
    """The entries of a mapping or of a pydantic object; None for anything else."""
    if issubclass(kind, dict):
        return dict.items(value)
    if issubclass(kind, Mapping):
        return ((key, value[key]) for key in value)
    if isinstance(getattr(kind, "__pydantic_fields__", None), Mapping):
        own = object.__getattribute__(value, "__dict__")
        return (*own.items(), *(getattr(value, "__pydantic_extra__", None) or {}).items())
    if callable(getattr(kind, "model_dump", None)):
        dumped = value.model_dump()
        return dumped.items() if isinstance(dumped, Mapping) else None
    return None


def _elements(value: Any, kind: type[Any]) -> Iterable[Any] | None:
    for base in (list, tuple, set, frozenset):
        if issubclass(kind, base):
            return iter(base.__iter__(value))  # not the subclass's own, which may raise or never end
    return None


def _key(key: Any) -> str:
    if type(key) is not str:
        key = key_text(key)
    return key if len(key) <= MAX_KEY else f"{key[:MAX_KEY]}<… {len(key)} characters>"


def key_text(key: Any) -> str:
    """A mapping's key as text, whatever it is."""
    try:
        if issubclass(type(key), Enum):
            key = key.value
        return str(key)
    except Exception:  # noqa: BLE001 - a stranger's object whose text cannot be had
        return f"<{type_name(key)}>"


def type_name(value: Any) -> str:
    """Module and name of a value's type."""
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}"
