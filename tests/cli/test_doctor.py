"""The doctor in every situation: its forecast is what then happens, and each problem has advice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from langsmith import Client, RunTree, utils

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.cli.doctor.diagnose import Finding, diagnose
from langchain_respmeta.langsmith import seam
from tests.delivery.feedback_cases import box, items
from tests.delivery.feedback_server import FeedbackServer


@pytest.fixture
def server() -> Iterator[FeedbackServer]:
    with FeedbackServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _nobodys_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith(("LANGSMITH_", "LANGCHAIN_", "RESPMETA_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path / "state"))
    forget()
    yield
    forget()


def forget() -> None:
    utils.get_env_var.cache_clear()
    utils.get_tracer_project.cache_clear()


Diagnosed = Callable[..., dict[str, Finding]]


@pytest.fixture
def diagnosed(monkeypatch: pytest.MonkeyPatch, server: FeedbackServer) -> Diagnosed:
    """Findings by subject, the gravest of each, of a user who traces to the server."""

    def look(environment: Mapping[str, str] | None = None, **options: Any) -> dict[str, Finding]:
        traced = {
            "LANGSMITH_TRACING": "true",
            "LANGSMITH_ENDPOINT": server.url,
            "LANGSMITH_API_KEY": "lsv2_secret",
        }
        for name, value in (traced | dict(environment or {})).items():
            monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
        forget()
        grave = ("ok", "note", "problem")
        found = diagnose(**options)
        assert "lsv2_secret" not in repr(found)
        for finding in found:
            assert finding.level != "problem" or finding.advice or finding.subject in {"verdict", "feedback"}
        return {each.subject: each for each in sorted(found, key=lambda one: grave.index(one.level))}

    return look


def test_a_state_directory_that_cannot_be_looked_into_is_a_problem(
    diagnosed: Diagnosed, tmp_path: Path
) -> None:
    found = diagnosed({"RESPMETA_STATE_DIR": str(tmp_path / ("x" * 300))})
    assert found["outbox"].level == "problem"
    assert "RESPMETA_STATE_DIR" in found["outbox"].advice


def test_a_project_variable_that_is_set_to_nothing_stands_for_all_projects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RESPMETA_PROJECT", "")
    assert RespMetaHandler().project is None


def test_where_all_is_well_it_says_what_will_happen(diagnosed: Diagnosed, server: FeedbackServer) -> None:
    found = diagnosed()
    assert {each.level for each in found.values()} == {"ok"}
    assert "trial run" in found["seam"].says
    assert found["endpoint"].says == server.url
    assert "'default'" in found["server"].says
    assert "project 'default'" in found["→ metadata"].says
    assert "retention alone" in found["→ feedback"].says
    assert [(method, path) for method, path, _ in server.requests] == [("GET", "/sessions"), ("GET", "/info")]


SITUATIONS: dict[str, tuple[dict[str, str], dict[str, tuple[str, str]]]] = {
    "off": (
        {"LANGSMITH_TRACING": ""},
        {
            "tracing": ("note", "off"),
            "→ metadata": ("note", "tracing is off"),
            "→ feedback": ("note", "no run in LangSmith"),
            "verdict": ("note", "stay in this process"),
        },
    ),
    "on, but written so that the SDK does not see it": (
        {"LANGSMITH_TRACING": "True"},
        {"tracing": ("problem", "'True'"), "verdict": ("problem", "tracing")},
    ),
    "on by the older name": (
        {"LANGSMITH_TRACING": "", "LANGCHAIN_TRACING_V2": "true"},
        {"tracing": ("ok", "on")},
    ),
    "hosted without a key": (
        {"LANGSMITH_ENDPOINT": "https://api.smith.langchain.com", "LANGSMITH_API_KEY": ""},
        {"key": ("problem", "there is none")},
    ),
    "endpoint and endpoints": (
        {"LANGSMITH_RUNS_ENDPOINTS": "[]"},
        {"langsmith": ("problem", "cannot be made"), "→ metadata": ("note", "client cannot be made")},
    ),
    "replicas": (
        {"LANGSMITH_ENDPOINT": "", "LANGSMITH_RUNS_ENDPOINTS": '{"https://api.smith.langchain.com": "key"}'},
        {"replicas": ("note", "every copy")},
    ),
    "a sampling rate of no use": (
        {"LANGSMITH_TRACING_SAMPLING_RATE": "2"},
        {"langsmith": ("problem", "between 0 and 1")},
    ),
    "sampled": ({"LANGSMITH_TRACING_SAMPLING_RATE": "0.5"}, {"sampling": ("note", "0.5 of the traces")}),
    "outputs hidden": (
        {"LANGSMITH_HIDE_OUTPUTS": "true"},
        {"hidden": ("note", "flat scalars only"), "→ metadata": ("ok", "respmeta_* ride")},
    ),
    "outputs not hidden though it looks so": (
        {"LANGSMITH_HIDE_OUTPUTS": "TRUE"},
        {"LANGSMITH_HIDE_OUTPUTS": ("problem", "nothing is hidden")},
    ),
    "metadata hidden": (
        {"LANGSMITH_HIDE_METADATA": "true"},
        {"→ metadata": ("note", "removes all metadata")},
    ),
    "otel": (
        {"LANGSMITH_TRACING_MODE": "otel"},
        {
            "otel": ("note", "spans"),
            "→ metadata": ("ok", "langsmith.metadata.respmeta_"),
            "→ feedback": ("note", "does not carry the run's id"),
        },
    ),
    "hybrid": (
        {"LANGSMITH_OTEL_ENABLED": "true"},
        {"otel": ("ok", "hybrid"), "→ feedback": ("ok", "one request each")},
    ),
    "another project than the handler's": (
        {"LANGSMITH_PROJECT": "prod", "RESPMETA_PROJECT": "test"},
        {"RESPMETA_PROJECT": ("problem", "runs go to 'prod'"), "verdict": ("problem", "RESPMETA_PROJECT")},
    ),
    "no feedback": ({"RESPMETA_FEEDBACK": "false"}, {"→ feedback": ("note", "RESPMETA_FEEDBACK is off")}),
    "all feedback": ({"RESPMETA_FEEDBACK": "all"}, {"→ feedback": ("ok", "up to twelve")}),
    "retention extended": (
        {"RESPMETA_EXTEND_TRACE_RETENTION": "true"},
        {"→ feedback": ("ok", "extended retention")},
    ),
    "no metadata": ({"RESPMETA_METADATA": "no"}, {"→ metadata": ("note", "RESPMETA_METADATA is off")}),
    "no prices": ({"RESPMETA_PRICES": "no"}, {"prices": ("note", "provider tells it")}),
    "texts": ({"RESPMETA_INCLUDE_CONTENT": "1"}, {"RESPMETA_INCLUDE_CONTENT": ("note", "texts of answers")}),
    "a wrong setting": (
        {"RESPMETA_FEEDBACK": "sometimes"},
        {"RESPMETA_FEEDBACK": ("problem", "exceptions"), "seam": ("ok", "as expected")},
    ),
    "a setting misspelt": (
        {"RESPMETA_FEEDBAK": "all"},
        {"RESPMETA_FEEDBAK": ("note", "no setting"), "verdict": ("ok", "")},
    ),
    "a wrong bound": (
        {"RESPMETA_OUTBOX_MAX_ROWS": "many"},
        {"RESPMETA_OUTBOX_MAX_ROWS": ("problem", "defaults are used")},
    ),
    "watching everything": ({"RESPMETA_ENABLED": "true"}, {"watched": ("ok", "every model call")}),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_situation_is_told(diagnosed: Diagnosed, situation: str) -> None:
    environment, expected = SITUATIONS[situation]
    found = diagnosed(environment, ask_server=False)
    for subject, (level, words) in expected.items():
        assert found[subject].level == level, found[subject]
        assert words in found[subject].says


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        (401, "refuses the key (HTTP 401)"),
        (403, "refuses the key (HTTP 403)"),
        (500, "HTTP 500"),
        (429, "HTTP 429"),
        ("refuse", "ConnectionError"),
        ("hang", "does not answer"),
    ],
)
def test_a_server_that_takes_nothing_is_a_problem_and_feedback_waits(
    diagnosed: Diagnosed, server: FeedbackServer, mode: str | int, says: str
) -> None:
    server.become(mode)
    found = diagnosed()
    assert found["server"].level == "problem"
    assert says in found["server"].says
    assert "waits in the outbox" in found["→ feedback"].says
    assert found["verdict"].level == "problem"


def test_a_project_that_is_not_there_yet_is_no_problem(diagnosed: Diagnosed) -> None:
    found = diagnosed({"LANGSMITH_PROJECT": "new"})
    assert (found["server"].level, found["verdict"].level) == ("ok", "ok")
    assert "made by its first run" in found["server"].says


def test_a_password_in_the_address_is_not_shown(diagnosed: Diagnosed) -> None:
    found = diagnosed({"LANGSMITH_ENDPOINT": "http://me:hush@127.0.0.1:9"}, ask_server=True)
    assert found["endpoint"].says == "http://127.0.0.1:9"
    assert "hush" not in repr(found)


def test_an_outbox_that_cannot_be_made_is_a_problem(
    diagnosed: Diagnosed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path / "a file" / "state"))
    found = diagnosed()
    assert found["outbox"].level == "problem"
    assert "kept in memory" in found["outbox"].says
    assert "memory" in found["→ feedback"].says


def test_an_outbox_that_cannot_be_opened_is_a_problem(
    diagnosed: Diagnosed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path))
    (tmp_path / "feedback-v1.sqlite3").mkdir()
    assert "cannot be opened" in diagnosed()["outbox"].says


def test_what_waits_and_what_was_refused_is_told_with_the_reason(
    diagnosed: Diagnosed, server: FeedbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path))
    left = box(tmp_path)
    left.put([(each, 0) for each in items(range(3), server.url)])
    assert "3 feedback wait" in diagnosed()["outbox"].says
    (row, *_) = left.claim([server.url], 1)
    left.keep_failed(row, "HTTP 422: no such key")
    left.close()
    found = diagnosed()["outbox"]
    assert found.level == "problem"
    assert "HTTP 422: no such key" in found.says
    assert "retry" in found.advice


def test_a_missing_seam_is_explained(diagnosed: Diagnosed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seam, "_problem", "langsmith's RunTree has no method patch")
    found = diagnosed()
    assert "no method patch" in found["seam"].says
    assert "handler.records" in found["seam"].advice
    assert "nothing is put on the run" in found["→ metadata"].says
    assert "no method patch" in found["→ feedback"].says


def test_a_seam_that_is_there_but_does_not_work_is_noticed(
    diagnosed: Diagnosed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a later langsmith sends runs by another way, or another package puts the old method back."""
    RespMetaHandler()
    seam.install()
    monkeypatch.setattr(RunTree, "patch", RunTree.patch.__wrapped__)  # type: ignore[attr-defined]
    found = diagnosed()
    assert found["seam"].level == "problem"
    assert "without its metadata" in found["seam"].says


def test_an_sdk_without_retention_is_explained(diagnosed: Diagnosed, monkeypatch: pytest.MonkeyPatch) -> None:
    def create_feedback(self: Client, run_id: Any, key: str) -> None:
        raise AssertionError

    monkeypatch.setattr(Client, "create_feedback", create_feedback)
    found = diagnosed()
    assert "pip install -U" in found["feedback"].says
    assert "extended retention" in found["→ feedback"].says


def test_the_trial_leaves_nothing_behind(diagnosed: Diagnosed, server: FeedbackServer) -> None:
    diagnosed({"RESPMETA_ENABLED": "true"})
    assert {method for method, _, _ in server.requests} == {"GET"}
    assert not (Path(os.environ["RESPMETA_STATE_DIR"])).exists()


@pytest.mark.parametrize(("environment", "code"), [({}, 0), ({"RESPMETA_FEEDBACK": "sometimes"}, 1)])
def test_the_command_exits_by_its_verdict(environment: dict[str, str], code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "langchain_respmeta.cli.main", "doctor"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == code, done.stderr
    assert done.stderr == ""
    assert "verdict:" in done.stdout.splitlines()[-1]
