"""Deleting from the page: nothing goes that was not shown and confirmed, and traces go as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from langchain_respmeta.local import LocalServer
from tests.local.seed import agent, calls, run_body, store_runs
from tests.local.test_browser import Watched

_ACTION = re.compile(r'<form class="ask-form" method="post" action="([^"]+)"')


@pytest.fixture
def seeded() -> Iterator[LocalServer]:
    with LocalServer() as server:
        store_runs(server.store, [*calls(), *agent()])
        yield server


def left(server: LocalServer) -> int:
    return len(server.store.runs())


def confirmed(server: LocalServer, query: str) -> str:
    """The address of the button on the page that asks."""
    asked = httpx.get(f"{server.url}/delete{query}")
    assert asked.status_code == 200
    return unescape(_ACTION.findall(asked.text)[0])


def test_the_traces_of_the_runs_shown_go_as_a_whole(seeded: LocalServer) -> None:
    query = "?where=provider%3Danthropic"
    asked = httpx.get(f"{seeded.url}/delete{query}").text
    assert "3 runs match" in asked
    assert '<dd id="ask-traces">2</dd>' in asked
    assert '<dd id="ask-runs">6</dd>' in asked
    assert left(seeded) == 12
    done = httpx.post(seeded.url + confirmed(seeded, query))
    assert done.status_code == 200
    assert "2 traces with 6 runs" in done.text
    assert left(seeded) == 6
    assert not seeded.store.runs(project="agents")


def test_a_run_s_page_leads_to_the_deletion_of_its_trace(seeded: LocalServer) -> None:
    tool = next(run for run in seeded.store.runs() if run["run_type"] == "tool")
    page = httpx.get(f"{seeded.url}/run/{tool['id']}").text
    (link,) = re.findall(r'href="/delete(\?trace=[^"]+)"', page)
    httpx.post(seeded.url + confirmed(seeded, link))
    assert left(seeded) == 7
    assert "This trace is not in the database" in httpx.get(f"{seeded.url}/delete{link}").text


@pytest.mark.parametrize("sign", ["", "0" * 64, "ü"])
def test_nothing_goes_without_the_sign_of_the_page_that_asked(seeded: LocalServer, sign: str) -> None:
    action = confirmed(seeded, "?project=agents").partition("&sign=")[0]
    refused = httpx.post(seeded.url + action, params={"project": "agents", "last": "99", "sign": sign})
    assert refused.status_code == 409
    assert "Nothing was deleted" in refused.text
    assert left(seeded) == 12


def test_the_sign_of_some_runs_is_none_for_others(seeded: LocalServer) -> None:
    action = confirmed(seeded, "?project=agents")
    for other in (action.replace("project=agents", "project=demo"), re.sub(r"last=\d+", "last=999", action)):
        assert other != action
        assert httpx.post(seeded.url + other).status_code == 409
    assert left(seeded) == 12


def test_no_other_site_can_send_the_form(seeded: LocalServer) -> None:
    action = confirmed(seeded, "?project=agents")
    for origin in ("https://elsewhere.example", "null"):
        assert httpx.post(seeded.url + action, headers={"Origin": origin}).status_code == 403
    assert left(seeded) == 12
    assert httpx.post(seeded.url + action, headers={"Origin": seeded.url}).status_code == 200


def test_what_arrives_after_the_question_stays(seeded: LocalServer) -> None:
    action = confirmed(seeded, "?view=all")
    late = run_body(name="late")
    store_runs(seeded.store, [late])
    httpx.post(seeded.url + action)
    assert [run["id"] for run in seeded.store.runs()] == [late["id"]]


def test_a_time_that_is_told_from_now_is_fixed_by_the_question(seeded: LocalServer) -> None:
    action = confirmed(seeded, "?since=90000h&project=agents")
    assert re.search(r"since=20\d\d-", action)
    assert "2 traces" not in httpx.post(seeded.url + action).text
    assert left(seeded) == 7


def test_where_nothing_matches_there_is_no_button(seeded: LocalServer) -> None:
    page = httpx.get(f"{seeded.url}/delete?project=nobody").text
    assert "Nothing to delete" in page
    assert 'method="post"' not in page


def test_wrong_addresses_are_told_on_a_page(seeded: LocalServer) -> None:
    for query, status in (("trace=x", 422), ("last=x", 400), ("where=%3D", 400)):
        answer = httpx.get(f"{seeded.url}/delete?{query}")
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [True, False])
def test_in_a_browser_one_click_asks_and_the_second_deletes(
    browser: Browser, seeded: LocalServer, *, javascript: bool
) -> None:
    run = seeded.store.runs(project="agents")[0]
    with Watched(browser, seeded, java_script_enabled=javascript) as page:
        page.goto(f"/run/{run['id']}")
        page.get_by_role("link", name="Delete trace").click()
        expect(page.get_by_role("heading", name="Delete 1 trace for good?")).to_be_visible()
        page.get_by_role("link", name="Keep them").click()
        expect(page).to_have_url(f"{seeded.url}/run/{run['trace_id']}")
        page.go_back()
        page.get_by_role("button", name="Delete 1 trace").click()
        expect(page.get_by_role("status")).to_contain_text("1 trace with 5 runs")
        page.get_by_role("link", name="Back to the runs").click()
        expect(page.locator("#sum-runs")).to_have_text("7")
    assert left(seeded) == 7


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_the_pages_and_a_phone_shows_them_whole(
    browser: Browser, seeded: LocalServer, theme: str
) -> None:
    phone = {"width": 360, "height": 700}
    with Watched(browser, seeded, color_scheme=theme, viewport=phone) as page:
        for address in ("/delete?where=provider%3Danthropic&q=chat", "/delete?project=nobody"):
            page.goto(address)
            assert Axe().run(page).response["violations"] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= phone["width"]
        page.goto("/delete?project=agents")
        page.get_by_role("button", name="Delete 1 trace").click()
        expect(page.get_by_role("status")).to_be_visible()
        assert Axe().run(page).response["violations"] == []
