"""The command as a process: Ctrl-C, a reader that goes away, a full disk, another encoding, completion."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.waiting import CEILING_S

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "langchain_respmeta"]
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of another kind")


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def started(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    """As from a terminal: a suite that a shell started in the background has Ctrl-C switched off."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        text=True,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        **{"env": environment(), "stdout": subprocess.PIPE, **options},
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, err = process.communicate(timeout=CEILING_S)
    return process.returncode, err


@POSIX
@pytest.mark.parametrize("arguments", [["providers"], ["providers", "--json"], ["show", "-h"]])
def test_a_reader_that_goes_away_ends_it_silently(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = started(*arguments, stdout=writing)
    os.close(writing)
    assert ended(process) == (141, "")


@POSIX
def test_ctrl_c_ends_it_silently(tmp_path: Path) -> None:
    """While it waits for its input: it has opened the pipe when somebody else can."""
    os.mkfifo(tmp_path / "pipe")
    process = started("show", str(tmp_path / "pipe"))
    with (tmp_path / "pipe").open("w"):
        process.send_signal(signal.SIGINT)
        assert ended(process) == (130, "")


@POSIX
def test_the_server_tells_programs_where_it_is_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    process = started("serve", "--port", "0", "--db", str(tmp_path / "runs.db"), "--json")
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    assert told["db"] == str(tmp_path / "runs.db")
    assert told["environment"]["LANGSMITH_ENDPOINT"] == told["url"]
    assert httpx.get(f"{told['url']}/info", timeout=CEILING_S).status_code == 200
    process.send_signal(signal.SIGINT)
    assert ended(process) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        assert ended(started("providers", "--json", stdout=full)) == (
            1,
            "respmeta: No space left on device\n",
        )


def test_characters_that_an_encoding_lacks_do_not_end_it(tmp_path: Path) -> None:
    answer = {"content": "x", "response_metadata": {"finish_reason": "stop", "model_name": "mødel-π"}}
    (tmp_path / "answer.json").write_text(json.dumps(answer))
    done = subprocess.run(
        [*COMMAND, "normalize", str(tmp_path / "answer.json")],
        env=environment(PYTHONIOENCODING="ascii"),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout.decode("ascii"))["model"] == "mødel-π"


def test_the_module_is_the_command_and_completes() -> None:
    done = subprocess.run(
        COMMAND,
        env=environment(_RESPMETA_COMPLETE="complete_bash", COMP_WORDS="respmeta p", COMP_CWORD="1"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["providers", "pull", "purge"]


def test_without_the_extra_one_line_names_it() -> None:
    program = (
        "import sys; sys.modules['typer'] = None\n"
        "from langchain_respmeta.cli.main import main; sys.exit(main(['--version']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "langchain-respmeta[cli]" in done.stderr
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)


def test_the_demo_module_is_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "langchain_respmeta.demo", "--version"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("respmeta: No such option: --version")
    assert done.stderr.endswith("(see: respmeta demo --help)\n")
