"""The page in a real browser: it loads nothing, draws all it has, and is good to read for everybody, everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from langchain_respmeta.report import WrittenReport

pytestmark = pytest.mark.browser
PATIENCE_MS = 120_000
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}


class Opened:
    """A page from a file that notes what it says and what it asks for."""

    def __init__(self, browser: Browser, path: Path, **context: Any) -> None:
        self._context = browser.new_context(**{"viewport": DESK, **context})
        self._context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self._context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        if context.get("java_script_enabled", True):
            self.page.wait_for_selector("html[data-charts=drawn]")

    def __enter__(self) -> Page:
        return self.page

    def __exit__(self, *_: object) -> None:
        address = self.page.url
        self._context.close()
        assert self.said == []
        assert [url.partition("#")[0] for url in self.asked] == [address.partition("#")[0]]


def test_every_chart_is_drawn_and_nothing_is_asked_of_the_network(
    browser: Browser, written: WrittenReport
) -> None:
    with Opened(browser, written.path) as page:
        charts = page.locator("[data-chart]").count()
        assert charts >= 9
        assert page.locator("[data-chart] .plot svg").count() == charts
        assert page.locator(".plot", has_text="could not be drawn").count() == 0
        marks = "[...document.querySelectorAll('.plot svg')].map(svg => svg.querySelectorAll('.mark-rect path, .mark-text text, .mark-line path').length)"
        assert min(page.evaluate(marks)) > 0


def test_all_numbers_are_there_without_a_script(browser: Browser, written: WrittenReport) -> None:
    with Opened(browser, written.path, java_script_enabled=False) as page:
        assert page.locator(".plot:visible").count() == 0
        assert page.locator(".tile .value").first.inner_text().startswith("$")
        for fold in page.locator("summary").all():
            fold.click()
        assert page.locator("table:visible").count() == page.locator("table").count() >= 9


@pytest.mark.parametrize("size", [PHONE, DESK])
@pytest.mark.parametrize("which", ["written", "compared"])
def test_the_page_is_never_wider_than_the_screen(
    browser: Browser, request: pytest.FixtureRequest, which: str, size: dict[str, int]
) -> None:
    report: WrittenReport = request.getfixturevalue(which)
    with Opened(browser, report.path, viewport=size) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
        widest = page.evaluate(
            "Math.max(...[...document.querySelectorAll('.plot svg')].map(s => s.getBoundingClientRect().right))"
        )
        assert widest <= size["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    browser: Browser, compared: WrittenReport, scheme: Literal["light", "dark"]
) -> None:
    with Opened(browser, compared.path, color_scheme=scheme) as page:
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        found = Axe().run(page, context={"exclude": [[".plot svg"]]})  # hidden from readers of a screen
        assert found.violations_count == 0, found.generate_report()


def test_dark_and_light_differ_in_the_charts_too_and_paper_is_light(
    browser: Browser, written: WrittenReport
) -> None:
    colour = "getComputedStyle(document.querySelector('.plot .mark-rect path')).fill"
    ground = "getComputedStyle(document.body).backgroundColor"
    with Opened(browser, written.path, color_scheme="light") as page:
        light = page.evaluate(colour)
    with Opened(browser, written.path, color_scheme="dark") as page:
        assert page.evaluate(colour) != light
        page.emulate_media(media="print")
        assert page.evaluate(colour) == light
        assert page.evaluate(ground) == "rgb(255, 255, 255)"


def test_a_printed_page_holds_the_folded_numbers(browser: Browser, written: WrittenReport) -> None:
    with Opened(browser, written.path) as page:
        page.emulate_media(media="print")
        heights = "[...document.querySelectorAll('details table')].map(table => table.getBoundingClientRect().height)"
        assert min(page.evaluate(heights)) > 20


def test_a_chart_says_what_a_mark_stands_for(browser: Browser, written: WrittenReport) -> None:
    with Opened(browser, written.path) as page:
        page.locator(".plot .mark-rect path").first.hover()
        page.locator(".vg-tooltip.visible").wait_for()
        assert "$" in page.locator(".vg-tooltip").inner_text()
