"""The Parquet files that journals become: written aside, then renamed, so that a reader sees a whole file or none.

What a crash leaves is done again from the journal, with the same result: a file names the journals that it holds, and a record
that was written before is replaced where it stands.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.sinks.journal import Journal
from langchain_respmeta.sinks.repeats import RecordKey
from langchain_respmeta.table.lines import AMENDMENT, ROWS_OF_BATCH, batch_of_rows, rows_of_lines
from langchain_respmeta.table.parquet import as_current, days_of, writer_options
from langchain_respmeta.table.schema import PREFIX, arrow, table_schema

if TYPE_CHECKING:
    import pyarrow as pa

MOST_PLACES: Final = 50_000
"""Records whose file is remembered, to replace them there when they come again."""
GROWN_ROWS: Final = 2_000
"""A file with fewer rows is written anew with those that come next: whoever flushes often gets no heap of small files."""
JOURNALS: Final = b"respmeta_journals"
"""Key of a file's metadata: names of the journals that it holds, with commas between them."""
_GROWING_DAYS: Final = 4
_CANDIDATE: Final = f"{PREFIX}_candidate_index"

_Rows: TypeAlias = Mapping[Any, Mapping[str, Any]]


class Parts:
    """The files of a folder, as far as this process writes them."""

    def __init__(self, folder: Path, aside: Path) -> None:
        self._folder: Final = folder
        self._aside: Final = aside
        self._places: Final[Bounded[RecordKey, Path]] = Bounded(MOST_PLACES)
        self._growing: Final[Bounded[str, Path]] = Bounded(_GROWING_DAYS)

    def take_in(self, journal: Journal) -> None:
        """Write the records of a journal, each into the files of its run's day.

        Raises:
            OSError: A file cannot be written. The same call goes on.
            MissingExtraError: pyarrow is not installed.
        """
        for left in self._aside.glob(f"{journal.name}-*"):  # of an attempt that failed
            left.unlink(missing_ok=True)
        rows = _latest(rows_of_lines(journal.lines(), lambda *_: None))  # a cut line was never acknowledged
        if journal.may_be_written:
            self._find_places(rows)
        journal.may_be_written, again = True, journal.may_be_written
        known: defaultdict[Path, dict[Any, Mapping[str, Any]]] = defaultdict(dict)
        new: list[Mapping[str, Any]] = []
        for key, row in rows.items():
            place = self._places.get(key)
            if place is None or not _is_readable(place):
                new.append(row)
            else:
                known[place][key] = row
        for place, changed in known.items():
            self._replace(place, changed, journal)
        for day, table in days_of(_table(new)) if new else ():
            written = self._part_with(day, journal) if again else None
            if written is None:
                self._add(day, table, journal)
            else:
                self._remember(table, written)

    def _replace(self, place: Path, changed: _Rows, journal: Journal) -> None:
        """Write a file anew, with other rows for these records."""
        before, journals = _read(place)
        kept = before.filter(arrow().array([key not in changed for key in _keys(before)], "bool"))
        self._write(place, arrow().concat_tables([kept, _table([*changed.values()])]), journals, journal)

    def _add(self, day: str, table: pa.Table, journal: Journal) -> None:
        """Write rows of a day into its last file, if that is small, else into a new one."""
        place = self._growing.get(day)
        journals: Sequence[str] = ()
        if place is None or not _is_readable(place):
            place = self._folder / f"day={day}" / f"part-{journal.name}.parquet"
        else:
            before, journals = _read(place)
            table = arrow().concat_tables([before, table])
        self._write(place, table, [*journals, journal.name], journal)
        self._remember(table, place)
        if table.num_rows < GROWN_ROWS:
            self._growing.keep(day, place)
        else:
            self._growing.pop(day, None)

    def _remember(self, table: pa.Table, place: Path) -> None:
        for key in _keys(table):
            if key is not None:
                self._places.keep(key, place)

    def _write(self, place: Path, table: pa.Table, journals: Sequence[str], journal: Journal) -> None:
        schema = table_schema()
        schema = schema.with_metadata({**(schema.metadata or {}), JOURNALS: ",".join(journals).encode()})
        aside = self._aside / f"{journal.name}-{place.parent.name}"
        with aside.open("wb") as file:
            with _parquet().ParquetWriter(file, schema, **writer_options(schema)) as writer:
                writer.write_table(table.replace_schema_metadata(schema.metadata))
            file.flush()
            os.fsync(file.fileno())
        if not place.parent.is_dir():
            place.parent.mkdir(exist_ok=True)
            _sync_folder(self._folder)
        aside.replace(place)
        _sync_folder(place.parent)

    # --- after a crash -----------------------------------------------------------------------------------------------

    def _find_places(self, rows: _Rows) -> None:
        """Find in which files the records stand that came again."""
        amended = {key for key, row in rows.items() if row.get(AMENDMENT) and key not in self._places}
        if not amended:
            return
        for day, _ in days_of(_table([rows[key] for key in amended])):
            for place in self._parts_of(day):
                for key in amended.intersection(_keys(_read(place, ["run_id", _CANDIDATE])[0])):
                    self._places.keep(key, place)

    def _part_with(self, day: str, journal: Journal) -> Path | None:
        """The file of a day that holds a journal."""
        return next((place for place in self._parts_of(day) if journal.name in _journals_in(place)), None)

    def _parts_of(self, day: str) -> Iterable[Path]:
        return sorted((self._folder / f"day={day}").glob("part-*.parquet"))


def _latest(rows: Iterable[Mapping[str, Any]]) -> _Rows:
    """The last row of each record; those without a run have a key of their own."""
    found: dict[Any, Mapping[str, Any]] = {}
    for row in rows:
        run_id = row.get("run_id")
        found[len(found) if run_id is None else (run_id, row.get(_CANDIDATE))] = row
    return found


def _table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    parts = [batch_of_rows(rows[at : at + ROWS_OF_BATCH]) for at in range(0, len(rows), ROWS_OF_BATCH)]
    return arrow().Table.from_batches(parts, schema=table_schema())


def _keys(table: pa.Table) -> list[RecordKey | None]:
    ids, candidates = table.column("run_id").to_pylist(), table.column(_CANDIDATE).to_pylist()
    return [None if one is None else (one, candidate) for one, candidate in zip(ids, candidates, strict=True)]


def _read(place: Path, columns: Sequence[str] | None = None) -> tuple[pa.Table, Sequence[str]]:
    """The rows of a file, and the journals that it holds."""
    with _parquet().ParquetFile(place, memory_map=False) as file:
        table = file.read(columns=columns, use_threads=False)
        journals = _journals_of(file)
    return (as_current(table) if columns is None else table), journals


def _journals_in(place: Path) -> Sequence[str]:
    with _parquet().ParquetFile(place, memory_map=False) as file:
        return _journals_of(file)


def _is_readable(place: Path) -> bool:
    """Whether a file is still there, and what it was: somebody may have moved it, or written over it."""
    try:
        return bool(_journals_in(place))
    except (OSError, ValueError):
        return False


def _journals_of(file: Any) -> Sequence[str]:
    held = (file.metadata.metadata or {}).get(JOURNALS, b"").decode()
    return held.split(",") if held else []


@cache
def _parquet() -> Any:
    with loading:
        import pyarrow.parquet
    return pyarrow.parquet


def _sync_folder(folder: Path) -> None:
    """Have the system bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
