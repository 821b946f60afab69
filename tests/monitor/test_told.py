"""Figures as a table to print and as a DataFrame."""

import io
from dataclasses import asdict
from decimal import Decimal

import pandas as pd
import pytest

from langchain_respmeta import Monitor
from langchain_respmeta.monitor.figures import FIGURES
from langchain_respmeta.record.measures import Cost, Timing, Usage
from tests.monitor.made import Clock, made


@pytest.fixture
def monitor() -> Monitor:
    found = Monitor(clock=Clock())
    usage = Usage(
        input_tokens=1_234_567, output_tokens=89, total_tokens=1_234_656, cache_read_tokens=1_000_000
    )
    cost = Cost(total=Decimal("0.00123"), cache_discount=Decimal("0.25"))
    timing = Timing(latency_s=12.5, time_to_first_token_s=0.4)
    for model in (
        "gpt-5.2",
        "anthropic.claude-sonnet-4-5-20250929-v1:0 of the region eu-central-1",
        "nothing\x1b[31m",
    ):
        found(made(model=model, usage=usage, cost=cost, timing=timing, truncated=True))
    found(made(model="unpriced", usage=None, cost=None, timing=None))
    return found


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_report_has_every_group_whole_in_lines_of_its_width(monitor: Monitor, width: int) -> None:
    """A name alone may be longer; control characters of strangers never reach a terminal."""
    report = monitor.table(width=width)
    names = [one.value or "" for one in monitor.figures()]
    for line in report.splitlines():
        assert len(line) <= max(width, 72) or line in names
    for word in (
        "gpt-5.2",
        "eu-central-1",
        "unpriced",
        "all calls",
        "$0.00369",
        "3.7M",
        "81%",
        "lack a price: 1",
        "Saved by caching: $0.750",
    ):
        assert word in report
    assert "\x1b" not in report


def test_a_report_is_printed(monitor: Monitor, capsys: pytest.CaptureFixture[str]) -> None:
    monitor.report()
    assert capsys.readouterr().out == monitor.table() + "\n"
    file = io.StringIO()
    monitor.report(file=file)
    assert file.getvalue() == monitor.table() + "\n"


def test_a_report_says_that_there_were_no_calls() -> None:
    assert Monitor().table("service_tier", "minute") == "by service_tier, last minute: no calls"


def test_a_dataframe_has_each_figure_of_each_group_and_misses_what_nobody_reported(monitor: Monitor) -> None:
    frame = monitor.to_dataframe("model", "day")
    assert list(frame.columns) == ["model", *FIGURES]
    rows = {row["model"]: row for row in frame.to_dict("records")}
    for one in monitor.figures("model", "day"):
        found = rows[one.value]
        for name, value in asdict(one).items():
            if name in FIGURES and value is None:
                assert pd.isna(found[name]), name
            elif name in FIGURES:
                assert found[name] == float(value), name
    assert frame["cost_usd"].sum() == pytest.approx(0.00369)
    assert Monitor().to_dataframe().empty
