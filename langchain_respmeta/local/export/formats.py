"""Stored records as the bytes of a file, piece by piece."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import orjson

from langchain_respmeta.local.export.stored_records import StoredRecord
from langchain_respmeta.table.columns import batch_of
from langchain_respmeta.table.files import FORMATS, Format
from langchain_respmeta.table.lines import line_of_row
from langchain_respmeta.table.schema import arrow

if TYPE_CHECKING:
    import pyarrow as pa

Parts: TypeAlias = Iterable[list[StoredRecord]]
Encode: TypeAlias = Callable[[Parts], Iterator[bytes]]


def encoder(ending: str) -> Encode:
    """What makes a file with this ending of `FORMATS`.

    Raises:
        MissingExtraError: pyarrow is not installed, and a file of this kind needs it.
    """
    if ending == ".jsonl":
        return _lines
    arrow()
    return partial(_arrow_file, FORMATS[ending])


def _lines(parts: Parts) -> Iterator[bytes]:
    """Lines of JSON, without Arrow."""
    for part in parts:
        yield b"".join(map(_line, part))


def _line(record: StoredRecord) -> bytes:
    content = {name: orjson.Fragment(text) for name, text in record.content.items()}
    return line_of_row(record.row() | content)


def _arrow_file(form: Format, parts: Parts) -> Iterator[bytes]:
    file = _Pipe()
    with form(cast("io.BufferedWriter", file)) as write:
        for part in parts:
            write(_batch(part))
            yield file.taken()
    yield file.taken()


def _batch(part: list[StoredRecord]) -> pa.RecordBatch:
    columns: Mapping[str, list[object]] = {
        name: [record.of_run[name] for record in part] for name in part[0].of_run
    }
    problems = {place: record.problem for place, record in enumerate(part) if record.problem is not None}
    return batch_of([record.draft for record in part], columns, problems=problems, include_content=True)


class _Pipe(io.RawIOBase):
    """A file that is written only; what was written is taken out piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """How much was written."""
        return self._written

    def write(self, data: Any, /) -> int:
        """Keep the bytes until they are taken."""
        piece = bytes(data)
        self._pieces.append(piece)
        self._written += len(piece)
        return len(piece)

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
