"""The demo as a user starts it, in an environment that would lead it astray."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from signal import SIGINT, default_int_handler, pthread_kill, signal
from threading import Event, Thread, main_thread
from typing import Any

import httpx
import pytest
from langsmith import utils as langsmith_utils
from rich.console import Console

from langchain_respmeta.cli.demo import program
from langchain_respmeta.cli.demo.environment import isolated_environment
from langchain_respmeta.cli.demo.table import EnrichedRun, calls_table, traces_table
from langchain_respmeta.errors import MissingExtraError
from tests.waiting import CEILING_S

PROVIDERS = ("openai", "anthropic", "gcp.gemini", "aws.bedrock", "mistral_ai", "groq", "fireworks")

# Each of these alone would send the demo's calls or traces elsewhere, stop them, or break its settings.
ASTRAY = {
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    "AWS_PROFILE": "no-such-profile",
    "GOOGLE_GENAI_USE_VERTEXAI": "true",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "LANGCHAIN_PROJECT": "somebody-elses",
    "LANGSMITH_ENDPOINT": "http://127.0.0.1:9",
    "LANGSMITH_HIDE_OUTPUTS": "true",
    "LANGSMITH_TRACING": "false",
    "LANGSMITH_TRACING_SAMPLING_RATE": "0",
    "OPENAI_BASE_URL": "http://127.0.0.1:9",
    "RESPMETA_FEEDBACK": "no-such-choice",
}


def environment(state: Path) -> dict[str, str]:
    """The caller's, led astray; bytecode may be cached, for the integrations are large."""
    dropped = {"PYTHONDONTWRITEBYTECODE", "RESPMETA_STATE_DIR"}
    kept = {key: value for key, value in os.environ.items() if key not in dropped}
    return {**kept, **ASTRAY, "XDG_STATE_HOME": str(state)}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    state = tmp_path_factory.mktemp("state")
    command = [sys.executable, "-m", "langchain_respmeta.demo", "--once"]
    done = subprocess.run(
        command, env=environment(state), capture_output=True, text=True, timeout=2 * CEILING_S, check=False
    )
    return done, state


def test_runs_once_and_every_run_carries_its_record(once: Any) -> None:
    done, _ = once
    assert done.returncode == 0, done.stdout + done.stderr
    assert "model runs carry their record" in done.stdout


@pytest.mark.parametrize(
    "shown", [*PROVIDERS, "refusal", "truncated", "content_filter", "HTTP 429", "museum agent"]
)
def test_shows(once: Any, shown: str) -> None:
    assert shown in once[0].stdout


def test_nothing_unasked_is_on_the_screen(once: Any) -> None:
    done, _ = once
    assert done.stderr == ""
    assert "Traceback" not in done.stdout
    assert "Fails, as it should: openai error_429" in done.stdout


def test_writes_nothing_into_the_state_directory(once: Any) -> None:
    assert list(once[1].iterdir()) == []


ENRICHED = EnrichedRun("call", "llm", is_root=True, metadata={"respmeta_schema_version": "1"})
BARE = EnrichedRun("bare call", "llm", is_root=True, metadata={})


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """A suite that a shell started in the background has Ctrl-C switched off."""
    before = signal(SIGINT, default_int_handler)
    yield
    signal(SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
def test_stays_until_interrupted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pages: list[str] = []

    def make_runs(url: str, _: Any) -> list[EnrichedRun]:
        pages.append(url)
        return [ENRICHED]

    stays = Event()

    class Stay(Event):
        def wait(self, timeout: float | None = None) -> bool:
            stays.set()
            return super().wait(timeout)

    monkeypatch.setattr(program, "_make_runs", make_runs)
    monkeypatch.setattr(program, "Event", Stay)
    interrupt = Thread(target=interrupt_while_serving, args=[pages, stays])
    interrupt.start()
    assert program.run_demo() == 0
    interrupt.join()
    assert "until you press Ctrl-C" in capsys.readouterr().out
    assert pages[-1] == "answered 200"
    with pytest.raises(httpx.ConnectError):
        httpx.get(pages[0])


def interrupt_while_serving(pages: list[str], stays: Event) -> None:
    try:
        assert stays.wait(CEILING_S)
        pages.append(f"answered {httpx.get(pages[0]).status_code}")
    finally:
        pthread_kill(main_thread().ident or 0, SIGINT)


@pytest.mark.parametrize("runs", [[ENRICHED, BARE], []], ids=["one bare", "none"])
def test_fails_when_a_record_is_missing(monkeypatch: pytest.MonkeyPatch, runs: list[EnrichedRun]) -> None:
    monkeypatch.setattr(program, "_make_runs", lambda *_: runs)
    assert program.run_demo(once=True) == 1


def test_a_missing_package_is_named_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain_groq", None)
    with pytest.raises(MissingExtraError, match=r"'langchain-groq'.*langchain-respmeta\[demo\]"):
        program.run_demo(once=True)


def test_environment_is_hidden_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_PROJECT", "mine")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
    before = dict(os.environ)
    assert langsmith_utils.get_env_var("PROJECT") == "mine"
    with isolated_environment() as directory:
        assert langsmith_utils.get_env_var("PROJECT") is None
        assert "all_proxy" not in os.environ
        assert directory.is_dir()
    assert dict(os.environ) == before
    assert langsmith_utils.get_env_var("PROJECT") == "mine"
    assert not directory.exists()


def rendered(table: Any, width: int = 160) -> str:
    console = Console(width=width, file=StringIO())
    console.print(table)
    return console.file.getvalue()


def test_a_bare_run_shows_dashes_and_markup_stays_text() -> None:
    text = rendered(calls_table([replace(BARE, name="[bold]call[/bold]")]))
    assert "[bold]call[/bold]" in text
    assert text.count("–") >= 6  # noqa: RUF001


def test_only_roots_that_sum_up_are_traces() -> None:
    facts = {"respmeta_schema_version": "1", "respmeta_llm_calls": 2}
    runs = [
        EnrichedRun("root chain", "chain", is_root=True, metadata=facts),
        EnrichedRun("inner chain", "chain", is_root=False, metadata={}),
        EnrichedRun("lonely call", "llm", is_root=True, metadata=facts),
    ]
    text = rendered(traces_table(runs))
    assert "root chain" in text
    assert "inner chain" not in text
    assert "lonely call" not in text
