"""One Parquet file for each window: gathered in memory, sorted, written aside, renamed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from langchain_respmeta.history.pull.moments import moment_of
from langchain_respmeta.history.pull.rows import is_pending, run_batch, run_schema, start_of
from langchain_respmeta.history.pull.windows import Window

if TYPE_CHECKING:
    from types import TracebackType

    import pyarrow as pa
    import pyarrow.parquet as pq

ASIDE: Final = "_aside.tmp"
"""The file that is being written; nobody reads names that begin so."""
_ORDER: Final = (("start_time", "ascending"), ("id", "ascending"))
_PLAIN_COLUMNS: Final[Any] = ["name", "run_type", "status", "session_id", "error"]
"""Where values repeat: the others get no dictionary."""
_ROW_GROUP: Final = 1_024


@dataclass(frozen=True, slots=True)
class PartLimits:
    """What is held in memory of one window before it is split, or written as row groups of their own."""

    rows: int = 20_000
    bytes: int = 10 << 20


class PartOverflow(Exception):  # noqa: N818 - of a part
    """The window has more than one part may hold. What was seen of it began from `first` to `last`."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(first, last)
        self.first = first
        self.last = last


def part_name(window: Window) -> str:
    """The file's place within the project's folder."""
    start, end = (
        moment_of(us)
        .replace(tzinfo=None)
        .isoformat(timespec="microseconds")
        .replace(":", "")
        .replace(".", "_")
        for us in (window.start, window.end)
    )
    return f"day={window.day}/runs-{start}Z-{end}Z.parquet"


class Part:
    """Gathers the runs of one window and writes them; `with` removes what was not finished.

    Args:
        folder: The project's folder.
        window: Runs that started elsewhere are left out.
        limits: How much is held.
        can_split: Whether more than that is an overflow; else the file gets several row groups, each sorted.
    """

    def __init__(self, folder: Path, window: Window, limits: PartLimits, *, can_split: bool) -> None:
        self.rows = 0
        self.pending = 0
        self.unreadable = 0
        self._folder = folder
        self._window = window
        self._limits = limits
        self._can_split = can_split
        self._seen: set[str] = set()
        self._first = window.end
        self._last = window.start
        self._held: list[pa.RecordBatch] = []
        self._held_rows = 0
        self._held_bytes = 0
        self._file: Any = None
        self._writer: pq.ParquetWriter | None = None

    @property
    def share(self) -> float:
        """How full it is; 1 is all that may be held."""
        return max(self._held_rows / self._limits.rows, self._held_bytes / self._limits.bytes)

    def add(self, page: Iterable[Mapping[str, Any]]) -> None:
        """Take the runs of a page that are in the window and not taken yet.

        Raises:
            PartOverflow: They are too many, and the window can be split.
            OSError: They cannot be written.
        """
        runs = [run for run in page if self._takes(run)]
        if not runs:
            return
        batch = run_batch(runs)
        self.rows += len(runs)
        self.pending += sum(map(is_pending, runs))
        self._held.append(batch)
        self._held_rows += len(runs)
        self._held_bytes += batch.nbytes
        if self.share > 1:
            if self._can_split:
                raise PartOverflow(self._first, self._last)
            self._write()

    def finish(self) -> tuple[str | None, int]:
        """Put the file in its place; return its name and its bytes, or None and 0 where there is no run.

        Raises:
            OSError: It cannot be written. An earlier file of the window stays as it was.
        """
        target = self._folder / part_name(self._window)
        if not self.rows:
            target.unlink(missing_ok=True)
            return None, 0
        self._write()
        if self._writer is not None:
            self._writer.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        size = os.fstat(self._file.fileno()).st_size
        self._file.close()
        target.parent.mkdir(mode=0o700, exist_ok=True)
        (self._folder / ASIDE).replace(target)
        sync_folder(target.parent)
        return part_name(self._window), size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        with suppress(OSError):  # a full disk refuses the closing, too
            if self._writer is not None:
                self._writer.close()
        with suppress(OSError):
            self._file.close()
        (self._folder / ASIDE).unlink(missing_ok=True)

    def _takes(self, run: Mapping[str, Any]) -> bool:
        start = start_of(run)
        if start is None:
            self.unreadable += 1
            return False
        if not self._window.start <= start < self._window.end or run["id"] in self._seen:
            return False
        self._seen.add(run["id"])
        self._first, self._last = min(self._first, start), max(self._last, start)
        return True

    def _write(self) -> None:
        """Write what is held."""
        import pyarrow as pa
        from pyarrow.compute import SortOptions, call_function

        if not self._held:
            return
        table = pa.Table.from_batches(self._held)
        self._held.clear()
        self._held_rows = self._held_bytes = 0
        order = call_function("sort_indices", [table], SortOptions(_ORDER))
        for first in range(0, len(order), _ROW_GROUP):  # a copy of each, not of all
            self._open().write_table(table.take(order.slice(first, _ROW_GROUP)))
        del table, order
        pa.default_memory_pool().release_unused()

    def _open(self) -> pq.ParquetWriter:
        import pyarrow.parquet as pq

        if self._writer is None:
            handle = os.open(self._folder / ASIDE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._file = os.fdopen(handle, "wb")
            self._writer = pq.ParquetWriter(
                self._file, run_schema(), compression="zstd", use_dictionary=_PLAIN_COLUMNS
            )
        return self._writer


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
