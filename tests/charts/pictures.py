"""Draws the pictures of docs/charts.md: `python -m tests.charts.pictures docs/images`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import sync_playwright

from langchain_respmeta import charts
from tests.charts.month import month
from tests.ensure_browser import found

_MIDDLE: Final = datetime(2026, 10, 19, tzinfo=UTC)
PICTURES: Final[Mapping[str, Callable[[charts.Source], Any]]] = {
    "cost": charts.cost,
    "latency": charts.latency,
    "finish-reasons": lambda source: charts.finish_reasons(source, theme="dark"),
    "callers": lambda source: charts.callers(source, by="user_id"),
    "compare": lambda source: charts.compare(
        source.between(None, _MIDDLE), source.between(_MIDDLE, None), names=("5 to 18 Oct", "19 Oct to 1 Nov")
    ),
}
"""Name → what draws it."""

_STYLE: Final = """
body { margin: 0 }
svg { display: block }
text { font-family: "Liberation Sans", Arial !important }  /* the font in which altair measured them */
"""


def main(folder: str) -> None:
    source = charts.source_of(month(2_000))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(), args=["--no-sandbox"])
        page = browser.new_page(device_scale_factor=1.5)
        for name, draw in PICTURES.items():
            svg = StringIO()
            draw(source).save(svg, format="svg")
            page.set_content(f"<style>{_STYLE}</style>{svg.getvalue()}")
            path = Path(folder) / f"charts-{name}.png"
            page.locator("svg").first.screenshot(path=path)  # smaller than what altair's own PNG are
            print(path, path.stat().st_size)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
