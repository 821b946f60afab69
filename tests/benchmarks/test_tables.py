"""Each table can be measured, and the page is made of what was measured. No clock is looked at."""

from __future__ import annotations

import gc
from pathlib import Path

import orjson
import pytest

from benchmarks import memory, pages, peers, rows, targets
from benchmarks.__main__ import main
from benchmarks.figures import Figure, quiet, ratios
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


@pytest.mark.parametrize("row", [NONE, TRACER])
def test_a_row_leaves_the_collector_as_it_was(row: str) -> None:
    before = gc.isenabled()
    measure(SCENARIOS["plain"], {row: VARIANTS[row]}, rounds=1, calls=1, warm_up=0)
    assert gc.isenabled() == before


def test_stored_rows_are_read() -> None:
    kind = rows.plain(3)
    assert len(rows.measure(kind, rounds=1)) == 1
    drafts = [kind.read(orjson.loads(text)) for text in kind.texts]
    assert len({draft["response_id"] for draft in drafts}) == 3
    assert {draft["provider"] for draft in drafts} == {"openai"}


def test_where_the_data_do_not_lie_mixed_rows_say_why_they_are_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "OUTPUTS", tmp_path / "nothing")
    text = rows.part(rounds=1, count=3)
    assert "plain rows" in text
    assert "do not lie beside this checkout" in text


def test_a_peer_that_is_not_installed_is_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "PEERS", {"Nobody": peers._instrumentor("nobody_has_this")})
    found, missing = peers.variants()
    assert "Nobody" not in found
    assert missing == {"Nobody": "No module named 'nobody_has_this'"}


def test_the_command_measures_what_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE", tmp_path / "speed.md")
    assert main(["--only", "plain", "--rounds", "1", "--calls", "1", "--write"]) == 0
    told = capsys.readouterr().out
    assert "### a plain call" in (tmp_path / "speed.md").read_text("utf-8")
    assert "### a plain call" in told
    assert "| target |" in told
    assert "Stored rows" not in told


@pytest.mark.parametrize("kind", memory.KINDS)
def test_every_kind_of_runs_is_measured(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "STEPS", 2)
    grown = memory.KINDS[kind][1](40)
    assert len(grown.megabytes) == 2
    assert memory.row_of(kind, grown).count("|") == memory.HEAD.splitlines()[-1].count("|")


def test_what_a_run_leaves_is_measured_over_the_second_half() -> None:
    assert (
        memory.Grown(20, [1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0, 5.0, 5.0, 6.0], 0).bytes_of_a_run == 2**20 / 10
    )


TABLE = {
    NONE: Spent([100.0], [100.0]),
    USAGE: Spent([130.0], [130.0]),
    OURS: Spent([115.0], [175.0]),
    TRACER: Spent([543.0], [700.0]),
    TRACER_FLOOR: Spent([583.0], [740.0]),
    TRACER_OURS: Spent([603.0], [772.0]),
}


def test_targets_are_ratios_of_what_was_added() -> None:
    measured = {
        result.target.what: round(result.figure.median, 3) for result in targets.results({"plain": TABLE})
    }
    assert [*measured.values()] == [13.544, 0.5, 1.5, 75.0, 12.0]


def test_where_the_machine_was_quiet_a_row_is_at_its_lowest_tenth() -> None:
    spent = Spent([float(one) for one in range(20, 0, -1)], [float(one) for one in range(20)])
    assert quiet({NONE: spent}) == {NONE: Spent([3.0], [2.0])}


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
