"""The keys of a draft are typed: a misspelt one is found before the code runs."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SNIPPET = """
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.record.draft import Draft


def step(draft: Draft, read: ReadDraft) -> None:
    draft["truncated"] = True
    read["_block_reason"] = "SAFETY"
    draft["truncatd"] = True
    draft["usage.input_tokens"] = "many"
    draft["_block_reason"] = "SAFETY"
    read.pop("_block_reasn", None)
"""
WRONG = {"truncatd": 9, '"many"': 10, "_block_reason": 11, "_block_reasn": 12}


@pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")
def test_a_misspelt_key_of_a_draft_fails_mypy(tmp_path: Path) -> None:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", snippet],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line]
    assert lines == list(WRONG.values()), done.stdout + done.stderr
