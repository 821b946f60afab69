"""Late imports: what is loaded at the first need, under a lock that a fork waits for.

A child inherits the lock of a module that another thread of its parent was importing, and would wait for it for ever.
The lock itself is put in by `_process.locks`, so that rooms which import late need no threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, Protocol

from langchain_respmeta.errors import MissingExtraError, RespMetaError


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


class _Needed:
    """What `needing` returns."""

    def __init__(self, purpose: str, extra: str, package: str | None) -> None:
        self._purpose, self._extra, self._package = purpose, extra, package

    def __enter__(self) -> None:
        loading.__enter__()

    def __exit__(self, _kind: object, fault: BaseException | None, _trace: object) -> None:
        loading.__exit__()
        if isinstance(fault, ImportError) and not isinstance(fault, RespMetaError):
            package = self._package or str(fault.name)
            raise MissingExtraError(self._purpose, extra=self._extra, package=package) from fault


def needing(purpose: str, *, extra: str, package: str | None = None) -> _Needed:
    """Surround imports of what an extra brings, as `loading` does those of what is always there.

    >>> with needing("Charts", extra="analysis"):
    ...     import altair  # doctest: +SKIP

    Args:
        purpose: What needs it, for people.
        extra: What to install.
        package: The distribution's name. Default: that of the module that is missing.

    Raises:
        MissingExtraError: It cannot be imported.
    """
    return _Needed(purpose, extra, package)


def lazy_names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return a package's `__getattr__` and `__dir__`: its public names are loaded at their first use.

    Args:
        package: Its `__name__`.
        homes: Public name → the module that has it, relative to the top of langchain_respmeta.
    """
    top = package.partition(".")[0]

    def getattr_(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with loading:
            home = import_module(f"{top}.{homes[name]}")
        return getattr(home, name)

    return getattr_, lambda: sorted(homes)
