"""Late imports hold the lock that a fork waits for; without it a child hangs at a module that its parent was loading."""

import ast
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import pytest

import langchain_respmeta
from langchain_respmeta import MissingExtraError
from langchain_respmeta._process.late_imports import loading, needing

PACKAGE = Path(langchain_respmeta.__file__).parent
PROGRAMS = ("cli/", "demo.py", "local/", "history/bulk/", "history/feedback/", "history/pull/")
"""They run on the main thread of a process of their own, which does not fork; `history.batches` runs anywhere."""


def _files() -> list[Path]:
    return [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if not path.relative_to(PACKAGE).as_posix().startswith(PROGRAMS)
    ]


class _Finder(ast.NodeVisitor):
    def __init__(self) -> None:
        self.depth = 0
        self.is_held = False
        self.bare: list[str] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_With(self, node: ast.With) -> None:
        before = self.is_held
        held = {ast.unparse(item.context_expr).partition("(")[0] for item in node.items}
        self.is_held = before or not held.isdisjoint({"loading", "needing"})
        self.generic_visit(node)
        self.is_held = before

    def _see(self, node: ast.AST) -> None:
        if self.depth and not self.is_held:
            self.bare.append(ast.unparse(node))

    def visit_Import(self, node: ast.Import) -> None:
        self._see(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._see(node)

    def visit_Call(self, node: ast.Call) -> None:
        if ast.unparse(node.func) == "import_module":
            self._see(node)
        self.generic_visit(node)


def _bare(source: str) -> list[str]:
    finder = _Finder()
    finder.visit(ast.parse(source))
    return finder.bare


@pytest.mark.parametrize("path", _files(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_late_import_stands_under_the_lock(path: Path) -> None:
    bare = _bare(path.read_text())
    if path.name == "loader.py":  # which holds a lock of its own around all of `_take`
        assert [one for one in bare if "genai_prices" not in one] == []
        return
    assert bare == []


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    import a",
        "class C:\n    def f(self):\n        if 1:\n            from a import b",
        "def f():\n    with other:\n        import a",
        "def f():\n    return import_module('a')",
    ],
)
def test_a_bare_one_is_seen(source: str) -> None:
    assert len(_bare(source)) == 1


def test_a_missing_package_is_told_with_its_extra_and_the_lock_is_let_go() -> None:
    with (
        pytest.raises(MissingExtraError, match=r"^It needs the package 'no_such_package'.*\[moon\]"),
        needing("It", extra="moon"),
    ):
        import_module("no_such_package")
    with ThreadPoolExecutor(1) as other:
        assert other.submit(loading.lock.acquire, timeout=60).result()
        other.submit(loading.lock.release).result()


def test_what_a_package_of_ours_misses_is_told_as_it_says_it() -> None:
    missing = MissingExtraError("Something", extra="sun", package="light")
    with pytest.raises(MissingExtraError) as raised, needing("It", extra="moon"):
        raise missing
    assert raised.value is missing
