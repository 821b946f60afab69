"""A dict that forgets its oldest entries."""

from __future__ import annotations

from itertools import pairwise

import pytest

from langchain_respmeta._process.bounded import Bounded


@pytest.mark.parametrize("maximum", [1, 2, 15, 16, 100])
def test_it_never_holds_more_and_the_newest_stay(maximum: int) -> None:
    table: Bounded[int, int] = Bounded(maximum)
    for number in range(5 * maximum):
        table.keep(number, -number)
        assert len(table) <= maximum
        assert [*table] == list(range(number + 1 - len(table), number + 1))


def test_a_full_one_drops_many_at_once() -> None:
    """The way to the first entry of a dict leads past all that were deleted before it: one at a time, that was most of it."""
    table: Bounded[int, None] = Bounded(1_600)
    sizes = []
    for number in range(3_200):
        table.keep(number, None)
        sizes.append(len(table))
    drops = [size for before, size in pairwise(sizes) if size < before]
    assert drops == [1_500] * len(drops)
    assert len(drops) < 20
