"""What integrations hold and do not hand over: chunks of which they give the text only, answers at which they raise.

ChatOllama does so in protocol streams (v3). The protocol makes one call of several tool calls that have no index, and
what it merges them into has the names of the first and the last: the chunks, which hold each call whole, are nowhere but
in the integration's own loop, which is what called us.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from traceback import walk_tb
from typing import Any, Final

_LOOPS: Final = frozenset({"_stream", "_astream"})
_MODULES: Final = frozenset({"langchain_ollama.chat_models"})
_DEPTH: Final = 24
"""Frames that are searched: core's manager and its decorators are between."""


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


_ANSWERS: Final = {
    # The SDK parses structured output with the chunk that ends it, and raises before it hands that chunk over.
    ("openai.lib.streaming.chat._completions", "_build_events"): ("completion_snapshot",),
    # LangChain raises with the text of the error alone; the event holds the model and the counts.
    ("langchain_openai.chat_models.base", "_convert_responses_chunk_to_generation_chunk"): (
        "chunk",
        "response",
    ),
}
"""(Module, function) that raises while an answer is in its hands → the local variable, and the attribute of it."""

_RAISED_THROUGH: Final = 64
"""Frames of a traceback that are looked at."""


def held_by_raising_code(error: BaseException) -> Iterator[Any]:
    """Answers that the code which raised `error` was working on, as the SDK's objects; they are looked at only."""
    for frame, _ in islice(walk_tb(error.__traceback__), _RAISED_THROUGH):
        path = _ANSWERS.get((frame.f_globals.get("__name__", ""), frame.f_code.co_name))
        if path is None:
            continue
        name, *attributes = path
        held = frame.f_locals.get(name)
        for attribute in attributes:
            held = getattr(held, attribute, None)
        if held is not None:
            yield held
