"""Files of records as batches of the table, in bounded memory: Parquet, lines of JSON, and lists of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.charts.files import kind_of
from langchain_respmeta.charts.objects import check_columns
from langchain_respmeta.errors import RecordError, SettingsError
from langchain_respmeta.record.record import ResponseMetadata
from langchain_respmeta.table.general import text_of
from langchain_respmeta.table.lines import (
    AMENDMENT,
    ROWS_OF_BATCH,
    batch_of_rows,
    is_row,
    line_of,
    parsed_line,
)
from langchain_respmeta.table.parquet import as_current
from langchain_respmeta.table.schema import PREFIX, arrow

if TYPE_CHECKING:
    import pyarrow as pa

    from langchain_respmeta.history.export.report import ExportReport

_CANDIDATE: Final = f"{PREFIX}_candidate_index"
_VERSION: Final = "schema_version"
"""A record's own JSON has it at its top."""


def batches_of(file: Path, last: LastVersions, report: ExportReport) -> Iterator[pa.RecordBatch]:
    """The rows of a file; what is no row, or was replaced, is counted in the report.

    Raises:
        SettingsError: The file is damaged, or holds something else.
        OSError: It cannot be read.
    """
    if kind_of(file) == "parquet":
        yield from _batches_of_parquet(file)
    else:
        rows = (row for row in _rows_of(file, report) if last.has(row, report))
        while part := [*islice(rows, ROWS_OF_BATCH)]:
            yield batch_of_rows(part)


class LastVersions:
    """Which of several lines of one record counts: the one that was amended most, or came last."""

    def __init__(self, files: Iterable[Path]) -> None:
        """Look through the files: Parquet has one row for each record already."""
        self._last: dict[int, tuple[int, int]] = {}
        self._seen = 0
        unread = _Uncounted()
        for file in files:
            if kind_of(file) != "parquet":
                for row in _rows_of(file, unread):
                    self._seen += 1
                    if (key := _key(row)) is not None:
                        self._last[key] = max(self._last.get(key, (0, 0)), self._version(row))
        self._seen = 0

    def has(self, row: Mapping[str, Any], report: ExportReport) -> bool:
        """Whether the next row is the last version of its record."""
        self._seen += 1
        key = _key(row)
        if key is None or self._last[key] == self._version(row):
            return True
        report.replaced += 1
        return False

    def _version(self, row: Mapping[str, Any]) -> tuple[int, int]:
        amended = row.get(AMENDMENT)
        return amended if isinstance(amended, int) else 0, self._seen


class _Uncounted:
    skipped = 0


def _key(row: Mapping[str, Any]) -> int | None:
    """A number for a record: a million of them take less room than their names."""
    run_id = row.get("run_id")
    return None if run_id is None else hash((run_id, row.get(_CANDIDATE)))


def _batches_of_parquet(file: Path) -> Iterator[pa.RecordBatch]:
    with loading:
        import pyarrow.parquet as pq
    pa = arrow()
    try:
        with pq.ParquetFile(file, memory_map=False) as found:
            check_columns(found.schema_arrow.names, str(file))
            for batch in found.iter_batches(batch_size=ROWS_OF_BATCH):
                yield from as_current(pa.Table.from_batches([batch])).combine_chunks().to_batches()
    except pa.ArrowInvalid as fault:
        raise SettingsError(f"{file} cannot be read as Parquet: {fault}", setting="input") from None


def _rows_of(file: Path, report: ExportReport | _Uncounted) -> Iterator[Mapping[str, Any]]:
    """The rows in a file; a record that stands there by itself is made one."""
    for line in _lines(file) if kind_of(file) == "lines" else _listed(file):
        found = parsed_line(line)
        if found is not None and _VERSION in found:
            found = _row_of_record(found)
        if found is not None and is_row(found):
            yield found
        elif line and not line.isspace():
            report.skipped += 1


def _row_of_record(record: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        return parsed_line(line_of(ResponseMetadata.from_dict(record)))
    except RecordError:
        return None


def _lines(file: Path) -> Iterator[bytes]:
    with arrow().input_stream(str(file), compression="detect") as stream:
        held = b""
        while block := stream.read(1 << 20):
            *lines, held = (held + block).split(b"\n")
            yield from lines
        if held:
            yield held


def _listed(file: Path) -> Iterator[bytes]:
    """The items of a file that is one JSON document; a document that is no list is the only item."""
    with arrow().input_stream(str(file), compression="detect") as stream:
        text = stream.read()
    try:
        found = json.loads(text)
    except ValueError as fault:
        raise SettingsError(f"{file} is not JSON: {fault}", setting="input") from None
    for one in found if isinstance(found, list) else [found]:
        yield text_of(one).encode()
