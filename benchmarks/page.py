"""The embedded server's page over 2,000, 20,000 and 100,000 runs: CPU of each request, of ingest, and bytes of a run.

    python -m benchmarks.page                                  fill, measure, print; --write puts the table into docs/speed.md
    python -m benchmarks.page --sizes 2000 --rounds 3          a first look
    python -m benchmarks.page --keep DIR                       keep the databases there, and use them again
    python -m benchmarks.page --tree DIR --before              the package in another work tree, what the page had before

Runs are of `benchmarks.traces`, sent over HTTP as LangSmith's SDK does. Times are CPU of the server's process alone, the
least of some rounds, which a busy machine disturbs little; what a user waits for on a quiet one is little more.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote

from benchmarks import multipart, pages, traces
from benchmarks.page_server import Server, serving
from benchmarks.traced_run import Run
from langchain_respmeta.charts.chapters.sections import CHAPTERS

TREE = Path(__file__).parent.parent
BEFORE = Path(__file__).parent / "page_before.json"
"""What this program measured with the package of commit 55cb583, whose page had neither time range, sort, search nor charts."""
SIZES = (2_000, 20_000, 100_000)
ROUNDS = 5
PAGE_SIZE = 50
SEND = {
    "Content-Type": f"multipart/form-data; boundary={multipart.BOUNDARY}",
    "Content-Encoding": "zstd",
}


@dataclass(frozen=True)
class Row:
    """One request of the table."""

    name: str
    path: str
    is_new: bool = True
    rounds: int = ROUNDS
    """1 for what only the first request pays."""


ROWS = (
    Row("list of model calls", "/", is_new=False),
    Row("traces", "/?view=traces", is_new=False),
    Row("a project", "/?project=support", is_new=False),
    Row("two facets", "/?where=provider%3Dopenai&where=finish_reason%3Dstop", is_new=False),
    Row("own metadata", "/?where=plan%3Dpro", is_new=False),
    Row("a number", "/?where=cost_usd%3E%3D0.01", is_new=False),
    Row("the last page", "/?page={last}", is_new=False),
    Row("a run's page", "/run/{root}", is_new=False),
    Row("the last day", "/?since=2026-11-27"),
    Row("half a day, dearest first", "/?since=2026-11-26T09%3A30&until=2026-11-26T21%3A30&sort=cost_usd"),
    Row("dearest first", "/?sort=cost_usd"),
    Row("search: a word of 1 trace in 500", f"/?q={traces.RARE}"),
    Row("search: a word of every call", "/?q=customer"),
    Row("search: two words", "/?q=refund+invoice"),
    Row("search: a word's beginning", "/?q=quick"),
    Row("facet of own metadata", "/?facet=user_id"),
    Row("two calls compared", "/compare?a={first}&b={second}"),
    Row("has anything changed?", "/changes"),
    Row("charts, the first time", "/charts", rounds=1),
    Row("charts", "/charts"),
    *(Row(f"charts: {part}", f"/charts/{part}") for chapter in CHAPTERS.values() for part in chapter.parts),
    Row("charts of a project", "/charts?project=support"),
    Row("charts of own metadata", "/charts?where=plan%3Dpro"),
    Row(
        "export to JSON lines: 1 call in 5",
        "/export.jsonl?where=provider%3Danthropic&where=streamed%3Dfalse",
        rounds=2,
    ),
)
# Figures that are not of one request.
INGEST, BYTES, MEMORY = "ingest, ms a run", "bytes a run", "server's memory after all, MB"


@dataclass
class Figures:
    """What was measured at one size."""

    runs: int
    calls: int = 0
    root: str = ""
    first: str = ""
    second: str = ""
    ingest_ms: float = 0.0
    bytes_a_run: float = 0.0
    peak_mb: float = 0.0
    cpu_ms: dict[str, float] = field(default_factory=dict)
    wall_ms: dict[str, float] = field(default_factory=dict)


def filled(db: Path, runs: int, tree: Path) -> Figures:
    """Fill a database, or take the one that was filled before."""
    told = db.with_suffix(".json")
    if db.exists() and told.exists():
        return Figures(**json.loads(told.read_text(encoding="utf-8")))
    db.unlink(missing_ok=True)
    figures = Figures(runs)
    with serving(db, tree) as server:
        for body, finished in multipart.bodies(_noted(figures)):
            answer = server.ask("/runs/multipart", "POST", body, SEND)
            if answer.status >= 300:
                raise RuntimeError(f"the server answered {answer.status} to a batch of {finished} runs")
            figures.ingest_ms += answer.cpu_ms
    figures.ingest_ms /= figures.runs
    figures.bytes_a_run = sum(path.stat().st_size for path in _files(db)) / figures.runs
    told.write_text(json.dumps(asdict(figures)), encoding="utf-8")
    return figures


def _files(db: Path) -> Iterator[Path]:
    yield from (path for suffix in ("", "-wal") if (path := Path(f"{db}{suffix}")).exists())


def _noted(figures: Figures) -> Iterator[list[Run]]:
    """The traces, and what requests must know of them."""
    wanted, figures.runs = figures.runs, 0
    for trace in traces.traces(wanted):
        calls = [run for run in trace if run.run_type == "llm"]
        figures.runs, figures.calls = figures.runs + len(trace), figures.calls + len(calls)
        if len(trace) >= 7 and trace[0].error is None:
            figures.root, figures.first, figures.second = trace[0].id, calls[0].id, calls[-1].id
        yield trace


def measure(server: Server, figures: Figures, rows: Sequence[Row], rounds: int) -> None:
    """All rows; those that this server does not have are left out."""
    last = -(-figures.calls // PAGE_SIZE)
    for row in rows:
        path = row.path.format(
            last=last, root=quote(figures.root), first=figures.first, second=figures.second
        )
        answers = [server.answered(path) for _ in range(min(rounds, row.rounds))]
        if all(answer.status == 200 for answer in answers):
            figures.cpu_ms[row.name] = round(min(answer.cpu_ms for answer in answers), 2)
            figures.wall_ms[row.name] = round(min(answer.wall_ms for answer in answers), 2)
        else:
            print(f"{row.name}: {path} answers {answers[0].status}", file=sys.stderr)
    figures.peak_mb = round(server.peak_mb(), 1)


def told(before: dict[int, Figures], after: dict[int, Figures]) -> str:
    """The table."""
    sizes = sorted({*before, *after})
    head = [f"{size:,} runs{', before' if not index else ''}" for size in sizes for index in range(2)]
    lines = [f"| server CPU, ms | {' | '.join(head)} |", "|---" * (len(head) + 1) + "|"]
    for name in (*(row.name for row in ROWS), INGEST, BYTES, MEMORY):
        cells = [_cell(figures.get(size), name) for size in sizes for figures in (before, after)]
        if any(cells):
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(figures: Figures | None, name: str) -> str:
    if figures is None:
        return ""
    others = {
        INGEST: f"{figures.ingest_ms:.2f}",
        BYTES: f"{figures.bytes_a_run:,.0f}",
        MEMORY: f"{figures.peak_mb:.0f}",
    }
    if name in others:
        return others[name]
    return f"{figures.cpu_ms[name]:,.1f}" if name in figures.cpu_ms else ""


def read(path: Path) -> dict[int, Figures]:
    """Figures that were written down."""
    if not path.exists():
        return {}
    return {int(size): Figures(**told) for size, told in json.loads(path.read_text(encoding="utf-8")).items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.page", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="runs in the database")
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help="requests of each row at most; the least counts"
    )
    parser.add_argument("--keep", type=Path, help="folder for the databases, which are used again")
    parser.add_argument("--tree", type=Path, default=TREE, help="work tree whose package is measured")
    parser.add_argument(
        "--before",
        action="store_true",
        help=f"only what the page had before; with --write into {BEFORE.name}",
    )
    parser.add_argument("--only", nargs="+", metavar="WORD", help="rows whose name has one of these")
    parser.add_argument("--write", action="store_true", help="write docs/speed.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        measured = {size: _measured(options, Path(scratch), size) for size in options.sizes}
    print(told({}, measured))
    if options.write and options.before:
        BEFORE.write_text(
            json.dumps({size: asdict(one) for size, one in measured.items()}, indent=1), encoding="utf-8"
        )
    elif options.write:
        pages.write(
            {
                "page": f"## The page\n\n{pages.when_and_where(('starlette', 'duckdb'))}\n{HEAD}\n{told(read(BEFORE), measured)}"
            }
        )
    return 0


HEAD = """Runs of `benchmarks/traces.py` (agents, chains and single calls with records, own metadata, tags and texts), sent over HTTP
as the SDK sends them; *before* is the package at commit 55cb583. Each figure is CPU time of the server's process, the least of
five requests or more (an export: of two; the first charts: of one). `python -m benchmarks.page` measures it anew.
"""


def _measured(options: argparse.Namespace, scratch: Path, size: int) -> Figures:
    folder = options.keep or scratch
    folder.mkdir(parents=True, exist_ok=True)
    db = folder / f"db-{size // 1000}k.db"
    figures = filled(db, size, options.tree)
    rows = [
        row
        for row in ROWS
        if not (options.before and row.is_new)
        and (not options.only or any(word in row.name for word in options.only))
    ]
    with serving(db, options.tree) as server:
        measure(server, figures, rows, options.rounds)
    print(told({}, {size: figures}), flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main())
