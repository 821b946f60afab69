"""Late imports: what is loaded at the first need, under a lock that a fork waits for.

A child inherits the lock of a module that another thread of its parent was importing, and would wait for it for ever.
The lock itself is put in by `_process.locks`, so that rooms which import late need no threads.
"""

from __future__ import annotations

from typing import Final, Protocol


class Lock(Protocol):
    """A lock that one thread may acquire twice."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001, FBT002 - as `threading` has it
        """Wait for the lock."""
        ...

    def release(self) -> None:
        """Let it go."""
        ...


class _Unlocked:
    """Stands in until `_process.locks` is imported."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: ARG002, FBT001, FBT002
        return True

    def release(self) -> None:
        pass


class ForkLock:
    """Held around what a fork must not interrupt: `with lock: import …`. One thread may hold it twice."""

    def __init__(self) -> None:
        self.lock: Lock = _Unlocked()

    def __enter__(self) -> None:
        self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.lock.release()


loading: Final = ForkLock()
"""`with loading:` surrounds every import that is made at its first need."""
