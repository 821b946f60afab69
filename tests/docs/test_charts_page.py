"""docs/charts.md: its blocks run as they are written, its pictures are there, and its table names every chart."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from langchain_openai import ChatOpenAI

from langchain_respmeta import charts
from langchain_respmeta.demo import ReplayServer
from tests.agents.bodies import openai
from tests.charts.month import month, table_of, write_lines
from tests.charts.pictures import PICTURES
from tests.docs.page import ROOT, blocks, run

PAGE = (ROOT / "docs" / "charts.md").read_text("utf-8")


def test_the_page_runs_as_it_is_written(
    replay: ReplayServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    records = month(600)
    table = table_of(records)
    pq.write_table(table, "calls.parquet")
    Path("calls/day=2026-10-05").mkdir(parents=True)
    pq.write_table(table, "calls/day=2026-10-05/part-0.parquet")
    for name in ("monday", "tuesday"):
        write_lines(records, Path(f"{name}.jsonl"))
    url = replay.add("openai", "charts-page", openai("Hello."))
    model = ChatOpenAI(model="gpt-5-mini", base_url=f"{url}/v1", api_key="any")
    run(blocks(PAGE), model=model, data_frame=table.to_pandas())
    assert {"latency.png", "cost.svg"} <= {path.name for path in tmp_path.iterdir()}


def test_its_table_names_every_chart() -> None:
    drawn = {name for name in charts.__all__ if ".draw_" in getattr(charts, name).__module__}
    assert set(re.findall(r"^\| `(\w+)\(", PAGE, re.MULTILINE)) == drawn


def test_its_pictures_are_there_and_small() -> None:
    shown = re.findall(r"\(images/(charts-[\w-]+\.png)\)", PAGE)
    assert sorted(shown) == sorted(f"charts-{name}.png" for name in (*PICTURES, "notebook"))
    assert all(5_000 < (ROOT / "docs" / "images" / name).stat().st_size < 150_000 for name in shown)
