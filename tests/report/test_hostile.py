"""What strangers wrote stays text: names of models, keys and values of metadata, tiers, threads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from langchain_respmeta import SettingsError
from langchain_respmeta.report import write_report
from tests.report.test_page import Opened

EVIL = (
    "<script>window.caught = 1</script>",
    "</script><script>window.caught = 2</script>",
    '"><img src=x onerror="window.caught = 3">',
    "<!--<script>",
    "{{ 7 * 7 }}{% raw %}",
    "#0072b2",
    "constructor",
    "</style><style>body{display:none}</style>",
    "javascript:window.caught=4",
    "datum.x; window.caught = 5",
    "a\u2028b\u202ec\x00d",
)


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return [
        {
            "schema_version": "1.0",
            "run_id": evil,
            "trace_id": evil,
            "thread_id": evil,
            "run_name": evil,
            "provider": evil,
            "model": evil,
            "requested_model": evil,
            "service_tier": evil,
            "event": "assistant_response",
            "finish_reason": "stop",
            "metadata": {"user": evil, evil: evil},
            "tags": [evil],
            "received_at": f"2026-11-{number + 1:02}T12:00:00+00:00",
            "cost": {"total": f"0.{number + 1:02}", "currency": "USD", "source": "computed"},
            "usage": {"input_tokens": 100, "output_tokens": 10, "cache_read_tokens": 50},
            "timing": {"latency_s": 1.5, "time_to_first_token_s": 0.5},
            "rate_limits": {"tokens_limit": 100, "tokens_remaining": 10 + number},
        }
        for number, evil in enumerate(EVIL)
    ]


@pytest.mark.browser
def test_nothing_that_strangers_wrote_runs_or_breaks_the_page(
    browser: Browser, records: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    by = ["model", "tags", "user", EVIL[2], "thread_id"]
    write_report(records, path, by=by, title=EVIL[1], links="https://host.example/{run_id}/{trace_id}")
    with Opened(browser, path) as page:
        assert page.evaluate("window.caught") is None
        assert page.locator("img").count() == 0
        assert page.locator("script").count() == page.locator("[data-chart]").count() + 1
        assert page.locator("h1").inner_text() == EVIL[1]
        assert page.locator("body").is_visible()
        charts = page.locator("[data-chart]").count()
        assert page.locator("[data-chart] .plot svg").count() == charts >= 9
        assert page.locator("tbody th", has_text="{{ 7 * 7 }}").count() > 0
        links = page.locator("tbody th a").evaluate_all("links => links.map(link => new URL(link.href).host)")
        assert set(links) == {"host.example"}
        page.locator(".plot .mark-rect path").first.hover()
        page.locator(".vg-tooltip.visible").wait_for()
        assert page.evaluate("window.caught") is None


def test_the_policy_lets_only_the_page_s_own_script_run(
    browser: Browser, records: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    write_report(records, path)
    text = path.read_text()
    broken = tmp_path / "broken.html"
    broken.write_text(
        text.replace(
            "</header>", "</header><script>window.caught = 6</script><img src=x onerror='window.caught = 7'>"
        )
    )
    context = browser.new_context()
    page = context.new_page()
    page.goto(broken.as_uri())
    page.wait_for_selector("html[data-charts=drawn]")
    assert page.evaluate("window.caught") is None
    context.close()


@pytest.mark.parametrize(
    "links", ["javascript:alert(1)//{run_id}", "//host/{run_id}", "https://", "https://h/{name}", "run"]
)
def test_a_link_is_an_address_of_the_web(records: list[dict[str, Any]], tmp_path: Path, links: str) -> None:
    with pytest.raises(SettingsError, match="links"):
        write_report(records, tmp_path / "report.html", links=links)
    assert list(tmp_path.iterdir()) == []
