"""One to three changes to a case, most of them such that its shape stays: there a compiled reader could be fooled."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.speed.case import Case
from tests.speed.changes import numbers, texts
from tests.speed.changes.pools import Pools
from tests.speed.changes.shapes import SHAPES
from tests.speed.changes.starts import STARTS

KINDS = (numbers.NUMBERS, texts.TEXTS, SHAPES, STARTS)
WEIGHTS = (45, 25, 20, 10)
OF_ONE_SHAPE = (numbers.KEPT_KIND, texts.KEPT_KIND, (), ())
SAME_SHAPE = 0.6
"""The part of all mutants that keep their shape, for what that is worth: a number may be beyond it."""

HOW_MANY = (1, 1, 1, 2, 2, 3)
TRIES = 20


def mutated(case: Case, pools: Pools, random: Random) -> tuple[Case, str]:
    """A changed copy, and what was done to it."""
    made, told = case.copy(), list[str]()
    kinds = OF_ONE_SHAPE if random.random() < SAME_SHAPE else KINDS
    for _ in range(random.choice(HOW_MANY)):
        told.append(_changed(made, kinds, pools, random))
    return made, "; ".join(told)


def _changed(case: Case, kinds: Any, pools: Pools, random: Random) -> str:
    for _ in range(TRIES):
        (kind,) = random.choices(kinds, WEIGHTS)
        if kind and (done := random.choice(kind)(case, pools, random)):
            return done
    return "nothing"
