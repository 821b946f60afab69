"""Strings in the shape of keys and tokens: the last net before something is stored or sent, not the first."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["text_without_secrets", "without_secrets"]

_HEADS: Final = (
    "sk-", "gsk_", "hf_", "xai-", "pplx-", "lsv2_", "ghp_", "gho_", "github_pat_", "AKIA", "ASIA", "AIza",
    "xoxa-", "xoxb-", "xoxp-", "xoxr-", "eyJhbGciOi", "Bearer ",
)  # fmt: skip
"""How keys and tokens of vendors begin. A plain search for these is many times faster than one for the pattern."""

_HEADS_AS_BYTES: Final = tuple(head.encode() for head in _HEADS)
_PATTERN: Final = rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, _HEADS))})[A-Za-z0-9_\-.=]{{12,}}"
_TEXT: Final = re.compile(_PATTERN)
_BYTES: Final = re.compile(_PATTERN.encode())
_SHORTEST: Final = 15
"""The shortest head and the least that must follow it."""

_REMOVED: Final = "[secret removed]"


def without_secrets(text: bytes) -> bytes:
    """`text`, JSON for instance, with what looks like a key replaced. Quotes and structure stay whole."""
    for head in _HEADS_AS_BYTES:
        if head in text:
            return _BYTES.sub(_REMOVED.encode(), text)
    return text


def text_without_secrets(text: str) -> str:
    """The same for a text."""
    return text if len(text) < _SHORTEST else _TEXT.sub(_REMOVED, text)
