"""`jsonl`: a file with one JSON line for each record."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.sinks.children import in_children
from langchain_respmeta.sinks.line_files import PatientLines, append_line, open_lines, trouble_of
from langchain_respmeta.sinks.repeats import Amendments

if TYPE_CHECKING:
    from langchain_respmeta.record.fields import RecordFields


def jsonl(path: str | os.PathLike[str], *, max_bytes: int | None = None) -> JsonLines:
    """Make a sink that appends one JSON line for each record to a file.

    A line is a row of the table of records: the same columns as `respmeta normalize` and `parquet` write, without those that
    are null. `record` is the whole record. A record that comes again, since more became known of it, is another line with
    `amendment`: 1, 2, …; the last line counts, and `respmeta export`, `report` and `charts` take it so.

    Each line is one write to the file's end when the record comes: threads, processes and forked children may share a file,
    and nothing that was written is lost when the process is killed. `flush` also has the system bring it to the disk
    (`fsync`), for when the machine itself fails. While the disk is full, the last 1,000 lines are held in memory, and
    `flush` returns False; nothing is ever raised into a chain.

    Args:
        path: The file. It is made if it is not there, for this user alone; its directory must be there.
        max_bytes: When the file has become so large, it is renamed to `<name>-<time>-<process><ending>`, and a new one is
            begun. Default: never. It may also be renamed from outside at any time.

    Raises:
        SettingsError: The file cannot be written, or `max_bytes` is no positive whole number.

    Examples:
        >>> RespMetaHandler(sinks=[jsonl("calls.jsonl")])  # doctest: +SKIP
    """
    return JsonLines(path, max_bytes=max_bytes)


class JsonLines:
    """The sink that `jsonl` makes. Holds no file open, so it can be pickled and forked."""

    def __init__(self, path: str | os.PathLike[str], *, max_bytes: int | None = None) -> None:
        if max_bytes is not None and (type(max_bytes) is not int or max_bytes < 1):
            raise SettingsError(
                f"jsonl: max_bytes must be a positive whole number, got {max_bytes!r}", setting="max_bytes"
            )
        self.path: Final = Path(path).absolute()
        self.max_bytes: Final = max_bytes
        self._lines = PatientLines("jsonl", self.path, self._append)
        self._amendments = Amendments()
        self._lock = threading.Lock()
        try:
            os.close(open_lines(self.path))
        except OSError as error:
            raise SettingsError(f"jsonl: {self.path}: {trouble_of(error)}", setting="path") from None
        in_children(self)

    def __call__(self, record: RecordFields, /) -> None:
        """Append the record's line."""
        with loading:
            from langchain_respmeta.table.lines import line_of

        with self._lock:
            self._lines.write(line_of(record, self._amendments.count(record)))

    def flush(self, timeout: float) -> bool:  # noqa: ARG002 - a write waits for nobody
        """Write what a full disk had refused, and have the system bring the file to the disk.

        Returns:
            Whether every record since the last flush is there.
        """
        with self._lock:
            whole = self._lines.write_waiting() and not self._lines.take_lost()
            try:
                self._bring_to_disk()
            except OSError as error:
                self._lines.tell(error)
                return False
            return whole

    def _bring_to_disk(self) -> None:
        if self.path.is_file():
            file = open_lines(self.path)
            try:
                os.fsync(file)
            finally:
                os.close(file)

    def _append(self, line: bytes) -> None:
        file = open_lines(self.path)
        try:
            append_line(file, line)
            is_full = self.max_bytes is not None and os.fstat(file).st_size >= self.max_bytes
            if is_full:
                os.fsync(file)
        finally:
            os.close(file)
        if is_full:
            with suppress(OSError):  # another process did it, or the next line tries again
                self._begin_next_file()

    def _begin_next_file(self) -> None:
        """Rename the file. Two processes at once may rename a new one, too: no line is lost by that.

        Raises:
            OSError: It is not there any more, or cannot be renamed.
        """
        time = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        self.path.rename(self.path.with_name(f"{self.path.stem}-{time}-{os.getpid()}{self.path.suffix}"))

    def begin_again(self) -> None:
        """Go on in a forked child: a thread of the parent may hold the lock, and what waits is the parent's."""
        self._lock = threading.Lock()
        self._lines.forget()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the settings: another process has its own lock, and nothing that waits."""
        return _made, (str(self.path), self.max_bytes)

    def __repr__(self) -> str:
        return f"jsonl({str(self.path)!r})"


def _made(path: str, max_bytes: int | None) -> JsonLines:
    return JsonLines(path, max_bytes=max_bytes)
