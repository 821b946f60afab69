"""docs/cli.md: its examples run as they are written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from langchain_respmeta import normalize
from langchain_respmeta.demo import demo_scenarios
from langchain_respmeta.local import Store
from tests.docs.page import ROOT, blocks

LINES = [
    line for block in blocks((ROOT / "docs/cli.md").read_text("utf-8")) for line in block.text.splitlines()
]
RUN_ID = "0197a000-0000-7000-8000-000000000001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the examples name: an answer, records, the server's file; and the command."""
    body = demo_scenarios()["openai"]["basic"].answers[0].body
    (tmp_path / "answer.json").write_text(json.dumps(body))
    record = normalize(body).to_dict()
    lines = [json.dumps({**record, "run_id": run_id}) for run_id in (RUN_ID, RUN_ID.replace("7", "8"))]
    (tmp_path / "runs.jsonl").write_text("\n".join(lines))
    (tmp_path / "state").mkdir()
    Store(tmp_path / "state" / "runs.db").close()
    command = tmp_path / "respmeta"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m langchain_respmeta "$@"\n')
    command.chmod(0o755)
    (tmp_path / "python").symlink_to(sys.executable)
    return tmp_path


def test_each_example_prints_something_and_no_error(folder: Path) -> None:
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("LANGSMITH_", "RESPMETA_"))
        },
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RESPMETA_STATE_DIR": str(folder / "state"),
    }
    assert len(LINES) == 6
    for line in LINES:
        done = subprocess.run(
            ["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), line
        assert done.stdout.strip(), line
