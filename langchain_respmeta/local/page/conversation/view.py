"""A conversation as its page shows it: messages with numbers, calls beside their results, a window of many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from langchain_respmeta.local.page.conversation.model import (
    Conversation,
    Data,
    Media,
    Message,
    Part,
    Reasoning,
    Refusal,
    Section,
    Text,
    ToolCall,
    ToolResult,
)
from langchain_respmeta.local.page.conversation.raster import Raster, raster_of

MOST_MESSAGES: Final = 200
"""Messages on one page."""
MOST_PARTS: Final = 200
"""Parts of one message, or of one result, on a page."""
_MOST_PARTS_OF_ALL: Final = 3_000
"""Parts on one page."""
_BEFORE: Final = 100
"""Messages of the input before the output, where there are more than fit on a page."""
_KINDS: Final[Mapping[type, str]] = {
    Text: "text",
    Reasoning: "reasoning",
    Refusal: "refusal",
    Media: "media",
    Data: "data",
    ToolCall: "call",
    ToolResult: "result",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One part of a message."""

    kind: str
    part: Part
    result: Result | None = None
    """Of a call, what its tool gave back."""
    number: int = 0
    """Of a medium, its number in the conversation."""
    raster: Raster | None = None
    """Of a picture that a browser may show."""


@dataclass(frozen=True, slots=True)
class Result:
    """A tool's result, and the number of the message that brings it."""

    message: int
    failed: bool
    parts: Sequence[Shown]
    rest: Mapping[str, object]
    left_out: int
    """Parts that are not on this page at all."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message."""

    number: int
    message: Message
    parts: Sequence[Shown]
    left_out: int
    """Parts that are not on this page at all."""


@dataclass(frozen=True, slots=True)
class SectionView:
    """Messages under one heading."""

    title: str | None
    entries: Sequence[Entry]
    repeated: int
    empty: bool
    """Whether there is nothing in it, on other pages neither."""


@dataclass(frozen=True, slots=True)
class View:
    """What a page shows of a conversation."""

    inputs: Sequence[SectionView]
    outputs: Sequence[SectionView]
    total: int
    start: int
    """The number of the first message shown."""
    end: int
    """The number of the last one."""

    @property
    def earlier(self) -> int | None:
        """Where the page before begins."""
        return max(1, self.start - MOST_MESSAGES) if self.start > 1 else None

    @property
    def later(self) -> int | None:
        """Where the next page begins."""
        return self.end + 1 if self.end < self.total else None


def view_of(conversation: Conversation, start: int | None = None) -> View:
    """The page that begins with message `start`; without it the one with the end of the input."""
    return _Builder(conversation, start).view()


@dataclass(slots=True)
class _Builder:
    conversation: Conversation
    asked: int | None
    media: dict[int, int] = field(default_factory=dict)
    """Numbers of media by identity: equal ones are different media."""
    results: dict[int, tuple[int, ToolResult]] = field(default_factory=dict)
    """For each call by identity the result, and the number of its message."""
    parts_left: int = _MOST_PARTS_OF_ALL
    placed: set[int] = field(default_factory=set)
    """Results that stand beside their calls, by identity."""

    def view(self) -> View:
        self.media = {id(one): number for number, one in enumerate(self.conversation.media, 1)}
        before = sum(len(section.messages) for section in self.conversation.inputs)
        total = before + sum(len(section.messages) for section in self.conversation.outputs)
        start = self._start(before, total)
        end = min(total, start + MOST_MESSAGES - 1)
        numbered = list(enumerate(self.conversation.messages, 1))
        self._pair(numbered[start - 1 : min(before, end)])
        self._pair(numbered[max(before, start - 1) : end])  # apart: what came out stands under the output
        inputs = self._sections(self.conversation.inputs, 1, start, end)
        outputs = self._sections(self.conversation.outputs, before + 1, start, end)
        return View(inputs, outputs, total, start, end)

    def _start(self, before: int, total: int) -> int:
        if self.asked is not None:
            return max(1, min(self.asked, total))
        return 1 if total <= MOST_MESSAGES else max(1, before - _BEFORE + 1)

    def _pair(self, numbered: Sequence[tuple[int, Message]]) -> None:
        """Match results with calls: the oldest open call of the same id, as ids may come again."""
        open_calls: defaultdict[str, list[ToolCall]] = defaultdict(list)
        for number, message in numbered:
            for part in message.parts:
                if isinstance(part, ToolCall) and part.call_id:
                    open_calls[part.call_id].append(part)
                elif isinstance(part, ToolResult) and part.call_id and open_calls[part.call_id]:
                    call = open_calls[part.call_id].pop(0)
                    self.results[id(call)] = (number, part)
                    self.placed.add(id(part))

    def _sections(self, sections: Sequence[Section], first: int, start: int, end: int) -> list[SectionView]:
        views = list[SectionView]()
        for section in sections:
            entries = [
                entry
                for number, message in enumerate(section.messages, first)
                if start <= number <= end and (entry := self._entry(number, message))
            ]
            first += len(section.messages)
            if entries or not section.messages:
                views.append(SectionView(section.title, entries, section.repeated, not section.messages))
        return views

    def _entry(self, number: int, message: Message) -> Entry | None:
        """A message; None if all that it holds stands beside calls."""
        parts = [part for part in message.parts if id(part) not in self.placed]
        if message.parts and not parts:
            return None
        return Entry(number, message, *self._shown(parts))

    def _shown(self, parts: Sequence[Part]) -> tuple[list[Shown], int]:
        """The first parts, and how many are left out."""
        most = min(MOST_PARTS, self.parts_left)
        self.parts_left -= min(most, len(parts))
        return list(self._each_shown(parts[:most])), max(0, len(parts) - most)

    def _each_shown(self, parts: Sequence[Part]) -> Iterator[Shown]:
        for part in parts:
            kind = _KINDS[type(part)]
            if isinstance(part, ToolCall):
                yield Shown(kind, part, result=self._result_of(part))
            elif isinstance(part, ToolResult):
                yield Shown(kind, part, result=self._result(0, part))
            elif isinstance(part, Media):
                raster = raster_of(part.data) if part.data and part.kind == "image" else None
                yield Shown(kind, part, number=self.media[id(part)], raster=raster)
            else:
                yield Shown(kind, part)

    def _result_of(self, call: ToolCall) -> Result | None:
        number, result = self.results.get(id(call), (0, None))
        return None if result is None else self._result(number, result)

    def _result(self, number: int, result: ToolResult) -> Result:
        shown, left_out = self._shown(result.parts)
        return Result(number, result.failed, shown, result.rest, left_out)
