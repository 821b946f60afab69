"""Strings in the shape of keys and tokens: the last net before something is stored or sent, not the first."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["without_secrets"]

_SECRET: Final = re.compile(
    rb"(?:sk-|gsk_|hf_|xai-|pplx-|lsv2_|ghp_|gho_|github_pat_|AKIA|ASIA|AIza|xox[abpr]-|eyJhbGciOi)[A-Za-z0-9_\-.]{12,}"
    rb"|Bearer [A-Za-z0-9_\-.=]{12,}"
)


def without_secrets(text: bytes) -> bytes:
    """`text`, JSON for instance, with what looks like a key replaced. Quotes and structure stay whole."""
    return _SECRET.sub(b"[secret removed]", text) if _SECRET.search(text) else text
