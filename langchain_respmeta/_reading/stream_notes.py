"""Notes of a stream while it runs: chunks by reference, and facts of the protocol's events."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta.record.plain import as_mapping

MAX_KEPT: Final = 20_000
"""Chunks noted of one stream at the most."""

_LAST: Final = 4
"""Chunks that follow the counts at most: usage, an empty one, core's own last one."""


class StreamNotes:
    """What was noted of one stream."""

    __slots__ = ("calls", "chunks", "last", "logprobs", "usage_chunk", "usages", "v3")

    def __init__(self) -> None:
        self.usages: list[Mapping[str, Any]] = []
        self.chunks: list[Any] = []
        self.last: deque[Any] = deque(maxlen=_LAST)
        """The last chunks: where the finish word and the counts are."""
        self.usage_chunk: Any = None
        """The last chunk with counts."""
        self.logprobs: list[Any] = []
        self.calls: list[Mapping[str, Any]] = []
        """Tool calls as their blocks began."""
        self.v3 = False
        """Whether protocol events came: only then are contents kept, else the pieces of tool calls alone."""

    def counts_are_last(self) -> bool:
        """Whether no output came after the last counts; True where none were seen, as they are from elsewhere then."""
        if self.usage_chunk is None:
            return True
        last = list(self.last)
        places = [place for place, chunk in enumerate(last) if chunk is self.usage_chunk]
        return bool(places) and not any(map(holds_output, last[places[-1] + 1 :]))

    def is_whole(self) -> bool:
        """Whether counts came, and no output after them."""
        return self.usage_chunk is not None and self.counts_are_last()


def metadata_of(chunk: Any) -> tuple[Mapping[str, Any], ...]:
    """A fact of a chunk about the answer, which is in one of two places."""
    places = getattr(chunk, "generation_info", None), getattr(chunk.message, "response_metadata", None)
    return tuple(told for place in places if (told := as_mapping(place)))


def holds_output(chunk: object) -> bool:
    """Whether a chunk without text holds reasoning or a piece of a tool call: the first one of most APIs is empty."""
    message = getattr(chunk, "message", None)
    if message is None:
        return bool(getattr(chunk, "text", ""))
    kwargs = getattr(message, "additional_kwargs", None)
    return bool(
        message.content
        or getattr(message, "tool_call_chunks", None)
        or (isinstance(kwargs, Mapping) and kwargs.get("reasoning_content"))
    )
