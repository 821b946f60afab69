"""Lines at the end of a file that other threads and processes write, too: one write each, and nothing between two halves."""

from __future__ import annotations

import errno
import logging
import os
import stat
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from langchain_respmeta._process.warn_once import warn_once

try:
    import fcntl
except ModuleNotFoundError:  # Windows
    fcntl = None  # type: ignore[assignment]

logger: Final = logging.getLogger("langchain_respmeta")

MOST_WAITING: Final = 1_000
"""Lines that are held in memory while a file cannot be written; beyond that the oldest are lost."""

_OPEN: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_MODE: Final = 0o600  # like the outbox: what answers hold may be private


def open_lines(path: Path) -> int:
    """Open a file to write to its end; it is made if it is not there, for this user alone.

    Raises:
        OSError: It cannot be written.
    """
    return os.open(path, _OPEN, _MODE)


def append_line(file: int, line: bytes) -> None:
    """Write a line with one write to the end of a file that others write, too.

    A last line that a full disk or a crash has cut is ended first, so that it costs itself alone.

    Args:
        file: As `open_lines` gives it.
        line: With its end.

    Raises:
        OSError: It could not be written whole.
    """
    with _alone(file):  # a long write becomes visible bit by bit, and would look like a cut line
        append_to_own(file, line)


def append_to_own(file: int, line: bytes) -> None:
    """The same for a file that nobody else writes.

    Raises:
        OSError: It could not be written whole.
    """
    data = b"\n" + line if _ends_open(file) else line
    if os.write(file, data) < len(data) - 1:  # the end alone may be missing: the next line writes it
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def _alone(file: int) -> Iterator[None]:
    """Hold the file's lock, where there is one. A write would wait for another writer as long."""
    if fcntl is None:
        yield
        return
    with suppress(OSError):  # a file system without locks
        fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_UN)  # a child that was forked meanwhile holds the file open, too


def try_lock(file: int) -> bool:
    """Take the file's lock until it is closed; return whether nobody else holds it.

    Raises:
        OSError: This system, or its file system, has no locks.
    """
    if fcntl is None:
        raise OSError(errno.ENOTSUP, "this system has no locks of files")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _ends_open(file: int) -> bool:
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        return False
    os.lseek(
        file, -1, os.SEEK_END
    )  # `pread` is not everywhere; what is appended goes to the end wherever this is
    return os.read(file, 1) not in {b"\n", b""}


def trouble_of(error: OSError) -> str:
    """Say why a file cannot be written, without its name."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "its directory is not there; make it, or name another file"
    return error.strerror or type(error).__name__


class PatientLines:
    """Writes lines, and holds those that cannot be written for the next time. Its owner's lock guards it."""

    def __init__(self, sink: str, place: Path, append: Callable[[bytes], None]) -> None:
        """Hold nothing yet.

        Args:
            sink: The factory's name, for the log.
            place: What cannot be written, for the log.
            append: Writes one line, or raises OSError.
        """
        self._sink = sink
        self._place = place
        self._append = append
        self._waiting: deque[bytes] = deque()
        self._lost = 0
        """Since `take_lost`."""

    def write(self, line: bytes) -> None:
        """Write a line behind those that wait. Never raises for a file that cannot be written: that is told once."""
        self._waiting.append(line)
        self.write_waiting()
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self._lost += 1

    def write_waiting(self) -> bool:
        """Write what waits; return whether nothing waits any more."""
        try:
            while self._waiting:
                self._append(self._waiting[0])
                self._waiting.popleft()
        except OSError as error:
            self.tell(error)
            return False
        return True

    def tell(self, error: OSError) -> None:
        """Log once that the file cannot be written."""
        warn_once(
            logger,
            (self._sink, str(self._place)),
            "%s: %s cannot be written: %s. Records wait until that ends, %d of them in memory at most: beyond that the oldest are lost.",
            self._sink,
            self._place,
            trouble_of(error),
            MOST_WAITING,
        )

    def take_lost(self) -> int:
        """Return how many lines were lost since the last time."""
        lost, self._lost = self._lost, 0
        return lost

    def forget(self) -> None:
        """Drop what waits: in a forked child it is the parent's."""
        self._waiting.clear()
        self._lost = 0
