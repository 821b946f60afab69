"""A report over many calls: seconds, memory, and whether its sums are those of the file.

    python -m benchmarks.report                   1,000,000 calls; --write puts the figures into docs/report.md
    python -m benchmarks.report --calls 20000     a first look

The calls are of `benchmarks.synthetic`: some tens of thousands, repeated at other times with other ids and prices.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import synthetic
from benchmarks.history.processes import run_watched

BASE = 20_000
"""Calls that are made one by one."""
PROGRAM = """
import json, sys, time
began = time.perf_counter(), time.process_time()
from langchain_respmeta.report import write_report
written = write_report(sys.argv[1], sys.argv[2], by=["model", "user_id", "agent_name"])
took = [time.perf_counter() - began[0], time.process_time() - began[1]]
print(json.dumps([took, written.to_dict()]))
"""
SUMS = """
    SELECT count(*), sum(respmeta_input_tokens), sum(respmeta_output_tokens), sum(respmeta_cache_read_tokens),
           sum(CAST(CAST(respmeta_cost_usd AS VARCHAR) AS DECIMAL(38, 22))),
           count(*) FILTER (respmeta_error_type IS NOT NULL), count(*) FILTER (respmeta_refused)
    FROM read_parquet(?)
"""
NAMES = ("calls", "input_tokens", "output_tokens", "cache_read_tokens", "cost_usd", "errors", "refusals")
PLACE = "<!-- report of a million calls -->"


@dataclass(frozen=True)
class Done:
    """One report."""

    calls: int
    file_mb: float
    seconds: float
    cpu_s: float
    peak_mb: float
    page_mb: float
    unequal: list[str]

    def told(self) -> str:
        equal = "equal to" if not self.unequal else f"NOT ({', '.join(self.unequal)})"
        return (
            f"{self.calls:,} calls ({self.file_mb:,.0f} MB of Parquet): {self.seconds:.1f} s, {self.cpu_s:.1f} s of CPU, "
            f"{self.peak_mb:,.0f} MB of memory at most; a page of {self.page_mb:.2f} MB. "
            f"Its sums are {equal} DuckDB's own over the same file."
        )


def write_calls(path: Path, calls: int) -> None:
    """A file of so many calls, or a few more."""
    base = pa.Table.from_batches(list(synthetic.tables(min(BASE, calls), days=90)))
    with pq.ParquetWriter(path, base.schema, compression="zstd") as writer:
        for turn in range(-(-calls // BASE)):
            writer.write_table(_turned(base, turn))


def _turned(base: pa.Table, turn: int) -> pa.Table:
    """The same calls some seconds later, each with ids of its own, a little dearer."""
    compute = pa.compute
    later = pa.scalar(turn * 13_000_000, pa.duration("us"))
    changed = {
        "run_id": compute.binary_join_element_wise(base["run_id"], f"{turn:04d}", "-"),
        "start_time": compute.add(base["start_time"], later),
        "end_time": compute.add(base["end_time"], later),
        "respmeta_cost_usd": compute.round(compute.multiply(base["respmeta_cost_usd"], 1 + turn / 1_000), 9),
    }
    for name, column in changed.items():
        place = base.schema.get_field_index(name)
        base = base.set_column(place, base.schema.field(place), column)
    return base


def run(path: Path, page: Path) -> Done:
    """Write a report in a process of its own, and compare its sums with DuckDB's over the file."""
    printed, peaks = run_watched(PROGRAM, path, page)
    (seconds, cpu_s), written = json.loads(printed)
    totals = written["now"]["totals"]
    found = dict(zip(NAMES, duckdb.execute(SUMS, [str(path)]).fetchall()[0], strict=True))
    unequal = [name for name, value in found.items() if Decimal(str(totals[name])) != Decimal(str(value))]
    return Done(
        int(found["calls"]),
        path.stat().st_size / 1e6,
        seconds,
        cpu_s,
        peaks.worker / 1e6,
        page.stat().st_size / 1e6,
        unequal,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report")
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help="write docs/report.md too")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        write_calls(path := Path(folder) / "records.parquet", options.calls)
        print(f"made in {time.perf_counter() - began:.0f} s", flush=True)
        done = run(path, Path(folder) / "report.html")
    print(done.told())
    if options.write:
        _write(done)
    return int(bool(done.unequal))


def _write(done: Done) -> None:
    page = Path(__file__).parent.parent / "docs" / "report.md"
    before, _, rest = page.read_text().partition(PLACE)
    page.write_text(f"{before}{PLACE}\n{done.told()}\n{rest.partition(chr(10))[2].partition(chr(10))[2]}")


if __name__ == "__main__":
    sys.exit(main())
