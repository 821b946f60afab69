"""Totals, and the assumed ends among them, are bounded."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from langchain_respmeta.handler import totals
from langchain_respmeta.handler.totals import Totals

KEPT = 7


def test_so_many_words_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that are counted already go on being counted."""
    monkeypatch.setattr(Totals, "_MOST", KEPT)
    sums = Totals()
    for number in (*range(10 * KEPT), 0):
        draft: Any = {
            "model": f"m{number}",
            "unmapped": (f"u{number}",),
            "cost.total": Decimal(1),
            "cost.unpriced_reason": f"r{number}",
        }
        sums.add(draft)
    for name in ("model", "unmapped", "unpriced_reason"):
        assert len(sums._by[name]) == KEPT
    assert len(sums._by_model) == KEPT
    assert (sums._by["model"]["m0"], sums._by_model["m0"]) == (2, (Decimal(2), 2))


def test_so_many_concluded_runs_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is given back, to be counted as it is."""
    monkeypatch.setattr(totals, "MAX_ASSUMED", KEPT)
    sums = Totals()
    runs: list[Any] = [SimpleNamespace(id=uuid4()) for _ in range(10 * KEPT)]
    assert [sums.add_assumed(run) for run in runs] == [*[None] * KEPT, *runs[: 9 * KEPT]]
    assert sums.assumed() == tuple(runs[9 * KEPT :])
