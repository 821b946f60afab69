"""What the straight way makes of a stored row is what the general one makes of it, key for key."""

from __future__ import annotations

from random import Random

import pytest

from langchain_respmeta.enrich.prices import price
from tests.conformance._rows import OUTPUTS
from tests.speed.case import Case
from tests.speed.changes.pools import Pools
from tests.speed.rows import FORMS
from tests.speed.seeds import of_dumps
from tests.speed.stored import RowGate

SAMPLE = 60
MUTANTS = 8
DUMPS = 200
FEWEST = 0.7
"""Of unchanged rows of messages that are read straight: a gate that compares nothing finds nothing."""
FEWEST_CHANGED = 0.2


def _messages(cases: list[Case]) -> list[Case]:
    return [case for case in cases if case.parts["is_message"] and not case.parts["is_protocol"]]


@pytest.mark.parametrize("form", FORMS)
def test_rows_and_changed_rows_are_read_the_same_both_ways(
    form: str, fixtures: list[Case], pools: Pools
) -> None:
    price.preload(wait=True)
    random = Random(f"rows {form}")  # noqa: S311 - no secret
    gate = RowGate(random)
    for case in random.sample(fixtures, SAMPLE):
        gate.hold(case, form, mutants=MUTANTS, pools=pools)
    assert gate.findings == []
    assert gate.changed_straight > FEWEST_CHANGED * gate.changed, gate


@pytest.mark.parametrize("form", FORMS)
def test_failed_calls_are_read_the_same_both_ways(form: str, fixtures: list[Case]) -> None:
    gate = RowGate(Random(f"failed {form}"))  # noqa: S311 - as above
    for case in gate.random.sample(fixtures, 5):
        gate.hold_failures(case, form, 40)
    assert gate.findings == []
    assert gate.straight > gate.rows / 3, gate


@pytest.mark.shared
@pytest.mark.skipif(
    not OUTPUTS.exists(), reason="the recorded integration outputs are not beside the checkout"
)
def test_rows_of_dumps_are_read_the_same_both_ways_and_almost_all_straight() -> None:
    gate = RowGate(Random("dumps"))  # noqa: S311 - as above
    for case in gate.random.sample(_messages([*of_dumps()]), DUMPS):
        gate.hold(case, gate.random.choice(sorted(FORMS)))
    assert gate.findings == []
    assert gate.straight > FEWEST * gate.rows, gate
