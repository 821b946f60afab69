"""What a compiled reader makes of an answer is what the general reader makes of it, key for key."""

from __future__ import annotations

from random import Random

import pytest

from langchain_respmeta.enrich.prices import price
from tests.conformance._rows import OUTPUTS
from tests.speed import priced
from tests.speed.case import Case
from tests.speed.changes.pools import Pools
from tests.speed.gate import Gate
from tests.speed.mutate import mutated
from tests.speed.seeds import of_dumps
from tests.speed.ways import COMPILED

SEEDS = 250
MUTANTS = 5
PRICED = 150
FEWEST_FAST = 0.15
"""Of the mutants that a reader of another answer fits: a gate that compares nothing finds nothing."""


def _held(cases: list[Case], pools: Pools, random: Random) -> Gate:
    gate = Gate(COMPILED, pools, random)
    for case in cases:
        gate.hold(case, MUTANTS)
    return gate


def test_fixtures_and_mutants_of_them_are_read_the_same_both_ways(fixtures: list[Case], pools: Pools) -> None:
    random = Random(11)  # noqa: S311 - no secret
    counts = _held(random.sample(fixtures, SEEDS), pools, random).counts
    assert [str(one) for one in counts.findings] == []
    assert counts.fast > FEWEST_FAST * counts.mutants, str(counts)


def test_every_fixture_is_read_the_same_both_ways(fixtures: list[Case], pools: Pools) -> None:
    gate = Gate(COMPILED, pools, Random(12))  # noqa: S311 - no secret
    for case in fixtures:
        gate.hold(case, 0)
    assert [str(one) for one in gate.counts.findings] == []


def test_prices_are_the_same_both_ways(fixtures: list[Case], pools: Pools) -> None:
    price.preload()
    random, watcher, found = Random(13), priced.handler(), []  # noqa: S311 - no secret
    for seed in random.sample(fixtures, PRICED):
        for case, told in ((seed, "unchanged"), mutated(seed, pools, random)):
            found += [f"{seed.name} | {told} | {one}" for one in priced.priced_differences(case, watcher)]
    assert found == []


@pytest.mark.shared
@pytest.mark.skipif(
    not OUTPUTS.exists(), reason="the recorded integration outputs are not beside the checkout"
)
def test_dumps_and_mutants_of_them_are_read_the_same_both_ways() -> None:
    cases, random = list(of_dumps()), Random(14)  # noqa: S311 - no secret
    counts = _held(cases, Pools(cases), random).counts
    assert [str(one) for one in counts.findings] == []
    assert counts.fast > FEWEST_FAST * counts.mutants, str(counts)
