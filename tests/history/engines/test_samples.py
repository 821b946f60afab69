"""The rows that the engines are compared by are of all kinds: else equality would say little."""

from __future__ import annotations

from typing import Any


def test_there_are_rows_of_all_kinds_and_more_than_one_unit(expected: dict[str, Any]) -> None:
    counts = expected["counts"]
    assert min(counts[name] for name in ("runs", "other_types", "not_ended", "bad")) > 5
    assert counts["rows"] == 1_500
    assert counts["done"] == 3
    assert len(expected["rows"]) == counts["records"]
    assert len(expected["bad"]) == counts["bad"]
