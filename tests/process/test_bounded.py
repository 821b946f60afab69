"""A dict that forgets its oldest entries."""

from __future__ import annotations

import pytest

from langchain_respmeta._process.bounded import Bounded


@pytest.mark.parametrize("maximum", [1, 2, 15, 16, 100])
def test_it_never_holds_more_and_the_newest_stay(maximum: int) -> None:
    table: Bounded[int, int] = Bounded(maximum)
    for number in range(5 * maximum):
        table.keep(number, -number)
        assert [*table] == list(range(max(0, number + 1 - maximum), number + 1))
