"""The programs of docs/history.md, section "Engines"."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parents[3] / "docs" / "history.md").read_text("utf-8")
SNIPPETS: dict[str, str] = dict(
    re.findall(r"<!-- ((?:frame|files) of \w+) -->\n```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
)


def run_snippet(name: str, folder: Path) -> None:
    """Run one as a program of its own, with its files in a folder: a worker's current folder is its own."""
    program = re.sub(r"(?<=[\"'])(?=runs/|table[/.])", f"{folder}/", SNIPPETS[name])
    exec(compile(program, f"<history.md, {name}>", "exec"), {"__name__": "__main__"})  # noqa: S102 - the page is ours
