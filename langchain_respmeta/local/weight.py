"""How much memory parsed JSON takes: `[[],[],…]` takes twenty times its length."""

from __future__ import annotations

from typing import Final

ITEM: Final = 2_048
"""Bytes that a run, feedback or file of a request takes in addition to its contents."""
_OBJECT: Final = 240
_LIST: Final = 96
_ENTRY: Final = 120
"""A key in its dict and as a text."""
_VALUE: Final = 72
_TIMES_KEPT: Final = 2
"""The text received, and the text written to the database."""
_FOUR_BYTES: Final = tuple(bytes([first]) for first in range(0xF0, 0xF5))


class Weight:
    """Sums up pieces of one JSON text, or of a body of several.

    The estimate may be too high, where texts hold brackets and commas, but never too low: measured with CPython 3.11
    to 3.13 and orjson.
    """

    __slots__ = ("_length", "_width")

    def __init__(self) -> None:
        self._length = 0
        self._width = 1

    def add(self, piece: bytes | bytearray) -> int:
        """Bytes that this piece adds."""
        before = self._length * self._width
        self._length += len(piece)
        self._width = max(self._width, _width(piece))
        return (self._length * self._width - before) + len(piece) * _TIMES_KEPT + _objects(piece)


def weight(text: bytes | str | None) -> int:
    """Bytes that one JSON text takes when it is parsed and written again."""
    return 0 if text is None else Weight().add(text.encode() if isinstance(text, str) else text)


def _objects(piece: bytes | bytearray) -> int:
    return (
        piece.count(b"{") * _OBJECT
        + piece.count(b"[") * _LIST
        + piece.count(b":") * _ENTRY
        + piece.count(b",") * _VALUE
    )


def _width(piece: bytes | bytearray) -> int:
    """Bytes for each character of a text: one wide character widens all of it."""
    if b"\\u" in piece:
        return 4
    if piece.isascii():
        return 1
    return 4 if any(first in piece for first in _FOUR_BYTES) else 2
