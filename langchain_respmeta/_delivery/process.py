"""Whether another process of this machine is alive."""

from __future__ import annotations

import os
import socket
from functools import cache

__all__ = ["host", "is_alive"]


@cache
def host() -> str:
    """Return where process ids are comparable: the machine's name and, on Linux, its namespace of process ids."""
    try:
        space = str(os.stat("/proc/self/ns/pid").st_ino)  # noqa: PTH116 - a link of /proc is followed, not read
    except OSError:
        space = ""
    return f"{socket.gethostname()}:{space}"


def is_alive(where: str, pid: int, silent_s: float, ttl_s: float) -> bool:
    """Whether a process that has been silent for `silent_s` may be alive.

    Where process ids can be looked up, a missing one is dead at once; elsewhere only a long silence counts.
    """
    # A clock set back makes the silence negative; far below zero it counts as silence.
    return -ttl_s <= silent_s <= ttl_s and not (where == host() and _is_gone(pid))


def _is_gone(pid: int) -> bool:
    if os.name != "posix":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
