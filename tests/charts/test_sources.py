"""Records from anywhere are one relation with the same facts; what is none of ours is refused with what to do."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from langchain_openai import ChatOpenAI

from langchain_respmeta import MissingExtraError, RespMetaHandler, ResponseMetadata, SettingsError
from langchain_respmeta.charts.calls import expensive_calls, headroom, refusals
from langchain_respmeta.charts.figures import groups, over_time, totals
from langchain_respmeta.charts.source import Source, source_of
from langchain_respmeta.charts.speeds import speeds, spread
from langchain_respmeta.charts.times import period
from langchain_respmeta.demo import ReplayServer
from langchain_respmeta.record.measures import Cost
from langchain_respmeta.table.lines import line_of
from tests.agents.bodies import openai
from tests.charts.month import table_of

QUESTIONS: Mapping[str, Callable[[Source], Any]] = {
    "totals": totals,
    "models": groups,
    "own metadata and tags": lambda source: groups(source, ["user_id", "tags"]),
    "over time": lambda source: over_time(source, ["agent_name"]),
    "speeds": speeds,
    "spread": spread,
    "limits": headroom,
    "refusals": refusals,
    "expensive": expensive_calls,
    "period": period,
}
FORMS = ("dicts", "table", "reader", "pandas", "polars", "parquet", "folder", "lines", "array", "two files")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_tells_the_same(form: str, forms: Mapping[str, Any], source: Source):
    other = source_of(forms[form])
    assert {name: ask(other) for name, ask in QUESTIONS.items()} == {
        name: ask(source) for name, ask in QUESTIONS.items()
    }
    assert other.unreadable == 0


def test_a_handler_tells_its_own_calls(replay: ReplayServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "any")
    handler = RespMetaHandler(by=["user_id"])
    url = replay.add("openai", "charts", [openai("Hello.")] * 3, by="call")
    model = ChatOpenAI(model="gpt-5.4-mini", base_url=f"{url}/v1", max_retries=0)
    for user in ("ann", "bob", "ann"):
        model.invoke("Hello", config={"callbacks": [handler], "metadata": {"user_id": user}})
    for held in (handler, handler.records):
        assert [(one.keys, one.sums.calls) for one in groups(source_of(held), ["user_id"])] == [
            (("ann",), 2),
            (("bob",), 1),
        ]
    whole = totals(source_of(handler))
    assert whole.input_tokens == sum(one.usage.input_tokens for one in handler.records if one.usage)


def test_the_last_of_several_records_of_one_answer_counts(records: list[ResponseMetadata], tmp_path: Path):
    first = next(one for one in records if one.cost and one.cost.total)
    amended = replace(first, cost=Cost(total=Decimal("7.5")))
    lines = tmp_path / "calls.jsonl"
    lines.write_bytes(line_of(amended, 1) + line_of(first))
    for what in ([first, amended], lines):
        found = totals(source_of(what))
        assert (found.calls, found.cost_usd) == (1, Decimal("7.5"))


def test_records_without_a_run_are_never_taken_for_each_other(records: list[ResponseMetadata]):
    nameless = replace(records[0], run_id=None)
    assert totals(source_of([nameless, nameless])).calls == 2


def test_candidates_of_one_call_are_one_call(records: list[ResponseMetadata]):
    first, second = (replace(records[0], candidate_index=index, candidates=2) for index in (0, 1))
    found = totals(source_of([first, replace(second, usage=None, cost=None, refused=True)]))
    assert (found.calls, found.answers, found.refusals) == (1, 2, 1 + bool(records[0].refused))
    assert found.unpriced == (records[0].cost is None or records[0].cost.total is None)


def test_what_cannot_be_read_costs_itself_alone_and_is_counted(
    records: list[ResponseMetadata], tmp_path: Path
):
    lines = tmp_path / "calls.jsonl"
    cut = line_of(records[1])[:100]
    lines.write_bytes(line_of(records[0]) + cut + b"\n" + b'{"any": "thing"}\n' + line_of(records[2]))
    found = source_of(lines)
    assert (totals(found).calls, found.unreadable) == (2, 2)


def test_rows_with_a_problem_are_counted_and_left_out(
    records: list[ResponseMetadata], forms: Mapping[str, Any]
):
    table: pa.Table = forms["table"]
    place = table.schema.get_field_index("problem")
    problems = pa.array(["no run", *[None] * (table.num_rows - 1)], pa.string())
    found = source_of(table.set_column(place, "problem", problems))
    assert (found.unreadable, totals(found).answers) == (1, len(records) - 1)


def test_an_older_table_lacks_columns_and_is_read_all_the_same(
    forms: Mapping[str, Any], source: Source, tmp_path: Path
):
    newer = {
        "thread_id",
        "agent_name",
        "graph_node",
        "graph_step",
        "tags",
        "metadata",
        "respmeta_cache_discount_usd",
    }
    table: pa.Table = forms["table"]
    old = tmp_path / "old.parquet"
    pq.write_table(table.drop_columns([*newer & {*table.column_names}]), old)
    # Its records' JSON holds what later became columns.
    assert totals(source_of(old)) == totals(source)
    assert groups(source_of(old), ["user_id", "agent_name"]) == groups(source, ["user_id", "agent_name"])
    bare = tmp_path / "bare.parquet"
    pq.write_table(
        table.select(["respmeta_provider", "respmeta_model", "respmeta_cost_usd", "end_time"]), bare
    )
    assert totals(source_of(bare)).cost_usd == totals(source).cost_usd
    assert totals(source_of(bare)).input_tokens is None


def test_a_call_without_an_end_counts_when_the_provider_answered(
    records: list[ResponseMetadata], tmp_path: Path
):
    made = datetime(2026, 3, 4, 5, tzinfo=UTC)
    late = replace(records[0], received_at=None, created_at=made, run_id="other")
    for what in ([late, records[1]], _parquet([late, records[1]], tmp_path)):
        assert period(source_of(what)) == (made, records[1].received_at)


def test_a_period_holds_its_beginning_and_not_its_end(records: list[ResponseMetadata], source: Source):
    times = sorted(one.received_at for one in records if one.received_at is not None)
    middle = times[len(times) // 2]
    before, after = source.between(None, middle), source.between(middle, None)
    assert totals(before).answers == sum(time < middle for time in times)
    assert totals(after).answers == sum(time >= middle for time in times)
    assert totals(before).calls + totals(after).calls == totals(source).calls


def test_days_are_those_of_the_zone(records: list[ResponseMetadata]):
    late = replace(records[0], received_at=datetime(2026, 10, 5, 22, 30, tzinfo=UTC))
    assert over_time(source_of([late]), every="day")[0].time == datetime(2026, 10, 5)  # noqa: DTZ001 - in the zone
    (one,) = over_time(source_of([late], zone="Europe/Berlin"), every="day")
    assert one.time == datetime(2026, 10, 6)  # noqa: DTZ001
    berlin = source_of([late], zone="Europe/Berlin", since=datetime(2026, 10, 6), until=datetime(2026, 10, 7))  # noqa: DTZ001
    assert totals(berlin).answers == 1


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (lambda _: 5, "int holds no records"),
        (lambda _: [3], "int is no record"),
        (lambda _: [{"a": 1}], "holds no records"),
        (lambda folder: folder / "none.parquet", "no file or folder"),
        (lambda folder: folder, r"no \.parquet or \.jsonl file"),
        (lambda folder: _written(folder / "runs.csv", b"a,b"), r"ends in \.parquet, \.jsonl or \.json"),
        (lambda folder: _written(folder / "broken.parquet", b"PAR1"), "cannot be read"),
        (lambda folder: _written(folder / "broken.json", b'[{"a": '), "cannot be read"),
        (lambda folder: _written(folder / "runs.jsonl", b'{"id": "x"}\n'), "respmeta normalize"),
        (lambda _: pa.table({"id": ["x"]}), "no column respmeta_provider"),
    ],
)
def test_what_holds_no_records_is_refused_with_what_to_give(
    what: Callable[[Path], Any], told: str, tmp_path: Path
):
    with pytest.raises(SettingsError, match=told) as caught:
        source_of(what(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_zone_that_nobody_knows_is_refused():
    with pytest.raises(SettingsError, match="Mars/Crater"):
        source_of([], zone="Mars/Crater")


def test_an_empty_source_is_nothing_not_zero_dollars(tmp_path: Path):
    for what in ([], _written(tmp_path / "empty.jsonl", b""), _parquet([], tmp_path)):
        found = totals(source_of(what))
        assert (found.calls, found.cost_usd, found.input_tokens, found.error_rate) == (0, None, None, None)
        assert period(source_of(what)) is None
        assert groups(source_of(what), ["any_key"]) == []


def test_a_word_of_a_record_is_never_sql(records: list[ResponseMetadata]):
    odd = """'; DROP TABLE everything; --"/~\\"""
    found = source_of([replace(records[0], model=odd, metadata={odd: odd}), records[1]])
    assert (odd,) in [one.keys for one in groups(found, ["model"])]
    assert [one.keys for one in groups(found, [odd], rank="calls")] == [(odd,), (None,)]
    assert totals(found).answers == 2


def test_without_duckdb_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    from langchain_respmeta.charts import engine

    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match=r"langchain-respmeta\[analysis\]"):
        engine.Engine()


def test_importing_the_charts_loads_nothing_heavy():
    program = "import sys, json; from langchain_respmeta import charts; charts.__all__; print(json.dumps([*sys.modules]))"
    loaded = json.loads(
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout
    )
    assert not {"duckdb", "altair", "pyarrow", "pandas"} & {*loaded}


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _parquet(records: list[ResponseMetadata], folder: Path) -> Path:
    path = folder / f"{len(records)}.parquet"
    pq.write_table(table_of(records), path)
    return path
