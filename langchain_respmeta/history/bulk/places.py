"""Files and folders on any file system that Arrow or fsspec has, by path or URL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from langchain_respmeta._process.late_imports import loading, needing
from langchain_respmeta.errors import MissingExtraError, SettingsError

UNFINISHED: Final = ".tmp"
"""Ending of a small file that is being written."""
_PURPOSE: Final = "Reading runs in bulk"
_WITHOUT_FOLDERS: Final = frozenset({"s3", "gcs", "abfs"})
"""Arrow's file systems where a file needs no folder: making one would leave an empty object."""
_CHANGE_KEYS: Final = ("ETag", "etag", "mtime", "LastModified", "last_modified", "updated", "created")
"""What fsspec's file systems call the mark or the time of a change."""


def arrow() -> Any:
    """Return pyarrow with its file systems and functions.

    Raises:
        MissingExtraError: It is not installed.
    """
    with needing(_PURPOSE, extra="history"):
        import pyarrow as pa
        import pyarrow.compute
        import pyarrow.fs
    return pa


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that was found."""

    place: Place
    size: int
    stamp: str
    """Size and time (or tag) of the last change: another stamp, another content."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder: `url` names it for people and other processes, `path` for `fs`."""

    url: str
    path: str
    fs: Any
    query: str = ""
    """Options of the URL, after its `?`."""

    def __truediv__(self, below: str) -> Place:
        before = self.url if self.url.endswith("/") else f"{self.url}/"
        return replace(self, url=before + below, path=f"{self.path.rstrip('/')}/{below}")

    def __str__(self) -> str:
        return self.url + self.query

    @property
    def is_local(self) -> bool:
        """Whether it is a path of this machine."""
        return bool(self.fs.type_name == "local")

    def kind(self) -> str:
        """`file`, `folder` or `nothing`."""
        kinds = arrow().fs.FileType
        names = {kinds.File: "file", kinds.Directory: "folder"}
        return names.get(self.fs.get_file_info(self.path).type, "nothing")

    def entry(self) -> Entry:
        """Return the file with its size and stamp, asked for now.

        Raises:
            FileNotFoundError: There is none.
        """
        info = self.fs.get_file_info(self.path)
        if not info.is_file:
            raise FileNotFoundError(2, "No such file", self.url)
        return self._entry(info)

    def files(self) -> Iterator[Entry]:
        """All files below a folder, at any depth; nothing if there is no folder."""
        pa = arrow()
        for info in self.fs.get_file_info(
            pa.fs.FileSelector(self.path, recursive=True, allow_not_found=True)
        ):
            if info.is_file:
                yield (self / self._below(info.path))._entry(info)  # noqa: SLF001 - its own class

    def _below(self, path: str) -> str:
        return path.removeprefix("/").removeprefix(self.path.strip("/")).removeprefix("/")

    def _entry(self, info: Any) -> Entry:
        change = info.mtime_ns
        inner = getattr(getattr(self.fs, "handler", None), "fs", None)
        if inner is not None:
            told = inner.info(self.path)
            change = next((told[key] for key in _CHANGE_KEYS if told.get(key) is not None), change)
        return Entry(self, info.size or 0, f"{info.size}-{change}")

    def make_folder(self) -> None:
        """Make a folder and those above it."""
        if self.fs.type_name not in _WITHOUT_FOLDERS:
            self.fs.create_dir(self.path, recursive=True)

    def read(self) -> bytes:
        """Return the content of a file."""
        with self.fs.open_input_stream(self.path) as stream:
            return bytes(stream.read())

    def write(self, content: bytes) -> None:
        """Write a file as a whole: whoever looks sees the old content or the new one."""
        aside = replace(self, path=f"{self.path}.{os.getpid()}{UNFINISHED}") if self.is_local else self
        with aside.fs.open_output_stream(aside.path) as stream:
            stream.write(content)
        if aside is not self:
            aside.move(self)

    def move(self, target: Place) -> None:
        """Give a finished file its name, in place of the file that has it; on this machine's disk, not only in its memory."""
        if self.is_local:
            handle = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        self.fs.move(self.path, target.path)

    def delete(self) -> None:
        """Delete a file or a folder with all below it, if it is there."""
        kinds = arrow().fs.FileType
        kind = self.fs.get_file_info(self.path).type
        if kind == kinds.Directory:
            self.fs.delete_dir(self.path)
        elif kind != kinds.NotFound:
            self.fs.delete_file(self.path)


def place_of(where: str | os.PathLike[str]) -> Place:
    """Return the place of a path or URL.

    Raises:
        SettingsError: The URL names no file system that is known, or its package is not installed.
        MissingExtraError: pyarrow is not installed.
    """
    named = os.fspath(where)
    if named.startswith("file://"):
        _, named = arrow().fs.FileSystem.from_uri(named)
    scheme, is_url, rest = named.partition("://")
    if not is_url:
        path = os.path.abspath(os.path.expanduser(named)).replace(os.sep, "/")  # noqa: PTH100, PTH111 - `..` goes, links stay
        return Place(path, path, arrow().fs.LocalFileSystem())
    rest, mark, query = (rest, "", "") if scheme.startswith("http") else rest.partition("?")
    root, _, below = rest.partition("/")
    fs, path = _file_system(f"{scheme}://{root}{mark}{query}")
    here = Place(f"{scheme}://{root or '/'}", path, fs, mark + query)
    return here / below.rstrip("/") if below.strip("/") else here


@lru_cache(maxsize=256)
def _file_system(root: str) -> tuple[Any, str]:
    pa = arrow()
    try:
        fs, path = pa.fs.FileSystem.from_uri(root)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return _fsspec(root)
    return fs, path


def _fsspec(root: str) -> tuple[Any, str]:
    pa = arrow()
    try:
        with loading:
            from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # it has no types
        fs, path = url_to_fs(root.partition("?")[0])
    except ModuleNotFoundError as fault:
        raise MissingExtraError(_PURPOSE, extra="history", package=str(fault.name)) from None
    except (ValueError, ImportError) as fault:  # an unknown protocol; a known one without its package
        raise SettingsError(f"{root}: {fault}", setting="input or output") from None
    return pa.fs.PyFileSystem(pa.fs.FSSpecHandler(fs)), path


def is_of_this_process(url: str) -> bool:
    """Whether no other process sees the files of a URL."""
    return url.startswith("memory://")


def is_hidden(file: Place, folder: Place) -> bool:
    """Whether a name below the folder begins with `_` or `.`: what programs keep for themselves."""
    return any(name[:1] in "_." for name in file.path[len(folder.path) :].strip("/").split("/"))


def delete_quietly(place: Place) -> None:
    """Delete what the next run of the program deletes otherwise."""
    with suppress(OSError):
        place.delete()
