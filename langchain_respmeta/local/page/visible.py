"""Texts of strangers as they are, with the signs that would hide or turn them made visible."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from markupsafe import Markup, escape

_FLAG: Final = "\U0001f3f4[\U000e0020-\U000e007f]+"
"""A region's flag is an emoji spelled in tags, which are invisible in any other place."""
_SIGN: Final = re.compile(
    f"(?P<flag>{_FLAG})"
    "|(?P<sign>[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+)"
)
"""Signs that turn the direction of what follows, invisible tags, and control characters but tab and line break."""
_SHOWN: Final = Markup('<span class="sign" title="{}">{}</span>')
_MOST: Final = 8
"""Signs in a row that are named; more of them are counted."""


def visible(text: str) -> Markup:
    """The text as HTML; each such sign as its code point, so that it neither hides nor turns what is around it."""
    if text.isascii() and text.isprintable():
        return escape(text)
    pieces, at = [Markup()], 0
    for match in _SIGN.finditer(text):
        if match["flag"] is None:
            pieces += [escape(text[at : match.start()]), _named(match["sign"])]
            at = match.end()
    pieces.append(escape(text[at:]))
    return Markup().join(pieces)


def _named(signs: str) -> Markup:
    codes = " ".join(f"U+{ord(sign):04X}" for sign in signs[:_MOST])
    names = ", ".join(unicodedata.name(sign, "control character") for sign in signs[:_MOST])
    more = f" and {len(signs) - _MOST:,} more" if len(signs) > _MOST else ""
    return _SHOWN.format(f"{names}{more}", f"{codes}{more}")
