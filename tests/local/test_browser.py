"""The pages in a real browser: what is seen, with and without JavaScript, in both themes."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from langchain_respmeta.local import LocalServer
from tests.local.seed import agent, calls, store_runs

pytestmark = pytest.mark.browser
expect.set_options(timeout=120_000)  # a busy machine is no fault


@pytest.fixture(scope="module")
def seeded() -> Iterator[LocalServer]:
    with LocalServer() as server:
        runs = [*calls(), *agent()]
        store_runs(server.store, runs)
        feedback = {
            "run_id": runs[1]["id"],
            "key": "respmeta_refused",
            "score": 1,
            "comment": "the model declined",
        }
        httpx.post(f"{server.url}/feedback", json=feedback)
        yield server


class Watched:
    """A page that notes what must not happen."""

    def __init__(self, browser: Browser, server: LocalServer, **context: Any) -> None:
        self._context = browser.new_context(
            **{"base_url": server.url, "viewport": {"width": 1400, "height": 900}, **context}
        )
        self._context.set_default_timeout(120_000)
        self.page: Page = self._context.new_page()
        self.console: list[str] = []
        self.foreign: list[str] = []
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.on(
            "request",
            lambda request: None if request.url.startswith(server.url) else self.foreign.append(request.url),
        )

    def __enter__(self) -> Page:
        return self.page

    def __exit__(self, *_: object) -> None:
        self._context.close()
        assert self.console == []
        assert self.foreign == []


@pytest.mark.parametrize("javascript", [True, False])
def test_the_list_is_filtered_by_clicking_and_by_the_form(
    browser: Browser, seeded: LocalServer, *, javascript: bool
) -> None:
    with Watched(browser, seeded, java_script_enabled=javascript) as page:
        page.goto("/")
        rows = page.locator("table.runs tbody tr")
        expect(rows).to_have_count(9)
        expect(page.locator("#sum-runs")).to_have_text("9")
        rows.first.locator("a.provider").click()
        expect(rows).to_have_count(3)
        expect(page.locator(".active-filters")).to_contain_text("provider = anthropic")
        page.get_by_label("Filter by any value").fill("output_tokens")
        page.get_by_label("Comparison").select_option(">=")
        page.get_by_label("Value", exact=True).fill("81")
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_role("heading", name="No run matches")).to_be_visible()
        page.get_by_role("link", name="output_tokens >= 81").click()
        expect(rows).to_have_count(3)
        page.get_by_role("link", name="Clear all").click()
        expect(rows).to_have_count(9)
        page.locator("aside").get_by_role("link", name="length 1").click()
        expect(rows).to_have_count(1)
        expect(rows.first).to_contain_text("gemini-2.5-flash")


@pytest.mark.parametrize("javascript", [True, False])
def test_project_view_and_refresh_are_switched_without_a_script(
    browser: Browser, seeded: LocalServer, *, javascript: bool
) -> None:
    with Watched(browser, seeded, java_script_enabled=javascript) as page:
        page.goto("/")
        page.locator(".top details.menu summary").click()
        page.get_by_role("link", name="agents").click()
        expect(page.locator("table.runs tbody tr")).to_have_count(2)
        page.get_by_role("link", name="Traces").click()
        expect(page.locator("table.runs tbody tr")).to_have_count(1)
        page.get_by_role("link", name="All runs", exact=True).click()
        expect(page.locator("table.runs tbody tr")).to_have_count(5)
        first, second, state = (
            ("Live", "Live: off", "refresh=off")
            if javascript
            else ("Auto-refresh", "Refreshing", "refresh=5")
        )
        page.get_by_role("link", name=first, exact=True).click()
        expect(page).to_have_url(re.compile(state))
        page.get_by_role("link", name=second).click()
        expect(page).not_to_have_url(re.compile("refresh"))


@pytest.mark.parametrize("javascript", [True, False])
def test_a_run_shows_record_feedback_raw_data_and_tree(
    browser: Browser, seeded: LocalServer, *, javascript: bool
) -> None:
    with Watched(browser, seeded, java_script_enabled=javascript) as page:
        page.goto("/?where=refused=true")
        page.locator("a.model-name").click()
        expect(page.locator("h1")).to_have_text("claude-sonnet-4-5")
        expect(page.locator(".badges .badge")).to_have_text("refusal")
        expect(page.locator(".feedback")).to_contain_text("the model declined")
        expect(page.locator("pre.json").first).to_contain_text('"finish_reason": "refusal"')
        expect(page.get_by_text("<script>alert('x')</script>").first).to_be_visible()
        page.goto("/?view=traces")
        page.locator("a.model-name").get_by_text("agent", exact=True).click()
        tree = page.locator(".tree li")
        expect(tree).to_have_count(5)
        tree.nth(2).locator("a").click()
        expect(page.locator(".tree [aria-current]")).to_contain_text("ChatAnthropic")
        expect(page.locator("table.small")).to_contain_text("toolu_1")
        page.locator(".crumbs").get_by_role("link", name="agent", exact=True).click()
        expect(page.locator("h1")).to_have_text("agent")


def luminance(page: Page, selector: str, what: str) -> float:
    """Relative luminance of a colour as it is computed for an element."""
    script = "([s, w]) => getComputedStyle(document.querySelector(s))[w]"
    colour = page.evaluate(script, [selector, what])
    channels = [float(part) / 255 for part in colour.split("(")[1].rstrip(")").split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(page: Page, selector: str, behind: str | None = None) -> float:
    pair = luminance(page, selector, "color"), luminance(page, behind or selector, "backgroundColor")
    return (max(pair) + 0.05) / (min(pair) + 0.05)


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_both_themes_are_readable(browser: Browser, seeded: LocalServer, scheme: Any, *, dark: bool) -> None:
    with Watched(browser, seeded, color_scheme=scheme) as page:
        page.goto("/")
        assert (luminance(page, "body", "backgroundColor") < 0.05) is dark
        assert contrast(page, "body") > 10
        assert contrast(page, "a.model-name", ".list") > 10
        assert contrast(page, ".facet h2", "body") > 4.5
        for faint in (".model-sub", ".under", ".tile-note", ".when"):
            assert contrast(page, faint, ".list") > 4.5, faint
        assert contrast(page, ".facet-count", "body") > 4.5
        tones = {
            name
            for found in page.locator(".badge").all()
            for name in (found.get_attribute("class") or "").split()
        }
        assert {"tone-green", "tone-amber", "tone-red", "tone-alarm", "tone-blue"} <= tones
        backgrounds = set()
        for tone in sorted(tones - {"badge"}):
            assert contrast(page, f".badge.{tone}") > 4.5, tone
            backgrounds.add(
                page.evaluate(f"getComputedStyle(document.querySelector('.badge.{tone}')).backgroundColor")
            )
        assert len(backgrounds) == len(tones) - 1, "each finish reason has a colour of its own"


@pytest.mark.parametrize("path", ["/", "/?view=traces", "run"])
def test_a_small_screen_needs_no_sideways_scrolling(browser: Browser, seeded: LocalServer, path: str) -> None:
    path = f"/run/{seeded.store.runs(name='agent')[0]['id']}" if path == "run" else path
    with Watched(browser, seeded, viewport={"width": 390, "height": 800}) as page:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_empty_page_is_complete(browser: Browser, server: LocalServer) -> None:
    with Watched(browser, server) as page:
        page.goto("/")
        assert page.get_by_role("heading", name="No runs yet").is_visible()
        assert f"LANGSMITH_ENDPOINT={server.url}" in page.locator("pre").first.inner_text()


def test_everything_is_reached_with_the_keyboard(browser: Browser, seeded: LocalServer) -> None:
    with Watched(browser, seeded) as page:
        page.goto("/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
        unnamed = page.evaluate(
            "[...document.querySelectorAll('a, button, input:not([type=hidden]), select')].filter(e =>"
            " !(e.textContent.trim() || e.labels?.length || e.getAttribute('aria-label'))).length"
        )
        assert unnamed == 0
