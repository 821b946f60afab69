"""The conversations of two runs side by side: messages that belong together in one row, their differences marked."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from langchain_respmeta.local.page.compare.diff import Comparer, Diff
from langchain_respmeta.local.page.conversation.model import Message, Section

MOST_MESSAGES: Final = 100
"""Of the inputs, and of the outputs, of each run."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message with its number on the page of its run."""

    number: int
    title: str | None
    message: Message
    text: str

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two messages the same."""
        return (self.title, self.message.role, self.text)


@dataclass(frozen=True, slots=True)
class Together:
    """Two messages beside each other, or one that the other run lacks."""

    left: Said | None
    right: Said | None
    diff: Diff

    @property
    def is_same(self) -> bool:
        """Whether both say the same."""
        return self.left is not None and self.right is not None and self.left.key == self.right.key


@dataclass(frozen=True, slots=True)
class Talks:
    """Inputs or outputs of both runs."""

    rows: Sequence[Together]
    left_out: tuple[int, int]
    """Messages of each that are not shown."""

    @property
    def is_same(self) -> bool:
        """Whether both say the same throughout."""
        return not any(self.left_out) and all(row.is_same for row in self.rows)


def said(sections: Sequence[Section], first: int = 1) -> list[Said]:
    """The messages of sections, numbered on from `first`."""
    flat = [(section.title, message) for section in sections for message in section.messages]
    return [Said(number, title, one, one.text) for number, (title, one) in enumerate(flat, first)]


def together(left: Sequence[Said], right: Sequence[Said], comparer: Comparer) -> Talks:
    """Messages of both in rows."""
    shown = left[:MOST_MESSAGES], right[:MOST_MESSAGES]
    rows = [
        Together(one, other, comparer.diff(one.text if one else "", other.text if other else ""))
        for one, other in _rows(*shown)
    ]
    return Talks(rows, (len(left) - len(shown[0]), len(right) - len(shown[1])))


def _rows(left: Sequence[Said], right: Sequence[Said]) -> Iterator[tuple[Said | None, Said | None]]:
    matcher = difflib.SequenceMatcher(
        None, [one.key for one in left], [one.key for one in right], autojunk=False
    )
    for _, a, b, c, d in matcher.get_opcodes():
        yield from _beside(left[a:b], right[c:d])


def _beside(left: Sequence[Said], right: Sequence[Said]) -> Iterator[tuple[Said | None, Said | None]]:
    """Messages that changed: in their order as long as the same role speaks."""
    same = 0
    for one, other in zip(left, right, strict=False):
        if one.message.role != other.message.role:
            break
        yield one, other
        same += 1
    rest, others = left[same:], right[same:]
    if rest and others and rest[-1].message.role == others[-1].message.role:
        yield from ((one, None) for one in rest[:-1])
        yield from ((None, other) for other in others[:-1])
        yield rest[-1], others[-1]
    else:
        yield from ((one, None) for one in rest)
        yield from ((None, other) for other in others)
