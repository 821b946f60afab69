"""`respmeta normalize -o`: what it prints, and its exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from langchain_respmeta.cli.main import main
from tests.history.bulk.files import as_lines, exported

pytest.importorskip("pyarrow")

WRONG = {
    "missing -o out": (2, "missing does not exist"),
    "empty -o out": (2, "holds no file that ends in .parquet"),
    "-o out": (2, "no input is named"),
    "good.jsonl -o out --engine dask": (2, "engine is one of local, ray, spark"),
    "good.jsonl -o out --workers 0": (2, "--workers"),
    "good.jsonl -o out --provider nobody": (2, "no provider is called 'nobody'"),
    "good.jsonl -o .": (2, "choose an empty or new folder"),
    "good.jsonl -o nope://x/out": (2, "nope"),
    "good.jsonl -o good.jsonl": (1, "cannot be written"),
    "good.jsonl bad.jsonl": (2, "several inputs need -o"),
}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    lines = as_lines(exported().slice(0, 8))
    (tmp_path / "good.jsonl").write_bytes(lines)
    (tmp_path / "bad.jsonl").write_bytes(lines[:-30])


def _run(line: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["respmeta", "normalize", *line.split()])
    return main()


@pytest.mark.parametrize("line", WRONG)
def test_what_is_wrong_is_one_line(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, words = WRONG[line]
    assert _run(line, monkeypatch) == code
    said = capsys.readouterr().err
    assert said.startswith("respmeta: ")
    assert said.count("\n") == 1
    assert words in said


@pytest.mark.parametrize(("file", "code", "bad"), [("good", 0, 0), ("bad", 1, 1)])
def test_the_exit_code_tells_whether_all_rows_could_be_read(
    file: str, code: int, bad: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(f"{file}.jsonl -o out", monkeypatch) == code
    said = capsys.readouterr()
    assert f"rows 8 = runs {8 - bad} + other types 0 + not ended 0 + bad {bad}\n" in said.out
    assert "files 1 = done 1 + failed 0\n" in said.out
    assert said.err == "", "no bar where nobody looks on"
    assert _run(f"{file}.jsonl -o out --json", monkeypatch) == code
    report = json.loads(capsys.readouterr().out)
    assert report["rows"] == report["rows_before"] == report["runs"] + report["bad"] == 8


def test_options_of_the_reading_reach_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("good.jsonl -o out --provider groq --no-content --no-prices", monkeypatch) == 0
    made_with = json.loads(Path("out/_normalize.json").read_text())
    assert (made_with["provider"], made_with["include_content"], made_with["prices"]) == (
        "groq",
        False,
        False,
    )
    assert _run("good.jsonl -o out", monkeypatch) == 2
    said = capsys.readouterr().err
    assert "--provider was groq, --include-content was off, --prices was off" in said
