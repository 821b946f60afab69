"""What differs between two texts, word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

from markupsafe import Markup

from langchain_respmeta.local.page.visible import visible

MOST_SHOWN: Final = 20_000
"""Characters of one text on the page."""
MOST_WORDS: Final = 1_500
"""Of the differing middle of one text: beyond it, lines are compared, and beyond as many lines nothing is."""
MOST_EFFORT: Final = 6_000_000
"""Pairs of words (or lines) that one page compares, in the worst case."""
_WORDS: Final = re.compile(r"\s+|\w+|[^\w\s]")
_LINES: Final = re.compile(r"[^\n]*\n|[^\n]+")

Kind = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one of the texts, as HTML."""

    kind: Kind
    html: Markup


@dataclass(frozen=True, slots=True)
class Diff:
    """Two texts in pieces; without marks where they were too long to compare."""

    left: Sequence[Piece]
    right: Sequence[Piece]
    is_marked: bool
    cut: tuple[int, int]
    """Characters of each that are not shown."""


class Comparer:
    """Compares the texts of one page, as far as its effort goes."""

    def __init__(self, effort: int = MOST_EFFORT) -> None:
        self._left = effort

    def diff(self, left: str, right: str) -> Diff:
        """What the second text lacks of the first, and what it has more."""
        cut = (max(0, len(left) - MOST_SHOWN), max(0, len(right) - MOST_SHOWN))
        one, other = left[:MOST_SHOWN], right[:MOST_SHOWN]
        begin, end = _common(one, other)
        middles = one[begin : len(one) - end], other[begin : len(other) - end]
        parts = self._parts(*middles)
        head, tail = one[:begin], one[len(one) - end :]
        if parts is None:
            return Diff(
                [Piece("same", visible(one))], [Piece("same", visible(other))], is_marked=False, cut=cut
            )
        lefts, rights = list[tuple[Kind, str]](), list[tuple[Kind, str]]()
        for tag, was, now in parts:
            lefts.append(("same" if tag == "equal" else "removed", was))
            rights.append(("same" if tag == "equal" else "added", now))
        whole = [[("same", head), *side, ("same", tail)] for side in (lefts, rights)]
        return Diff(_pieces(whole[0]), _pieces(whole[1]), is_marked=True, cut=cut)

    def _parts(self, one: str, other: str) -> list[tuple[str, str, str]] | None:
        """Stretches of both with what is to be done; None if that would take too long."""
        for split in (_WORDS, _LINES):
            words, others = split.findall(one), split.findall(other)
            if max(len(words), len(others)) > MOST_WORDS:
                continue
            self._left -= len(words) * len(others)
            if self._left < 0:
                return None
            codes = difflib.SequenceMatcher(None, words, others).get_opcodes()
            return [(tag, "".join(words[a:b]), "".join(others[c:d])) for tag, a, b, c, d in codes]
        return None


def _common(one: str, other: str) -> tuple[int, int]:
    """How many characters both begin with, and end with: whole words."""
    most = min(len(one), len(other))
    begin = _first_difference(one, other, most)
    while 0 < begin < max(len(one), len(other)) and not _is_edge(one, begin, other):
        begin -= 1
    left = most - begin
    end = _first_difference(one[::-1][:left], other[::-1][:left], left)
    while end and not _is_edge(one, len(one) - end, other, len(other) - end):
        end -= 1
    return begin, end


def _is_edge(one: str, at: int, other: str, other_at: int | None = None) -> bool:
    """Whether no word of either text goes on at this place."""
    return not (_goes_on(one, at) or _goes_on(other, at if other_at is None else other_at))


def _goes_on(text: str, at: int) -> bool:
    return 0 < at < len(text) and _is_inner(text[at - 1]) and _is_inner(text[at])


def _is_inner(sign: str) -> bool:
    return sign.isalnum() or sign == "_" or sign.isspace()


def _first_difference(one: str, other: str, most: int) -> int:
    """By halves: each comparison of slices is quick."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _pieces(parts: Sequence[tuple[Kind, str]]) -> list[Piece]:
    return [Piece(kind, visible(text)) for kind, text in _joined(parts) if text]


def _joined(parts: Sequence[tuple[Kind, str]]) -> Iterator[tuple[Kind, str]]:
    """Neighbours of one kind as one; a space between two changes belongs to them."""
    kinds: list[Kind] = [kind for kind, text in parts if text]
    texts = [text for _, text in parts if text]
    for at in range(1, len(texts) - 1):
        if kinds[at] == "same" and texts[at].isspace() and "\n" not in texts[at]:
            kinds[at] = kinds[at - 1]
    at = 0
    kind: Kind
    for kind, same in groupby(kinds):
        count = len(list(same))
        yield kind, "".join(texts[at : at + count])
        at += count
