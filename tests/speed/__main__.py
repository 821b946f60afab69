"""Read answers both ways: `python -m tests.speed [--mutants 100000] [--seed N] [--shared] [--workers N]`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from random import Random

from langchain_respmeta.enrich.prices import price
from tests.speed import priced, recorded, seeds
from tests.speed.case import Case
from tests.speed.changes.pools import Pools
from tests.speed.gate import Counts, Finding, Gate
from tests.speed.mutate import mutated
from tests.speed.ways import COMPILED

PRICED = 10
"""Of so many mutants one is also priced, through the whole pipeline."""


def main() -> int:
    """The command."""
    options = _parsed()
    logging.getLogger("langchain_respmeta").addHandler(logging.NullHandler())
    logging.getLogger("langchain_respmeta").propagate = False
    warnings.simplefilter("ignore")
    cases = [*seeds.of_fixtures(), *recorded.of_demo()]
    if options.shared:
        cases += [*seeds.of_dumps(), *recorded.of_rows()]
    print(f"{len(cases)} answers", flush=True)
    whole = held(cases, options.mutants, options.seed, options.workers)
    for finding in whole.findings:
        print(finding)
    for kind, count in whole.kinds.most_common():
        print(f"{count:8} x {kind}")
    print(whole)
    return 1 if whole.kinds else 0


def held(cases: list[Case], mutants: int, seed: int, workers: int) -> Counts:
    """Hold all answers, with so many mutants in sum, on several processes."""
    each = -(-mutants // len(cases))
    _CASES[:] = cases
    work = partial(_work, each, seed, workers)
    if workers == 1:
        return work(0)
    whole = Counts()
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        for counts in pool.map(work, range(workers)):
            whole.add(counts)
    return whole


_CASES: list[Case] = []
"""Forked processes have them: they hold what cannot be pickled."""


def _work(each: int, seed: int, workers: int, number: int) -> Counts:
    price.preload()
    random = Random(seed * 1_000 + number)  # noqa: S311 - no secret
    pools = Pools(_CASES)
    gate = Gate(COMPILED, pools, random)
    watcher = priced.handler()
    for index, case in enumerate(_CASES[number::workers]):
        gate.hold(case, each)
        for one, told in (
            (case, "unchanged"),
            *(mutated(case, pools, random) for _ in range(each // PRICED)),
        ):
            for difference in priced.priced_differences(one, watcher):
                gate.counts.kinds[difference.path] += 1
                gate.counts.findings.append(Finding(one.name, told, difference))
        if index % 200 == 199:
            print(f"worker {number}: {gate.counts}", flush=True)
    return gate.counts


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.speed", description=__doc__)
    parser.add_argument("--mutants", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shared", action="store_true", help="also the answers in shared data")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
