"""Every import is declared: none relies on the dependencies of another distribution."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS: Final[dict[str, list[str]]] = PROJECT["project"]["optional-dependencies"]
OURS: Final = frozenset({"langchain_respmeta", "tests", "benchmarks"})


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def _declared(*lists: list[Any]) -> set[str]:
    return {_name(one) for requirements in lists for one in requirements if isinstance(one, str)}


def _imported(folder: str) -> Iterator[tuple[str, str]]:
    """(file, top-level module) of each import in a folder, at any level of the file."""
    beside = {path.stem for path in (ROOT / folder).glob("*.py")}  # a script finds those next to it
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom) and not node.level
                else []
            )
            for name in names:
                module = name.partition(".")[0]
                if module not in sys.stdlib_module_names | OURS | beside:
                    yield str(path.relative_to(ROOT)), module


def _undeclared(folder: str, declared: set[str]) -> dict[str, str]:
    homes = packages_distributions()
    return {
        module: path
        for path, module in _imported(folder)
        if not {_name(home) for home in homes.get(module, [module])} & declared
    }


def test_the_package_declares_what_it_imports() -> None:
    assert (
        _undeclared("langchain_respmeta", _declared(PROJECT["project"]["dependencies"], *EXTRAS.values()))
        == {}
    )


@pytest.mark.parametrize("folder", ["tests", "benchmarks", "docs"])
def test_the_groups_declare_what_tests_and_tools_import(folder: str) -> None:
    groups = PROJECT["dependency-groups"]
    lists = (groups[name] for name in ("test-core", "test", "conformance", "lint", "build"))
    declared = _declared(PROJECT["project"]["dependencies"], *EXTRAS.values(), *lists)
    assert _undeclared(folder, declared) == {}
