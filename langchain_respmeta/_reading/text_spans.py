"""Spans of the answer's text, in characters: providers count characters or bytes, or give the words alone."""

from __future__ import annotations

from itertools import accumulate
from typing import Any, Final, TypeAlias

from langchain_respmeta.providers.engine.values import is_whole
from langchain_respmeta.record.plain import writable

Span: TypeAlias = dict[str, Any]
"""`start_index`, `end_index`, and `text` where they fit the text; nothing where they do not."""


def byte_span(start: object, end: object, places: Places, offset: int) -> dict[str, Any]:
    """A span given in bytes of UTF-8, as characters; nothing where it does not fit the text."""
    if not is_whole(start) or not is_whole(end):
        return {}
    if places.is_plain:
        return checked(start, end, places.text, offset)
    if not 0 <= start <= end <= places.size:
        return {}
    return checked(places.chars_before(start), places.chars_before(end), places.text, offset)


class Places:
    """A text with places in bytes: counted once, so that each look-up costs the same in a long text."""

    __slots__ = ("_counted", "_left", "_raw", "is_plain", "size", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_plain = text.isascii()
        self._raw = b"" if self.is_plain else writable(text).encode()
        self.size = len(self._raw)
        steps = range(0, self.size, _STEP)
        self._counted = [0, *accumulate(_chars(self._raw[step : step + _STEP]) for step in steps)]
        """Characters that begin before each step."""
        self._left = _MOST_SEARCHED
        """Characters that may still be searched through."""

    def chars_before(self, place: int) -> int:
        """How many characters end at or before this byte."""
        step = place // _STEP
        begun = self._counted[step] + _chars(self._raw[step * _STEP : place])
        return begun - 1 if self._raw[place : place + 1] in _CONTINUED else begun

    def find(self, words: str, near: int) -> int | None:
        """The place of `words`: nearest to the reported one, else the first in the whole text."""
        low, high = max(0, near - _NEAR), near + len(words) + _NEAR
        before = self.text.rfind(words, low, near + len(words))
        after = self.text.find(words, near, high)
        found = [place for place in (before, after) if place >= 0]
        if found:
            return min(found, key=lambda place: abs(place - near))
        return self._anywhere(words)

    def only(self, words: str) -> int | None:
        """The place of `words`, if they stand at one place."""
        place = self._anywhere(words)
        return place if place is not None and self._anywhere(words, place + 1) is None else None

    def _anywhere(self, words: str, start: int = 0) -> int | None:
        self._left -= len(self.text)
        place = self.text.find(words, start) if self._left >= 0 else -1
        return place if place >= 0 else None


_NEAR: Final = 1_000
"""Characters around the reported place in which shifted words are searched."""

_MOST_SEARCHED: Final = 10_000_000
"""Characters of whole texts, over all words that are not near their places."""

_STEP: Final = 512
_CONTINUATION: Final = bytes(range(0x80, 0xC0))
_CONTINUED: Final = frozenset(_CONTINUATION[place : place + 1] for place in range(len(_CONTINUATION)))


def _chars(raw: bytes) -> int:
    return len(raw.translate(None, _CONTINUATION))


def where_it_stands(start: object, end: object, words: object, places: Places, offset: int) -> dict[str, Any]:
    """The span of a segment, by its own words: Google's offsets are wrong in long answers."""
    span = byte_span(start, end, places, offset)
    if not isinstance(words, str) or not words or span.get("text") == words:
        return span
    near = span.get("start_index", offset) - offset if span else len(places.text)
    found = places.find(words, near)
    return {"text": words} if found is None else checked(found, found + len(words), places.text, offset)


def worded_span(start: object, end: object, words: str | None, places: Places, offset: int) -> dict[str, Any]:
    """The span of a piece of the answer that is given in its own words: where these stand, nearest to the given place.

    Words without a place have the one where they stand, if it is the only one.
    """
    span = checked(start, end, places.text, offset) if is_whole(start) and is_whole(end) else {}
    if not words or span.get("text") == words:
        return span
    found = places.find(words, span["start_index"] - offset) if span else places.only(words)
    if found is not None:
        span = checked(found, found + len(words), places.text, offset)
    return {**span, "text": words}


def checked(start: int, end: int, text: str, offset: int) -> dict[str, Any]:
    if not 0 <= start <= end:
        return {}
    span: dict[str, Any] = {"start_index": start + offset, "end_index": end + offset}
    if end <= len(text) and start < end:
        span["text"] = text[start:end]
    return span


_POINTS: Final = frozenset({"file_citation", "file_path", "container_file_citation"})
"""Kinds whose place is an index, not a span: the block around them has no meaning for it."""


def whole(text: str, offset: int, native: str) -> dict[str, Any]:
    if native in _POINTS:
        return {}
    return checked(0, len(text), text, offset) if text else {}
