"""What the user names, a file, a folder, a pattern, on any file system, as a list of files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history.bulk.places import Entry, Place, is_hidden, place_of

FORMATS: Final = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}
"""Ending of a file's name → how it is read."""
COMPRESSIONS: Final = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2", ".lz4": "lz4"}
"""Ending after that of JSON Lines → Arrow's name of the compression."""
_FOLDER_COLUMNS: Final = ("session_id", "project_id")
"""Columns that a bulk export's folders name (`session_id=…`) and a run has."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of runs."""

    entry: Entry
    format: str
    constants: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Its name for people and other processes."""
        return str(self.entry.place)


@dataclass(slots=True)
class Sources:
    """Files that were found."""

    files: list[Source] = field(default_factory=list)
    """In the order of their names, each once."""
    ignored: list[str] = field(default_factory=list)
    """Files of folders whose name ends unlike any that is read."""


def find_sources(inputs: Iterable[str | os.PathLike[str]], output: Place) -> Sources:
    """Find the files that are named.

    Raises:
        SettingsError: Something named does not exist, cannot be listed, holds no files of runs, or holds the output.
    """
    found: dict[str, Source] = {}
    ignored: set[str] = set()
    for named in inputs:
        is_any = False
        for entry, is_named in _entries(named, output):
            kind = _format(entry.place.path)
            if kind is None and not is_named:
                ignored.add(str(entry.place))
                continue
            source = Source(entry, kind or "", _constants(entry.place.path))
            found.setdefault(source.url, source)
            is_any = True
        if not is_any:
            raise SettingsError(f"{named} holds no file that ends in {', '.join(FORMATS)}", setting="input")
    if not found:
        raise SettingsError("no input is named", setting="input")
    return Sources([found[url] for url in sorted(found)], sorted(ignored))


def _entries(named: str | os.PathLike[str], output: Place) -> Iterator[tuple[Entry, bool]]:
    """Each file, and whether the user named it himself."""
    place = place_of(named)
    try:
        kind = place.kind()
        if kind == "file":
            yield place.entry(), True
        elif kind == "folder":
            _refuse_inside(output, place)
            for entry in place.files():
                if not is_hidden(entry.place, place):
                    yield entry, False
        else:
            yield from _matches(place, str(named))
    except OSError as fault:
        raise SettingsError(f"{named} cannot be read: {fault.strerror or fault}", setting="input") from None


def _matches(place: Place, named: str) -> Iterator[tuple[Entry, bool]]:
    segments = place.path.split("/")
    first = next((i for i, segment in enumerate(segments) if _MAGIC.search(segment)), None)
    if first is None:
        raise SettingsError(f"{named} does not exist", setting="input")
    cut = len("/".join(segments[first:])) + 1
    base = Place(place.url[:-cut], place.path[:-cut], place.fs, place.query)
    pattern, is_any = re.compile(_regex(segments[first:])), False
    for entry in base.files():
        below = entry.place.path[len(base.path) :].lstrip("/")
        if pattern.fullmatch(below) and not is_hidden(entry.place, base):
            is_any = True
            yield entry, False
    if not is_any:
        raise SettingsError(f"{named} matches no file", setting="input")


_MAGIC: Final = re.compile(r"[*?\[]")
_WILD: Final = {"*": "[^/]*", "?": "[^/]"}


def _regex(segments: list[str]) -> str:
    """A pattern for the shell (`*`, `?`, `[…]` within a name, `**` for any folders) as a regular expression."""
    parts: list[str] = []
    for segment in segments:
        if segment == "**":
            parts.append("(?:[^/]+/)*")
            continue
        tokens = re.findall(r"\[[^\]]+\]|.", segment)
        parts.append(
            "".join(
                _WILD.get(token) or (token.replace("[!", "[^") if len(token) > 1 else re.escape(token))
                for token in tokens
            )
        )
        parts.append("/")
    whole = "".join(parts)
    return whole + "[^/]+" if segments[-1] == "**" else whole.removesuffix("/") + "(?:/.*)?"


def _format(path: str) -> str | None:
    stem, ending = os.path.splitext(path)  # noqa: PTH122 - a path of any file system
    if ending in FORMATS:
        return FORMATS[ending]
    inner = FORMATS.get(os.path.splitext(stem)[1])  # noqa: PTH122 - a path of any file system
    return inner if ending in COMPRESSIONS and inner == "jsonl" else None


def compression_of(path: str) -> str | None:
    """Arrow's name of a file's compression, by its ending."""
    return COMPRESSIONS.get(os.path.splitext(path)[1])  # noqa: PTH122 - a path of any file system


def _constants(path: str) -> dict[str, str]:
    pairs = (segment.partition("=") for segment in path.split("/")[:-1])
    return {name: unquote(value) for name, is_pair, value in pairs if is_pair and name in _FOLDER_COLUMNS}


def _refuse_inside(output: Place, folder: Place) -> None:
    """Refuse to read, next time, what was written."""
    inner, outer = f"{output.url.rstrip('/')}/", f"{folder.url.rstrip('/')}/"
    if inner.startswith(outer):
        raise SettingsError(
            f"the output {output} lies in the input {folder}: choose another folder for it", setting="output"
        )
