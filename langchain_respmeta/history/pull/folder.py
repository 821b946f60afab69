"""Where a project's runs are kept: a folder that only its owner reads, named so that every reader takes it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from langchain_respmeta.errors import SettingsError

_UNSAFE: Final = re.compile(r'[\x00-\x1f<>:"/\\|?*=%]')
"""What a file system takes for something else; `=` makes a column of a folder's name."""
_HIDDEN: Final = ("_", ".")
"""Readers of data pass names by that begin so."""
_LONGEST: Final = 120


def project_folder(output: str | Path, project: str) -> Path:
    """Make the folder of a project within `output`, and return it.

    Raises:
        SettingsError: `output` is no local folder.
        OSError: It cannot be made.
    """
    if "://" in str(output):
        raise SettingsError(
            f"a pull writes to a local folder, not to {output}; copy the finished folder there",
            setting="output",
        )
    folder = Path(output).expanduser() / safe_name(project)
    for one in (folder.parent, folder):
        if one.exists() and not one.is_dir():
            raise SettingsError(f"{one} is a file; name a folder", setting="output")
        one.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def safe_name(project: str) -> str:
    """A project's name as a folder's: readable, and another one for another project."""
    safe = _UNSAFE.sub("-", project).rstrip(". ")
    if safe.startswith(_HIDDEN):
        safe = f"-{safe}"
    if safe == project and len(safe.encode()) <= _LONGEST:
        return safe
    told = hashlib.sha256(project.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{safe.encode()[:_LONGEST].decode('utf-8', 'ignore')}-{told}"
