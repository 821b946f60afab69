"""One program at a time writes into a folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from langchain_respmeta.errors import HistoryError
from langchain_respmeta.history.bulk.places import Place, delete_quietly

_NAME: Final = "_lock"
_BEAT_S: Final = 20.0
"""How often a program says that it is there, where no lock of the system is."""
_SILENT_S: Final = 180.0
"""After so long without, it is taken for dead."""


@contextmanager
def sole_writer(output: Place, name: str) -> Iterator[None]:
    """Hold a folder: by a lock of the system on this machine's disks, elsewhere by a file that is written again and again.

    Args:
        output: The folder; it exists.
        name: This program's, told to no other.

    Raises:
        HistoryError: Another program holds it.
        OSError: The folder cannot be written.
    """
    with _system_lock(output) if output.is_local and _has_locks() else _beating(output, name):
        yield


def _has_locks() -> bool:
    try:
        import fcntl  # noqa: F401
    except ModuleNotFoundError:  # Windows
        return False
    return True


@contextmanager
def _system_lock(output: Place) -> Iterator[None]:
    import fcntl

    with open(f"{output.path}/{_NAME}", "ab") as file:  # noqa: PTH123 - the file's end is the lock's end
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HistoryError(f"another program writes into {output} now: wait for it, or end it") from None
        yield


@contextmanager
def _beating(output: Place, name: str) -> Iterator[None]:
    """Each program writes the time into a file of its own, again and again. Two that begin at once may both refuse."""
    folder = output / _NAME
    folder.make_folder()
    mine = folder / name
    try:
        mine.write(_now())
        for entry in folder.files():
            if entry.place.path == mine.path:
                continue
            if time.time() - _time_in(entry.place) < _SILENT_S:
                raise HistoryError(
                    f"another program writes into {output}, or was ended less than {_SILENT_S:.0f} s ago: "
                    f"wait, or delete {entry.place} if it is dead"
                )
            entry.place.delete()
        with _beats(mine):
            yield
    finally:
        delete_quietly(mine)


def _now() -> bytes:
    return str(time.time()).encode()


def _time_in(beat: Place) -> float:
    """When a program was last there; now, where that cannot be told."""
    try:
        return float(beat.read())
    except (OSError, ValueError):
        return time.time()


@contextmanager
def _beats(mine: Place) -> Iterator[None]:
    over = threading.Event()

    def beat() -> None:
        while not over.wait(_BEAT_S):
            try:
                mine.write(_now())
            except OSError:
                continue  # the work itself will tell

    thread = threading.Thread(target=beat, daemon=True, name="respmeta-lock")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
