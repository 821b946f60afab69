"""Sentences of plausible English words, from dice: some words are everywhere, most are rare, as in real texts."""

from __future__ import annotations

import random
from itertools import accumulate
from typing import Final

_COMMON: Final = """
the of and to a in is you that it for on are with as be at this have from or your we can not but by will if an order
was they their please when our all has may which one there more been who about them would time any these how so what
other its into only account use customer need up out no just than then some payment could new also first do product
should here most delivery does where after each because same following date between information over email before
through name number request both address contact under support within price invoice while being refund service
available amount shipping change check update days provide item system using issue result data status details process
team current error based model example user list page value report file total found second different plan working
answer question message problem section below additional please include subscription document method next policy
""".split()  # noqa: SIM905 (a list of them is no text)
_SYLLABLES: Final = (
    "ba ce di fo gu ha ke li mo nu pa re si to ve wa xi yo za cra ple tri sto gru men ter ing ion al".split()  # noqa: SIM905
)


def _vocabulary(count: int) -> list[str]:
    dice, words = random.Random("words"), [*dict.fromkeys(_COMMON)]
    while len(words) < count:
        words.append("".join(dice.choices(_SYLLABLES, k=dice.randrange(2, 5))))
    return words


_WORDS: Final = _vocabulary(8_000)
_WEIGHTS: Final = list(accumulate(1 / (rank + 3) for rank in range(len(_WORDS))))


def sentences(dice: random.Random, words: int) -> str:
    """About so many words of text."""
    chosen = dice.choices(_WORDS, cum_weights=_WEIGHTS, k=max(1, words))
    for start in range(0, len(chosen), 14):
        chosen[start] = chosen[start].capitalize()
        end = min(start + 13, len(chosen) - 1)
        chosen[end] += "."
        if start % 42 == 28:
            chosen[end] += "\n\n"
    return " ".join(chosen)
