"""The runs of a folder that `respmeta pull` made, in parts of a few hundred: only what can be judged is parsed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import needing
from langchain_respmeta._runs.traced_fields import time_of
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history.rows import COLUMNS, is_models, runs_of

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_OF_A_PART: Final = 500
"""Runs that are judged, stored and noted as done together."""

_NEEDED: Final = ("id", "run_type", "session_id", "start_time")
_TAIL: Final = 65_536
"""Bytes at a file's end, its footer, which holds statistics of all columns: they tell files from each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which runs of the files are looked at."""

    session_id: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Some runs of a file, in its order."""

    runs: Sequence[dict[str, Any]]
    """The wanted ones of models."""
    rows: int
    """How many rows of the file these were taken from."""
    end: int
    """How many rows of the file are read with them."""
    of_other_projects: int
    out_of_range: int
    of_other_types: int


class RunFile:
    """One Parquet file of runs."""

    def __init__(self, path: Path) -> None:
        """Read its footer.

        Raises:
            SettingsError: It is no readable Parquet file of runs.
        """
        self.path: Final = path
        with self._read() as file:
            self.rows: Final = int(file.metadata.num_rows)
            self._names: Final = frozenset(file.schema_arrow.names)
        if missing := [name for name in _NEEDED if name not in self._names]:
            raise self._wrong(f"it has no column {missing[0]!r}")
        size = path.stat().st_size
        with path.open("rb") as tail:
            tail.seek(max(0, size - _TAIL))
            self._digest: Final = sha256(f"{size}/".encode() + tail.read()).hexdigest()

    def name(self, wanted: Wanted) -> str:
        """What it is called in the ledger: by what it holds, and by the asked time where that cuts it."""
        cut = "" if self._is_within(wanted) else f" {wanted.since} {wanted.until}"
        return f"{self._digest}{cut}"

    def _is_within(self, wanted: Wanted) -> bool:
        if wanted.since is None and wanted.until is None:
            return True
        with self._read() as file:
            times = _times(file)
        if times is None:
            return False
        first, last = times
        return (wanted.since is None or wanted.since <= first) and (
            wanted.until is None or last < wanted.until
        )

    def parts(self, wanted: Wanted, done: int = 0) -> Iterator[Part]:
        """Yield its parts, without the first `done` rows.

        Raises:
            SettingsError: It cannot be read.
        """
        end = 0
        with self._read() as file:
            for batch in file.iter_batches(ROWS_OF_A_PART, columns=[*self._names.intersection(COLUMNS)]):
                begin, end = end, end + batch.num_rows
                if done < end:
                    yield _part(batch.slice(max(0, done - begin)), end, wanted)

    @contextmanager
    def _read(self) -> Iterator[Any]:
        pq, faults = _parquet()
        try:
            with pq.ParquetFile(self.path) as file:
                yield file
        except (faults, OSError) as fault:
            raise self._wrong(str(fault).splitlines()[0]) from fault

    def _wrong(self, why: str) -> SettingsError:
        return SettingsError(
            f"{self.path} holds no runs that can be read: {why}; pull them again", setting="runs"
        )


def _times(file: Any) -> tuple[datetime, datetime] | None:
    """The first and the last start in a file; None where it does not say."""
    found = [_of_group(file, number) for number in range(file.num_row_groups)]
    known = [one for one in found if one is not None]
    if not known or len(known) < len(found):
        return None
    return min(first for first, _ in known), max(last for _, last in known)


def _of_group(file: Any, number: int) -> tuple[datetime, datetime] | None:
    group = file.metadata.row_group(number)
    for index in range(group.num_columns):
        column = group.column(index)
        if column.path_in_schema == "start_time":
            told = column.statistics
            if told is None or not told.has_min_max:
                return None
            first, last = told.min, told.max
            return (first, last) if isinstance(first, datetime) and first.tzinfo is not None else None
    return None


def run_files(folder: str | os.PathLike[str]) -> list[RunFile]:
    """Return the Parquet files of a folder and its subfolders, the oldest day first; none that begins with `_` or `.`.

    Raises:
        SettingsError: There is no such folder, or no file in it.
    """
    root = Path(folder)
    if not root.is_dir():
        raise SettingsError(f"{folder} is no folder: give one that `respmeta pull -o` made", setting="runs")
    found = [path for path in root.rglob("*.parquet") if not _is_hidden(path.relative_to(root))]
    if not found:
        raise SettingsError(f"{folder} holds no Parquet file of runs: pull them first", setting="runs")
    return [RunFile(path) for path in sorted(found, key=lambda path: (path.parent.name, path.name))]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(("_", ".")) for part in path.parts)


def _part(batch: pa.RecordBatch, end: int, wanted: Wanted) -> Part:
    rows = [*runs_of(batch)]  # Arrow's own filters import pandas, where it is installed: a second, and 80 MB
    ours = [row for row in rows if row.get("session_id") == wanted.session_id]
    timely = [row for row in ours if _is_timely(row.get("start_time"), wanted)]
    models = [row for row in timely if is_models(row)]
    return Part(
        models, len(rows), end, len(rows) - len(ours), len(ours) - len(timely), len(timely) - len(models)
    )


def _is_timely(start: object, wanted: Wanted) -> bool:
    if wanted.since is None and wanted.until is None:
        return True
    time = time_of(start)
    return time is not None and (
        (wanted.since is None or wanted.since <= time) and (wanted.until is None or time < wanted.until)
    )


def _parquet() -> tuple[Any, type[Exception]]:
    with needing("Feedback on old runs", extra="history"):
        import pyarrow as pa
        import pyarrow.parquet as pq
    return pq, pa.ArrowException
