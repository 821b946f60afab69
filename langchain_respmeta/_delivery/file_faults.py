"""Troubles of the outbox's file, in one line each: kind and remedy. Never an exception's own text."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Mapping
from typing import Final

__all__ = ["ForeignFileError", "file_trouble"]

_ELSEWHERE: Final = "set RESPMETA_STATE_DIR to a directory that can be written"
_FULL: Final = f"the disk is full; free some space or {_ELSEWHERE}"
_READ_ONLY: Final = f"the file or its file system is read-only; {_ELSEWHERE}"
_DENIED: Final = f"permission denied; {_ELSEWHERE}"

_SQLITE: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _DENIED,
    sqlite3.SQLITE_CANTOPEN: f"the file cannot be opened; {_ELSEWHERE}",
    sqlite3.SQLITE_BUSY: "another program holds the file locked; end it",
    sqlite3.SQLITE_LOCKED: "another program holds the file locked; end it",
    sqlite3.SQLITE_IOERR: f"the disk fails or is full; check it or {_ELSEWHERE}",
}
_ERRNO: Final[Mapping[int, str]] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: f"the disk quota is used up; free some space or {_ELSEWHERE}",
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
}


class ForeignFileError(sqlite3.DatabaseError):
    """The file is a database that this version of the package did not create. It is left untouched."""


def file_trouble(error: OSError | sqlite3.Error) -> str:
    """Return the trouble and its remedy; of an unforeseen error its kind alone."""
    if isinstance(error, ForeignFileError):
        return f"it is another program's or version's database; move it away or {_ELSEWHERE}"
    code = getattr(error, "sqlite_errorcode", None)
    known = _ERRNO.get(error.errno or 0) if isinstance(error, OSError) else _SQLITE.get((code or 0) & 0xFF)
    if known is None and "disk is full" in str(error):  # raised without a code
        known = _FULL
    if known is not None:
        return known
    said = error.strerror if isinstance(error, OSError) else None
    return f"{said or type(error).__name__}; {_ELSEWHERE}"
