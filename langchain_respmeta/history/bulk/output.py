"""The files that a unit becomes: written aside, named when all are whole, marked as done at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self
from uuid import uuid4

from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history.bulk.job import Job, Unit, UnitDone
from langchain_respmeta.history.bulk.places import Place, arrow, delete_quietly, place_of

DONE, BAD, ASIDE = "_done", "_bad", "_tmp"
"""Folders of the output: a marker for each unit, rows that could not be read, and what is not finished."""
NO_DAY: Final = "__HIVE_DEFAULT_PARTITION__"
"""The day of a run without any time: hive's name of null."""
_ROW_GROUP_BYTES: Final = 16 << 20
"""Unpacked bytes of a day's rows that are held before they are written as a row group."""
_HELD_BYTES: Final = 48 << 20
"""Unpacked bytes of all days' rows that are held."""
_OPEN_PARTS: Final = 16
"""Files that are written at a time: a unit may hold runs of many days."""
_UNIQUE: Final = (
    "run_id",
    "trace_id",
    "parent_run_id",
    "start_time",
    "end_time",
    "record",
    "respmeta_response_id",
)
"""Columns whose values hardly repeat: a dictionary of them costs time and saves nothing."""


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
    """The rows of a day, as they come."""

    name: str
    number: int = 0
    """Of the part that is written, or comes next."""
    held: list[Any] = field(default_factory=list)
    size: int = 0
    writer: Any = None


class UnitOutput:
    """The files of one unit. Use it as a context: what is not finished is deleted at its end."""

    def __init__(self, unit: Unit, job: Job, schema: Any) -> None:
        self.unit, self.schema = unit, schema
        self.output = place_of(job.output)
        self.aside = self.output / ASIDE / job.attempt / f"{unit.id}-{uuid4().hex[:8]}"
        self._days: dict[str, _Day] = {}
        self._parts: list[str] = []
        self._bad: Any = None
        dictionary = [name for name in schema.names if name not in _UNIQUE]
        self._options: dict[str, Any] = {"compression": "zstd", "use_dictionary": dictionary}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for day in self._days.values():
            if day.writer is not None:
                _close_quietly(day.writer)
        if self._bad is not None:
            _close_quietly(self._bad)
        delete_quietly(self.aside)

    def add(self, table: Any) -> None:
        """Take rows of the table, each for the day of its run."""
        for name, rows in _by_day(table):
            day = self._days.setdefault(name, _Day(name))
            day.held.append(rows)
            day.size += rows.nbytes
            if day.size >= _ROW_GROUP_BYTES:
                self._write(day)
        while sum(day.size for day in self._days.values()) > _HELD_BYTES:
            self._write(max(self._days.values(), key=lambda day: day.size))

    def add_bad(self, position: dict[str, int], run_id: str | None, reason: str) -> None:
        """Take a row that could not be read."""
        if self._bad is None:
            self._bad = self._open(f"{BAD}/{self.unit.id}.jsonl")
        told = {"file": self.unit.source, **position, "run_id": run_id, "reason": reason}
        self._bad.write(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace") + b"\n")

    def finish(self, done: UnitDone) -> UnitDone:
        """Name all files, then mark the unit as done."""
        for day in self._days.values():
            self._write(day)
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

    def _write(self, day: _Day) -> None:
        """Write what is held of a day as a row group."""
        if not day.held:
            return
        if day.writer is None:
            self._open_part(day)
        pa = arrow()
        day.writer.write_table(pa.Table.from_batches(day.held, self.schema))
        day.held, day.size = [], 0

    def _open_part(self, day: _Day) -> None:
        import pyarrow.parquet as pq

        is_open = [other for other in self._days.values() if other.writer is not None]
        if len(is_open) >= _OPEN_PARTS:
            self._close(is_open[0])
        stream = self._open(f"day={day.name}/part-{self.unit.id}-{day.number}.parquet")
        day.writer = _Part(stream, pq.ParquetWriter(stream, self.schema, **self._options))

    def _close(self, day: _Day) -> None:
        if day.writer is not None:
            writer, day.writer = day.writer, None
            day.number += 1
            writer.close()

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


def _by_day(table: Any) -> Iterator[tuple[str, Any]]:
    """The rows of each day (UTC) of a batch, in their order."""
    pa = arrow()
    import pyarrow.compute as pc

    times = pc.coalesce(table.column("start_time"), table.column("end_time"))
    days = (
        pc.fill_null(pc.strftime(times, "%Y-%m-%d"), NO_DAY) if table.num_rows else pa.array([], pa.string())
    )
    names = pc.unique(days).to_pylist()
    for name in names:
        yield name, table if len(names) == 1 else table.filter(pc.equal(days, name))
