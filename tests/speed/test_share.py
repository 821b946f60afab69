"""How many recorded answers of real providers take the fast way."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.conformance._rows import RECORDED
from tests.speed import share
from tests.speed.case import Case
from tests.speed.compare import differences
from tests.speed.vary import varied

FEWEST = 0.95


@pytest.fixture
def told(pytestconfig: pytest.Config) -> Iterator[list[str]]:
    lines: list[str] = []
    yield lines
    reporter = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line("\n" + "\n".join(lines))


@pytest.mark.shared
@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded provider answers are not beside the checkout")
def test_almost_all_recorded_answers_take_the_fast_way(told: list[str]) -> None:
    counts = share.of_recorded()
    told.append(share.table(counts))
    assert share.fast_share(counts) >= FEWEST
    assert counts.total() > 1_000


def test_another_answer_of_the_kind_differs_in_all_that_differs_between_calls(fixtures: list[Case]) -> None:
    """Of ids, counts and texts; else the share would be that of one and the same answer."""
    random = Random(3)  # noqa: S311 - no secret
    changed = set()
    for case in fixtures:
        other = varied(case, random)
        changed |= {one.path.partition("[")[0] for one in differences(other.parts, case.parts)}
    assert {"content", "metadata.id", "usage.input_tokens", "tool_calls"} <= changed
    assert not {"metadata.model_name", "metadata.finish_reason", "is_chunk"} & changed
