"""The parts of docs/monitor.md that show a report, as the monitor writes it, and name the figures, from the class that holds them."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Final

from langchain_respmeta import Monitor, ResponseMetadata
from langchain_respmeta.monitor import figures
from langchain_respmeta.record.measures import Cost, Timing, Usage

_MARKS: Final = re.compile(r"(<!-- (report|figures): [^\n]*-->\n).*?(<!-- /\2 -->)", re.DOTALL)
_SHARES: Final = {"p50": "half", "p95": "95 %", "p99": "99 %"}
_DURATIONS: Final = {
    "latency_s": "from a call's start to its end",
    "first_token_s": "to the first token of a streamed answer",
    "queue_s": "that calls waited at the provider",
}


_CALLS: Final = {
    "gpt-6.1-sol-2026-08-12": (40, 1_800, 400, 1_500, "0.0054", 1.1),
    "claude-sonnet-5-5": (12, 3_700, 310, 1_000, "0.0101", 0.9),
    "gemini-3.8-flash": (25, 900, 160, 0, "0.0009", 0.4),
}
"""Model → how many calls, tokens of the prompt, of the answer and from the cache, cost, seconds."""


def monitor_page() -> str:
    """The page as it is, with a report and the table of figures."""
    page = (Path(__file__).parent / "monitor.md").read_text()
    rows = "".join(f"| {names} | {meaning} |\n" for names, meaning in [*_counted(), *_timed()])
    parts = {"report": f"```\n{_report()}\n```\n", "figures": f"| figure | meaning |\n|---|---|\n{rows}"}
    return _MARKS.sub(lambda marks: f"{marks[1]}{parts[marks[2]]}{marks[3]}", page)


def _report() -> str:
    """A report over calls that were never made."""
    monitor = Monitor(clock=lambda: 0.0)
    for model, (calls, prompt, answer, cached, cost, seconds) in _CALLS.items():
        for call in range(calls):
            usage = Usage(input_tokens=prompt, output_tokens=answer, cache_read_tokens=cached)
            money = Cost(total=Decimal(cost), cache_discount=Decimal(cached) / 1_000_000)
            timing = Timing(latency_s=seconds * (1 + call % 7))
            refused = call % 20 == 19
            monitor(ResponseMetadata(model=model, usage=usage, cost=money, timing=timing, refused=refused))
    return monitor.table(window="day")


def _counted() -> Iterator[tuple[str, str]]:
    """Name and docstring of each figure that is no duration."""
    (holder,) = ast.parse(inspect.getsource(figures.Figures)).body
    assert isinstance(holder, ast.ClassDef)
    for field, text in pairwise(holder.body):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        name = field.target.id
        if name in figures.FIGURES and name[:3] not in _SHARES:
            assert isinstance(text, ast.Expr), f"{name} has no meaning"
            assert isinstance(text.value, ast.Constant), f"{name} has no meaning"
            yield f"`{name}`", str(text.value.value)


def _timed() -> Iterator[tuple[str, str]]:
    told = ", ".join(_SHARES.values())
    for duration, meaning in _DURATIONS.items():
        names = [f"{share}_{duration}" for share in _SHARES]
        assert set(names) <= figures.FIGURES.keys()
        yield ", ".join(f"`{name}`" for name in names), f"Seconds {meaning}: {told} took no longer."
