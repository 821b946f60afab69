"""Each number of a report is DuckDB's own over the same file."""

# ruff: noqa: S608 (SQL of these tests' own)

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from langchain_respmeta.record.views.short import count, money, seconds, share, short_count
from langchain_respmeta.report import WrittenReport
from tests.report.conftest import FIRST, LAST, LINKS, MIDDLE
from tests.report.reading import Read

COST = "sum(CAST(CAST(respmeta_cost_usd AS VARCHAR) AS DECIMAL(38, 22)))"


@pytest.fixture(scope="module")
def ask(records: Path) -> Any:
    def run(sql: str) -> list[tuple[Any, ...]]:
        return duckdb.sql(sql.replace("calls_file", f"read_parquet('{records}')")).fetchall()

    return run


@pytest.fixture(scope="module")
def page(written: WrittenReport) -> Read:
    return Read(written.path)


def test_the_headline_figures_are_those_of_the_file(ask: Any, page: Read) -> None:
    ((calls, cost, tokens, errors, refused, saved, p95),) = ask(f"""
        SELECT count(*), {COST}, sum(respmeta_input_tokens), count(*) FILTER (respmeta_finish_reason = 'error'),
               count(*) FILTER (respmeta_refused), sum(respmeta_cache_discount_usd),
               quantile_cont(respmeta_latency_s, 0.95)
        FROM calls_file""")
    assert page.tiles["Calls of models"][0] == count(calls)
    assert page.tiles["Cost"][0] == money(cost)
    assert page.tiles["Input tokens"][0] == short_count(tokens)
    assert page.tiles["Failed"] == [share(errors / calls), f"{errors} calls"]
    assert page.tiles["Refused"] == [share(refused / calls), f"{refused} answers"]
    assert page.tiles["Read from caches"][1] == f"saved {money(saved)}"
    assert page.tiles["Latency, p95"][0] == seconds(p95)


def test_the_exact_sums_are_told_to_programs(ask: Any, written: WrittenReport) -> None:
    ((calls, cost, tokens),) = ask(f"SELECT count(*), {COST}, sum(respmeta_total_tokens) FROM calls_file")
    told = written.to_dict()["now"]["totals"]
    assert (told["calls"], Decimal(told["cost_usd"]), told["total_tokens"]) == (calls, cost, tokens)


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Cost by model", "coalesce(respmeta_model, respmeta_requested_model)"),
        ("Cost by user id", "json_extract_string(metadata, '$.user_id')"),
    ],
)
def test_costs_are_told_by_each_key(ask: Any, page: Read, title: str, key: str) -> None:
    rows = page.rows(title)
    name, *_ = rows[0]
    for value, calls, cost in ask(
        f"SELECT {key}, count(*), {COST} AS cost FROM calls_file GROUP BY 1 ORDER BY cost DESC LIMIT 6"
    ):
        (row,) = [row for row in rows if row[name] == value]
        assert (row["calls"], row["cost"]) == (count(calls), money(cost))


def test_what_has_no_row_of_its_own_is_summed_up(ask: Any, page: Read) -> None:
    rows = page.rows("Cost by user id")
    assert len(rows) == 11
    assert rows[-1]["user id"] == "(all others)"
    ((calls,),) = ask("SELECT count(*) FROM calls_file")
    assert sum(int(row["calls"].replace(",", "")) for row in rows) == calls


def test_the_most_expensive_calls_link_to_their_runs(ask: Any, page: Read) -> None:
    found = ask("SELECT run_id, respmeta_cost_usd FROM calls_file ORDER BY 2 DESC NULLS LAST LIMIT 20")
    rows = page.rows("The 20 calls that cost most")
    assert [row["cost"] for row in rows] == [money(cost) for _, cost in found]
    links = [link for link in page.links if link.startswith("http")]
    assert links == [LINKS.format(run_id=run_id) for run_id, _ in found]


def test_refusals_finish_reasons_and_errors_are_counted(ask: Any, page: Read) -> None:
    reasons = dict(ask("SELECT respmeta_finish_reason, count(*) FROM calls_file GROUP BY 1"))
    assert {row["finish reason"]: row["answers"] for row in page.rows("Answers by finish reason")} == {
        reason: count(number) for reason, number in reasons.items()
    }
    refused = sum(int(row["answers"]) for row in page.rows("Refused answers"))
    assert refused == reasons["refusal"] + reasons["content_filter"]
    assert sum(int(row["calls"]) for row in page.rows("Errors by type and status")) == reasons["error"]


def test_what_was_asked_again_is_told_by_the_model_that_was_asked_for(ask: Any, page: Read) -> None:
    found = dict(
        ask("SELECT respmeta_requested_model, count(*) FROM calls_file WHERE respmeta_superseded GROUP BY 1")
    )
    rows = page.rows("Failed and repeated calls")
    assert {row["requested model"]: int(row["in vain"]) for row in rows if row["in vain"] != "0"} == found


def test_a_period_stands_beside_the_one_before(ask: Any, compared: WrittenReport) -> None:
    page = Read(compared.path)
    (before, now) = (
        ask(f"SELECT count(*), {COST} FROM calls_file WHERE {_between(*week)}")[0]
        for week in ((FIRST, MIDDLE), (MIDDLE, LAST))
    )
    assert compared.compared_with is not None
    assert (compared.now.totals.calls, compared.now.totals.cost_usd) == now
    assert (compared.compared_with.totals.calls, compared.compared_with.totals.cost_usd) == before
    value, change, *_ = page.tiles["Cost"]
    assert value == money(now[1])
    assert change == f"{float(now[1] / before[1]) - 1:+.0%}".replace("-", "\N{MINUS SIGN}")
    models = ask(f"""
        SELECT respmeta_model, {COST} FROM calls_file
        WHERE {_between(FIRST, MIDDLE)} AND respmeta_model IS NOT NULL GROUP BY 1""")
    told = {row["model"]: row["before"] for row in page.rows("Cost by model")}
    assert told | {model: money(cost) for model, cost in models} == told


def _between(first: str, last: str) -> str:
    return f"end_time >= TIMESTAMPTZ '{first} 00:00Z' AND end_time < TIMESTAMPTZ '{last} 00:00Z'"
