"""The list of runs as an address: time, order, search, values of one's own, cost of models, and what is empty."""

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from langchain_respmeta.local import LocalServer
from tests.local.seed import HOSTILE, calls, record, run_body, store_runs

HOUR = 3600


@pytest.fixture(scope="module")
def listed() -> Iterator[LocalServer]:
    """Six calls, one an hour, of two models at two providers."""
    with LocalServer() as server:
        prices = (0.1, 0.2, 0.3, 0.4, None, 0.6)
        runs = []
        for n, price in enumerate(prices):
            metadata = record(
                "openai" if n % 2 else "groq", f"m{n % 2}", flat={"input_tokens": 100 * (6 - n)}
            )
            if price is None:
                del metadata["respmeta_cost_usd"]
            else:
                metadata["respmeta_cost_usd"] = price
            metadata["team"] = "blue" if n < 4 else "red"
            runs.append(
                run_body(name=f"call {n}", at_s=n * HOUR, metadata=metadata, tags=["prod"] if n else [])
            )
        store_runs(server.store, runs)
        yield server


def page(server: LocalServer, query: str, status: int = 200) -> str:
    answer = httpx.get(f"{server.url}/{query}")
    assert answer.status_code == status
    return unescape(answer.text)


def order(server: LocalServer, query: str) -> list[int]:
    """Which of the calls are listed, in order: they started an hour apart."""
    times = re.findall(r'<td class="when"><time datetime="[^"]*T(\d\d):', page(server, query))
    return [int(hour) - 9 for hour in times]


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        ("", [5, 4, 3, 2, 1, 0]),
        ("?sort=-start", [0, 1, 2, 3, 4, 5]),
        ("?sort=cost_usd", [5, 3, 2, 1, 0, 4]),
        ("?sort=-cost_usd", [0, 1, 2, 3, 5, 4]),
        ("?sort=input_tokens", [0, 1, 2, 3, 4, 5]),
        ("?since=2026-11-20T11:00&until=2026-11-20T13:00", [3, 2]),
        ("?q=m1&sort=-start", [1, 3, 5]),
        ("?where=tags=prod&where=team=blue", [3, 2, 1]),
    ],
)
def test_an_address_says_which_runs_and_in_which_order(
    listed: LocalServer, query: str, calls: list[int]
) -> None:
    assert order(listed, query) == calls


def test_headings_lead_to_their_order_and_turn_it(listed: LocalServer) -> None:
    for query, way, link in (
        ("", "descending", "/?sort=-start"),
        ("?sort=cost_usd", "descending", "/?sort=-cost_usd"),
        ("?sort=-cost_usd", "ascending", "/?sort=cost_usd"),
    ):
        heading = re.search(rf'<th [^>]*aria-sort="{way}">.*?href="([^"]+)"', page(listed, query), re.DOTALL)
        assert heading is not None
        assert heading[1] == link


def test_every_filter_of_the_address_can_be_taken_away_alone(listed: LocalServer) -> None:
    query = "?project=demo&where=team%3Dblue&q=m1&since=2026-11-20"
    chips = re.search(r'<ul class="active-filters".*?</ul>', page(listed, query), re.DOTALL)
    assert chips is not None
    links = re.findall(r'href="(/[^"]*)"', chips[0])
    assert links == [
        "/?where=team%3Dblue&q=m1&since=2026-11-20",
        "/?project=demo&where=team%3Dblue&since=2026-11-20",
        "/?project=demo&where=team%3Dblue&q=m1",
        "/?project=demo&q=m1&since=2026-11-20",
        "/",
    ]


def test_forms_keep_what_they_do_not_ask_for(listed: LocalServer) -> None:
    text = page(
        listed, "?project=demo&where=team%3Dblue&q=m1&since=24h&sort=cost_usd&facet=tags&view=all&page=2"
    )
    forms = re.findall(r'<form class="(search|menu-items|filter)[^"]*".*?</form>', text, re.DOTALL)
    assert {*forms} == {"search", "menu-items", "filter"}
    own = {"search": {"q"}, "menu-items": {"since", "until"}, "filter": set()}
    every = {"project", "where", "q", "since", "sort", "facet", "view"}
    for form in re.finditer(r'<form class="(search|menu-items|filter)[^"]*".*?</form>', text, re.DOTALL):
        hidden = {*re.findall(r'type="hidden" name="(\w+)"', form[0])}
        assert hidden == every - own[form[1]], form[1]


