"""The files that a unit becomes: written aside, named when all are whole, marked as done at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Self
from uuid import uuid4

from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history.bulk.job import Job, Unit, UnitDone
from langchain_respmeta.history.bulk.places import Place, arrow, delete_quietly, place_of
from langchain_respmeta.table.parquet import days_of, writer_options

DONE, BAD, ASIDE = "_done", "_bad", "_tmp"
"""Folders of the output: a marker for each unit, rows that could not be read, and what is not finished."""
_HELD_BYTES: Final = 4 << 20
"""Unpacked bytes of rows that are held before they are written, each day's as a row group."""
_OPEN_PARTS: Final = {True: 16, False: 4}
"""Files that are written at a time, since a unit may hold runs of many days: on this machine, and on an object store, where
each holds megabytes that are not sent yet."""


class OutputError(HistoryError):
    """The output cannot be written."""


@contextmanager
def writing(to: str) -> Iterator[None]:
    """Tell the user what to do where the output cannot be written.

    Raises:
        OutputError: In place of the file system's own error.
    """
    try:
        yield
    except OSError as fault:
        what = "the disk is full" if fault.errno == 28 or "errno 28" in str(fault).lower() else str(fault)
        raise OutputError(
            f"{to} cannot be written: {what}. What is done stays; run the same command again to go on"
        ) from None


@dataclass(slots=True)
class _Day:
    """The files of a day."""

    name: str
    number: int = 0
    """Of the part that is written, or comes next."""
    part: _Part | None = None


class UnitOutput:
    """The files of one unit. Use it as a context: what is not finished is deleted at its end."""

    def __init__(self, unit: Unit, job: Job, schema: Any) -> None:
        self.unit, self.schema = unit, schema
        self.output = place_of(job.output)
        self.aside = self.output / ASIDE / job.attempt / f"{unit.id}-{uuid4().hex[:8]}"
        self._held: list[Any] = []
        self._size = 0
        self._days: dict[str, _Day] = {}
        self._parts: list[str] = []
        self._bad: Any = None
        self._options = writer_options(schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for day in self._days.values():
            if day.part is not None:
                _close_quietly(day.part)
        if self._bad is not None:
            _close_quietly(self._bad)
        delete_quietly(self.aside)

    def add(self, table: Any) -> None:
        """Take rows of the table, each for the day of its run."""
        self._held.append(table)
        self._size += table.nbytes
        if self._size >= _HELD_BYTES:
            self._write()

    def add_bad(self, position: dict[str, int], run_id: str | None, reason: str) -> None:
        """Take a row that could not be read."""
        if self._bad is None:
            self._bad = self._open(f"{BAD}/{self.unit.id}.jsonl")
        told = {"file": self.unit.source, **position, "run_id": run_id, "reason": reason}
        self._bad.write(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace") + b"\n")

    def finish(self, done: UnitDone) -> UnitDone:
        """Name all files, then mark the unit as done."""
        self._write()
        for day in self._days.values():
            self._close(day)
        if self._bad is not None:
            self._bad.close()
        for name in self._parts:
            target = self.output / name
            self._parent(target).make_folder()
            (self.aside / name).move(target)
        folder = self.output / DONE
        folder.make_folder()
        done = replace(done, parts=tuple(name for name in self._parts if not name.startswith(BAD)))
        (folder / f"{self.unit.id}.json").write(json.dumps(done.to_dict()).encode())
        return done

    def _write(self) -> None:
        """Write what is held, each day's rows as a row group."""
        table, self._held, self._size = arrow().Table.from_batches(self._held, self.schema), [], 0
        for name, rows in days_of(table):
            day = self._days.setdefault(name, _Day(name))
            self._part(day).write_table(rows)

    def _part(self, day: _Day) -> _Part:
        import pyarrow.parquet as pq

        if day.part is None:
            is_open = [other for other in self._days.values() if other.part is not None]
            if len(is_open) >= _OPEN_PARTS[self.output.is_local]:
                self._close(is_open[0])
            stream = self._open(f"day={day.name}/part-{self.unit.id}-{day.number}.parquet")
            day.part = _Part(stream, pq.ParquetWriter(stream, self.schema, **self._options))
        return day.part

    def _close(self, day: _Day) -> None:
        if day.part is not None:
            part, day.part = day.part, None
            day.number += 1
            part.close()

    def _open(self, name: str) -> Any:
        place = self.aside / name
        self._parent(place).make_folder()
        self._parts.append(name)
        return place.fs.open_output_stream(place.path)

    @staticmethod
    def _parent(place: Place) -> Place:
        above = place.path.rpartition("/")[0]
        return Place(place.url.rpartition("/")[0], above, place.fs, place.query)


@dataclass(slots=True)
class _Part:
    """A Parquet file that is written, and the stream below it, which the writer does not close."""

    stream: Any
    writer: Any

    def write_table(self, table: Any) -> None:
        self.writer.write_table(table)

    def close(self) -> None:
        self.writer.close()
        self.stream.close()


def _close_quietly(stream: Any) -> None:
    with suppress(OSError):  # the same that was told already
        stream.close()
