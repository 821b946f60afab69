"""What a table is made of, and what happens to one that is there already."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from langchain_respmeta import HistoryError, ProviderError, SettingsError
from langchain_respmeta.history import normalize_files, table_schema
from langchain_respmeta.history.bulk import output
from tests.history.bulk.files import as_lines, expected, exported, table_of, visible, write_export

ROWS = exported()


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_rows_are_in_the_folder_of_their_day_in_utc(tmp_path: Path) -> None:
    write_export(tmp_path / "in", ROWS)
    normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    parts = [*(tmp_path / "out").glob("day=*/part-*.parquet")]
    assert len(parts) == len({row["start_time"].date() for row in expected(ROWS)})
    for part in parts:
        table = pq.ParquetFile(part).read()
        assert table.schema.metadata == table_schema().metadata
        assert table.cast(table_schema()).schema.names == table.schema.names
        assert {f"day={time:%Y-%m-%d}" for time in table.column("start_time").to_pylist()} == {
            part.parent.name
        }


def test_runs_without_a_time_are_kept_under_no_day(tmp_path: Path) -> None:
    rows = ROWS.drop_columns(["start_time", "end_time"])
    write_export(tmp_path / "in", rows)
    normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    assert {path.name for path in (tmp_path / "out").glob("day=*")} == {"day=__HIVE_DEFAULT_PARTITION__"}
    assert table_of(tmp_path / "out") == expected(rows)


def test_runs_of_many_days_are_written_with_few_open_files_and_few_rows_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    year = exported(60, days=365)
    rows = pa.concat_tables([year.slice(at, 1) for at in range(59, -1, -1)] + [year.slice(0, 30)])
    write_export(tmp_path / "in", rows)
    monkeypatch.setattr(output, "_OPEN_PARTS", {True: 3})
    monkeypatch.setattr(output, "_HELD_BYTES", 20_000)
    normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    assert len({*(tmp_path / "out").glob("day=*")}) == 60
    assert table_of(tmp_path / "out") == expected(rows)


def _mixed(path: Path) -> dict[str, int]:
    """A file of lines, one in ten broken, and how many rows of each kind it has."""
    lines = as_lines(ROWS).splitlines()
    for place in range(0, 60, 10):
        lines[place] = lines[place][:-20]
    runs = [json.loads(lines[place]) for place in (1, 2, 3)]
    lines[1] = json.dumps({**runs[0], "run_type": "chain"}).encode()
    lines[2] = json.dumps({**runs[1], "outputs": None, "end_time": None, "status": "pending"}).encode()
    lines[3] = json.dumps({**runs[2], "outputs": {}, "error": None}).encode()
    lines[4] = b"[1, 2]"
    path.write_bytes(b"\n".join(lines))
    return {"rows": 60, "runs": 50, "other_types": 1, "not_ended": 1, "bad": 8}


def test_counts_add_up_and_bad_rows_are_told_with_position_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    counts = _mixed(path)
    report = normalize_files(path, tmp_path / "out", workers=1)
    assert {name: getattr(report, name) for name in counts} == counts
    assert report.rows == report.runs + report.other_types + report.not_ended + report.bad
    assert not report.is_clean
    assert len(table_of(tmp_path / "out")) == report.records == 50
    (side,) = (tmp_path / "out" / "_bad").iterdir()
    told = [json.loads(line) for line in side.read_text().splitlines()]
    content = path.read_bytes()
    lines = [content[one["byte"] :].partition(b"\n")[0] for one in told]
    assert lines == [content.split(b"\n")[place] for place in (0, 3, 4, 10, 20, 30, 40, 50)]
    assert all(one["file"] == str(path) and one["reason"] for one in told)
    assert told[1]["run_id"] == json.loads(lines[1])["id"]
    assert json.loads((tmp_path / "out" / "_report.json").read_text()) == report.to_dict()


def test_bad_rows_of_parquet_are_told_with_their_row(tmp_path: Path) -> None:
    outputs = ROWS.column("outputs").to_pylist()
    places = [place for place in (0, 19, 20, 59) if outputs[place]]
    for place in places:
        outputs[place] = outputs[place][:-3]
    at = ROWS.schema.names.index("outputs")
    write_export(tmp_path / "in", ROWS.set_column(at, "outputs", pa.array(outputs)))
    report = normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    (side,) = (tmp_path / "out" / "_bad").iterdir()
    told = [json.loads(line) for line in side.read_text().splitlines()]
    assert [one["row"] for one in told] == places
    assert [one["run_id"] for one in told] == [ROWS.column("id")[place].as_py() for place in places]
    assert report.bad == len(places)


def test_a_second_run_does_nothing_and_tells_the_same(tmp_path: Path) -> None:
    _mixed(tmp_path / "runs.jsonl")
    first = normalize_files(tmp_path / "runs.jsonl", tmp_path / "out", workers=1).to_dict()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("day=*/*")}
    second = normalize_files(tmp_path / "runs.jsonl", tmp_path / "out", workers=1).to_dict()
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("day=*/*")} == before
    for report in (first, second):
        del report["seconds"]
    assert second == {**first, "rows_before": first["rows"]}


def test_new_files_are_added_and_removed_ones_stay(tmp_path: Path) -> None:
    for name, rows in (("a", ROWS.slice(0, 20)), ("b", ROWS.slice(20))):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{name}.jsonl").write_bytes(as_lines(rows))
        report = normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
        assert report.rows == rows.num_rows
        (tmp_path / "in" / f"{name}.jsonl").unlink()
    assert table_of(tmp_path / "out") == expected(ROWS)


def test_a_file_that_has_changed_is_noticed_and_read_again(tmp_path: Path) -> None:
    path = write_export(tmp_path / "in", ROWS)
    normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    write_export(tmp_path / "in", ROWS.slice(0, 30))
    report = normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    assert report.changed == [str(path)]
    assert report.rows == 30
    assert table_of(tmp_path / "out") == expected(ROWS.slice(0, 30))


def test_a_file_that_has_changed_and_is_broken_keeps_what_it_was(tmp_path: Path) -> None:
    path = write_export(tmp_path / "in", ROWS)
    normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    path.write_bytes(path.read_bytes()[:-100])
    report = normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    assert [*report.failed] == [str(path)]
    assert table_of(tmp_path / "out") == expected(ROWS)


@pytest.mark.parametrize(
    "other", [{"provider": "groq"}, {"include_content": False}, {"prices": False}], ids=str
)
def test_a_table_is_not_gone_on_with_by_other_options(other: dict[str, Any], tmp_path: Path) -> None:
    write_export(tmp_path / "in", ROWS.slice(0, 2))
    normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    before = _tree(tmp_path / "out")
    with pytest.raises(SettingsError, match="use the same options, or another folder"):
        normalize_files(tmp_path / "in", tmp_path / "out", workers=1, **other)
    assert _tree(tmp_path / "out") == before


def test_a_table_of_another_version_is_not_gone_on_with(tmp_path: Path) -> None:
    write_export(tmp_path / "in", ROWS.slice(0, 2))
    normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    manifest = tmp_path / "out" / "_normalize.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "table_version": "0.1"}))
    with pytest.raises(SettingsError, match=r"another version.*0\.1"):
        normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    manifest.write_text("{")
    with pytest.raises(HistoryError, match="no JSON"):
        normalize_files(tmp_path / "in", tmp_path / "out", workers=1)


def test_a_folder_of_other_files_is_not_written_into(tmp_path: Path) -> None:
    write_export(tmp_path / "in", ROWS.slice(0, 2))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("x")
    with pytest.raises(SettingsError, match=r"thesis\.tex"):
        normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    assert visible(tmp_path / "out") == {"thesis.tex"}


@pytest.mark.parametrize("output_scheme", ["", "memory://"])
def test_two_programs_do_not_write_into_one_folder(output_scheme: str, tmp_path: Path) -> None:
    write_export(tmp_path / "in", ROWS.slice(0, 40))
    out, refused = f"{output_scheme}{tmp_path}/out", []

    def second(_: object) -> None:
        if not refused:
            with pytest.raises(HistoryError, match="another program writes into") as told:
                normalize_files(tmp_path / "in", out, workers=1)
            refused.append(str(told.value))

    report = normalize_files(tmp_path / "in", out, workers=1, progress=second)
    assert len(refused) == 1
    assert report.is_clean
    assert normalize_files(tmp_path / "in", out, workers=1).rows_before == 40


def test_a_program_that_is_silent_for_long_has_a_folder_no_longer(tmp_path: Path) -> None:
    write_export(tmp_path / "in", ROWS.slice(0, 2))
    dead = f"{tmp_path}/out/_lock/dead"
    fsspec.filesystem("memory").pipe(dead, str(time.time()).encode())
    with pytest.raises(HistoryError, match="_lock/dead"):
        normalize_files(tmp_path / "in", f"memory://{tmp_path}/out")
    fsspec.filesystem("memory").pipe(dead, str(time.time() - 1000).encode())
    assert normalize_files(tmp_path / "in", f"memory://{tmp_path}/out").is_clean
    assert not fsspec.filesystem("memory").exists(dead)


def test_what_a_killed_program_left_is_deleted_by_the_next(tmp_path: Path) -> None:
    write_export(tmp_path / "in", ROWS.slice(0, 2))
    normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    before = {name for name in _tree(tmp_path / "out") if not name.startswith("_lock")}
    left = (
        "_tmp/x/y.parquet",
        "day=2026-01-01/part-abc-00000-0.parquet",
        "_bad/abc-00000.jsonl",
        "_done/x.json.1.tmp",
    )
    for name in left:
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).write_bytes(b"")
    normalize_files(tmp_path / "in", tmp_path / "out", workers=1)
    assert {name for name in _tree(tmp_path / "out") if not name.startswith("_lock")} == before
    assert not (tmp_path / "out" / "_tmp").exists()


def test_wrong_arguments_are_told_before_anything_is_written(tmp_path: Path) -> None:
    write_export(tmp_path / "in", ROWS.slice(0, 2))
    wrong: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"engine": "dask"}, SettingsError),
        ({"workers": 0}, SettingsError),
        ({"provider": "nobody"}, ProviderError),
    ]
    for options, kind in wrong:
        with pytest.raises(kind):
            normalize_files(tmp_path / "in", tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_progress_ends_at_one_with_all_rows(tmp_path: Path) -> None:
    write_export(tmp_path / "in", ROWS)
    (tmp_path / "in" / "more.jsonl").write_bytes(as_lines(ROWS))
    seen: list[tuple[int, float, int]] = []
    callers = {threading.get_ident()}

    def listen(now: Any) -> None:
        seen.append((now.rows, now.share, now.done))
        callers.add(threading.get_ident())

    normalize_files(tmp_path / "in", tmp_path / "out", workers=1, progress=listen)
    assert seen[-1] == (120, 1.0, 2)
    assert seen == sorted(seen)
    assert len(callers) == 1


_DESCRIPTORS = Path("/proc/self/fd")


@pytest.mark.skipif(not _DESCRIPTORS.exists(), reason="open files are counted in /proc")
def test_no_file_descriptor_is_left_open(tmp_path: Path) -> None:
    write_export(tmp_path / "in", ROWS)
    normalize_files(tmp_path / "in", tmp_path / "first", workers=1)
    before = _open_files()
    normalize_files(tmp_path / "in", tmp_path / "second", workers=1)
    assert _open_files() == before


def _open_files() -> list[str]:
    links = (link.readlink() for link in _DESCRIPTORS.iterdir() if link.is_symlink())
    return sorted(str(target) for target in links if "/second" in str(target) or "/in/" in str(target))
