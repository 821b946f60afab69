"""Chunks of which an integration tells the text, and does not hand over the chunk.

ChatOllama does so in protocol streams (v3). The protocol makes one call of several tool calls that have no index, and
what it merges them into has the names of the first and the last: the chunks, which hold each call whole, are nowhere but
in the integration's own loop, which is what called us.
"""

from __future__ import annotations

import sys
from typing import Any, Final

_LOOPS: Final = frozenset({"_stream", "_astream"})
_MODULES: Final = frozenset({"langchain_ollama.chat_models"})
_DEPTH: Final = 24
"""Callers that are looked at: core's manager and its decorators stand between."""


def chunk_of_caller() -> Any:
    """The chunk that the calling integration holds in its hands; None where none does."""
    frame = sys._getframe(1)  # noqa: SLF001 - there is no other way to the caller
    for _ in range(_DEPTH):
        if frame is None:
            return None
        if frame.f_code.co_name in _LOOPS and frame.f_globals.get("__name__") in _MODULES:
            chunk = frame.f_locals.get("chunk")
            return chunk if hasattr(chunk, "message") else None
        frame = frame.f_back  # type: ignore[assignment]
    return None
