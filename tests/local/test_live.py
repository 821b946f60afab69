"""An open page keeps itself up to date, and takes nothing away from whoever reads it."""

import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from langchain_respmeta.local import LocalServer, Store
from langchain_respmeta.local.api.ingest import store_batch
from langchain_respmeta.local.api.multipart import Batch
from langchain_respmeta.local.store import feedback
from langchain_respmeta.local.store.run_parts import part_of
from tests.local import seed

PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def running() -> Iterator[LocalServer]:
    with LocalServer() as server:
        seed.store_runs(server.store, seed.calls())
        yield server


@pytest.fixture
def page(running: LocalServer, browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(base_url=running.url)
    opened.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield opened
    opened.close()


def call(model: str, **more: Any) -> dict[str, Any]:
    return seed.run_body(name="Chat", at_s=500, metadata=seed.record("openai", model), **more)


def version(http: httpx.Client) -> str:
    return str(http.get("/changes").json()["version"])


def test_the_version_changes_with_whatever_is_written_and_with_nothing_else(tmp_path: Any) -> None:
    with (
        LocalServer(db=tmp_path / "runs.db") as server,
        httpx.Client(base_url=server.url, timeout=120) as http,
    ):
        seen = [version(http)]
        run = call("m")

        def changed() -> bool:
            seen.append(version(http))
            return seen[-1] not in seen[:-1]

        assert seen[-1] == version(http)
        seed.store_runs(server.store, [run])
        assert changed()
        with server.store.write() as connection:
            feedback.create(connection, {"run_id": run["id"], "key": "user", "score": 1}, "request")
        assert changed()
        http.get("/")
        assert not changed()
        other = Store(tmp_path / "runs.db")  # another program: a purge
        with other.write() as connection:
            connection.execute("DELETE FROM runs")
        other.close()
        assert changed()
    with LocalServer(db=tmp_path / "runs.db") as again, httpx.Client(base_url=again.url, timeout=120) as http:
        assert version(http) not in seen


def test_new_runs_appear_and_are_told_while_focus_selection_and_open_parts_stay(
    running: LocalServer, page: Page
) -> None:
    page.goto("/?view=all")
    field = page.get_by_label("Filter by any value")
    field.fill("half typ")
    page.evaluate("window.row = document.querySelector('tr[id^=run-]')")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('tr[id^=run-] td.model'))")
    selected = page.evaluate("getSelection().toString()")
    seed.store_runs(running.store, [call("brand-new-model"), call("other-new-model")])
    expect(page.get_by_role("status").first).to_have_text("2 new runs")
    expect(page.locator("tr[id^=run-]").filter(has_text="brand-new-model")).to_have_count(1)
    assert page.evaluate("window.row.isConnected")
    assert page.evaluate("getSelection().toString()") == selected
    assert field.input_value() == "half typ"
    assert page.evaluate("document.activeElement.id") == field.get_attribute("id")


def test_a_run_that_is_under_way_fills_itself(running: LocalServer, page: Page) -> None:
    run = call("m", lasts_s=None)
    seed.store_runs(running.store, [run])
    page.goto(f"/run/{run['id']}")
    expect(page.get_by_text("The run has not ended yet.")).to_be_visible()
    done = {
        "outputs": seed.answer({"id": "msg_77"}),
        "end_time": run["start_time"],
        **{k: run[k] for k in ("trace_id", "dotted_order")},
    }
    store_batch(running.store, Batch([part_of("patch", run["id"], done)]))
    expect(page.get_by_text("The run has not ended yet.")).to_have_count(0)
    expect(page.locator(".message.role-ai")).to_contain_text("hi")


def test_it_is_off_by_one_click_that_the_address_keeps(running: LocalServer, page: Page) -> None:
    page.goto("/")
    switch = page.locator("[data-live]")
    expect(switch).to_have_text("Live")
    switch.click()
    expect(switch).to_have_text("Live: off")
    expect(page).to_have_url(re.compile("refresh=off"))
    expect(page.get_by_role("link", name="Traces")).to_have_attribute("href", re.compile("refresh=off"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    asked.clear()
    page.clock.install()
    page.reload()
    asked.clear()
    page.clock.run_for(120_000)
    assert not [url for url in asked if url.endswith("/changes")]
    switch.click()
    expect(page).not_to_have_url(re.compile("refresh"))
    expect(switch).to_have_text("Live")


def test_a_hidden_tab_asks_for_nothing(running: LocalServer, page: Page) -> None:
    page.add_init_script("Object.defineProperty(document, 'hidden', { get: () => window.away })")
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    page.evaluate("window.away = true; document.dispatchEvent(new Event('visibilitychange'))")
    asked.clear()
    page.clock.run_for(120_000)
    assert not asked
    page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    with page.expect_request("**/changes"):
        page.clock.run_for(5_000)


def test_a_page_finds_its_server_again_after_a_restart(browser: Browser, tmp_path: Any) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = browser.new_page()
    expect.set_options(timeout=PATIENCE_MS)
    with LocalServer(db=tmp_path / "runs.db", port=port) as server:
        page.goto(server.url)
        expect(page.get_by_text("No runs yet")).to_be_visible()
    expect(page.get_by_role("status").first).to_have_text("The server does not answer.")
    with LocalServer(db=tmp_path / "runs.db", port=port) as server:
        seed.store_runs(server.store, [call("after-the-restart")])
        expect(page.get_by_text("after-the-restart").first).to_be_visible()
    page.close()


def test_without_scripts_the_page_reloads_itself_when_asked_to(running: LocalServer) -> None:
    with httpx.Client(base_url=running.url, timeout=120) as http:
        assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in http.get("/?refresh=5").text
        assert 'http-equiv="refresh"' not in http.get("/?refresh=off").text
