"""`respmeta feedback`: the estimate, the question, the exit code."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from langsmith import utils

from langchain_respmeta.cli.main import main
from tests.delivery.feedback_cases import API_KEY
from tests.delivery.feedback_server import FeedbackServer
from tests.history.feedback.stored import made
from tests.waiting import until

Command = Callable[..., int]


@pytest.fixture
def command(server: FeedbackServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Call the command on the folder's runs, without a terminal."""
    monkeypatch.setenv("LANGSMITH_ENDPOINT", server.url)
    monkeypatch.setenv("LANGSMITH_API_KEY", API_KEY)
    utils.get_env_var.cache_clear()
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    def call(*arguments: str) -> int:
        told = ["respmeta", "feedback", "--project", "default", "--runs", str(folder), *arguments]
        monkeypatch.setattr(sys, "argv", told)
        return main()

    return call


def test_a_dry_run_prints_the_estimate_alone(
    server: FeedbackServer, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("--dry-run") == 0
    told = capsys.readouterr()
    for words in (
        "8 calls of models",
        "6\n",
        "2 of respmeta_truncated",
        "1,000,000 requests a minute",
        "none:",
    ):
        assert words in told.out
    assert (told.err, server.count("POST", "/feedback")) == ("", 0)


def test_without_a_yes_and_a_terminal_nothing_is_sent(
    server: FeedbackServer, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command() == 2
    told = capsys.readouterr()
    assert "2 of respmeta_truncated" in told.out
    assert told.err.startswith("respmeta: nothing is sent without a yes")
    assert told.err.count("\n") == 1
    assert not server.feedback


def test_a_yes_sends_it_after_the_estimate(
    server: FeedbackServer, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("--yes", "--rate", "100000") == 0
    told = capsys.readouterr()
    assert "100,000 requests a minute" in told.out
    assert told.out.endswith("6 given\n")
    assert len(server.feedback) == 6


def test_the_report_as_json_stands_alone(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """The estimate goes where people look."""
    assert command("--yes", "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["sent"] == 6
    assert "8 calls of models" in told.err


def test_what_was_refused_is_told_and_makes_the_exit_code(
    server: FeedbackServer, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    server.unknown_runs.add(made(1, "")["id"])
    assert command("--yes") == 1
    told = capsys.readouterr()
    assert told.out.endswith("5 given\n1 refused for good: LangSmith no longer has the run; HTTP 404\n")
    assert told.err == ""


def test_an_outage_is_told_once(
    server: FeedbackServer, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    server.become_for_posts(503)

    def heal() -> None:
        until(lambda: server.count("POST", "/feedback") > 2, "three refused requests")
        server.become("ok")

    healing = threading.Thread(target=heal)
    healing.start()
    assert command("--yes") == 0
    healing.join()
    told = capsys.readouterr().err
    assert re.fullmatch(r"(respmeta: LangSmith at \S+ does not answer \(HTTP 503\)\n)+", told)
    assert len(server.feedback) == 6


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no terminals of this kind on this platform")
@pytest.mark.parametrize(("answer", "code", "given"), [("y\n", 0, 6), ("n\n", 1, 0)], ids=["yes", "no"])
def test_on_a_terminal_it_asks(
    server: FeedbackServer,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
    given: int,
) -> None:
    ours, theirs = pty.openpty()
    with open(ours, "wb", buffering=0) as keys, open(theirs) as terminal:  # noqa: PTH123 - a terminal has no path
        monkeypatch.setattr("sys.stdin", terminal)
        keys.write(answer.encode())
        assert command() == code
    assert len(server.feedback) == given
