"""The pages agree with the code: generated ones are up to date, and the walk-through's code runs as it stands."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from langchain_respmeta.providers import _registry
from langchain_respmeta.providers._registry import REGISTRY

DOCS = Path(__file__).parents[2] / "docs"


def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, DOCS / "generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is gone after it."""
    monkeypatch.setattr(REGISTRY, "rows", REGISTRY.rows)
    monkeypatch.setattr(REGISTRY, "_by", REGISTRY._by)
    monkeypatch.setattr(REGISTRY, "_at", {})


@pytest.mark.usefixtures("_own_registry")
def test_the_code_of_the_walk_through_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / "adding-a-provider.md").read_text(), re.DOTALL)
    assert len(blocks) == 4
    exec(compile("\n".join(blocks), "adding-a-provider.md", "exec"), {})  # noqa: S102


def test_the_walk_through_keeps_its_promise_of_a_short_file() -> None:
    text = (DOCS / "adding-a-provider.md").read_text()
    file = next(block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "ROW =" in block)
    assert len(file.splitlines()) < 40
    assert _registry.ENTRY_POINTS in text