def test_values_of_ones_own_and_tags_are_listed_when_asked_for(listed: LocalServer) -> None:
    plain = page(listed, "")
    assert {"tags", "team"} <= {*re.findall(r"<option>(\w+)</option>", plain)}
    assert "team=blue" not in plain
    text = page(listed, "?facet=team&facet=tags")
    for value, runs in (("team%3Dblue", 4), ("team%3Dred", 2), ("tags%3Dprod", 5)):
        found = re.search(rf'<a href="([^"]*{value}[^"]*)">.*?facet-count">(\d+)', text)
        assert found is not None
        assert int(found[2]) == runs == len(order(listed, found[1].lstrip("/")))
    assert 'href="/?facet=tags" aria-label="List team no more"' in text


def costs(text: str, heading: str) -> list[list[str]]:
    """Model, runs, cost, and how many have none, of the table of costs."""
    table = text[text.index(heading) : text.index("</table>")]
    rows = [
        re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    ]
    cells = [[re.sub(r"<[^>]+>", "", cell) for cell in row] for row in rows if row]
    return [[row[0], row[2], row[6], row[8]] for row in cells]


def test_costs_by_model_add_up_to_the_cost_of_all(listed: LocalServer) -> None:
    text = page(listed, "")
    assert costs(text, "Cost by model") == [
        ["m1", "3", "$1.20", ""],
        ["m0", "3", "$0.400", "1"],
    ]
    assert re.search(r"Cost</span><span class=\"tile-value\">\$1\.60<", text)
    facet = re.search(r'facet-text">m1<.*?facet-cost">([^<]+)<', text, re.DOTALL)
    assert facet is not None
    assert facet[1] == "$1.20"


def test_costs_of_traces_stand_by_all_models_of_each() -> None:
    with LocalServer() as server:
        sums = {"respmeta_llm_calls": 2, "respmeta_models": "m0,m1", "respmeta_cost_usd": 0.5}
        roots = [run_body(run_type="chain", metadata=sums, at_s=n) for n in range(2)]
        called = [
            run_body(parent=root, metadata=record("openai", f"m{n}")) for root in roots for n in range(2)
        ]
        alone = run_body(metadata=record("groq", "m1", flat={"cost_usd": 0.25}))
        store_runs(server.store, [*roots, *called, alone])
        text = page(server, "?view=traces")
        assert costs(text, "Cost by the models of a trace") == [
            ["m0,m1", "2", "$1.00", ""],
            ["m1", "1", "$0.250", ""],
        ]
        found = re.search(r'<a href="([^"]*models%3Dm0[^"]*)">', text)
        assert found is not None
        assert len(order(server, found[1].lstrip("/"))) == len(roots)


@pytest.mark.parametrize(
    ("query", "words", "runs"),
    [
        ("?since=2026-11-25", "Nothing started in this range of time", 6),
        ("?until=2026-11-01&where=team=blue", "Nothing started in this range of time", 4),
    ],
)
def test_an_empty_range_of_time_leads_to_the_nearest_day_with_runs(
    listed: LocalServer, query: str, words: str, runs: int
) -> None:
    text = page(listed, query)
    assert words in text
    link = re.search(r'href="([^"]+)">show its day', text)
    assert link is not None
    assert "since=2026-11-20&until=2026-11-21" in link[1]
    assert len(order(listed, link[1].lstrip("/"))) == runs


@pytest.mark.parametrize(
    ("query", "notice"),
    [
        ("?colour=red&x=1", "This page knows no parameter colour, x: it changes nothing here."),
        ("?view=none", "There is no view 'none'"),
        ("?page=none", "'none' is no page: this is page 1."),
        ("?project=nobody", "There is no project 'nobody' in this database."),
    ],
)
def test_what_the_address_asks_for_in_vain_is_named(listed: LocalServer, query: str, notice: str) -> None:
    assert notice in page(listed, query)
    assert 'class="notice"' not in page(listed, "")


def test_what_makes_no_sense_is_answered_with_a_page_that_says_how(listed: LocalServer) -> None:
    assert "sort is one of" in page(listed, "?sort=colour", 400)
    assert "is no time" in page(listed, "?since=yesterday", 400)


def test_a_facet_of_any_key_is_no_fault(listed: LocalServer) -> None:
    for key in ("nobody", "a b", "%", HOSTILE, "respmeta_model"):
        answer = httpx.get(f"{listed.url}/", params={"facet": key})
        assert answer.status_code == 200
        assert HOSTILE not in answer.text


def test_exports_charts_and_deletion_are_of_the_same_runs() -> None:
    with LocalServer() as server:
        store_runs(server.store, calls())
        text = page(server, "?where=provider%3Dgroq&q=oss&since=2026-11-20")
        same = "?where=provider%3Dgroq&q=oss&since=2026-11-20"
        for path in ("/charts", "/export.jsonl", "/export.csv", "/export.parquet", "/delete"):
            assert f'href="{path}{same}"' in text
