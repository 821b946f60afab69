"""The tutorial runs from its first line to its last, and prints what it says."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(python|text)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_each_printed_block_follows_its_code() -> None:
    kinds = [kind for kind, _ in BLOCKS]
    assert kinds.count("text") > 15
    assert all(before == "python" for before, kind in pairwise(kinds) if kind == "text")


def test_the_tutorial_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    for place, (kind, block) in enumerate(BLOCKS):
        if kind == "text":
            continue
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(block, f"<tutorial.md, block {place}>", "exec"), names)  # noqa: S102 - the page is ours
        said = (
            BLOCKS[place + 1][1] if BLOCKS[place + 1 : place + 2] and BLOCKS[place + 1][0] == "text" else ""
        )
        assert printed.getvalue() == said, block
