"""`parquet`: a folder of Parquet files by day, with one row for each record."""

from __future__ import annotations

import os
import threading
from collections import deque
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.faults import report
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.sinks.children import in_children
from langchain_respmeta.sinks.journal import FOLDER, Journal, left_journals
from langchain_respmeta.sinks.line_files import PatientLines, trouble_of
from langchain_respmeta.sinks.part_writer import WRITER
from langchain_respmeta.sinks.parts import MOST_PLACES, Parts
from langchain_respmeta.sinks.repeats import Amendments
from langchain_respmeta.table.lines import line_of
from langchain_respmeta.table.schema import arrow

if TYPE_CHECKING:
    from langchain_respmeta.record.fields import RecordFields


def parquet(folder: str | os.PathLike[str], *, rows: int = 10_000, seconds: float = 60.0) -> ParquetFolder:
    """Make a sink that writes records into `folder/day=YYYY-MM-DD/part-….parquet`, as `respmeta normalize` does old runs.

    A record is in a journal (`folder/_journal/`) as soon as it comes, and in a Parquet file after `rows` records, `seconds`
    seconds, `flush`, or the end of the process. Files are written aside and renamed: a reader sees a whole file or
    none. A killed process leaves its journal; the next one that makes this sink writes those records first. Nothing that
    `flush` returned True for is lost, also when the machine fails; what came since is lost only with the machine.

    A record that comes again, since more became known of it, replaces its row, among the last 50,000. Small files grow: each
    process has one file of under 2,000 rows a day at most. Any number of processes and forked children may write into one
    folder of one machine. While the disk is full, the last 1,000 records are held in memory, and `flush` returns False.

    Args:
        folder: It is made if it is not there; what is above it must be there.
        rows: Records after which a file is written.
        seconds: The longest that a record waits for its file.

    Raises:
        SettingsError: The folder cannot be written or has no locks of files; `rows` or `seconds` is not positive.
        MissingExtraError: pyarrow is not installed.

    Examples:
        >>> RespMetaHandler(sinks=[parquet("calls")])  # doctest: +SKIP
    """
    return ParquetFolder(folder, rows=rows, seconds=seconds)


class ParquetFolder:
    """The sink that `parquet` makes."""

    def __init__(self, folder: str | os.PathLike[str], *, rows: int = 10_000, seconds: float = 60.0) -> None:
        arrow()
        self.folder: Final = Path(folder).absolute()
        self.rows: Final = _positive("rows", rows, int)
        self.seconds: Final = float(_positive("seconds", seconds, float, int))
        self._journals: Final = self.folder / FOLDER
        self._begin()
        try:
            self.folder.mkdir(exist_ok=True)
            self._journals.mkdir(mode=0o700, exist_ok=True)
            self._recover()
        except OSError as error:
            raise SettingsError(f"parquet: {self.folder}: {trouble_of(error)}", setting="folder") from None
        in_children(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        """Guards the journal that is written."""
        self._writing = threading.Lock()
        """Guards the files."""
        self._journal: Journal | None = None
        self._full: deque[Journal] = deque()
        """Journals that are to become files."""
        self._lines = PatientLines("parquet", self.folder, self._append)
        self._amendments = Amendments(MOST_PLACES)
        self._parts = Parts(self.folder, self._journals)

    def _recover(self) -> None:
        """Write what processes left that died.

        Raises:
            OSError: The folder cannot be written.
        """
        with left_journals(self._journals) as left:
            for journal in left:
                try:
                    self._parts.take_in(journal)
                    journal.delete()
                except OSError as error:
                    self._lines.tell(error)
                    return
                except Exception as fault:  # noqa: BLE001 - as below: the journal stays
                    report("writing what another process left", fault)

    def __call__(self, record: RecordFields, /) -> None:
        """Write the record into the journal."""
        with self._lock:
            self._lines.write(line_of(record, self._amendments.count(record)))
            is_full = self._journal is not None and self._journal.rows >= self.rows
        WRITER.expect(self, 0 if is_full else self.seconds)

    def _append(self, line: bytes) -> None:
        if self._journal is None:
            self._journal = Journal.begin(self._journals)
        self._journal.append(line)

    def flush(self, timeout: float) -> bool:
        """Write all records that came so far into Parquet files, on this thread.

        Args:
            timeout: Seconds to wait for another thread that writes them.

        Returns:
            Whether every record since the last flush is there.
        """
        until = monotonic() + timeout
        with self._lock:
            whole = self._lines.write_waiting() and not self._lines.take_lost()
            if self._journal is not None:
                self._full.append(self._journal)
                self._journal = None
        written = self._write_files(max(0.0, until - monotonic()))
        if not (written and whole):
            WRITER.expect(self, self.seconds)
        return written and whole

    def _write_files(self, timeout: float) -> bool:
        """Make files of the journals that are full; return whether none is left."""
        if not self._writing.acquire(timeout=min(timeout, threading.TIMEOUT_MAX)):
            return False
        try:
            for journal in tuple(self._full):
                self._parts.take_in(journal)
                journal.delete()
                self._full.remove(journal)
        except OSError as error:
            self._lines.tell(error)
            return False
        except Exception as fault:  # noqa: BLE001 - whatever Arrow has against it: the journals stay
            report("writing Parquet files", fault)
            return False
        finally:
            self._writing.release()
        return True

    def begin_again(self) -> None:
        """Go on in a forked child: the journals are the parent's, and its threads may hold the locks."""
        for journal in (self._journal, *self._full):
            if journal is not None:
                journal.close()
        self._begin()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the settings: another process has journals of its own."""
        return _made, (str(self.folder), self.rows, self.seconds)

    def __repr__(self) -> str:
        return f"parquet({str(self.folder)!r})"


def _made(folder: str, rows: int, seconds: float) -> ParquetFolder:
    return ParquetFolder(folder, rows=rows, seconds=seconds)


def _positive(name: str, value: Any, *kinds: type) -> Any:
    if type(value) not in kinds or not 0 < value < threading.TIMEOUT_MAX:
        raise SettingsError(f"parquet: {name} must be a positive number, got {value!r}", setting=name)
    return value
