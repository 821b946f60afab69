"""The house in numbers: lengths of files and functions, `Any`, ignores, circles. `python -m benchmarks.house`."""

from __future__ import annotations

import ast
import re
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "langchain_respmeta"

BOUNDARY = (
    "_agents/callbacks.py",  # LangChain's callbacks
    "_reading/answer_in_exception.py",  # what SDKs hang on their exceptions
    "_reading/conform.py",  # values of any kind, asked what they are
    "_reading/failures.py",
    "_reading/stream_repair.py",
    "handler/handler.py",
    "providers/engine/",  # what integrations hand over as an answer
    "record/bounds.py",
    "record/interchange/",  # other libraries' records
    "record/plain.py",
)
"""Files (and folders) that take what integrations hand over, which nobody types; elsewhere `Any` needs a reason."""


def _functions(tree: ast.Module) -> Iterator[int]:
    """Lines of each function's body, without its docstring."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
            yield body[-1].end_lineno - body[0].lineno + 1 if body else 0  # type: ignore[operator]


def _percentile(values: list[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _anys(texts: dict[Path, str]) -> tuple[int, float]:
    """How often `Any` is written, and how often a 1000 lines outside of the boundary."""
    counts = {
        path: sum(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(ast.parse(text)))
        for path, text in texts.items()
    }
    inner = [path for path in texts if not path.relative_to(PACKAGE).as_posix().startswith(BOUNDARY)]
    lines = sum(len(texts[path].splitlines()) for path in inner)
    return sum(counts.values()), 1000 * sum(counts[path] for path in inner) / lines


def main() -> int:
    """Print one table."""
    texts = {path: path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    lengths = [len(text.splitlines()) for text in texts.values()]
    trees = [ast.parse(text) for text in texts.values()]
    functions = [length for tree in trees for length in _functions(tree)]
    lines = sum(lengths)
    anys, inner = _anys(texts)
    ignores = sum(len(re.findall(r"# type: ignore", text)) for text in texts.values())
    rooms = [path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()]
    halls = sorted(path.name for path in PACKAGE.glob("*.py"))
    print(f"files {len(lengths)}, lines {lines}; rooms {len(rooms)}, in the hall {', '.join(halls)}")
    print(f"file: median {statistics.median(lengths):.0f}, longest {max(lengths)}")
    print(
        f"function body: median {statistics.median(functions):.0f}, "
        f"p95 {_percentile(functions, 0.95)}, longest {max(functions)}"
    )
    print(
        f"per 1000 lines: Any {1000 * anys / lines:.0f} ({inner:.0f} outside the integrations' boundary), "
        f"type: ignore {1000 * ignores / lines:.2f}"
    )
    too_long = {str(path.relative_to(PACKAGE)): len(text.splitlines()) for path, text in texts.items()}
    for name, length in sorted(too_long.items()):
        if length > 400:
            print(f"over 400 lines: {name} ({length})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
