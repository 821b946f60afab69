"""Reads answers both ways, and keeps what differs."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple, Protocol

from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading import read
from langchain_respmeta._reading.general import read_generally
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.run_start import RunStart
from tests.speed.case import HOLDERS, Case, copied
from tests.speed.changes.pools import Pools
from tests.speed.compare import Difference, differences, holders, in_order, spoil
from tests.speed.mutate import mutated

SEEDS_BETWEEN_CLEARINGS = 20
"""After so many seeds the readers are forgotten: until then those of one answer meet the others' answers."""

LEARNED = 0.6
"""The part of those answers that no reader fits which one is made for: it takes a hundred times as long as reading."""

PARENTS = 8
"""Changed answers of one seed that are changed further."""


class FastWay(Protocol):
    """What compiled readers do."""

    def read(self, answer: Answer, start: RunStart) -> Any: ...
    def learn(self, answer: Answer, start: RunStart) -> bool: ...
    def clear(self) -> None: ...


class Finding(NamedTuple):
    """One difference, and how to come to it."""

    seed: str
    change: str
    difference: Difference

    def __str__(self) -> str:
        return f"{self.seed} | {self.change}\n    {self.difference}"


@dataclass(slots=True)
class Counts:
    """What was read, and how."""

    seeds: int = 0
    mutants: int = 0
    fast: int = 0
    """Mutants that a reader fitted which was made for another answer."""
    learned: int = 0
    """Mutants that a reader was made for."""
    unfit: int = 0
    """Of those: the new reader did not fit the very answer that it was made for."""
    reordered: int = 0
    """Equal drafts whose keys came in another order."""
    findings: list[Finding] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    """Findings by path."""

    def add(self, other: Counts) -> None:
        """Add what another process counted."""
        for name in ("seeds", "mutants", "fast", "learned", "unfit", "reordered"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.findings += other.findings
        self.kinds += other.kinds

    def __str__(self) -> str:
        share = f"{self.fast / (self.mutants or 1):.1%}"
        return (
            f"{self.seeds} answers, {self.mutants} mutants: {self.fast} read fast ({share}), {self.learned} learned "
            f"({self.unfit} unfit), {self.reordered} in another order, {self.kinds.total()} differences"
        )


class Gate:
    """Holds one way of reading against the other."""

    def __init__(self, readers: FastWay, pools: Pools, random: Random, *, alone: bool = True) -> None:
        """Make one.

        Args:
            readers: The way that is held against the general reader.
            pools: What mutants are made of.
            random: Decides which.
            alone: Whether nothing else in the process reads meanwhile: then what is logged is compared, too.
        """
        self.counts = Counts()
        self._readers = readers
        self._pools = pools
        self._random = random
        self._alone = alone

    def hold(self, seed: Case, mutants: int) -> None:
        """Read a seed and changed copies of it; learn each that no reader fits."""
        if self._alone and self.counts.seeds % SEEDS_BETWEEN_CLEARINGS == 0:
            self._readers.clear()
            STATE.clear()
        self.counts.seeds += 1
        parents = [seed]
        self._both(seed, "unchanged", whole=True, surely=True)
        for number in range(mutants):
            parent = seed if self._random.random() < 0.5 else self._random.choice(parents)
            case, told = mutated(parent, self._pools, self._random)
            self.counts.mutants += 1
            if self._both(case, told, whole=number % 4 == 0) and len(parents) < PARENTS:
                parents.append(case)

    def _both(self, case: Case, told: str, *, whole: bool, surely: bool = False) -> bool:
        """Compare the ways; return whether a reader was made for it."""
        start, answer = case.run_start(), case.answer()
        given = {name: getattr(answer, name) for name in HOLDERS}
        before = copied(given)
        with _heard() as fast_words:
            fast = self._readers.read(answer, start)
        is_new = (
            fast is None
            and (surely or self._random.random() < LEARNED)
            and self._readers.learn(case.answer(), start)
        )
        if is_new:
            self.counts.learned += 1
            answer = case.answer()
            given = {name: getattr(answer, name) for name in HOLDERS}
            fast = self._readers.read(answer, start)
            self.counts.unfit += fast is None
        elif fast is not None:
            self.counts.fast += 1
        general_answer = case.answer()
        with _heard() as general_words:
            general = read_generally(general_answer, case.run_start())
        if fast is None:
            return is_new
        note = self._noting(case, told)
        if note(differences(fast, general)) == 0:
            self.counts.reordered += not in_order(fast, general)
        note(differences(given, before, "the answer itself"))
        if self._alone and not is_new:
            # What was to be logged was logged once already: then the reference has nothing to add.
            note(differences(fast_words, fast_words + general_words, "the log"))
        if whole:
            self._check_shared(fast, given, general, general_answer, note)
            spoil(fast)
            again = self._readers.read(case.answer(), start)
            note(differences(again, read_generally(case.answer(), case.run_start()), "read again: "))
            note(differences(read.read_answer(case.answer(), start), general, "by read_answer: "))
        return is_new

    def _check_shared(self, fast: Any, given: Any, general: Any, answer: Answer, note: _Note) -> None:
        """What a draft shares with the answer, the reference's shares, too."""
        theirs = dict(holders({name: getattr(answer, name) for name in HOLDERS}))
        allowed = {path for one, path in holders(general) if one in theirs}
        ours = dict(holders(given))
        shared = {path: ours[one] for one, path in holders(fast) if one in ours and path not in allowed}
        note(differences(shared, {}, "shared with the answer"))

    def _noting(self, case: Case, told: str) -> _Note:
        def note(found: Iterator[Difference]) -> int:
            before = self.counts.kinds.total()
            for one in found:
                kind = _without_numbers(one.path)
                self.counts.kinds[kind] += 1
                if self.counts.kinds[kind] <= _SHOWN:
                    self.counts.findings.append(Finding(case.name, told, _shown(one)))
            return self.counts.kinds.total() - before

        return note


_Note = Callable[[Iterator[Difference]], int]
_SHOWN = 3
"""Findings of one path that are kept."""


def _without_numbers(path: str) -> str:
    return "".join(sign for sign in path if not sign.isdigit())


def _shown(one: Difference) -> Difference:
    return Difference(one.path, copied(one.fast), copied(one.general))


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What the package logs meanwhile."""
    lines: list[str] = []
    listener = logging.Handler()
    listener.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("langchain_respmeta")
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(listener)
    try:
        yield lines
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)
