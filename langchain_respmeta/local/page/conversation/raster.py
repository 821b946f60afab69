"""Pictures that a browser may show: raster images of known types and bounded size, told by their bytes alone."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 8 << 20
"""Larger pictures are offered as a download."""
_MOST_PIXELS: Final = 40_000_000
"""A small file may hold a picture that takes gigabytes when it is decoded."""
_HEAD: Final = 256 << 10
"""Characters of base64 in which a picture tells its size; JPEG may have a preview before."""


@dataclass(frozen=True, slots=True)
class Raster:
    """Type and size of a picture."""

    mime: str
    width: int
    height: int


def decoded(data: str) -> bytes | None:
    """Bytes from base64, also of its kind for addresses and broken into lines; None if it is none."""
    try:
        plain = "".join(data.split()).rstrip("=").translate(_URL_SAFE)
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


_URL_SAFE: Final = str.maketrans("-_", "+/")


def raster_of(data: str) -> Raster | None:
    """The picture in this base64; None if it is none of the known types or too large."""
    if len(data) * 3 // 4 > MOST_BYTES:
        return None
    head = decoded(data[: _HEAD - _HEAD % 4]) or b""
    for start, mime, measure in _TYPES:
        if head.startswith(start):
            size = _measured(measure, head)
            return Raster(mime, *size) if size and 0 < size[0] * size[1] <= _MOST_PIXELS else None
    return None


def _measured(measure: Callable[[bytes], tuple[int, int] | None], head: bytes) -> tuple[int, int] | None:
    try:
        return measure(head)
    except (struct.error, IndexError):
        return None


def _png(head: bytes) -> tuple[int, int] | None:
    width, height = struct.unpack_from(">II", head, 16)
    return (width, height) if head[12:16] == b"IHDR" else None


def _gif(head: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", head, 6)
    return width, height


def _jpeg(head: bytes) -> tuple[int, int] | None:
    at = 2
    while head[at] == 0xFF:
        marker, (length,) = head[at + 1], struct.unpack_from(">H", head, at + 2)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        at += 2 + length
    return None


def _webp(head: bytes) -> tuple[int, int] | None:
    if head[8:12] != b"WEBP":
        return None
    kind = head[12:16]
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", head, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", head, 26)
    return width & 0x3FFF, height & 0x3FFF


_TYPES: Final[tuple[tuple[bytes, str, Callable[[bytes], tuple[int, int] | None]], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", _png),
    (b"\xff\xd8\xff", "image/jpeg", _jpeg),
    (b"GIF87a", "image/gif", _gif),
    (b"GIF89a", "image/gif", _gif),
    (b"RIFF", "image/webp", _webp),
)
