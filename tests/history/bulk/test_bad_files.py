"""Files that cannot be read take nothing with them, and say why; a disk that is full loses nothing that was done."""

from __future__ import annotations

import errno
import gzip
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.memory import MemoryFile, MemoryFileSystem

from langchain_respmeta import HistoryError, SettingsError
from langchain_respmeta.history import normalize_files
from tests.history.bulk.files import as_lines, expected, exported, table_of, write_export

ROWS = exported()


def _cut_short(share: float) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        pq.write_table(ROWS, path, row_group_size=10)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return write


def _broken_page(path: Path) -> None:
    pq.write_table(ROWS, path, row_group_size=10, compression="zstd")
    content = bytearray(path.read_bytes())
    for at in range(len(content) // 4, len(content) // 2):
        content[at] ^= 0x5A
    path.write_bytes(content)


def _table(**columns: list[Any]) -> Callable[[Path], None]:
    return lambda path: pq.write_table(pa.table(columns), path)


BAD: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "cut at the end": ("x.parquet", _cut_short(0.99), "no whole Parquet file"),
    "cut in the middle": ("x.parquet", _cut_short(0.5), "no whole Parquet file"),
    "cut at the start": ("x.parquet", _cut_short(0.001), "no whole Parquet file"),
    "a broken page": ("x.parquet", _broken_page, "cannot be read"),
    "no bytes": ("x.parquet", lambda path: path.write_bytes(b""), "is empty"),
    "other columns": ("x.parquet", _table(text=["a"], label=[1]), "its columns are text, label"),
    "only ids": ("x.parquet", _table(id=["a"], name=["b"]), "its columns are id, name"),
    "an array": ("x.json", lambda path: path.write_text('[{"id": 1}]'), r"jq -c '\.\[\]' x\.json"),
    "printed JSON": ("x.json", lambda path: path.write_text('{\n "id": 1}'), r"jq -c \. x\.json"),
    "no JSON": ("x.jsonl", lambda path: path.write_text("id,name\n1,2\n"), "neither Parquet nor JSON Lines"),
    "no gzip": ("x.jsonl.gz", lambda path: path.write_text('{"id": 1}\n'), "cannot be read"),
    "gzip cut short": (
        "x.jsonl.gz",
        lambda path: path.write_bytes(gzip.compress(as_lines(ROWS))[:-500]),
        "cannot be read",
    ),
}


@pytest.mark.parametrize("which", BAD)
def test_a_file_that_cannot_be_read_is_told_and_the_others_are_in_the_table(
    which: str, tmp_path: Path
) -> None:
    name, write, words = BAD[which]
    write_export(tmp_path / "in", ROWS)
    write(tmp_path / "in" / name)
    for _ in range(2):
        report = normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
        assert (report.files, report.done) == (2, 1)
        ((file, reason),) = report.failed.items()
        assert file == str(tmp_path / "in" / name)
        assert re.search(words, reason)
        assert file in report.describe()
    rows = [row for row in table_of(tmp_path / "out") if row["project_id"]]
    assert {row["run_id"] for row in expected(ROWS)} == {row["run_id"] for row in rows}
    assert not (tmp_path / "out" / "_tmp").exists()


