"""JSON for people: indented if not too long, kinds of values marked for colour, everything escaped."""

from __future__ import annotations

import re
from typing import Final

import orjson
from markupsafe import Markup

from langchain_respmeta.local import json_text
from langchain_respmeta.local.page.visible import visible

_MOST: Final = 200_000
"""Characters shown; the rest is one click away in the raw answer of the API."""
_MOST_INDENTED: Final = 500_000
"""Characters before indentation: deep nesting can turn three into five hundred."""
_TOKEN: Final = re.compile(
    r'(?P<text>"(?:[^"\\]|\\.)*+(?:"|\\?\Z))'  # the last one may be cut
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<word>true|false|null)",
    re.DOTALL,
)
_NUMBER: Final = r"-?\d[\d.eE+-]*"
_NUMBERS: Final = re.compile(rf"\[\n\s*({_NUMBER}(?:,\n\s*{_NUMBER})*+)\n\s*\]")
"""A list of numbers in lines; within a text there are no line breaks."""
_BREAK: Final = re.compile(r"\n\s*")


def pretty(value: object) -> Markup:
    """The value as HTML for a `pre`."""
    text = indented(value)
    cut = len(text) - _MOST
    if cut <= 0:
        return marked(text)
    rest = Markup('\n<span class="j-cut">{} more characters: open the raw JSON</span>').format(cut)
    return marked(text[:_MOST]) + rest


def indented(value: object) -> str:
    """The value as JSON, in lines unless there would be too many."""
    text = json_text.dumps(value)
    if len(text) > _MOST_INDENTED:
        return text
    return _NUMBERS.sub(_in_one_line, json_text.dumps(value, orjson.OPT_INDENT_2))


def _in_one_line(numbers: re.Match[str]) -> str:
    return f"[{_BREAK.sub(' ', numbers[1])}]"


def marked(text: str) -> Markup:
    """A piece of JSON as HTML, which begins and ends with whole lines."""
    pieces, at = [Markup()], 0
    for match in _TOKEN.finditer(text):
        pieces.append(visible(text[at : match.start()]))
        kind = "key" if text.startswith(":", match.end()) else match.lastgroup
        pieces.append(Markup('<span class="j-{}">{}</span>').format(kind, visible(match[0])))
        at = match.end()
    pieces.append(visible(text[at:]))
    return Markup().join(pieces)
