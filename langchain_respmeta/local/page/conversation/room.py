"""How much of a conversation one page shows, and what of it is folded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from langchain_respmeta.local.page import json_html
from langchain_respmeta.local.page.visible import visible

MOST_CHARACTERS: Final = 600_000
"""Characters of all texts on one page."""
_MOST_OF_ONE: Final = 100_000
"""Characters of one text."""
_OPEN: Final = 1_600
"""Characters of a text that are shown unfolded."""
_OPEN_DATA: Final = 700
"""The same for JSON."""
_OPEN_LINES: Final = 24
_ALMOST: Final = 1.3
"""How much longer a text may be before it is folded: nobody clicks for two more lines."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in two pieces, as HTML."""

    head: Markup
    tail: Markup
    """What is folded away."""
    folded: int
    """Characters of it."""
    cut: int
    """Characters that are not on this page at all."""


class Room:
    """The characters that one page may still show; texts are asked for in their order on the page."""

    def __init__(self, most: int = MOST_CHARACTERS) -> None:
        self._left = most

    def text(self, text: str, unfolded: int = _OPEN) -> Folded:
        """A text, folded if it is long."""
        return self._folded(text, unfolded, visible)

    def data(self, value: object) -> Folded:
        """A value as indented JSON, folded if it is long."""
        return self._folded(json_html.indented(value), _OPEN_DATA, json_html.marked)

    def _folded(self, text: str, unfolded: int, shown: Callable[[str], Markup]) -> Folded:
        most = max(0, min(len(text), _MOST_OF_ONE, self._left))
        self._left -= most
        at = min(_fold_at(text, unfolded), most)
        return Folded(shown(text[:at]), shown(text[at:most]), most - at, len(text) - most)


def _fold_at(text: str, unfolded: int) -> int:
    """Where to fold: after a number of characters or lines, at the end of a line or word."""
    at = _after_lines(text, _OPEN_LINES)
    if len(text) <= unfolded * _ALMOST and len(text) <= at * _ALMOST:
        return len(text)
    at = min(at, unfolded)
    for end in ("\n", " "):
        found = text.rfind(end, at // 2, at)
        if found > 0:
            return found + 1
    return at


def _after_lines(text: str, lines: int) -> int:
    """Characters of the first lines, all if there are no more."""
    at = 0
    for _ in range(lines):
        found = text.find("\n", at)
        if found < 0:
            return len(text)
        at = found + 1
    return at
