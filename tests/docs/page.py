"""What a page of the documentation holds that can be run: its fenced blocks, by section."""

from __future__ import annotations

import io
import re
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
_FENCE: Final = re.compile(r"(?:^`([\w./-]+)`:\n\n)?^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block.

    Attributes:
        language: The word after the fence: ``python``, ``text`` (what the block before it prints), ``sh``, ``json``.
        text: What is in it.
        file: The name on a line of its own before the fence, of a block that is a file.
    """

    language: str
    text: str
    file: str | None


def blocks(text: str) -> list[Block]:
    """The blocks of a page or of a part of it, in order."""
    return [Block(language, body, file or None) for file, language, body in _FENCE.findall(text)]


def sections(name: str) -> dict[str, list[Block]]:
    """The blocks under each heading of the second level."""
    page = (ROOT / name).read_text("utf-8")
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    return {title: blocks(part) for title, part in zip(parts[1::2], parts[2::2], strict=True)}


def write_files(found: list[Block], folder: Path) -> None:
    """Write the blocks that are files."""
    for block in found:
        if block.file:
            (folder / block.file).write_text(block.text, "utf-8")


def run(found: list[Block], *, show: bool = False, **names: Any) -> dict[str, Any]:
    """Run the Python blocks one after the other, as one program; compare what each prints with the text after it.

    Args:
        found: The blocks.
        show: Print what the program prints, instead.
        **names: What the program takes for granted.

    Returns:
        The program's names.
    """
    program: dict[str, Any] = {"__name__": "__main__", **names}
    printed = ""
    for block in found:
        if block.file:
            continue
        if block.language == "python":
            out = io.StringIO()
            with nullcontext() if show else redirect_stdout(out):
                exec(compile(block.text, "<block of the page>", "exec"), program)  # noqa: S102 - the page is ours
            printed = out.getvalue()
        elif block.language == "text":
            assert printed == block.text
    return program
