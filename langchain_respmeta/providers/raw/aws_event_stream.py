"""AWS's binary event streams: their messages as the events that boto3 makes of them.

https://smithy.io/2.0/aws/amazon-eventstream.html
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any, Final
from zlib import crc32

_PRELUDE: Final = struct.Struct(">III")
"""Length of the message, length of its headers, and a checksum of both."""
_CHECKSUM: Final = 4
_FIXED: Final = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Types of header values of a fixed length; bytes (6) and text (7) have theirs before them."""
_TEXT: Final = 7


def is_event_stream(data: bytes) -> bool:
    """Whether the bytes begin with a message: its first checksum says so."""
    if len(data) < _PRELUDE.size:
        return False
    total, _, checksum = _PRELUDE.unpack_from(data)
    return bool(total > _PRELUDE.size and crc32(data[: _PRELUDE.size - _CHECKSUM]) == checksum)


def events(data: bytes) -> Iterator[dict[str, Any]]:
    """Each message as {its type: its payload}; one that broke off, and what is no JSON, is left out."""
    place = 0
    while is_event_stream(data[place : place + _PRELUDE.size]):
        total, headers, _ = _PRELUDE.unpack_from(data, place)
        if place + total > len(data):
            return
        start = place + _PRELUDE.size
        named = _headers(data[start : start + headers])
        kind = named.get(":event-type") or named.get(":exception-type")
        payload = _json(data[start + headers : place + total - _CHECKSUM])
        if kind and isinstance(payload, dict):
            yield {kind: payload}
        place += total


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload or b"{}")
    except (ValueError, RecursionError):
        return None


def _headers(data: bytes) -> dict[str, str]:
    """Name after its length of 1 byte, the type, the value."""
    found: dict[str, str] = {}
    place = 0
    try:
        while place < len(data):
            value = place + 2 + data[place]
            name, kind = data[place + 1 : value - 1].decode("utf-8", "replace"), data[value - 1]
            if kind in _FIXED:
                place = value + _FIXED[kind]
                continue
            (length,) = struct.unpack_from(">H", data, value)
            place = value + 2 + length
            if kind == _TEXT:
                found[name] = data[value + 2 : place].decode("utf-8", "replace")
    except (IndexError, struct.error):
        return found
    return found
