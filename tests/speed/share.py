"""How many recorded answers take the fast way: `python -m tests.speed.share` prints those that do not."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from random import Random
from typing import NamedTuple

from langchain_respmeta.providers.registry import REGISTRY
from tests.conformance._rows import rows
from tests.leftovers import collected_when_asked
from tests.speed.case import Case
from tests.speed.gate import FastWay
from tests.speed.recorded import of_rows
from tests.speed.vary import varied
from tests.speed.ways import COMPILED


class Way(NamedTuple):
    """How the answers of one provider and class were read."""

    label: str
    way: str
    """`fast`; or why not."""
    example: str


LEARNED = "fast"
NOT_COMPILED = "no reader could be made"
NO_FIT = "the reader fits no other answer of its shape"


def ways_of(cases: Iterable[Case], readers: FastWay) -> Counter[Way]:
    """Learn each answer, and read another one of its kind."""
    random = Random(7)  # noqa: S311 - no secret
    counts: Counter[Way] = Counter()
    examples: dict[tuple[str, str], str] = {}
    for case in cases:
        way = way_of(case, varied(case, random), readers)
        label = f"{REGISTRY.find(case.run_start(), case.answer()).name} {_class(case)}"
        example = examples.setdefault((label, way), case.name)
        counts[Way(label, way, example)] += 1
    return counts


def way_of(case: Case, other: Case, readers: FastWay) -> str:
    """How `other` is read once `case` is learned."""
    start = case.run_start()
    if readers.read(case.answer(), start) is None and not readers.learn(case.answer(), start):
        return NOT_COMPILED
    return NO_FIT if readers.read(other.answer(), start) is None else LEARNED


def _class(case: Case) -> str:
    path = (case.start.get("serialized") or {}).get("id") or ["?"]
    kind = "stream" if case.parts["is_chunk"] else "v3" if case.parts["is_protocol"] else "whole"
    return f"{path[-1]} {kind}"


def fast_share(counts: Counter[Way]) -> float:
    """The part of all answers that is read fast."""
    return sum(count for one, count in counts.items() if one.way == LEARNED) / (counts.total() or 1)


def table(counts: Counter[Way]) -> str:
    """The share, and what is not read fast, by provider and reason, the most frequent first."""
    by_label: Counter[str] = Counter()
    for one, count in counts.items():
        by_label[one.label] += count
    lines = [f"{counts.total()} answers, {fast_share(counts):.1%} read fast"]
    lines += [
        f"{count:6} of {by_label[one.label]:5} {one.label}: {one.way} ({one.example})"
        for one, count in counts.most_common()
        if one.way != LEARNED
    ]
    return "\n".join(lines)


def of_recorded(workers: int | None = None) -> Counter[Way]:
    """All recorded answers, through the installed integrations, on several processes."""
    count = workers or os.cpu_count() or 1
    with ProcessPoolExecutor(count) as pool:
        parts = list(pool.map(partial(_work, count), range(count)))
    return sum(parts, Counter())


def _work(count: int, number: int) -> Counter[Way]:
    for name in [name for name in os.environ if name.startswith(("LANGSMITH_", "LANGCHAIN_", "RESPMETA_"))]:
        del os.environ[name]
    os.environ["LANGSMITH_TRACING"] = "false"
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with collected_when_asked():
        return ways_of(of_rows(row for row in rows() if row.index % count == number), COMPILED)


if __name__ == "__main__":
    print(table(of_recorded()))
    sys.exit(0)
