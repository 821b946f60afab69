"""Texts of runs are stored packed: compressed where that makes them smaller.

A packed text is NULL, a text that stands as it is, or a blob: one zstd frame, whose header names its dictionary.
"""

from __future__ import annotations

import sqlite3
from typing import Final

import zstandard

SHORTEST: Final = 64
"""Characters below which a text stands as it is."""
_LEVEL: Final = 3
_FUNCTION: Final = "respmeta_text"


class Packer:
    """Packs and unpacks; for one thread at a time."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=False)
        self._decompressor = zstandard.ZstdDecompressor()

    def pack(self, text: str | None) -> str | bytes | None:
        """A text as it is stored."""
        if text is None or len(text) < SHORTEST:
            return text
        packed = self._compressor.compress(text.encode())
        return packed if len(packed) < len(text) else text

    def unpack(self, stored: str | bytes | None) -> str | None:
        """A text from what is stored."""
        return None if stored is None else self.unpack_some(stored)

    def unpack_some(self, stored: str | bytes) -> str:
        """A text that is there."""
        return self._decompressor.decompress(stored).decode() if isinstance(stored, bytes) else stored


def register(connection: sqlite3.Connection) -> Packer:
    """Give a connection the SQL function `respmeta_text`, which `run_view` uses."""
    packer = Packer()
    connection.create_function(_FUNCTION, 1, packer.unpack, deterministic=True)
    return packer


def sql_text(column: str) -> str:
    """The SQL of a packed column's text."""
    return f"{_FUNCTION}({column})"