def test_a_file_that_was_repaired_is_read_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    _cut_short(0.9)(path)
    assert not normalize_files(path, tmp_path / "out", workers=1).is_clean
    pq.write_table(ROWS, path)
    assert normalize_files(path, tmp_path / "out", workers=1).is_clean
    assert table_of(tmp_path / "out") == expected(ROWS)


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz", "x.parquet"])
def test_a_file_without_rows_is_done_with_no_rows(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if path.suffix == ".parquet":
        pq.write_table(ROWS.slice(0, 0), path)
    else:
        path.write_bytes(b"\n\n" if path.suffix == ".jsonl" else gzip.compress(b""))
    report = normalize_files(path, tmp_path / "out", workers=1)
    assert report.is_clean
    assert (report.files, report.done, report.rows) == (1, 1, 0)


def test_a_line_of_many_megabytes_is_one_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_bytes(
        as_lines(ROWS.slice(0, 3)) + b'{"id": "' + b"x" * (40 << 20) + b'"}\n' + as_lines(ROWS.slice(3))
    )
    report = normalize_files(path, tmp_path / "out", workers=1)
    assert (report.rows, report.bad) == (61, 1)
    assert table_of(tmp_path / "out") == expected(ROWS)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX's")
@pytest.mark.parametrize("what", ["file", "folder", "output"])
def test_what_may_not_be_read_or_written_is_told(what: str, tmp_path: Path) -> None:
    file = write_export(tmp_path / "in", ROWS.slice(0, 2))
    normalize_files(tmp_path / "in", tmp_path / "other", workers=1)  # imports all that is imported late
    (tmp_path / "out").mkdir()
    closed = {
        "file": file,
        "folder": tmp_path / "in",
        "output": tmp_path / "out",
    }
    with _as_nobody(tmp_path):
        closed[what].chmod(0o500 if what == "output" else 0)
        try:
            if what == "file":
                (reason,) = normalize_files(tmp_path / "in", tmp_path / "out", workers=1).failed.values()
                assert "ermission denied" in reason
            else:
                kind = HistoryError if what == "output" else SettingsError
                with pytest.raises(kind, match="ermission denied"):
                    normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
        finally:
            closed[what].chmod(0o700)


@contextmanager
def _as_nobody(folder: Path) -> Iterator[None]:
    """Root may do anything, so for some time the process is somebody else, whom the folder belongs to."""
    if os.geteuid() != 0:
        yield
        return
    opened = [above for above in folder.parents if not above.stat().st_mode & 1]
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, _NOBODY, _NOBODY)
    for above in opened:
        above.chmod(above.stat().st_mode | 0o111)
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


_NOBODY = 65534


class _Disk(MemoryFileSystem):  # type: ignore[misc]
    """A disk of few bytes."""

    protocol = "smalldisk"
    store: dict[str, Any] = {}  # noqa: RUF012 - as its base has it
    pseudo_dirs = [""]  # noqa: RUF012
    free = 0

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.replace("smalldisk://", "memory://")))

    def _open(self, path: str, mode: str = "rb", **kwargs: Any) -> Any:
        file = super()._open(path, mode, **kwargs)
        return file if mode == "rb" else _File(file)


class _File:
    def __init__(self, file: MemoryFile) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, content: Any) -> int:
        size = memoryview(content).nbytes
        if size > _Disk.free:
            raise OSError(errno.ENOSPC, "No space left on device")
        _Disk.free -= size
        return int(self._file.write(content))


@pytest.fixture
def _small_disk() -> Iterator[None]:
    fsspec.register_implementation("smalldisk", _Disk, clobber=True)
    yield
    _Disk.store.clear()


@pytest.mark.usefixtures("_small_disk")
@pytest.mark.parametrize("free", [0, 300, 2_000, 40_000, 70_000])
def test_a_full_disk_is_told_and_a_rerun_with_room_finishes(free: int, tmp_path: Path) -> None:
    for at in range(0, 60, 20):
        write_export(tmp_path / "in", ROWS.slice(at, 20), name=f"{at}.parquet")
    _Disk.free = free
    with pytest.raises(HistoryError, match=r"disk is full.*run the same command again"):
        normalize_files(tmp_path / "in", "smalldisk://out/table", workers=1)
    _Disk.free = 1 << 30
    done = [path for path in _Disk.store if "/_done/" in path and path.endswith(".json")]
    report = normalize_files(tmp_path / "in", "smalldisk://out/table", workers=1)
    assert report.is_clean
    assert report.rows_before == 20 * len(done)
    fsspec.filesystem("smalldisk").get("/out/table", str(tmp_path / "out"), recursive=True)
    assert table_of(tmp_path / "out") == expected(ROWS)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_full_disk_of_the_system_is_told_by_the_command(tmp_path: Path) -> None:
    write_export(tmp_path / "in", exported(600), group=100)
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run([mount, "-t", "tmpfs", "-o", "size=20k", "x", disk], check=False).returncode
    ):
        pytest.skip("no small disk can be mounted here")
    try:
        with pytest.raises(HistoryError, match="disk is full"):
            normalize_files(tmp_path / "in", disk / "out", workers=1)
        assert not (disk / "out" / "_tmp").exists()
        subprocess.run([mount, "-o", "remount,size=100m", disk], check=True)
        assert normalize_files(tmp_path / "in", disk / "out", workers=1).is_clean
        assert table_of(disk / "out") == expected(exported(600))
    finally:
        subprocess.run(["umount", disk], check=False)
