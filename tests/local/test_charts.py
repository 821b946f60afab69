"""Charts of the server's runs: their sums are those of the list and of a report, and the mirror never lags behind the store."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from langchain_respmeta import charts
from langchain_respmeta.charts.facts import facts
from langchain_respmeta.local import LocalServer, Store
from langchain_respmeta.local.api.ingest import store_batch
from langchain_respmeta.local.api.multipart import Batch
from langchain_respmeta.local.mirror.mirror import FillingError, Mirror
from langchain_respmeta.local.store.purge import Purge, remove
from langchain_respmeta.local.store.run_parts import part_of
from langchain_respmeta.local.store.selection import Selection, Where
from langchain_respmeta.table.schema import arrow
from tests.local.chart_runs import runs
from tests.local.seed import agent, calls, new_id, run_body, store_runs

CALLS = 150


@pytest.fixture(scope="module")
def served() -> Iterator[LocalServer]:
    with LocalServer() as server:
        store_runs(server.store, [*runs(CALLS), *calls(), *agent()])
        yield server


def totals(mirror: Mirror, **selection: Any) -> charts.Sums:
    with mirror.source(Selection(**selection)) as source:
        return charts.totals(source)


def table(html: str, title: str) -> dict[str, list[str]]:
    """The rows of a table of a page by their first cells."""
    inner = re.search(rf"<caption[^>]*>{re.escape(title)}</caption>(.*?)</table>", html, re.DOTALL)
    assert inner, title
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in inner[1].split("<tr")[2:]]
    texts = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in rows]
    return {row[0]: row[1:] for row in texts}


# --- sums ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["", "?project=service", "?where=provider=openai", "?where=cost_usd%3E=0.005&q=Chat"]
)
def test_calls_tokens_and_cost_are_those_of_the_list(served: LocalServer, query: str) -> None:
    list_page, page = (httpx.get(f"{served.url}{path}{query}", timeout=60).text for path in ("/", "/charts"))
    (listed,) = re.findall(r'id="sum-runs"[^>]*>([\d,]+)<', list_page)
    tiles = dict(re.findall(r'<dt>([^<]+)</dt><dd><span class="value">([^<]+)</span>', page))
    assert tiles["Calls of models"] == listed
    for label in ("Cost", "Input tokens", "Output tokens"):
        assert re.search(
            rf">{label}</[a-z]+>\s*<[^>]*tile-value[^>]*>{re.escape(tiles[label])}<", list_page
        ), label


def test_sums_are_those_of_the_export_and_of_a_report(served: LocalServer, tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    file.write_bytes(httpx.get(f"{served.url}/export.jsonl?project=service", timeout=60).content)
    mirrored = totals(Mirror(served.store), project="service")
    assert mirrored == charts.totals(file)
    assert mirrored.calls >= CALLS
    assert mirrored.cost_usd is not None
    assert mirrored.cost_usd == sum((Decimal(str(cost)) for cost in costs(served.store)), Decimal(0))


def costs(store: Store) -> Iterator[float]:
    for run in store.runs(run_type="llm", project="service"):
        cost = run["extra"]["metadata"].get("respmeta_cost_usd")
        if cost is not None:
            yield cost


def test_what_is_grouped_by_is_what_the_runs_say(served: LocalServer) -> None:
    page = httpx.get(f"{served.url}/charts?by=user_id&chapter=callers", timeout=60).text
    told = {name: cells[1] for name, cells in table(page, "Calls by user id").items()}
    users = [run["extra"]["metadata"].get("user_id") for run in store_runs_of(served)]
    for name, number in told.items():
        if not name.startswith("("):
            assert int(number) == users.count(name)
    assert len(told) > 3


def store_runs_of(server: LocalServer) -> list[dict[str, Any]]:
    return [
        run for run in server.store.runs(run_type="llm") if "respmeta_provider" in run["extra"]["metadata"]
    ]


def test_of_traces_the_calls_in_them_count(served: LocalServer) -> None:
    mirror = Mirror(served.store)
    chosen = totals(mirror, view="traces", project="agents")
    assert chosen.calls == totals(mirror, project="agents").calls == 2


# --- the mirror ------------------------------------------------------------------------------------------------------


def everything(mirror: Mirror) -> list[tuple[Any, ...]]:
    names = ", ".join(one.name for one in facts())
    with mirror.source(Selection()) as source:
        return source.rows(f"SELECT {names}, time FROM records ORDER BY run_id")  # noqa: S608


def test_the_mirror_is_as_one_made_anew_whatever_happens_to_the_runs() -> None:
    dice = random.Random(15)  # noqa: S311
    store = Store()
    mirror = Mirror(store)
    kept: list[dict[str, Any]] = []
    for round_ in range(12):
        new = runs(dice.randint(1, 30), seed=round_, project=f"project {round_ % 3}")
        for run in new:
            run["id"] = run["trace_id"] = new_id()
            run["dotted_order"] = run["dotted_order"][:-36] + run["id"]
        begun = [{**run, "end_time": None, "extra": {}} for run in new[::3]]
        store_runs(store, [*new[1::3], *new[2::3], *begun])
        if round_ % 2:
            everything(mirror)
        ends = [{"end_time": run["end_time"], "extra": run["extra"]} for run in new[::3]]
        patches = [part_of("patch", run["id"], end) for run, end in zip(new[::3], ends, strict=True)]
        store_batch(store, Batch(patches))
        kept += new
        if round_ % 4 == 3:
            with store.read() as connection:
                (session,) = connection.execute("SELECT id FROM sessions WHERE name = 'project 1'").fetchone()
            remove(store, Purge(session_id=session))
        assert everything(mirror) == everything(Mirror(store))
    assert len(everything(mirror)) > 50
    store.close()


def test_a_mirror_that_takes_long_is_filled_by_several_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langchain_respmeta.local.mirror.mirror._PIECE", 20)
    monkeypatch.setattr("langchain_respmeta.local.mirror.mirror.FILL_S", 0.0)
    store = Store()
    store_runs(store, runs(70))
    mirror, told = Mirror(store), []
    for _ in range(3):
        with pytest.raises(FillingError) as filling, mirror.source(Selection()):
            pass
        told.append((filling.value.done, filling.value.whole))
    whole = len(store.runs())
    assert told == [(20, whole), (40, whole), (60, whole)]
    assert totals(mirror).calls == whole
    store.close()


def test_the_page_tells_how_far_it_is_and_goes_on_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langchain_respmeta.local.mirror.mirror._PIECE", 4)
    monkeypatch.setattr("langchain_respmeta.local.mirror.mirror.FILL_S", 0.0)
    with LocalServer() as server:
        store_runs(server.store, calls())
        first, part, last = (
            httpx.get(f"{server.url}{path}", timeout=60) for path in ("/charts", "/charts/cost", "/charts")
        )
    assert (first.status_code, first.headers["refresh"]) == (202, "1")
    assert "4 of 7 model calls are read" in first.text
    assert part.status_code == last.status_code == 200
    assert "Cost by model" in last.text


def test_selections_that_come_and_go_leave_nothing_behind(served: LocalServer) -> None:
    mirror = Mirror(served.store)
    whole = totals(mirror)
    for number in range(40):
        some = totals(mirror, where=(Where("input_tokens", ">=", str(number * 100)),))
        assert some.calls <= whole.calls
    with mirror.source(Selection()) as source:
        tables = source.engine.rows("SELECT count(*) FROM duckdb_tables()")
    assert tables[0][0] <= 14


# --- addresses and what cannot be shown ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("by=no_such_key", "nothing to group by is called"),
        ("every=second", "every is one of auto, minute"),
        ("every=minute", "take a longer one"),
        ("chapter=moon", "chapter is one of cost"),
        ("by=a&by=b&by=c&by=d&by=e", "at most 4 keys"),
        ("where=cost_usd>=x", "compares with a number"),
    ],
)
def test_an_address_that_makes_no_sense_is_told_what_would(
    served: LocalServer, query: str, words: str
) -> None:
    answer = httpx.get(f"{served.url}/charts?{query}", timeout=60)
    assert answer.status_code == 400
    assert words in answer.text


def test_a_part_that_is_not_there_is_no_page(served: LocalServer) -> None:
    assert httpx.get(f"{served.url}/charts/moon", timeout=60).status_code == 404


@pytest.mark.parametrize("query", ["", "?project=nobody", "?where=finish_reason=moon"])
def test_where_no_call_matches_the_page_says_so(query: str) -> None:
    with LocalServer() as server:
        store_runs(server.store, [run_body(run_type="chain")])
        answer = httpx.get(f"{server.url}/charts{query}", timeout=60)
    assert answer.status_code == 200
    assert "No model call matches" in answer.text
    assert "data-chart" not in answer.text


@pytest.mark.parametrize("package", ["duckdb", "altair", "pyarrow"])
def test_without_the_extra_the_page_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    with LocalServer() as server:
        store_runs(server.store, calls())
        arrow.cache_clear()
        monkeypatch.setitem(sys.modules, package, None)
        page, part, list_page = (
            httpx.get(f"{server.url}{path}", timeout=60) for path in ("/charts", "/charts/cost", "/")
        )
    assert page.status_code == 200
    assert (
        "pip install &#39;langchain-respmeta[analysis]&#39;" in page.text
        or "pip install 'langchain-respmeta[analysis]'" in page.text
    )
    assert part.status_code == 501
    assert list_page.status_code == 200


def test_links_of_groups_lead_to_the_list_of_their_calls(served: LocalServer) -> None:
    page = httpx.get(f"{served.url}/charts?project=service", timeout=60).text
    rows = re.findall(r'<th scope="row"><a href="([^"]+)"[^>]*>([^<]+)</a>.*?</tr>', page, re.DOTALL)
    assert len(rows) >= 5
    for href, model in rows[:3]:
        assert table(page, "Cost by model")[model]
        list_page = httpx.get(served.url + href.replace("&amp;", "&"), timeout=60).text
        (listed,) = re.findall(r'id="sum-runs"[^>]*>([\d,]+)<', list_page)
        with served.store.read() as connection:
            (named,) = connection.execute(
                "SELECT count(*) FROM runs r JOIN sessions s ON s.id = r.session_id WHERE s.name = 'service' AND r.no IN"
                " (SELECT run_no FROM run_metadata WHERE key = 'respmeta_model' AND text = ?)",
                (model,),
            ).fetchone()
        assert int(listed) == named > 0


def test_each_filter_can_be_taken_away(served: LocalServer) -> None:
    query = "project=service&where=provider%3Dopenai&q=Chat&since=3650d&by=user_id"
    page = httpx.get(f"{served.url}/charts?{query}", timeout=60).text
    (listed,) = re.findall(r'<ul class="charts-filters".*?</ul>', page, re.DOTALL)
    found = {
        re.sub("<[^>]+>|\N{MULTIPLICATION SIGN}", "", words).strip(): href
        for href, words in re.findall(r'href="([^"]+)"[^>]*>(.*?)</a>', listed)
    }
    assert {*found} == {"project service", "provider=openai", "“Chat”", "since 3650d"}
    for words, href in found.items():
        left = parse_qs(urlsplit(href.replace("&amp;", "&")).query)
        assert left["by"] == ["user_id"]
        assert len(left) == 4, words


def test_parts_are_about_the_runs_of_the_page_s_moment(served: LocalServer) -> None:
    page = httpx.get(f"{served.url}/charts?since=3650d", timeout=60).text
    parts = {re.search(r"since=([^&]+)", part)[1] for part in re.findall(r'data-part="([^"]+)"', page)}  # type: ignore[index]
    assert len(parts) == 1
    assert "T" in parts.pop()
