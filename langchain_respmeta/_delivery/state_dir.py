"""The user's state directory, and files in it that only the user may read."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from langchain_respmeta._process.settings import STATE_DIR

OUTBOX_FILE: Final = "feedback-v1.sqlite3"
"""The name carries the schema's version: another schema is another file."""
_APP: Final = "langchain_respmeta"


def _xdg() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")


def _windows() -> Path:
    return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")


_PLATFORMS: Final[Mapping[str, Callable[[], Path]]] = {
    "darwin": lambda: Path.home() / "Library" / "Application Support",
    "win32": _windows,
}


def state_dir() -> Path:
    """Return `RESPMETA_STATE_DIR`, else the platform's directory for one user's state.

    Raises:
        OSError: The user has no home directory and the variable is not set.
    """
    explicit = os.environ.get(STATE_DIR)
    if explicit:
        return Path(explicit).expanduser()
    try:
        return _PLATFORMS.get(sys.platform, _xdg)() / _APP
    except RuntimeError as error:
        raise OSError(f"no state directory: {error}; set RESPMETA_STATE_DIR") from error


def outbox_path(directory: Path | None = None) -> Path:
    """Return the outbox's path: in `directory`, else in the state directory.

    Raises:
        OSError: There is no directory for it.
    """
    return (directory or state_dir()) / OUTBOX_FILE


def make_private(path: Path) -> None:
    """Create `path` as a file of mode 0600, its directory as 0700. An existing directory keeps its mode.

    Raises:
        OSError: It cannot be created or written, or is a symbolic link.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A link planted in a shared directory must not redirect the rows.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        if hasattr(os, "fchmod") and stat.S_IMODE(os.fstat(handle).st_mode) != 0o600:
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)
