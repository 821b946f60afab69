"""Whatever files the same runs are in, they become the same table."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from langchain_respmeta import SettingsError
from langchain_respmeta.history import normalize_files
from langchain_respmeta.history.bulk import units
from tests.history.bulk.files import PROJECT, as_lines, expected, exported, table_of, write_export

ROWS = exported()


def _zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, "zstd", asbytes=True))


LINES: dict[str, Callable[[bytes], bytes]] = {
    "runs.jsonl": bytes,
    "runs.ndjson": lambda content: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n\r\n"),
    "runs.json": lambda content: content.rstrip(b"\n"),
    "runs.jsonl.gz": lambda content: gzip.compress(content[:5000]) + gzip.compress(content[5000:]),
    "runs.jsonl.bz2": bz2.compress,
    "runs.jsonl.zst": _zstd,
}


@pytest.mark.parametrize("name", LINES)
def test_lines_of_json_are_read_whatever_the_file_is_packed_with(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(LINES[name](as_lines(ROWS)))
    report = normalize_files(tmp_path / name, tmp_path / "out", workers=1)
    assert report.is_clean
    assert report.rows == report.runs == ROWS.num_rows
    assert table_of(tmp_path / "out") == expected(ROWS)


@pytest.mark.parametrize("size", [1, 100, 2000, 4096])
def test_ranges_of_bytes_hold_each_line_once(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ROWS.slice(0, 8)
    content = as_lines(rows)
    (tmp_path / "runs.jsonl").write_bytes(content + b"\n\n")
    monkeypatch.setattr(units, "_LINES_BYTES", max(size, len(content) // 400))
    report = normalize_files(tmp_path / "runs.jsonl", tmp_path / "out", workers=1)
    assert report.rows == rows.num_rows
    assert table_of(tmp_path / "out") == expected(rows)


@pytest.mark.parametrize("rows_of_unit", [1, 7, 20, 25, 1000])
@pytest.mark.parametrize("group", [5, 60])
def test_units_of_parquet_hold_each_row_once(
    rows_of_unit: int, group: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(units, "_ROWS", rows_of_unit)
    write_export(tmp_path / "in", ROWS, group=group)
    report = normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    assert report.rows == ROWS.num_rows
    assert table_of(tmp_path / "out") == expected(ROWS)


def test_a_bulk_export_is_read_with_the_project_that_its_folders_name(tmp_path: Path) -> None:
    write_export(tmp_path / "in", ROWS.drop_columns("session_id"))
    normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    rows = table_of(tmp_path / "out")
    assert {row["project_id"] for row in rows} == {PROJECT}
    assert rows == [{**row, "project_id": PROJECT} for row in expected(ROWS)]


def test_columns_that_are_not_needed_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "runs.parquet"
    wide = ROWS.append_column("huge", pa.array(["x" * 5000] * ROWS.num_rows))
    pq.write_table(wide, path, compression="none", use_dictionary=False)
    column = pq.read_metadata(path).row_group(0).column(wide.schema.names.index("huge"))
    content = bytearray(path.read_bytes())
    start = column.data_page_offset
    content[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(content)
    assert normalize_files(path, tmp_path / "out", workers=1).is_clean
    assert table_of(tmp_path / "out") == expected(ROWS)


def test_a_folder_is_read_with_all_below_it_but_not_what_programs_keep(tmp_path: Path) -> None:
    parts = [ROWS.slice(at, 10) for at in range(0, 60, 10)]
    names = ("a.parquet", "b/c/d.pq", "b/e.jsonl", "_manifest/f.parquet", ".g.parquet", "b/_h.jsonl")
    for name, rows in zip(names, parts, strict=True):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows, path) if path.suffix != ".jsonl" else path.write_bytes(as_lines(rows))
    (tmp_path / "in" / "README.md").write_text("runs")
    report = normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    assert report.files == report.done == 3
    assert [Path(name).name for name in report.ignored] == ["README.md"]
    assert table_of(tmp_path / "out") == expected(pa.concat_tables(parts[:3]))


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["in/*.parquet"], "abx"),
        (["in/[b-z].parquet"], "b"),
        (["in/?.parquet", "in/a.parquet"], "ab"),
        (["in/**/*.parquet"], "abcdx"),
        (["in/sub/**"], "cd"),
        (["in/s*"], "cd"),
        (["in/sub", "in/*/c.parquet"], "cd"),
        (["in/x[1].parquet"], "x"),
    ],
)
def test_patterns_name_files_as_a_shell_has_it_each_once(
    patterns: list[str], found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {
        "a": "a.parquet",
        "b": "b.parquet",
        "c": "sub/c.parquet",
        "d": "sub/deep/d.parquet",
        "x": "x[1].parquet",
    }
    for place, (letter, name) in enumerate(names.items()):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(ROWS.slice(place, 1), path)
        names[letter] = ROWS.column("id")[place].as_py()
    monkeypatch.chdir(tmp_path)
    normalize_files(patterns, "out", workers=1)
    assert sorted(row["run_id"] for row in table_of("out")) == sorted(names[letter] for letter in found)


@pytest.mark.parametrize("scheme", ["memory", "file", "relative"])
def test_any_file_system_is_read_and_written(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_export(tmp_path / "in", ROWS)
    base = {"memory": f"memory://{tmp_path.name}", "file": tmp_path.as_uri(), "relative": "."}[scheme]
    if scheme == "memory":
        fsspec.filesystem("memory").put(str(path), f"/{tmp_path.name}/in/day=1/runs.parquet")
    for _ in range(2):
        report = normalize_files(f"{base}/in", f"{base}/out/deep", workers=2)
        assert report.is_clean
        assert report.rows == ROWS.num_rows
    if scheme == "memory":
        fsspec.filesystem("memory").get(f"/{tmp_path.name}/out", str(tmp_path / "out"), recursive=True)
    assert table_of(tmp_path / "out" / "deep") == expected(ROWS)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ("none", "none does not exist"),
        ("none*.parquet", "matches no file"),
        ("empty", "holds no file that ends in"),
        (["in", "empty"], "holds no file that ends in"),
        ([], "no input"),
        ("nope://x/y", "nope"),
        (".", "lies in the input"),
        ("out", "lies in the input"),
    ],
)
def test_wrong_inputs_are_named_and_nothing_is_written(
    inputs: str | list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "out").mkdir()
    write_export(tmp_path / "in", ROWS)
    with pytest.raises(SettingsError, match=words):
        normalize_files(inputs, "out")
    assert not any((tmp_path / "out").iterdir())
