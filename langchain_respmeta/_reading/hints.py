"""What to do with something that no reader recognizes, in words for its user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

MOST_KEYS: Final = 6
"""Keys that are named."""

LONGEST_KEY: Final = 40
"""A longer key is no name, and may be private."""

_STREAM: Final = ". The chunks or events of a stream are read by normalize_stream()"
_MANY: Final = ". Give one answer at a time; the chunks or events of a stream are read by normalize_stream()"
_TEXT: Final = ". A text alone is no answer: give the response that it came in, an object, a dict or its JSON"


def hint_for(response: object) -> str:
    """The end of an error's sentence; empty where there is nothing to say. Never raises."""
    try:
        return _hint(response)
    except Exception:  # noqa: BLE001 - a foreign object may raise when it is read: then nobody can say more
        return ""


def _hint(response: object) -> str:
    if isinstance(response, str | bytes):
        return _TEXT
    if isinstance(response, list | tuple):
        return _MANY
    if isinstance(response, Iterator):
        return _STREAM
    if isinstance(response, Mapping):
        names = [
            key for key in islice(response, MOST_KEYS) if isinstance(key, str) and len(key) <= LONGEST_KEY
        ]
        return f" (its keys: {', '.join(names)}): no API that is known answers so" if names else ""
    return ""
