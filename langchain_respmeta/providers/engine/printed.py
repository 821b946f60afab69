"""Arguments of a model that LangChain cannot serialize: it hands over what the object prints as, and nothing else."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterable
from typing import Any, Final

MAX_CHARS: Final = 50_000
"""Of what a model prints as, what is looked at."""

_OPENS: Final = {"{": "}", "[": "]", "(": ")"}
_QUOTES: Final = "\"'"


def arguments_of(printed: str, names: Iterable[str]) -> dict[str, Any]:
    """The named arguments in `Class(name=value, …)`, as far as their values are plain data."""
    printed = printed[:MAX_CHARS]
    found: dict[str, Any] = {}
    for match in re.finditer(rf"[(,] ?({'|'.join(names)})=(?=[\[{{'\"])", printed) if printed else ():
        try:
            found.setdefault(match[1], literal_eval(printed[match.end() : _end(printed, match.end())]))
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue  # an object, which prints as anything
    return found


def _end(text: str, start: int) -> int:
    """Where the text, list or mapping ends that begins at `start`."""
    closing: list[str] = []
    quote, place = "", start
    while place < len(text):
        char = text[place]
        if quote:
            if char == "\\":
                place += 1
            elif char == quote:
                quote = ""
        elif char in _QUOTES:
            quote = char
        elif char in _OPENS:
            closing.append(_OPENS[char])
        elif closing and char == closing[-1]:
            closing.pop()
        place += 1
        if not quote and not closing:
            break
    return place
