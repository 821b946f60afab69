"""The page: targets first, then one table a scenario. Each part of docs/speed.md is rewritten by the run that measures it."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.figures import Figure, Table, added, quiet
from benchmarks.handlers import NONE, TRACER, USAGE
from benchmarks.scenarios import SCENARIOS
from benchmarks.targets import EQUIVALENT, results

PAGE = Path(__file__).parent.parent / "docs" / "speed.md"

HEAD = """# Speed

What one call of a model costs more with a handler than without; `make bench` prints it for your machine. All rows of a
table are measured in turn, round by round, in one process; a figure is the median over the rounds with its quartiles.
*Caller* is CPU of the calling thread, what the user's call waits for; *process* is CPU of the whole process, background
threads of ours and of LangSmith's SDK included, until everything is sent. *Quiet* is the difference of the lowest tenths,
where nothing else disturbed the machine. Microseconds differ from machine to machine and with its load, the ratios much
less: *µs-equivalents* are microseconds where LangSmith's tracer adds 443 to a plain call. The tracer sends to nowhere, and
stands behind the other handlers, where environment variables put it. *Hand-written* is `benchmarks/floor.py`: the least
that puts the same keys and values on the run of a plain call of OpenAI's, and nothing else.
"""

PARTS = ("targets", "calls", "rows", "engines", "peers", "memory", "page")
"""Of the page, in their order."""

_VERSIONS = (
    "langchain-respmeta",
    "langchain-core",
    "langsmith",
    "langchain",
    "langchain-openai",
    "orjson",
    "genai-prices",
)


def when_and_where(more: Iterable[str] = ()) -> str:
    """Date, Python, machine and versions."""
    found = []
    for name in (*_VERSIONS, *more):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    python = f"Python {platform.python_version()} on {os.cpu_count()} cores ({platform.machine()})"
    return f"Measured {datetime.now(UTC):%Y-%m-%d} with {python}; {', '.join(found)}.\n"


def _cell(figure: Figure, digits: int = 0) -> str:
    return f"{figure.median:.{digits}f} ({figure.low:.{digits}f} to {figure.high:.{digits}f})"


def targets_part(tables: Mapping[str, Table]) -> str:
    """What must hold, and what was measured."""
    lines = ["| target | at most | measured | quiet | |", "|---|---|---|---|---|"]
    for result in results(tables):
        target, figure = result.target, result.figure
        digits = 2 if target.unit == "x" else 0
        holds = "holds" if figure.median <= target.limit else "**missed**"
        found = f"{_cell(figure, digits)} | {result.quiet:.{digits}f}"
        lines.append(f"| {target.what} | {target.limit:g} {target.unit} | {found} | {holds} |")
    return "\n".join(lines) + "\n"


_COLUMNS = (
    "handler",
    "caller, µs",
    "quiet",
    "process, µs",
    "quiet",
    "of usage handler",
    "of tracer",
    "µs-equivalents, caller",
    "process",
)


def calls_table(name: str, table: Table, unit: float | None) -> str:
    """One scenario; `unit` is what the tracer adds to a plain call."""
    clocks = ("caller", "process")
    medians = {row: Figure.of(added(table, row, "caller")).median for row in table if row != NONE}
    lines = [f"### {SCENARIOS[name].title}\n", f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    at_best = quiet(table)
    for row, median in medians.items():
        figures = [Figure.of(added(table, row, clock)) for clock in clocks]
        times = [
            f"{_cell(figure)} | {added(at_best, row, clock)[0]:.0f}"
            for figure, clock in zip(figures, clocks, strict=True)
        ]
        over = [f"{median / medians[peer]:.2f}" if medians.get(peer) else "" for peer in (USAGE, TRACER)]
        units = [f"{figure.median * EQUIVALENT / unit:.0f}" if unit else "" for figure in figures]
        lines.append(f"| {row} | {' | '.join((*times, *over, *units))} |")
    base = ", ".join(f"{Figure.of(getattr(table[NONE], clock)).median:.0f} ({clock})" for clock in clocks)
    return "\n".join(lines) + f"\n\nThe call itself, without a handler: {base} µs.\n"


def unit_of(tables: Mapping[str, Table]) -> float | None:
    """What the tracer adds to a plain call, where that was measured."""
    plain = tables.get("plain", {})
    return Figure.of(added(plain, TRACER, "caller")).median if TRACER in plain else None


def calls_part(tables: Mapping[str, Table]) -> str:
    """All scenarios."""
    return "\n".join(calls_table(name, table, unit_of(tables)) for name, table in tables.items())


def write(parts: Mapping[str, str], page: Path | None = None) -> None:
    """Put these parts on the page; the others stay as they were."""
    page = page or PAGE
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    texts = []
    for name in PARTS:
        kept = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->\n", old, re.DOTALL)
        text = f"{parts[name].strip()}\n" if name in parts else kept[1] if kept else ""
        if text:
            texts.append(f"<!-- {name} -->\n{text}<!-- /{name} -->\n")
    page.write_text("\n".join((HEAD, *texts)), encoding="utf-8")
