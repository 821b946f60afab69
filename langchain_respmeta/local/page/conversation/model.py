"""What a conversation consists of, whatever shape it was stored in.

Readers fill it, pages show it. Nothing is escaped, shortened or fetched here; a value that no reader knows is kept as
`Data`, and keys of a known shape that no reader reads are kept in `Message.rest`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from langchain_respmeta.local import json_text

Role = Literal["system", "human", "ai", "tool", "document", "value"]
"""Who speaks; `document` is a retriever's find, `value` a text or object that is no message."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A source that a text names."""

    title: str | None
    url: str | None
    quote: str | None


@dataclass(frozen=True, slots=True)
class Text:
    """Text with its sources."""

    text: str
    citations: Sequence[Citation] = ()


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What the model thought; None where the provider sends it encrypted or not at all."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The words of a refusal."""

    text: str


@dataclass(frozen=True, slots=True)
class Media:
    """An image, a sound, a video or a file: its bytes as base64, its text, its address, or the provider's id."""

    kind: Literal["image", "audio", "video", "file"]
    mime: str | None = None
    name: str | None = None
    data: str | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)
    url: str | None = None
    file_id: str | None = None

    @property
    def size(self) -> int | None:
        """Bytes of what was sent with the message."""
        return None if self.data is None else len(self.data.rstrip("=")) * 3 // 4


@dataclass(frozen=True, slots=True)
class Data:
    """A value of a shape that no reader knows."""

    value: object
    title: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model calls, or that the provider ran itself."""

    name: str
    call_id: str | None
    arguments: object
    error: str | None = None
    """Why LangChain could not read it."""
    by_provider: bool = False


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back."""

    call_id: str | None
    name: str | None
    parts: Sequence[Part]
    failed: bool = False
    rest: Mapping[str, object] = field(default_factory=dict)
    """Keys of its content that no reader reads."""


Part = Text | Reasoning | Refusal | Media | Data | ToolCall | ToolResult


@dataclass(frozen=True, slots=True)
class Message:
    """One message, document or value."""

    role: Role
    word: str
    """The role as it was written: developer, AIMessageChunk, model."""
    parts: Sequence[Part]
    name: str | None = None
    finish: str | None = None
    """The provider's finish reason, where the message or its generation has one."""
    rest: Mapping[str, object] = field(default_factory=dict)
    """What was sent with it and is shown nowhere else."""

    @property
    def text(self) -> str:
        """All that can be read, as plain text, one part a paragraph."""
        return "\n\n".join(filter(None, map(text_of, self.parts)))


@dataclass(frozen=True, slots=True)
class Section:
    """Messages under one heading: a prompt of a batch, a candidate, a key of a state."""

    title: str | None
    messages: Sequence[Message]
    repeated: int = 0
    """Messages before these that are the same as in the run's input, and are shown there."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What went into a run and what came out."""

    inputs: Sequence[Section] = ()
    outputs: Sequence[Section] = ()

    @property
    def messages(self) -> Iterator[Message]:
        """All messages in order; the n-th has the number n on the page, counted from 1."""
        return (one for section in (*self.inputs, *self.outputs) for one in section.messages)

    @property
    def media(self) -> Iterator[Media]:
        """All media in order; the n-th has the number n in its address, counted from 1."""
        return (one for message in self.messages for one in media_of(message.parts))

    @property
    def answer(self) -> str:
        """What came out, as plain text."""
        return "\n\n".join(one.text for section in self.outputs for one in section.messages)


def media_of(parts: Iterable[Part]) -> Iterator[Media]:
    """Media among parts, and within results of tools."""
    for part in parts:
        if isinstance(part, Media):
            yield part
        elif isinstance(part, ToolResult):
            yield from media_of(part.parts)


def text_of(part: Part) -> str:
    """A part as plain text."""
    if isinstance(part, (Text, Refusal)):
        return part.text
    if isinstance(part, Reasoning):
        return part.text or ""
    if isinstance(part, ToolCall):
        return f"{part.name}({_compact(part.arguments)})"
    if isinstance(part, ToolResult):
        return "\n".join(filter(None, map(text_of, part.parts)))
    if isinstance(part, Media):
        return (
            part.text
            or f"[{' '.join(filter(None, (part.kind, part.mime, part.name or part.url or part.file_id)))}]"
        )
    return _compact(part.value)


EMPTY: Final[tuple[object, ...]] = (None, "", [], {})
"""Values that say nothing; zero and false do."""


def _compact(value: object) -> str:
    return value if isinstance(value, str) else json_text.dumps(value)
