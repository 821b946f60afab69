"""Journals: lines of records that are in no Parquet file yet. Each is one process's, which holds the file's lock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from langchain_respmeta.sinks.line_files import append_to_own, open_lines, try_lock

FOLDER: Final = "_journal"
"""Folder of a table's folder; readers of hive's partitions leave out what begins so."""
_ENDING: Final = ".jsonl"
_RECOVERY: Final = "recovery.lock"
_TRIES: Final = 5


class Journal:
    """A file of lines that this process holds."""

    def __init__(self, path: Path, file: int, *, is_left: bool = False) -> None:
        self.path: Final = path
        self.rows = 0
        """Lines that this process has written."""
        self.may_be_written = is_left
        """Whether some of it may stand in Parquet files: it was left by a process that died, or writing them has failed."""
        self._file: int | None = file

    @classmethod
    def begin(cls, folder: Path) -> Journal:
        """Begin a new one.

        Raises:
            OSError: The folder cannot be written.
        """
        for _ in range(_TRIES):
            path = folder / f"{uuid4().hex}{_ENDING}"
            if (file := _held(path)) is not None:  # else another process took it for one that was left
                return cls(path, file)
        raise OSError(f"{folder}: another program deletes what is made there")

    @property
    def name(self) -> str:
        """Its name, which no other has."""
        return self.path.stem

    def append(self, line: bytes) -> None:
        """Write a line.

        Raises:
            OSError: It could not be written whole.
        """
        if self._file is not None:
            append_to_own(self._file, line)
            self.rows += 1

    def lines(self) -> list[bytes]:
        """Read what was written.

        Raises:
            OSError: It cannot be read.
        """
        return self.path.read_bytes().splitlines()

    def delete(self) -> None:
        """Delete it: all its lines stand in Parquet files.

        Raises:
            OSError: It cannot be deleted.
        """
        self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Let go of the file. Where a parent process holds it, too, it stays the parent's."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __del__(self) -> None:
        self.close()


@contextmanager
def left_journals(folder: Path) -> Iterator[Iterator[Journal]]:
    """Hold the journals of processes that died; none where another process sees to them just now.

    Raises:
        OSError: The folder cannot be written.
    """
    file = open_lines(folder / _RECOVERY)
    try:
        yield _left(folder) if try_lock(file) else iter(())
    finally:
        os.close(file)


def _left(folder: Path) -> Iterator[Journal]:
    for path in sorted(folder.glob(f"*{_ENDING}")):
        file = _held(path)
        if file is not None:
            yield Journal(path, file, is_left=True)


def _held(path: Path) -> int | None:
    """Open a journal and hold its lock; None where another holds it, or has deleted it meanwhile."""
    file = open_lines(path)
    try:
        if try_lock(file) and path.exists() and os.path.samestat(os.fstat(file), path.stat()):
            return file
    except FileNotFoundError:
        pass
    except BaseException:
        os.close(file)
        raise
    os.close(file)
    return None
