"""The list of bugs names existing tests, and every test in this folder."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
NODES = re.findall(r"`([\w./]+\.py)::(test_\w+)`", (HERE / "README.md").read_text())


def _tests_of(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_bug_in_the_list_has_a_test_that_exists() -> None:
    lines = [line for line in (HERE / "README.md").read_text().splitlines() if line.startswith("| ")]
    assert len(NODES) == len(lines) - sum(line.startswith("| bug |") for line in lines)
    missing = [f"{file}::{name}" for file, name in NODES if name not in _tests_of((HERE / file).resolve())]
    assert missing == []


def test_every_test_here_stands_in_the_list() -> None:
    listed = set(NODES)
    here = {
        (file.name, name)
        for file in HERE.glob("test_*.py")
        if file.name != "test_readme.py"
        for name in _tests_of(file)
        if name.startswith("test_")
    }
    assert here - listed == set()


def test_every_test_here_says_whose_bug_it_is() -> None:
    silent = [
        f"{file.name}::{node.name}"
        for file in HERE.glob("test_*.py")
        if file.name != "test_readme.py"
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []
