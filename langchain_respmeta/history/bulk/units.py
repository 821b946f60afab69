"""An input file, cut into units: always the same ones for the same file."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history.bulk.inputs import Source, compression_of
from langchain_respmeta.history.bulk.job import Unit
from langchain_respmeta.history.bulk.places import Place, arrow

CUTS: Final = 1
"""Raised when files are cut otherwise: a table that was begun with other cuts cannot be gone on with."""
_ROWS: Final = 32_768
"""A unit of Parquet ends after the row group that brings it to so many rows …"""
_BYTES: Final = 256 << 20
"""… or to so many unpacked bytes."""
_PIECES: Final = 4
"""A row group is cut into this many units at most: each reads the rows before its own again."""
_LINES_BYTES: Final = 64 << 20
"""Bytes of JSON Lines in a unit."""
_ANSWER_COLUMNS: Final = frozenset({"run", "outputs", "error"})
"""Without any of them nothing can be read."""


def cut(source: Source) -> list[Unit]:
    """Cut a file into units.

    Raises:
        HistoryError: It holds no runs that can be read; the message does not name it.
        OSError: It cannot be read.
    """
    place, kind = source.entry.place, source.format
    first = _first_bytes(place)
    kind = kind or ("parquet" if first.startswith(b"PAR1") else "jsonl")
    base = Unit("", source.url, source.entry.stamp, kind, constants=source.constants)
    units = list(_cut_parquet(place, base) if kind == "parquet" else _cut_lines(place, base, first, source))
    digest = sha256(source.url.encode()).hexdigest()[:16]
    return [replace(unit, id=f"{digest}-{n:05d}", of=len(units)) for n, unit in enumerate(units)]


def _first_bytes(place: Place) -> bytes:
    with place.fs.open_input_stream(place.path, compression=compression_of(place.path)) as stream:
        return bytes(stream.read(256)).removeprefix(b"\xef\xbb\xbf").lstrip()


# --- Parquet ---------------------------------------------------------------------------------------------------------


def _cut_parquet(place: Place, base: Unit) -> Iterator[Unit]:
    groups = _row_groups(place)
    chosen: list[int] = []
    first = at = weight = 0
    for number, (rows, size) in enumerate(groups):
        chosen.append(number)
        at, weight = at + rows, weight + size
        if at - first >= _ROWS or weight >= _BYTES or number == len(groups) - 1:
            whole = replace(base, row_groups=tuple(chosen), first_row=first, rows=at - first, weight=weight)
            yield from _pieces(whole) if len(chosen) == 1 else (whole,)
            chosen, first, weight = [], at, 0
    if not groups:
        yield replace(base, rows=0)


def _row_groups(place: Place) -> list[tuple[int, int]]:
    """Rows and unpacked bytes of each row group."""
    pa = arrow()
    import pyarrow.parquet as pq

    with place.fs.open_input_file(place.path) as file:
        if file.size() == 0:
            raise HistoryError("is empty (0 bytes): no Parquet file")
        try:
            footer = pq.read_metadata(file)
        except pa.ArrowInvalid as fault:
            raise HistoryError(f"is no whole Parquet file: {_short(fault)}") from None
    names = footer.schema.to_arrow_schema().names
    if _ANSWER_COLUMNS.isdisjoint(names):
        raise HistoryError(
            f"has none of the columns {', '.join(sorted(_ANSWER_COLUMNS))}, its columns are {', '.join(names[:30]) or 'none'}"
        )
    groups = (footer.row_group(number) for number in range(footer.num_row_groups))
    return [(group.num_rows, group.total_byte_size) for group in groups]


def _pieces(whole: Unit) -> Iterator[Unit]:
    rows = whole.rows or 0
    count = max(1, min(_PIECES, rows // _ROWS))
    bounds = [rows * n // count for n in range(count + 1)]
    for start, stop in itertools.pairwise(bounds):
        yield replace(whole, skip=start, rows=stop - start, weight=whole.weight // count)


# --- JSON Lines ------------------------------------------------------------------------------------------------------


def _cut_lines(place: Place, base: Unit, first: bytes, source: Source) -> Iterator[Unit]:
    if first.startswith(b"["):
        raise HistoryError(
            f"holds a JSON array; give one run a line: jq -c '.[]' {_name(place)} > runs.jsonl"
        )
    if first.splitlines()[:1] == [b"{"]:
        raise HistoryError(
            f"holds JSON over several lines; give one run a line: jq -c . {_name(place)} > runs.jsonl"
        )
    if first and not first.startswith(b"{"):
        raise HistoryError("is neither Parquet nor JSON Lines")
    size = source.entry.size
    if compression_of(place.path) is not None or size <= _LINES_BYTES:
        yield replace(base, weight=size)
        return
    for start in range(0, size, _LINES_BYTES):
        stop = min(size, start + _LINES_BYTES)
        yield replace(base, start=start, stop=stop, weight=stop - start)


def _name(place: Place) -> str:
    return place.path.rpartition("/")[2]


def _short(fault: Any) -> str:
    return str(fault).splitlines()[0].split(". ")[0]
