"""Each chart holds sums and no record, says what it shows, and says so where there is nothing to show."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from langchain_respmeta import MissingExtraError, ResponseMetadata, SettingsError, charts
from langchain_respmeta.charts.labels import OTHERS
from langchain_respmeta.charts.source import Source, source_of
from langchain_respmeta.charts.theme import THEMES
from langchain_respmeta.record.vocabulary import FINISHES
from tests.charts.colours import contrast, difference

DRAWN: Mapping[str, Callable[..., Any]] = {
    name: draw
    for name in charts.__all__
    if ".draw_" in (draw := getattr(charts, name)).__module__ and name != "compare"
}


def rows_in(chart: Any) -> list[dict[str, Any]]:
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_is_drawn_with_its_title_in_each_theme(name: str, theme: Any, source: Source):
    spec = DRAWN[name](source, theme=theme).to_dict()  # altair checks it against Vega-Lite's schema
    assert spec["config"]["background"] == THEMES[theme].ground
    assert len(spec["title"]["text"]) > 20
    assert spec["title"]["subtitle"]
    assert "tooltip" in str(spec)


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_holds_sums_and_no_record(name: str, source: Source, records: list[ResponseMetadata]):
    rows = rows_in(DRAWN[name](source))
    assert len(rows) < len(records) / 2
    if name != "expensive":
        assert not {row["run"] for row in rows if "run" in row}


@pytest.mark.parametrize("name", DRAWN)
def test_where_there_is_nothing_a_chart_says_so(name: str):
    (row,) = rows_in(DRAWN[name](source_of([])))
    assert row["why"].endswith(".")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("cost", "No call reports its cost"),
        ("callers", "No call reports its cost"),
        ("latency", "No call reports it"),
        ("cache", "No call reports what it read"),
        ("refusals", "None of 1 answer was"),
        ("retries", "None of 1 call was tried again"),
        ("rate_limits", "No answer reports a rate limit"),
        ("expensive", "No call has a known cost"),
    ],
)
def test_what_nobody_reports_is_not_drawn_as_zero(name: str, told: str, records: list[ResponseMetadata]):
    bare = replace(
        records[0], usage=None, cost=None, timing=None, rate_limits=None, refused=False, superseded=None
    )
    (row,) = rows_in(DRAWN[name](source_of([bare])))
    assert told in row["why"]


def test_many_groups_are_eight_and_all_others(source: Source):
    names = {row["group"] for row in rows_in(charts.cost(source, by="user_id"))}
    assert len(names) == 9
    assert OTHERS in names


def test_bars_cover_their_stretch_and_stack_without_a_gap(source: Source):
    rows = rows_in(charts.cost(source, every="day"))
    by_start: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_start.setdefault(row["start"], []).append(row)
        start, end = datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])
        assert 20 < (end - start).total_seconds() / 3_600 < 24
    for stack in by_start.values():
        edges = sorted((row["low"], row["high"]) for row in stack)
        assert edges[0][0] == 0
        assert all(high == low for (_, high), (low, _) in pairwise(edges))


@pytest.mark.parametrize("name", ["cost", "finish_reasons", "refusals", "rate_limits"])
def test_more_bars_than_a_picture_has_place_for_are_refused(name: str, source: Source):
    with pytest.raises(SettingsError, match=r"every='minute' makes .* bars"):
        DRAWN[name](source, every="minute")


def test_threads_may_draw_from_one_source(source: Source):
    keys = ["model", "user_id", "agent_name", "thread_id"] * 3
    with ThreadPoolExecutor(6) as pool:
        drawn = list(pool.map(lambda key: charts.callers(source, by=key).to_dict()["title"]["text"], keys))
    assert drawn == [charts.callers(source, by=key).to_dict()["title"]["text"] for key in keys]


def test_shares_of_finish_reasons_are_the_whole(source: Source):
    tops: dict[str, float] = {}
    for row in rows_in(charts.finish_reasons(source)):
        tops[row["start"]] = max(tops.get(row["start"], 0), row["high"])
    assert {round(top, 9) for top in tops.values()} == {1}


def test_a_group_keeps_its_colour_from_chart_to_chart(source: Source):
    scales = [
        _colours(draw(source)) for draw in (charts.cost, charts.refusals, charts.retries, charts.rate_limits)
    ]
    for one, other in combinations(scales, 2):
        for name in one.keys() & other.keys():
            assert one[name] == other[name], name


def _colours(chart: Any) -> dict[str, str]:
    found: list[dict[str, str]] = []

    def look(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("color"), dict) and "domain" in part["color"].get("scale", {}):
                scale = part["color"]["scale"]
                found.append(dict(zip(scale["domain"], scale["range"], strict=True)))
            for inner in part.values():
                look(inner)
        elif isinstance(part, list):
            for inner in part:
                look(inner)

    look({key: value for key, value in chart.to_dict().items() if key != "datasets"})
    return found[0]


def test_two_periods_stand_side_by_side(source: Source, records: list[ResponseMetadata]):
    times = sorted(one.received_at for one in records if one.received_at is not None)
    middle = times[len(times) // 2]
    chart = charts.compare(source.between(None, middle), source.between(middle, None), names=("then", "now"))
    rows = rows_in(chart)
    assert {row["part"] for row in rows} == {"then", "now"}
    assert all(
        "%" in row["label"] or "not known" in row["label"] or "no call" in row["label"]
        for row in rows
        if row["part"] == "now"
    )
    assert chart.to_dict()["title"]["text"].startswith("Cost went from $")


def test_a_word_of_a_newer_version_is_unknown_and_not_lost(records: list[ResponseMetadata]):
    data = [records[0].to_dict() | {"finish_reason": "melted"}]
    (row,) = rows_in(charts.finish_reasons(data))
    assert (row["group"], row["high"]) == ("unknown", 1)


def test_a_key_may_be_called_as_a_sum_is(records: list[ResponseMetadata]):
    named = [replace(one, metadata={"cost": "much", "time": "late"}) for one in records[:50]]
    assert {row["group"] for row in rows_in(charts.cost(named, by=["cost", "time"]))} == {
        "much \N{MIDDLE DOT} late"
    }


@pytest.mark.parametrize("name", ["cost", "callers", "refusals"])
def test_by_tags_a_chart_says_that_groups_overlap(name: str, source: Source):
    title = DRAWN[name](source, by="tags").to_dict()["title"]
    assert "A call with several tags counts in each of them" in title["subtitle"]
    assert "first" not in title["text"]


def test_long_names_do_not_run_together(records: list[ResponseMetadata]):
    long = "a" * 60
    two = [replace(records[0], model=f"{long}{end}", run_id=end) for end in "xy"]
    priced = [replace(one, cost=next(r.cost for r in records if r.cost and r.cost.total)) for one in two]
    rows = rows_in(charts.cost(priced))
    assert sum(int(row["calls"]) for row in rows) == 2


def test_a_chart_can_be_saved_as_a_picture(source: Source, tmp_path: Path):
    for ending, head in (("png", b"\x89PNG"), ("svg", b"<svg"), ("pdf", b"%PDF")):
        path = tmp_path / f"cost.{ending}"
        charts.cost(source).save(str(path))
        assert path.read_bytes().startswith(head)
        assert path.stat().st_size > 5_000


def test_an_unknown_theme_is_refused(source: Source):
    with pytest.raises(SettingsError, match="light, dark"):
        charts.cost(source, theme="sepia")  # type: ignore[arg-type]


def test_without_altair_the_extra_is_named(source: Source, monkeypatch: pytest.MonkeyPatch):
    import sys

    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingExtraError, match=r"langchain-respmeta\[analysis\]"):
        charts.cost(source)


@pytest.mark.parametrize("name", THEMES)
def test_colours_of_series_stay_apart_for_everybody(name: Any):
    theme = THEMES[name]
    for sight in ("everybody", "protan", "deutan"):
        assert (
            min(difference(one, other, sight) for one, other in combinations([*theme.series, theme.other], 2))
            > 20
        )
        assert (
            min(difference(one, other, sight) for one, other in combinations(theme.reasons.values(), 2)) > 9
        )
    assert min(contrast(colour, theme.ground) for colour in theme.series) > 2.5
    assert min(contrast(colour, theme.ground) for colour in (theme.text, theme.quiet)) > 4.5
    assert theme.reasons.keys() == FINISHES.keys()


def test_a_colour_has_one_meaning_that_both_themes_share():
    """The report draws in one theme and looks up the other's colour."""
    light, dark = THEMES["light"], THEMES["dark"]
    pairs = [
        *zip(light.series, dark.series, strict=True),
        *((light.reasons[word], dark.reasons[word]) for word in FINISHES),
        *zip((*light.ramp, *light.cache), (*dark.ramp, *dark.cache), strict=True),
        *(
            (getattr(light, part), getattr(dark, part))
            for part in ("ground", "text", "quiet", "lines", "pale", "other", "mark")
        ),
    ]
    assert len({one for one, _ in pairs}) == len(set(pairs))
