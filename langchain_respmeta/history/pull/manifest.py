"""Which windows a folder has: a journal, one line a window, brought to the disk after the window's part."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history.pull.moments import iso, micros
from langchain_respmeta.history.pull.parts import ASIDE, sync_folder
from langchain_respmeta.history.pull.windows import Window

MANIFEST: Final = "_manifest.jsonl"
_REWRITTEN: Final = "_manifest.tmp"
_FORMAT: Final = 1
_PARTS: Final = "day=*/runs-*.parquet"
State = Literal["open", "pending", "done"]


@dataclass(frozen=True, slots=True)
class Identity:
    """What all parts of a folder have in common: another one's runs are not mixed in."""

    project_id: str
    project: str
    filter: str | None
    run_type: str | None
    inputs: bool


_COMPARED: Final = {
    "project_id": "the project",
    "filter": "the filter",
    "run_type": "the run type",
    "inputs": "having prompts",
}
"""The fields that must be equal, as the user knows them. A project may be renamed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One window that was pulled."""

    window: Window
    state: State
    """`open`: its end is too young; `pending`: runs of it have not ended. Both are pulled again."""
    rows: int
    part: str | None
    """None where it has no run."""
    bytes: int


class Manifest:
    """The journal of one folder, for the process that holds the folder's lock.

    Raises:
        SettingsError: The folder has other runs, or the journal is damaged.
        OSError: It cannot be read or written.
    """

    def __init__(self, folder: Path, identity: Identity) -> None:
        self._folder = folder
        self._path = folder / MANIFEST
        head, entries = self._read()
        self._entries = {entry.window: entry for entry in entries}  # of a window pulled again the last one
        if entries:
            self._refuse_other(head, identity)
        self._identity = identity
        self._forget_lost()
        self._rewrite()
        self._remove_leftovers()

    def entries(self) -> list[Entry]:
        """All windows, oldest first."""
        return [self._entries[window] for window in sorted(self._entries)]

    def add(self, entry: Entry) -> None:
        """Note a window whose part is in its place.

        Raises:
            OSError: It cannot be written; the window counts as not pulled.
        """
        with self._path.open("ab") as file:
            file.write(_line(_told(entry)))
            file.flush()
            os.fsync(file.fileno())
        self._entries[entry.window] = entry

    def _read(self) -> tuple[dict[str, Any], list[Entry]]:
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return {}, []
        # What follows the last line end is of a process that was killed while it wrote.
        lines = text[: text.rfind(b"\n") + 1].splitlines()
        try:
            told = [orjson.loads(line) for line in lines]
            return _head(told), [_entry(line) for line in told[1:]]
        except (ValueError, KeyError, TypeError):
            raise SettingsError(
                f"{self._path} cannot be read. Remove the folder and pull again", setting="output"
            ) from None

    def _refuse_other(self, head: dict[str, Any], identity: Identity) -> None:
        mine = asdict(identity)
        other = [name for name in _COMPARED if head.get(name) != mine[name]]
        if other:
            told = "; ".join(
                f"{_COMPARED[name]} was {head.get(name)!r} and is now {mine[name]!r}" for name in other
            )
            raise SettingsError(
                f"{self._folder} holds runs of another pull ({told}). Choose another folder, or pull as before",
                setting="output",
            )

    def _forget_lost(self) -> None:
        """Windows whose part is gone or of another size are pulled again."""
        for entry in self.entries():
            path = None if entry.part is None else self._folder / entry.part
            if path is not None and (not path.is_file() or path.stat().st_size != entry.bytes):
                del self._entries[entry.window]

    def _rewrite(self) -> None:
        """One line for each window, and the head; else the journal of a folder pulled each hour would grow."""
        aside = self._folder / _REWRITTEN
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(_line({"format": _FORMAT, **asdict(self._identity)}))
            file.writelines(_line(_told(entry)) for entry in self.entries())
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._path)
        sync_folder(self._folder)

    def _remove_leftovers(self) -> None:
        """Files of a process that was killed before it had noted them: their windows are pulled again."""
        (self._folder / ASIDE).unlink(missing_ok=True)
        known = {entry.part for entry in self._entries.values()}
        for path in self._folder.glob(_PARTS):
            if path.relative_to(self._folder).as_posix() not in known:
                path.unlink()


def _line(told: dict[str, Any]) -> bytes:
    return orjson.dumps(told) + b"\n"


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "start": iso(entry.window.start),
        "end": iso(entry.window.end),
        "state": entry.state,
        "rows": entry.rows,
        "part": entry.part,
        "bytes": entry.bytes,
    }


def _head(told: list[dict[str, Any]]) -> dict[str, Any]:
    """The first line, where it is of a format that is known here.

    Raises:
        ValueError: It is not.
    """
    if told and told[0]["format"] != _FORMAT:
        raise ValueError(f"format {told[0]['format']!r}")
    return told[0] if told else {}


def _entry(told: dict[str, Any]) -> Entry:
    start, end = (micros(datetime.fromisoformat(told[name])) for name in ("start", "end"))
    return Entry(Window(start, end), told["state"], told["rows"], told["part"], told["bytes"])
