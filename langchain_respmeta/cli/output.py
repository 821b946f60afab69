"""Standard output of the commands: text and tables for people, one JSON document for programs.

Nothing is cut where the output is no terminal: a table takes the width that it needs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final, NoReturn

from rich.console import Console
from rich.table import Table
from rich.text import Text

_WIDEST: Final = 100_000
"""Columns of a table that goes to a file or a pipe: more than any has."""


class _Console(Console):
    """Leaves a closed pipe to `program`, which knows the exit code."""

    def on_broken_pipe(self) -> NoReturn:
        """Let the error go on."""
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Console:
    """A console whose tables are as wide as the terminal, or as they need to be where there is none."""
    found = _Console(stderr=stderr, highlight=False)
    return found if found.is_terminal else _Console(stderr=stderr, highlight=False, width=_WIDEST)


def say(text: str) -> None:
    """Print text as it is, on standard output."""
    sys.stdout.write(f"{text}\n")


def say_json(document: Any) -> None:
    """Print the command's one JSON document: dicts, lists, strings, numbers, booleans and None."""
    plain = "utf" not in (sys.stdout.encoding or "").lower()
    say(json.dumps(document, indent=2, ensure_ascii=plain))


def say_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str | None = None) -> None:
    """Print a table; on a terminal long cells go on in the next line of their row."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", show_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console().print(table)
