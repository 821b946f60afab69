"""Lines of JSON, in batches of one column `run`, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from langchain_respmeta.history.bulk.inputs import compression_of
from langchain_respmeta.history.bulk.job import Unit
from langchain_respmeta.history.bulk.places import place_of
from langchain_respmeta.history.rows import ROWS_OF_BATCH

_BLOCK: Final = 1 << 20
"""Bytes read at once."""
_BATCH_BYTES: Final = 3 << 20
"""Bytes of a batch, about."""
MAX_LINE: Final = 32 << 20
"""A longer line is no run: what is beyond is not kept, so that it is a bad row and not the end of the memory."""
_BOM: Final = b"\xef\xbb\xbf"


def read_lines(unit: Unit) -> Iterator[tuple[list[int], Any]]:
    """Each batch of a unit, with the byte of the file (unpacked) that each of its rows begins at. Blank lines are no rows.

    Raises:
        OSError: The file cannot be read, or is broken.
    """
    import pyarrow as pa

    places: list[int] = []
    lines: list[bytes] = []
    size = 0
    for at, line in _lines(unit):
        if line.isspace() or not line:
            continue
        places.append(at)
        lines.append(line)
        size += len(line)
        if len(lines) == ROWS_OF_BATCH or size >= _BATCH_BYTES:
            yield places, pa.RecordBatch.from_arrays([pa.array(lines, pa.large_binary())], ["run"])
            places, lines, size = [], [], 0
    if lines:
        yield places, pa.RecordBatch.from_arrays([pa.array(lines, pa.large_binary())], ["run"])


def _lines(unit: Unit) -> Iterator[tuple[int, bytes]]:
    """The lines that begin in the unit."""
    place = place_of(unit.source)
    compression = compression_of(place.path)
    with (
        place.fs.open_input_stream(place.path, compression=compression)
        if compression or not unit.start
        else place.fs.open_input_file(place.path)
    ) as stream:
        start = unit.start
        if start:
            start -= 1  # the line before ends in this byte, or goes on
            stream.seek(start)
        split = _split(stream, start)
        if unit.start:
            next(split, None)
        for at, line in split:
            if unit.stop is not None and at >= unit.stop:
                return
            yield at, line.removeprefix(_BOM) if at == 0 else line


def _split(stream: Any, at: int) -> Iterator[tuple[int, bytes]]:
    """Each line with the byte that it begins at; of an overlong one no more than its beginning."""
    kept: list[bytes] = []
    begun, held = at, 0
    while block := stream.read(_BLOCK):
        first, *others = block.split(b"\n")
        if held <= MAX_LINE:
            kept.append(first)
        held += len(first)
        for line in others:
            yield begun, b"".join(kept)
            begun += held + 1
            kept, held = [line], len(line)
    if held:
        yield begun, b"".join(kept)
