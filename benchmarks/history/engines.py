"""Engines over the same rows: rows a second, memory, and whether their tables are equal.

    python -m benchmarks.history.engines                              1,000,000 rows; --write puts it into docs/speed.md
    python -m benchmarks.history.engines --rows 20000 --equal 20000   a first look

The floor is `orjson.loads` of the same JSON, in one process, without reading the file, and nothing done with it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import pages
from benchmarks.history.processes import Peaks, run_watched
from benchmarks.history.rows import export_rows, schema

FILES = 16
"""Of the input: a unit of work each, at a million rows."""
PARTS = 4
"""Memory is measured at all rows, and at one in so many."""
LIMIT = 300_000_000
JSON_COLUMNS = ("inputs", "outputs", "extra", "events")
ENGINES = (("local", 1), ("local", 2), ("ray", 2), ("spark", 2))
PROGRAM = """
import json, sys
from langchain_respmeta.history import normalize_files
runs, table, engine, workers = sys.argv[1:]
report = normalize_files(runs, table, engine=engine, workers=int(workers))
print("\\n" + json.dumps([report.records, report.seconds, report.is_clean]))
"""


@dataclass
class Done:
    """One run of one engine."""

    rows: int
    seconds: float
    peaks: Peaks

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


def write_rows(folder: Path, count: int) -> None:
    """Parquet files as an export has them."""
    size = -(-count // FILES)
    batches = export_rows(count, size=min(4_096, size))
    rows: Iterator[pa.RecordBatch] = iter(batches)
    for number in range(FILES):
        written = 0
        with pq.ParquetWriter(folder / f"data_{number:02d}.parquet", schema(), compression="zstd") as writer:
            while written < size and (batch := next(rows, None)) is not None:
                writer.write_batch(batch)
                written += batch.num_rows


def floor(folder: Path) -> tuple[int, float, int]:
    """Rows, CPU seconds of `orjson.loads` over all their JSON, and the bytes of that."""
    count = size = 0
    spent = 0.0
    for path in sorted(folder.glob("*.parquet")):
        for batch in pq.ParquetFile(path).iter_batches(4_096, columns=list(JSON_COLUMNS)):
            texts = [text for column in batch.columns for text in column.to_pylist() if text is not None]
            began = time.thread_time()
            for text in texts:
                orjson.loads(text)
            spent += time.thread_time() - began
            count += batch.num_rows
            size += sum(map(len, texts))
    return count, spent, size


def run(runs: Path, table: Path, engine: str, workers: int) -> Done:
    """One engine over all files of a folder."""
    printed, peaks = run_watched(PROGRAM, runs, table, engine, workers)
    rows, seconds, is_clean = json.loads(printed.splitlines()[-1])
    if not is_clean:
        raise RuntimeError(f"{engine}: not all rows were read, see {table}")
    return Done(rows, seconds, peaks)


def unequal(one: Path, other: Path) -> list[str]:
    """Files of the two tables that are not equal, row by row."""
    names = {str(path.relative_to(table)) for table in (one, other) for path in table.rglob("*.parquet")}
    return [name for name in sorted(names) if not _is_equal(one / name, other / name)]


def _is_equal(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and pq.read_table(one).equals(pq.read_table(other))


def measure(folder: Path, count: int, equal: int) -> str:
    """Write the rows, run all engines, and return the page's part."""
    runs, few = folder / "all", folder / "few"
    runs.mkdir()
    few.mkdir()
    write_rows(runs, count)
    for path in sorted(runs.iterdir())[: FILES // PARTS]:
        (few / path.name).hardlink_to(path)
    parsed, spent, size = floor(runs)
    print(f"floor: {parsed / spent:,.0f} rows a second", flush=True)
    found: dict[tuple[str, int], tuple[Done, Done]] = {}
    for engine, workers in ENGINES:
        name = f"{engine}-{workers}"
        found[engine, workers] = (
            run(few, folder / f"{name}-few", engine, workers),
            run(runs, folder / name, engine, workers),
        )
        print(f"{name}: {found[engine, workers][1].rate:,.0f} rows a second", flush=True)
    tables = {name: folder / f"{name}-equal" for name in ("local", "ray", "spark")}
    same = folder / "equal"
    same.mkdir()
    write_rows(same, equal)
    for name, table in tables.items():
        run(same, table, name, 2)
    differing = [file for name in ("ray", "spark") for file in unequal(tables["local"], tables[name])]
    return part(parsed / spent, size / parsed, found, equal, differing)


_HEAD = f"""`normalize_files` over {{rows:,}} rows of a bulk export with {{size:,.0f}} bytes of JSON each, from Parquet to Parquet,
start of the engine included. The floor is `orjson.loads` of the same JSON in one process. Memory is the highest resident memory of
the worker that used most (libraries included), at a {PARTS}th of the rows and at all of them.
"""


def part(
    at_floor: float,
    size: float,
    found: dict[tuple[str, int], tuple[Done, Done]],
    equal: int,
    differing: Sequence[str],
) -> str:
    """The table for docs/speed.md."""
    alone = found["local", 1][1].rate
    rows = found["local", 1][1].rows
    lines = [
        "## Old runs, with each engine\n",
        pages.when_and_where(("pyarrow", "ray", "pyspark")),
        _HEAD.format(rows=rows, size=size),
        "| engine | workers | rows a second | of one local worker, each | times the floor, each | MB a worker, at fewer rows | at all |",
        "|---|---|---|---|---|---|---|",
        f"| floor | 1 | {at_floor:,.0f} | | 1.0 | | |",
    ]
    for (engine, workers), (fewer, done) in found.items():
        share, times = done.rate / workers / alone, at_floor * workers / done.rate
        memory = " | ".join(f"{each.peaks.worker / 1e6:.0f}" for each in (fewer, done))
        lines.append(f"| {engine} | {workers} | {done.rate:,.0f} | {share:.0%} | {times:.1f} | {memory} |")
    lines += [
        "",
        f"At most {LIMIT / 1e6:.0f} MB a worker, however many rows, with what the engine itself takes: {_memory(found)}.",
        f"Tables of local, Ray and Spark over {equal:,} rows: "
        + (f"**{len(differing)} files differ**" if differing else "equal, row by row")
        + ".",
    ]
    return "\n".join(lines) + "\n"


def _memory(found: dict[tuple[str, int], tuple[Done, Done]]) -> str:
    highest = {
        engine: max(
            each.peaks.worker for (other, _), both in found.items() if other == engine for each in both
        )
        for engine, _ in found
    }
    return ", ".join(
        f"{engine} {'holds' if peak <= LIMIT else '**missed**'} ({peak / 1e6:.0f} MB)"
        for engine, peak in highest.items()
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 where tables differ or the memory's limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history.engines")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument(
        "--equal", type=int, default=200_000, help="rows that the engines' tables are compared over"
    )
    parser.add_argument(
        "--folder", type=Path, help="where the files go, for a while: some 4 GB a million rows"
    )
    parser.add_argument("--write", action="store_true", help="write docs/speed.md too")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="respmeta-engines-", dir=options.folder) as folder:
        text = measure(Path(folder), options.rows, options.equal)
    print(text)
    if options.write:
        pages.write({"engines": text})
    return int("**" in text)


if __name__ == "__main__":
    sys.exit(main())
