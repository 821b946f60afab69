"""Numbers in short words."""

from __future__ import annotations

import pytest

from langchain_respmeta.record.views.short import count, money, seconds, share, short_count


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (count(1234567), "1,234,567"),
        (count(None), "\N{EN DASH}"),
        (count(True), "\N{EN DASH}"),
        (short_count(999), "999"),
        (short_count(12345), "12.3k"),
        (short_count(999_999), "1M"),
        (short_count(4_560_000), "4.56M"),
        (money(0), "$0"),
        (money(0.0000278), "$0.0000278"),
        (money("0.0125"), "$0.0125"),
        (money(1234.5), "$1,234.50"),
        (money("NaN"), "\N{EN DASH}"),
        (seconds(0.0421), "42 ms"),
        (seconds(0.0021), "2.1 ms"),
        (seconds(12.345), "12.35 s"),
        (seconds(125), "2 m 05 s"),
        (share(0.084), "8.4%"),
        (share(1), "100%"),
        (share(0), "0%"),
    ],
)
def test_numbers_are_written_for_people(shown: str, expected: str) -> None:
    assert shown == expected
