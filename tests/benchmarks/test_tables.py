"""Each table can be measured, and the page is made of what was measured. No clock is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import pages, targets
from benchmarks.figures import Figure, ratios
from benchmarks.handlers import NONE, OURS, TRACER, TRACER_FLOOR, TRACER_OURS, USAGE, VARIANTS
from benchmarks.measuring import Spent, measure
from benchmarks.scenarios import SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_row_of_a_table_is_measured(name: str) -> None:
    table = measure(SCENARIOS[name], VARIANTS, rounds=1, calls=1, warm_up=0)
    assert table.keys() == VARIANTS.keys()
    assert all(len(spent.caller) == len(spent.process) == 1 for spent in table.values())
    text = pages.calls_table(name, table, unit=443.0)
    assert all(f"| {row} |" in text for row in VARIANTS if row != NONE)


TABLE = {
    NONE: Spent([100.0], [100.0]),
    USAGE: Spent([130.0], [130.0]),
    OURS: Spent([115.0], [175.0]),
    TRACER: Spent([543.0], [700.0]),
    TRACER_FLOOR: Spent([583.0], [740.0]),
    TRACER_OURS: Spent([603.0], [772.0]),
}


def test_targets_are_ratios_of_what_was_added() -> None:
    measured = {target.what: round(figure.median, 3) for target, figure in targets.results({"plain": TABLE})}
    assert [*measured.values()] == [13.544, 0.5, 1.5, 75.0, 12.0]


def test_a_round_in_which_nothing_was_added_takes_the_usual_measure() -> None:
    assert ratios([1.0, 1.0, 1.0], [2.0, 2.0, -1.0]) == [0.5, 0.5, 0.5]


def test_quartiles_stand_around_the_median() -> None:
    assert Figure.of([1.0, 2.0, 3.0, 4.0, 5.0]) == Figure(2.0, 3.0, 4.0)


def test_a_part_of_the_page_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "speed.md"
    pages.write({"calls": "first", "peers": "theirs"}, page)
    pages.write({"calls": "second"}, page)
    text = page.read_text("utf-8")
    assert text.startswith(pages.HEAD)
    assert "first" not in text
    assert text.index("second") < text.index("theirs")
