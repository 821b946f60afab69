"""A run's conversation in a real browser: what is seen, and that nothing of it comes to life."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from langchain_respmeta.local import LocalServer
from tests.local.seed import record, run_body, store_runs
from tests.local.shapes import CALLS, PNG, REASONING, RESULTS, answered, asked, constructor
from tests.local.test_browser import Watched

pytestmark = pytest.mark.browser

CANARY = "<script>window.dead=1</script><img src=x onerror='window.dead=1'><svg onload='window.dead=1'>"
LINK = "javascript:window.dead=1"
AGENT = {
    "messages": [
        constructor("SystemMessage", content="You help.\n" + "Be kind. " * 900, type="system"),
        constructor("HumanMessage", content="What is the weather?", type="human"),
    ]
}
DONE = {
    "messages": [
        *AGENT["messages"],
        {**CALLS["v1"], "content": [{"type": "text", "text": "Let me look."}, *CALLS["v1"]["content"]]},
        RESULTS["ToolMessage"],
        constructor(
            "AIMessage",
            content=[
                REASONING["v1"],
                {
                    "type": "text",
                    "text": "It is sunny",
                    "annotations": [{"type": "citation", "url": "https://a.example", "title": "Sky"}],
                },
            ],
        ),
    ]
}


def hostile_values() -> list[Any]:
    """The canary in each place of a conversation that shows a text."""
    blocks: list[Any] = [
        CANARY,
        {"type": CANARY, CANARY: CANARY},
        {
            "type": "text",
            "text": CANARY,
            "annotations": [{"url": LINK, "title": CANARY, "cited_text": CANARY}],
        },
        {"type": "thinking", "thinking": CANARY},
        {"type": "refusal", "refusal": CANARY},
        {"type": "tool_use", "id": CANARY, "name": CANARY, "input": {CANARY: CANARY, "n": [CANARY]}},
        {"type": "tool_result", "tool_use_id": CANARY, "content": CANARY},
        {"type": "image_url", "image_url": {"url": LINK}},
        {"type": "image_url", "image_url": {"url": "data:text/html;base64,PHNjcmlwdD4="}},
        {"type": "image_url", "image_url": {"url": f"data:image/svg+xml,{CANARY}"}},
        {"type": "image", "base64": PNG, "mime_type": f'image/png"{CANARY}', "filename": CANARY},
        {"type": "file", "file_id": CANARY, "filename": CANARY},
        {"type": "text-plain", "text": CANARY, "title": CANARY, "mime_type": "text/plain"},
    ]
    message = {"role": CANARY, "name": CANARY, "content": blocks, CANARY: CANARY}
    named = constructor("AIMessage", content=blocks, name=CANARY, response_metadata={"finish_reason": CANARY})
    document = {"page_content": CANARY, "metadata": {"source": CANARY}}
    return [message, named, [CANARY, CANARY], document]


@pytest.fixture(scope="module")
def shown() -> Iterator[tuple[LocalServer, dict[str, str]]]:
    message, named, pair, document = hostile_values()
    runs = {
        "agent": run_body(name="agent", run_type="chain", inputs=AGENT, outputs=DONE),
        "cut": run_body(
            metadata=record("openai", "gpt-5-mini", "length"),
            inputs=asked(
                {"type": "text", "text": "hi"}, {"type": "image", "base64": PNG, "mime_type": "image/png"}
            ),
            outputs=answered(constructor("AIMessage", content="It is")),
        ),
        "many": run_body(
            inputs={"messages": [["human", f"say {n}"] for n in range(1, 501)]},
            outputs={"output": {"role": "assistant", "content": "end"}},
        ),
        "hostile": run_body(
            name=CANARY,
            error=CANARY,
            metadata=record("openai", "m"),
            inputs={"messages": [[message, named, pair]], CANARY: CANARY, "history": [message, named]},
            outputs={"generations": [[{"text": CANARY, "message": named}, {"text": CANARY}]]},
            extra={
                "metadata": record("openai", "m"),
                "invocation_params": {"tools": [{"name": CANARY, "description": CANARY}]},
            },
        ),
        "found": run_body(run_type="retriever", inputs={"query": CANARY}, outputs={"documents": [document]}),
    }
    with LocalServer() as server:
        store_runs(server.store, list(runs.values()))
        yield server, {name: f"/run/{run['id']}" for name, run in runs.items()}


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_conversation_is_read_from_top_to_bottom(
    browser: Browser, shown: tuple[LocalServer, dict[str, str]], *, javascript: bool
) -> None:
    server, paths = shown
    with Watched(browser, server, java_script_enabled=javascript) as page:
        page.goto(paths["agent"])
        talk = page.locator("#conversation")
        expect(talk.locator(".role")).to_have_text(["System", "User", "Assistant", "Assistant"])
        expect(talk.get_by_text("The 2 messages of the input, then:")).to_be_visible()
        tool = talk.get_by_label("Call of weather")
        expect(tool).to_contain_text("Paris")
        expect(tool.locator(".tool-result")).to_contain_text("sunny")
        expect(talk.get_by_text("hmm", exact=True)).to_be_hidden()
        talk.get_by_text("Reasoning").click()
        expect(talk.get_by_text("hmm", exact=True)).to_be_visible()
        talk.get_by_text("1 source").click()
        expect(talk.get_by_role("link", name="Sky")).to_have_attribute("href", "https://a.example")
        expect(talk.locator(".fold .text-piece")).to_be_hidden()
        talk.get_by_text(re.compile(r"Show [\d,]+ more characters")).click()
        expect(talk.locator(".fold .text-piece")).to_be_visible()
        talk.get_by_text("Show less").click()
        expect(talk.locator(".fold .text-piece")).to_be_hidden()


def test_a_cut_answer_says_so_and_its_picture_is_a_picture(
    browser: Browser, shown: tuple[LocalServer, dict[str, str]]
) -> None:
    server, paths = shown
    with Watched(browser, server) as page:
        page.goto(paths["cut"])
        expect(page.locator("#m2 .ending")).to_have_text("Cut here: the answer reached the limit of tokens.")
        picture = page.locator("#m1 img")
        picture.scroll_into_view_if_needed()
        page.wait_for_function("document.querySelector('#m1 img').complete")
        assert picture.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [1, 1]


def test_messages_have_addresses_and_many_are_paged(
    browser: Browser, shown: tuple[LocalServer, dict[str, str]]
) -> None:
    server, paths = shown
    with Watched(browser, server) as page:
        page.goto(f"{paths['many']}#m450")
        expect(page.locator("#m450")).to_be_in_viewport()
        expect(page.locator("#m400")).to_have_count(0)
        page.get_by_role("link", name="Show those before").click()
        expect(page.locator("#m201")).to_contain_text("say 201")
        page.locator("#m210 .permalink").click()
        expect(page).to_have_url(re.compile(r"\?from=201#m210$"))
        page.get_by_role("link", name="Show those after").click()
        expect(page.locator("#m501")).to_contain_text("end")
    assert httpx.get(f"{server.url}{paths['many']}?from=x").status_code == 400


@pytest.mark.parametrize("name", ["hostile", "found"])
def test_nothing_of_a_conversation_comes_to_life(
    browser: Browser, shown: tuple[LocalServer, dict[str, str]], name: str
) -> None:
    server, paths = shown
    with Watched(
        browser, server, bypass_csp=True
    ) as page:  # the policy is a second wall: here the first one stands alone
        page.goto(paths[name])
        open_all(page)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.dead") is None
        talk = page.locator("#conversation")
        assert talk.locator("script, svg, iframe, object, embed").count() == 0
        assert talk.locator("img[src='x'], [onerror], [onload]").count() == 0
        links = page.evaluate("[...document.querySelectorAll('a')].map(one => one.protocol)")
        assert set(links) <= {"http:"}
        expect(talk.get_by_text("<script>window.dead=1</script>").first).to_be_visible()
        if name == "hostile":
            assert talk.inner_text().count("onerror='window.dead=1'") > 30
            sources = page.evaluate("[...document.images].map(one => new URL(one.src).pathname)")
            assert all(
                re.fullmatch(r"/assets/icon\.svg|/run/[0-9a-f-]+/media/\d+", one) for one in sources
            ), sources


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_of_a_run_is_accessible_and_never_scrolls_sideways(
    browser: Browser, shown: tuple[LocalServer, dict[str, str]], scheme: Any, width: int
) -> None:
    server, paths = shown
    with Watched(
        browser, server, color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True
    ) as page:
        for name in ("agent", "cut", "hostile"):
            page.goto(paths[name])
            open_all(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            found = Axe().run(page)
            assert found.response["violations"] == [], f"{name}: {found.generate_report()}"


def test_what_is_folded_is_printed(browser: Browser, shown: tuple[LocalServer, dict[str, str]]) -> None:
    server, paths = shown
    with Watched(browser, server) as page:
        page.goto(paths["agent"])
        page.emulate_media(media="print")
        expect(page.locator("#conversation .fold .text-piece")).to_be_visible()
        expect(page.locator(".jump")).to_be_hidden()
        page.set_viewport_size({"width": 718, "height": 1000})  # A4 without its margins
        assert page.evaluate("document.documentElement.scrollWidth") <= 718
