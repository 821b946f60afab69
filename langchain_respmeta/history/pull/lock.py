"""One pull at a time in a folder. The system lets the lock go when its process ends, however it ends."""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from langchain_respmeta.errors import SettingsError

LOCK: Final = "_lock"
_HELD: Final = frozenset({errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK})
_FIRST_BYTE: Final = 1 << 30
"""On Windows a locked byte cannot be read: one beyond the text is locked."""


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold the folder. On a file system without locks nothing is held.

    Raises:
        SettingsError: Another process holds it.
        OSError: The lock's file cannot be written.
    """
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _acquire(handle)
        except OSError as error:
            if error.errno in _HELD:
                raise SettingsError(
                    f"{folder} is being written by another pull{_holder(handle)}; wait for its end",
                    setting="output",
                ) from None
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode())
        yield
    finally:
        os.close(handle)


def _holder(handle: int) -> str:
    try:
        os.lseek(handle, 0, os.SEEK_SET)
        held = json.loads(os.read(handle, 1_000))
        return f" (process {held['pid']} on {held['host']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _acquire(handle: int) -> None:
    if os.name == "nt":
        import msvcrt

        os.lseek(handle, _FIRST_BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    import fcntl

    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
