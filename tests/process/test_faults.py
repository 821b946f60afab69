"""A fault of ours is logged once and counted, without the exception's text."""

from __future__ import annotations

import pytest

from langchain_respmeta._process.faults import FAULTS, guarded
from langchain_respmeta._process.state import STATE

WORDS = "a long sentence that nobody asked to have copied"


def test_a_fault_of_ours_is_told_by_its_kind_and_place_once_and_never_by_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @guarded("a test of the boundary")
    def fail() -> None:
        raise ValueError(WORDS)

    for _ in range(3):
        fail()
    (line,) = [record.getMessage() for record in caplog.records]
    assert "a test of the boundary: ValueError failed at test_faults.py:" in line
    assert WORDS not in line
    assert STATE[FAULTS].pop("a test of the boundary: ValueError") == 3
