"""JSON for people: indented if not too long, kinds of values marked for colour, everything escaped."""

from __future__ import annotations

import re
from typing import Final

import orjson
from markupsafe import Markup, escape

from langchain_respmeta.local import json_text

_MOST: Final = 200_000
"""Characters shown; the rest is one click away in the raw answer of the API."""
_MOST_INDENTED: Final = 500_000
"""Characters before indentation: deep nesting can turn three into five hundred."""
_TOKEN: Final = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=:)'
    r'|(?P<text>"(?:[^"\\]|\\.)*")'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<word>true|false|null)"
)


def pretty(value: object) -> Markup:
    """The value as HTML for a `pre`."""
    text = json_text.dumps(value)
    if len(text) <= _MOST_INDENTED:
        text = json_text.dumps(value, orjson.OPT_INDENT_2)
    shown, cut = text[:_MOST], len(text) - _MOST
    pieces, at = [Markup()], 0
    for match in _TOKEN.finditer(shown):
        pieces.append(escape(shown[at : match.start()]))
        pieces.append(Markup('<span class="j-{}">{}</span>').format(match.lastgroup, match[0]))
        at = match.end()
    pieces.append(escape(shown[at:]))
    if cut > 0:
        pieces.append(
            Markup('\n<span class="j-cut">{} more characters: open the raw JSON</span>').format(cut)
        )
    return Markup().join(pieces)
