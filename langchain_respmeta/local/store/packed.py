"""Texts of runs are stored packed: compressed where that makes them smaller.

A packed text is NULL, a text that stands as it is, or a blob: one zstd frame, whose header names its dictionary. The
dictionary is a file of this package (`docs/dictionary.py` makes it); each database keeps those that it was written with,
so that a later package with another one still reads it.
"""

from __future__ import annotations

import sqlite3
from functools import cache
from importlib import resources
from typing import Final

import zstandard

DICTIONARY: Final = "runs.dictionary"
LEVEL: Final = 1
"""Runs' texts are short and their dictionary says most of them: higher levels take more CPU for nothing."""
SHORTEST: Final = 48
"""Characters below which a text stands as it is."""
DDL: Final = """
-- What texts are packed with (`packed`).
CREATE TABLE IF NOT EXISTS dictionaries (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
"""
_FUNCTION: Final = "respmeta_text"


@cache
def _own() -> tuple[int, zstandard.ZstdCompressionDict]:
    """The package's dictionary, ready for use, with its number."""
    data = resources.files(__package__ or "").joinpath(DICTIONARY).read_bytes()
    dictionary = zstandard.ZstdCompressionDict(data)
    dictionary.precompute_compress(level=LEVEL)
    return dictionary.dict_id(), dictionary


class Packer:
    """Packs and unpacks; for one thread at a time.

    Args:
        connection: To the database with the dictionaries.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._compressor: zstandard.ZstdCompressor | None = None
        self._decompressors = {0: zstandard.ZstdDecompressor()}

    def pack(self, text: str | None) -> str | bytes | None:
        """A text as it is stored."""
        if text is None or len(text) < SHORTEST:
            return text
        if self._compressor is None:
            self._compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=_own()[1])
        plain = text.encode()
        packed = self._compressor.compress(plain)
        return packed if len(packed) < len(plain) else text

    def unpack(self, stored: str | bytes | None) -> str | None:
        """A text from what is stored."""
        return None if stored is None else self.unpack_some(stored)

    def unpack_some(self, stored: str | bytes) -> str:
        """A text that is there."""
        if isinstance(stored, str):
            return stored
        number = zstandard.get_frame_parameters(stored).dict_id
        if number not in self._decompressors:
            self._decompressors[number] = self._make_decompressor(number)
        return self._decompressors[number].decompress(stored).decode()

    def _make_decompressor(self, number: int) -> zstandard.ZstdDecompressor:
        own_number, dictionary = _own()
        if number != own_number:
            (data,) = self._connection.execute(
                "SELECT data FROM dictionaries WHERE id = ?", (number,)
            ).fetchone()
            dictionary = zstandard.ZstdCompressionDict(data)
        return zstandard.ZstdDecompressor(dict_data=dictionary)


def keep_dictionary(connection: sqlite3.Connection) -> None:
    """Keep the package's dictionary in the database, before anything is packed with it."""
    number, dictionary = _own()
    connection.execute("INSERT OR IGNORE INTO dictionaries VALUES (?, ?)", (number, dictionary.as_bytes()))


def register(connection: sqlite3.Connection) -> Packer:
    """Give a connection the SQL function `respmeta_text`, which `run_view` uses."""
    packer = Packer(connection)
    connection.create_function(_FUNCTION, 1, packer.unpack, deterministic=True)
    return packer


def sql_text(column: str) -> str:
    """The SQL of a packed column's text."""
    return f"{_FUNCTION}({column})"
