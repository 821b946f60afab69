"""Texts of strangers as they are, with the signs that would hide or turn them made visible."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

_FLAG: Final = "\U0001f3f4[\U000e0020-\U000e007f]+"
"""A region's flag is an emoji spelled in tags, which are invisible in any other place."""
_SIGN: Final = re.compile(
    f"(?P<flag>{_FLAG})"
    "|(?P<sign>[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+)"
)
"""Signs that turn the direction of what follows, invisible tags, and control characters but tab and line break."""
_MOST: Final = 8
"""Signs in a row that are named; more of them are counted."""


def visible(value: object) -> Markup:
    """A text as HTML; each such sign as its code point, so that it neither hides nor turns what is around it."""
    text = str(value)
    escaped = escape(text)
    return escaped if text.isascii() and text.isprintable() else Markup(_SIGN.sub(_named, str(escaped)))  # noqa: S704 - escaped above


def _named(match: re.Match[str]) -> str:
    return match[0] if match["flag"] else _span(match["sign"][:_MOST], len(match["sign"]) - _MOST)


@lru_cache(maxsize=256)
def _span(signs: str, more: int) -> str:
    codes = " ".join(f"U+{ord(sign):04X}" for sign in signs)
    names = ", ".join(unicodedata.name(sign, "control character") for sign in signs)
    rest = f" and {more:,} more" if more > 0 else ""
    return f'<span class="sign" title="{names}">{codes}{rest}</span>'
