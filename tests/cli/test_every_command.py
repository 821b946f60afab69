"""What holds for every command: -h, --json, its place in docs/cli.md, tables that are whole, one document alone."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any, Final

import pytest

import langchain_respmeta
from langchain_respmeta.cli.demo import program
from langchain_respmeta.cli.demo.table import EnrichedRun
from langchain_respmeta.cli.main import main
from langchain_respmeta.cli.progress_bar import ProgressBar, Step

PAGE: Final = (Path(__file__).parents[2] / "docs/cli.md").read_text("utf-8")
COMMANDS: Final = re.findall(r"^### respmeta (.+)$", PAGE, re.MULTILINE)


def names_in(help_text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][\w-]+", help_text))


def test_the_page_has_commands_to_look_at() -> None:
    assert {"show", "normalize", "serve", "purge", "doctor", "providers", "outbox status"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_explains_itself_and_has_json(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "-h"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert f"Usage: respmeta {command}" in told.out
    assert "--json" in told.out


@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_has_each_option_of_the_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The page is made from the functions, the help by typer."""
    main([*command.split(), "-h"])
    options = names_in(capsys.readouterr().out) - {"--help"}
    section = PAGE.split(f"### respmeta {command}\n")[1].split("\n### ")[0]
    assert "--json" in options
    assert options <= names_in(section)


@pytest.mark.parametrize("group", [[], ["outbox"]])
def test_groups_explain_themselves(group: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*group, "-h"]) == 0
    out = capsys.readouterr().out
    for command in COMMANDS:
        if command.split()[:-1] == group:
            assert f" {command.split()[-1]} " in out


def test_the_version_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{langchain_respmeta.__version__}\n"


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", ["40", "80", "300"])
def test_no_cell_is_cut_where_the_output_is_no_terminal(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["providers", "--json"]) == 0
    known = json.loads(capsys.readouterr().out)
    monkeypatch.setenv("COLUMNS", columns)
    assert main(["providers"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "…" not in "".join(lines)
    words = {word for line in lines for word in line.split()}
    assert {cell for row in known for cell in [row["provider"], *row["classes"], *row["hosts"]]} <= words
    assert len(known) > 50


# --- one document ----------------------------------------------------------------------------------------------------


def test_the_doctor_as_json_is_a_list_that_ends_with_the_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RESPMETA_FEEDBACK", "sometimes")
    assert main(["doctor", "--no-ask-server", "--json"]) == 1
    findings = json.loads(capsys.readouterr().out)
    assert findings[-1]["subject"] == "verdict"
    assert findings[-1]["level"] == "problem"
    (wrong,) = [one for one in findings if one["subject"] == "RESPMETA_FEEDBACK"]
    assert set(wrong) == {"level", "subject", "says", "advice"}
    assert wrong["advice"]


def test_the_outbox_tells_people_and_programs_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path))

    def told(*arguments: str) -> str:
        assert main(["outbox", *arguments]) == 0
        return capsys.readouterr().out

    found = json.loads(told("status", "--json"))
    assert (found["exists"], found["rows"]) == (False, 0)
    assert found["path"] in told("status")
    assert f"0 of at most {found['limits']['rows']:,} items" in told("status")
    assert json.loads(told("retry", "--json")) == {"requeued": 0, "sent": 0, "failed": 0, "waiting": 0}
    file = str(tmp_path / "out.jsonl")
    assert json.loads(told("export", file, "--json")) == {"rows": 0, "file": file}
    assert json.loads(told("purge", "--yes", "--json")) == {"rows": 0}


def test_the_demo_as_json_has_the_runs_and_people_look_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = EnrichedRun(
        "call", "llm", is_root=True, metadata={"respmeta_schema_version": "1", "respmeta_model": "m-1"}
    )
    monkeypatch.setattr(program, "_make_runs", lambda *_: [run])
    assert main(["demo", "--once", "--json"]) == 0
    told = capsys.readouterr()
    document: dict[str, Any] = json.loads(told.out)
    assert document["runs"][0]["metadata"]["respmeta_model"] == "m-1"
    assert "m-1" in told.err
    assert document["url"] in told.err


def test_normalize_takes_json_for_one_record_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "answer.json"
    file.write_text('{"content": "x", "response_metadata": {"finish_reason": "stop"}}')
    assert main(["normalize", str(file), "--describe", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["finish_reason"] == "stop"


# --- long work -------------------------------------------------------------------------------------------------------


def test_off_a_terminal_each_thing_waited_for_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar() as bar:
        for share, why in ((0.1, "HTTP 429; again in 1 s"), (0.1, "HTTP 429; again in 2 s"), (0.2, None)):
            bar.show(Step("pull", share, 10, "runs", waits_for=why))
        bar.show(Step("pull", 0.3, 20, "runs", waits_for="HTTP 429; again in 1 s"))
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "respmeta: HTTP 429\n" * 2)


def test_on_a_terminal_of_80_columns_the_bar_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    with ProgressBar() as bar:
        bar.show(Step("pull", 0.42, 1_234_567, "runs", at="2026-11-28 05:00"))
    err = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", capsys.readouterr().err)
    shown = [line for line in re.split(r"[\r\n]", err) if "42%" in line]
    assert shown
    assert all(len(line) <= 80 and "1,234,567 runs" in line and "2026-11-28 05:00" in line for line in shown)


def test_a_database_that_is_locked_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from langchain_respmeta.local import Store

    Store(tmp_path / "runs.db").close()
    holder = sqlite3.connect(tmp_path / "runs.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{**k, "timeout": 0.01}))
    assert main(["purge", "--older-than", "1d", "--db", str(tmp_path / "runs.db"), "--yes"]) in (1, 2)
    err = capsys.readouterr().err
    holder.close()
    assert err.startswith("respmeta: ")
    assert err.count("\n") == 1
