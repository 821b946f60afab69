"""The list in a real browser: keys, times with their zone, cards on a phone, paper, and nothing that axe-core finds."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from langchain_respmeta.local import LocalServer
from tests.local.seed import agent, calls, record, run_body, store_runs
from tests.local.test_browser import Watched

pytestmark = pytest.mark.browser
LONG = "accounts/fireworks/models/llama-4-maverick-17b-128e-instruct-basic-20250929-v1:0"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 780}
LISTS = ["/", "/?view=traces", "/?where=provider=groq&q=oss&facet=tags&facet=team&sort=cost_usd&nonsense=1"]
OTHERS = ["/?since=1h", "/?page=99", "/run/{agent}", "/charts", "/delete"]
COMPARED = ["/compare?a={agent}", "/compare?a={agent}&b={model}"]


@pytest.fixture(scope="module")
def seeded() -> Iterator[LocalServer]:
    with LocalServer() as server:
        long = run_body(at_s=90, metadata=record("fireworks", LONG) | {"team": "blue"}, tags=["prod"])
        store_runs(server.store, [*calls(), *agent(), long])
        yield server


def address(server: LocalServer, path: str) -> str:
    return path.format(**{name: server.store.runs(name=name)[0]["id"] for name in ("agent", "model")})


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(
    browser: Browser, seeded: LocalServer, scheme: Literal["light", "dark"], size: dict[str, int]
) -> None:
    with Watched(browser, seeded, color_scheme=scheme, viewport=size) as page:
        for path in (*LISTS, *OTHERS, *COMPARED):
            page.goto(address(seeded, path))
            page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(fold => fold.open = true)")
            found = Axe().run(page, context={"exclude": [[".plot svg"]]})  # hidden from readers of a screen
            assert found.violations_count == 0, (path, found.generate_report())


def test_model_names_are_whole(browser: Browser, seeded: LocalServer) -> None:
    for size in (DESK, {"width": 900, "height": 800}, PHONE):
        with Watched(browser, seeded, viewport=size) as page:
            page.goto("/")
            cut = "[...document.querySelectorAll('.model-name, .facet-text')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth)"
            assert page.evaluate(f"{cut}.map(e => e.textContent)") == []
            box = page.locator(".model-name", has_text=LONG).bounding_box()
            assert box is not None
            assert box["width"] > 110


def test_a_phone_shows_cards_without_sideways_scrolling_and_with_room_for_fingers(
    browser: Browser, seeded: LocalServer
) -> None:
    with Watched(browser, seeded, viewport=PHONE) as page:
        for path in LISTS:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
            small = page.evaluate(
                "[...document.querySelectorAll('a, button, summary, select, input:not([type=hidden])')]"
                ".filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('.visually-hidden, thead, .skip'))"
                ".filter(e => !e.classList.contains('skip') && e.getBoundingClientRect().height < 24)"
                ".map(e => e.outerHTML)"
            )
            assert small == []
        page.goto("/")
        assert not page.locator(".facet").first.is_visible()
        page.locator(".facets > summary").click()
        expect(page.locator(".facet").first).to_be_visible()


def test_paper_is_white_holds_all_columns_and_no_controls(browser: Browser, seeded: LocalServer) -> None:
    with Watched(browser, seeded, viewport={"width": 718, "height": 1000}, color_scheme="dark") as page:
        page.emulate_media(media="print", color_scheme="dark")
        page.goto("/")
        assert page.evaluate("document.documentElement.scrollWidth") == 718
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.runs tbody tr')).display") == "table-row"
        )
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.model-name')).color") == "rgb(0, 0, 0)"
        )
        for hidden in (".top", ".side", ".search", ".list-tools"):
            assert not page.locator(hidden).is_visible()
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.textContent.trim()")
    return text


def test_keys_go_from_run_to_run_and_to_the_search(browser: Browser, seeded: LocalServer) -> None:
    with Watched(browser, seeded) as page:
        page.goto("/")
        names = [name.strip() for name in page.locator(".model-name").all_text_contents()]
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert focused(page) == names[1]
        page.keyboard.press("k")
        assert focused(page) == names[0]
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("oss j")
        expect(page.get_by_role("searchbox")).to_have_value("oss j")
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keys")
        expect(dialog).to_be_visible()
        dialog.get_by_label("Listen to keys").uncheck()
        dialog.get_by_role("button", name="Close").click()
        page.reload()
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement === document.body")


def test_enter_opens_the_run_that_j_went_to(browser: Browser, seeded: LocalServer) -> None:
    with Watched(browser, seeded) as page:
        page.goto("/")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/run/"))
        expect(page.locator("h1")).to_have_text(LONG)


def test_times_are_the_readers_own_and_utc_with_a_switch_that_is_kept(
    browser: Browser, seeded: LocalServer
) -> None:
    with Watched(browser, seeded, timezone_id="Asia/Tokyo") as page:
        page.goto("/?sort=-start")
        first = page.locator(".when time").first
        expect(first).to_have_attribute("title", re.compile(r"20 Nov 2026 18:00:00\.000 GMT\+9"))
        expect(page.locator("th [data-zone]")).to_have_text("GMT+9")
        page.get_by_role("button", name="Times: GMT+9").click()
        expect(first).to_have_attribute("title", re.compile(r"20 Nov 2026 09:00:00\.000 UTC"))
        page.reload()
        expect(page.locator("th [data-zone]")).to_have_text("UTC")
    with Watched(browser, seeded, timezone_id="Asia/Tokyo", java_script_enabled=False) as page:
        page.goto("/?sort=-start")
        assert page.locator(".when time").first.get_attribute("title") == "2026-11-20 09:00:00.000 UTC"
        assert page.locator("th [data-zone]").inner_text() == "UTC"
        assert page.get_by_role("button", name="Times").count() == 0


@pytest.mark.parametrize("javascript", [True, False])
def test_time_search_order_and_comparison_by_clicking(
    browser: Browser, seeded: LocalServer, *, javascript: bool
) -> None:
    with Watched(browser, seeded, java_script_enabled=javascript) as page:
        page.goto("/")
        rows = page.locator("table.runs tbody tr")
        expect(rows).to_have_count(10)
        page.locator(".own-range summary").click()
        page.get_by_label("From (UTC)").fill("2026-11-20T09:00")
        page.get_by_label("before (UTC)").fill("2026-11-20T09:01")
        page.locator(".own-range").get_by_role("button", name="Show").click()
        expect(rows).to_have_count(7)
        page.get_by_role("link", name="Cost", exact=True).click()
        expect(rows.last).to_contain_text("gemini-2.5-flash")
        page.get_by_role("searchbox").fill("claude")
        page.get_by_role("button", name="Search").click()
        expect(rows).to_have_count(1)
        page.locator(".active-filters").get_by_role("link", name="search claude").click()
        expect(rows).to_have_count(7)
        rows.nth(0).get_by_role("checkbox").check()
        rows.nth(1).get_by_role("checkbox").check()
        page.get_by_role("button", name="Compare two").click()
        expect(page).to_have_url(re.compile(r"/compare\?a=[0-9a-f-]+&b=[0-9a-f-]+"))
