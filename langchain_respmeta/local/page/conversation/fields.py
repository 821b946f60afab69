"""Read an object of JSON key by key, and keep what was not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from langchain_respmeta.local.page.conversation.model import EMPTY

_QUIET: Final = frozenset({"type", "index"})
"""Keys that the shape and the order of the parts tell already."""


class Fields:
    """The keys of one object. Each reader takes the value of the first of its keys that has the right type."""

    __slots__ = ("_inner", "_left")

    def __init__(self, source: Mapping[str, object]) -> None:
        self._left = dict(source)
        self._inner: dict[str, Fields] = {}

    def text(self, *keys: str) -> str | None:
        """A text that is not empty, else an empty one, else None."""
        found = [key for key in keys if isinstance(self._left.get(key), str)]
        key = next((key for key in found if self._left[key]), found[0] if found else None)
        value = None if key is None else self._left.pop(key)
        return value if isinstance(value, str) else None

    def word(self, *keys: str) -> str | None:
        """A text that is not empty."""
        return self.text(*keys) or None

    def items(self, *keys: str) -> list[object]:
        """A list, empty if there is none."""
        for key in keys:
            if isinstance(self._left.get(key), list):
                value = self._left.pop(key)
                return value if isinstance(value, list) else []
        return []

    def value(self, *keys: str) -> object:
        """Any value but None."""
        for key in keys:
            if self._left.get(key) is not None:
                return self._left.pop(key)
        return None

    def inner(self, *keys: str) -> Fields:
        """The keys of an object within; of an empty one if there is none."""
        for key in keys:
            value = self._left.get(key)
            if isinstance(value, dict):
                del self._left[key]
                self._inner[key] = Fields(value)
                return self._inner[key]
        return Fields({})

    def peek(self, key: str) -> object:
        """A value that stays unread."""
        return self._left.get(key)

    def has(self, *keys: str) -> bool:
        """Whether one of the keys is there and not yet read."""
        return any(self._left.get(key) not in EMPTY for key in keys)

    @property
    def rest(self) -> dict[str, object]:
        """What nobody read, without what says nothing."""
        kept = {k: v for k, v in self._left.items() if k not in _QUIET and v not in EMPTY}
        inner = {key: fields.rest for key, fields in self._inner.items() if fields.rest}
        return kept | inner
