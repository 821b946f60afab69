"""The notebook's code runs unchanged, and its output is the stored output."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"


def _run(source: str, names: dict[str, Any]) -> Any:
    """Run a cell; the value of its last expression, as a notebook shows it."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)  # noqa: S102 - the notebook is ours
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names) if last else None  # noqa: S307


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_quickstart_runs_and_its_results_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RESPMETA_STATE_DIR", str(tmp_path))
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    values = [_run("".join(cell["source"]), names) for cell in cells]
    first = next(value for value in values if isinstance(value, list) and len(value) == 7)
    assert [record.provider for record in first] == [
        "openai",
        "anthropic",
        "gcp.gemini",
        "aws.bedrock",
        "mistral_ai",
        "groq",
        "fireworks",
    ]
    assert [("ChatOpenAI", "gpt-6-luna-2026-05-20", 100)] in values
    summary = next(value for value in values if isinstance(value, dict) and "refused" in value)
    assert (summary["calls"], summary["refused"], summary["truncated"]) == (14, 4, 1)
