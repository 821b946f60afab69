"""Notes of a stream while it runs: chunks by reference, and facts of the protocol's events.

A chunk is put on a list and looked at later, with many others or at the end: then most of them cost next to nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta._process.faults import report
from langchain_respmeta.record.plain import as_mapping

MAX_KEPT: Final = 20_000
"""Chunks noted of one stream at the most."""

MAX_RECENT: Final = 1_024
"""Chunks that wait to be looked at, at the most; core itself holds all of a stream's until its end."""

_LAST: Final = 4
"""Chunks that follow the counts at most: usage, an empty one, core's own last one."""


class StreamNotes:
    """What was noted of one stream."""

    __slots__ = ("calls", "chunks", "last", "logprobs", "owner", "recent", "usage_chunk", "usages", "v3")

    def __init__(self) -> None:
        self.owner: object = None
        """The handler that notes the chunks: each of several gets each of them."""
        self.recent: list[Any] = []
        """Chunks that were not looked at yet."""
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

    def look(self) -> None:
        """Look at the chunks that came since the last look, and keep what may be needed."""
        recent, self.recent = self.recent, []
        try:
            telling = [one for one in recent if (told := one.message).usage_metadata or told.tool_call_chunks]
            for chunk in telling:
                self._keep(chunk, chunk.message)
            self.last.extend(recent[-_LAST:])
        except Exception:  # noqa: BLE001 - not core's own chunks of a chat model: each is taken by itself
            for chunk in recent:
                self.note(chunk)

    def note(self, chunk: Any) -> None:
        """Look at one chunk."""
        try:
            message = getattr(chunk, "message", None)
            if message is not None:
                self.last.append(chunk)
                self._keep(chunk, message)
        except Exception as fault:  # noqa: BLE001 - chunks are foreign objects
            report("noting a chunk", fault)

    def _keep(self, chunk: Any, message: Any) -> None:
        usage, pieces = getattr(message, "usage_metadata", None), getattr(message, "tool_call_chunks", None)
        if usage:
            self.usage_chunk = chunk
            if len(self.usages) < MAX_KEPT:
                self.usages.append(usage)
        kept = self.chunks
        holds = pieces or (self.v3 and message.content.__class__ is list)
        if holds and len(kept) < MAX_KEPT and not (kept and chunk is kept[0]):
            kept.append(chunk)
        if self.v3:
            self._keep_logprobs(chunk)

    def begin_protocol(self) -> None:
        """Note that protocol events came; some chunks came before the first of them."""
        self.look()
        self.v3 = True
        for chunk in self.last:
            self._keep_logprobs(chunk)

    def _keep_logprobs(self, chunk: Any) -> None:
        found = next((one for part in metadata_of(chunk) if (one := part.get("logprobs"))), None)
        if found and len(self.logprobs) < MAX_KEPT:
            self.logprobs.append(found)

    def counts_are_last(self) -> bool:
        """Whether no output came after the last counts; True where none were seen, as they are from elsewhere then."""
        if self.usage_chunk is None:
            return True
        last = list(self.last)
        places = [place for place, chunk in enumerate(last) if chunk is self.usage_chunk]
        return bool(places) and not any(map(holds_output, last[places[-1] + 1 :]))

    def is_whole(self) -> bool:
        """Whether counts came, and no output after them. It may be asked while chunks come: then they are left as they are."""
        now = StreamNotes()
        now.usage_chunk, now.recent = self.usage_chunk, self.recent.copy()
        now.last.extend(self.last)
        now.look()
        return now.usage_chunk is not None and now.counts_are_last()


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
