"""One lifetime for model runs, tool runs and parsers."""

from __future__ import annotations

from itertools import product

import pytest

from langchain_respmeta._runs.lifetime import EndSource, Lifetime


@pytest.mark.parametrize("sources", list(product(EndSource, repeat=3)))
def test_the_first_end_of_the_best_source_is_kept(sources: tuple[EndSource, ...]) -> None:
    life = Lifetime[int]()
    for number, source in enumerate(sources):
        life.end(number, source)
    assert life.end_source is max(sources)
    assert life.outcome == sources.index(max(sources))
    assert life.end_is_assumed == (max(sources) is EndSource.ASSUMED)
