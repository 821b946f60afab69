"""The charts of the server's runs in a real browser: drawn under its strict policy, in every size, theme and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from langchain_respmeta.local import LocalServer
from tests.local.chart_runs import runs
from tests.local.seed import record, run_body, store_runs
from tests.local.test_browser import Watched
from tests.report.test_hostile import EVIL

pytestmark = pytest.mark.browser
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 780}
PARTS = 12


@pytest.fixture(scope="module")
def served() -> Iterator[LocalServer]:
    with LocalServer() as server:
        store_runs(server.store, runs(250))
        yield server


def opened(page: Page, address: str = "/charts") -> Page:
    """A page whose charts are all there."""
    page.goto(address)
    page.wait_for_selector("html[data-parts=loaded][data-charts=drawn]")
    return page


def test_every_chart_loads_and_is_drawn_under_the_policy(browser: Browser, served: LocalServer) -> None:
    with Watched(browser, served, viewport=DESK) as page:
        opened(page)
        assert page.locator("[data-part]").count() == PARTS
        figures = page.locator("[data-chart]").count()
        assert figures == page.locator("[data-chart] .plot svg").count() >= 9
        assert page.locator(".plot", has_text="could not be drawn").count() == 0
        assert page.locator("[aria-busy]").count() == 0
        page.locator(".plot .mark-rect path").first.hover()
        page.locator(".vg-tooltip.visible").wait_for()
        assert "$" in page.locator(".vg-tooltip").inner_text()


def test_a_model_leads_to_the_list_of_its_calls(browser: Browser, served: LocalServer) -> None:
    with Watched(browser, served, viewport=DESK) as page:
        opened(page)
        link = page.locator("#cost tbody th a").first
        model = link.inner_text()
        link.click()
        page.wait_for_url("**/?where=model*")
        assert model in page.locator("main").inner_text()


def test_a_choice_of_key_and_stretch_is_in_the_address(browser: Browser, served: LocalServer) -> None:
    with Watched(browser, served, viewport=DESK) as page:
        opened(page, "/charts?where=provider%3Dopenai")
        page.get_by_label("Costs by").select_option("user_id")
        page.get_by_label("in stretches of").select_option("week")
        page.get_by_role("button", name="Show").click()
        page.wait_for_selector("html[data-parts=loaded][data-charts=drawn]")
        assert {"by=user_id", "every=week", "where=provider%3Dopenai"} <= {
            *page.url.partition("?")[2].split("&")
        }
        assert "by user id, US dollars per week" in page.locator("#cost").inner_text()
        assert page.locator("#callers caption", has_text="Calls by user id").count() == 1


def test_without_scripts_each_chart_is_a_table(browser: Browser, served: LocalServer) -> None:
    with Watched(browser, served, viewport=DESK, java_script_enabled=False) as page:
        page.goto("/charts")
        assert page.locator(".charts-tiles .value").first.inner_text().startswith("$")
        tables = 0
        chapters = page.locator("section.chapter h2").count()
        for number in range(chapters):
            if number:
                page.goto("/charts")
                page.locator("section.chapter").nth(number).get_by_role("link", name="Show").click()
            assert page.locator(".plot:visible").count() == 0
            for fold in page.locator(".charts summary").all():
                fold.click()
            assert page.locator("table").count() == page.locator("table:visible").count()
            tables += page.locator("#cost table" if not number else "table").count()
        assert chapters == 7
        assert tables >= 9


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, served: LocalServer, scheme: Literal["light", "dark"], size: dict[str, int]
) -> None:
    with Watched(browser, served, viewport=size, color_scheme=scheme) as page:
        opened(page, "/charts?by=user_id&project=service")
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        found = Axe().run(page, context={"exclude": [[".plot svg"]]})  # hidden from readers of a screen
        assert found.violations_count == 0, found.generate_report()


def test_paper_is_light_and_holds_the_folded_numbers(browser: Browser, served: LocalServer) -> None:
    colour = "getComputedStyle(document.querySelector('.plot .mark-rect path')).fill"
    with Watched(browser, served, viewport=DESK, color_scheme="light") as page:
        opened(page)
        light = page.evaluate(colour)
    with Watched(browser, served, viewport=DESK, color_scheme="dark") as page:
        opened(page)
        assert page.evaluate(colour) != light
        page.emulate_media(media="print")
        assert page.evaluate(colour) == light
        heights = "[...document.querySelectorAll('details table')].map(table => table.getBoundingClientRect().height)"
        assert min(page.evaluate(heights)) > 20
        assert page.locator(".charts-bar:visible").count() == 0
        page.set_viewport_size({"width": 718, "height": 1000})  # A4 without its margins
        assert page.evaluate("document.documentElement.scrollWidth") == 718


def test_nothing_that_strangers_wrote_runs_or_breaks_the_page(browser: Browser) -> None:
    with LocalServer() as server:
        store_runs(
            server.store,
            [
                run_body(
                    name=evil,
                    at_s=86_400 * number,
                    project=evil.replace("\0", ""),
                    tags=[evil],
                    metadata=record("openai", evil, flat={"service_tier": evil, "time_to_first_token_s": 0.5})
                    | {"user": evil, evil: evil, "thread_id": evil, "lc_agent_name": evil},
                )
                for number, evil in enumerate(EVIL)
            ],
        )
        with Watched(browser, server, viewport=DESK) as page:
            for by in ("model", "user", "tags", "agent_name"):
                opened(page, f"/charts?by={by}")
                assert page.evaluate("window.caught") is None
                assert page.locator("main img").count() == 0
                assert page.locator("script:not([src]):not([type='application/json'])").count() == 0
                assert page.locator(".plot", has_text="could not be drawn").count() == 0
                assert page.locator("tbody th", has_text="{{ 7 * 7 }}").count() > 0
                links = page.locator("tbody th a").evaluate_all(
                    "links => links.map(link => new URL(link.href).host)"
                )
                assert {*links} == {f"127.0.0.1:{server.port}"}


def test_parts_that_cannot_be_made_say_why(browser: Browser, served: LocalServer) -> None:
    page = browser.new_page(base_url=served.url)  # a failed part is told in the console, too
    page.route(
        "**/charts/errors*", lambda route: route.fulfill(status=400, json={"detail": "no <b>luck</b>"})
    )
    page.route("**/charts/cache*", lambda route: route.abort())
    page.goto("/charts")
    page.wait_for_selector("html[data-parts=loaded]")
    assert "could not be made: no <b>luck</b>" in page.locator("#endings").inner_text()
    assert "could not be loaded" in page.locator("#cache").inner_text()
    assert "Limits and retries" in page.locator("main").inner_text()
    page.close()
