"""`respmeta pull`: its report, its exit codes, one line for what is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from langsmith import utils

from langchain_respmeta.cli.main import main
from langchain_respmeta.local import LocalServer
from tests.history.pull.proxy import proxy_to
from tests.history.pull.seeds import FIRST, ids, pulled, seed_days, seeded_run
from tests.local.seed import store_runs

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def respmeta(server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def run(*arguments: str, url: str | None = None) -> int:
        monkeypatch.setenv("LANGSMITH_ENDPOINT", url or server.url)
        monkeypatch.setenv("LANGSMITH_API_KEY", "any")
        utils.get_env_var.cache_clear()
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["respmeta", "pull", *arguments])
        return main()

    return run


def test_the_report_is_told_and_as_json(server, project, tmp_path, respmeta, capsys: Captured) -> None:
    runs = seed_days(server, project, 60)
    assert respmeta("--project", project, "-o", "runs", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["runs"] == 60
    assert told["folder"] == str(Path("runs") / project)
    assert sorted(ids(tmp_path / "runs")) == sorted(run["id"] for run in runs)
    assert respmeta("-p", project, "-o", "runs", "--since", "1d") == 0
    out = capsys.readouterr().out
    assert "0 runs of" in out
    assert "60 in runs/" in out
    assert "the next pull asks again for" in out


def test_options_reach_the_query(server, project, tmp_path, respmeta) -> None:
    store_runs(
        server.store,
        [seeded_run(project, FIRST, run_type="tool"), seeded_run(project, FIRST, name="Other")],
    )
    span = ("--since", FIRST.isoformat(), "--until", "2d")
    asked = ("--all-types", "--no-inputs", "--filter", 'eq(run_type, "tool")')
    assert respmeta("-p", project, "-o", "runs", *span, *asked, "--grace", "0") == 0
    table = pulled(tmp_path / "runs")
    assert table["run_type"].to_pylist() == ["tool"]
    assert table["inputs"].null_count == 1


def test_waits_are_told_where_nobody_sees_a_bar(server, project, respmeta, capsys: Captured) -> None:
    seed_days(server, project, 10)
    with proxy_to(server.url, "limited") as proxy:
        assert respmeta("-p", project, "-o", "runs", "--since", FIRST.isoformat(), url=proxy.url) == 0
    assert "respmeta: HTTP 429" in capsys.readouterr().err


def test_a_bar_is_shown_on_a_terminal(server, project, respmeta, capsys: Captured, monkeypatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    seed_days(server, project, 10)
    with proxy_to(server.url, "limited") as proxy:
        assert respmeta("-p", project, "-o", "runs", "--since", FIRST.isoformat(), url=proxy.url) == 0
    assert "runs" in capsys.readouterr().err


WRONG = {
    ("-p", "none", "-o", "runs"): (2, "has no project 'none'"),
    ("-p", "P", "-o", "runs", "--since", "soon"): (2, "since is a date"),
    ("-p", "P", "-o", "s3://b/runs"): (2, "local folder"),
    ("-p", "P"): (2, "--output"),
    ("-p", "P", "-o", "runs", "--filter", "eq("): (2, "refuses the filter"),
    ("-p", "P", "-o", "runs", "--patience", "x"): (2, "--patience"),
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_what_is_wrong_is_one_line(server, project, respmeta, capsys: Captured, arguments) -> None:
    store_runs(server.store, [seeded_run(project, FIRST)])
    code, words = WRONG[arguments]
    given = [project if one == "P" else one for one in arguments]
    assert respmeta(*given) == code
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


def test_a_server_that_fails_leaves_1_and_an_interruption_130(
    server, project, respmeta, capsys: Captured, monkeypatch
) -> None:
    store_runs(server.store, [seeded_run(project, FIRST)])
    with proxy_to(server.url, *["away"] * 100) as proxy:
        assert respmeta("-p", project, "-o", "runs", "--patience", "0", url=proxy.url) == 1
    assert "What was pulled is kept" in capsys.readouterr().err

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("langchain_respmeta.cli.pull_report.pull_runs", interrupted)
    assert respmeta("-p", project, "-o", "runs") == 130
    assert "goes on from there" in capsys.readouterr().err
