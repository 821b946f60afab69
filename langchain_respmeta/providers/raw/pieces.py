"""The blocks of a streamed answer, put together from their pieces."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

MAX_BLOCKS: Final = 10_000
"""Blocks of one answer that are put together."""


class Pieces:
    """Content blocks by their index, and the texts that were added to them: joined once, at the end."""

    def __init__(self) -> None:
        self._blocks: dict[int, dict[str, Any]] = {}
        self._texts: dict[tuple[int, str], list[str]] = {}
        self._items: dict[tuple[int, str], list[Any]] = {}

    def start(self, index: object, block: Mapping[str, Any]) -> None:
        """A block begins."""
        if isinstance(index, int) and len(self._blocks) < MAX_BLOCKS:
            self._blocks[index] = dict(block)

    def block(self, index: object, kind: Mapping[str, Any]) -> dict[str, Any]:
        """The block of an index; where its start did not come, a new one that `kind` begins."""
        if not isinstance(index, int) or (index not in self._blocks and len(self._blocks) >= MAX_BLOCKS):
            return {}
        return self._blocks.setdefault(index, dict(kind))

    def add(self, index: object, key: str, text: object) -> None:
        """A piece of the text of `key`."""
        if isinstance(index, int) and isinstance(text, str):
            self._texts.setdefault((index, key), []).append(text)

    def append(self, index: object, key: str, item: object) -> None:
        """One more item of the list of `key`."""
        if isinstance(index, int) and item is not None:
            self._items.setdefault((index, key), []).append(item)

    def joined(self) -> list[dict[str, Any]]:
        """All blocks in the order of their indices."""
        for (index, key), texts in self._texts.items():
            block = self._blocks.get(index)
            if block is not None:
                head = block.get(key)
                block[key] = "".join((head if isinstance(head, str) else "", *texts))
        for (index, key), items in self._items.items():
            block = self._blocks.get(index)
            if block is not None:
                told = block.get(key)
                block[key] = [*(told if isinstance(told, list) else ()), *items]
        return [self._blocks[index] for index in sorted(self._blocks)]


def sent_json(text: object) -> Any:
    """What arguments in text say; None where they are none."""
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
