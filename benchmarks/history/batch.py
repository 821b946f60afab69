"""Stored runs in batches: from rows to drafts, and to the whole table, over `orjson.loads` of the rows' own JSON.

    python -m benchmarks.history.batch [--rows 8192] [--rounds 9]

*A year*: generated rows of a bulk export, see `benchmarks.history.rows`. *Plain*: those of them that are whole answers of OpenAI's,
not streamed. *Mixed*: what 25 integrations make of their providers' answers, where the data lie beside the checkout. The *floor* parses all JSON of
a row, the inputs too; *read* is the part of it that must be parsed. CPU time of one thread, in turn; the garbage collector runs.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa

from benchmarks.figures import Figure
from benchmarks.history.rows import BATCH, export_rows, schema
from benchmarks.rows import OUTPUTS
from langchain_respmeta.handler.stored import read_stored
from langchain_respmeta.history.batches import ReadOptions, read_batch
from langchain_respmeta.history.rows import runs_of

ROWS = 8_192
ROUNDS = 9
WARM_UP = 4
"""Times that all rows are read before: in millions of rows each shape has come often."""

JSON = ("inputs", "outputs", "extra", "events")
MUST_BE_READ = ("outputs", "extra")
OPTIONS = ReadOptions()


@dataclass(frozen=True)
class Rows:
    """Rows of one kind."""

    name: str
    batches: list[pa.RecordBatch]

    @property
    def count(self) -> int:
        return sum(batch.num_rows for batch in self.batches)

    def texts(self, names: tuple[str, ...]) -> list[str]:
        """All JSON in these columns."""
        columns = (batch.column(name).to_pylist() for batch in self.batches for name in names)
        return [text for column in columns for text in column if text is not None]


def a_year(count: int) -> Rows:
    return Rows("a year", [*export_rows(count)])


def plain(count: int) -> Rows:
    """Usual answers of one provider."""
    batches = []
    for batch in export_rows(2 * count):
        rows = [
            row
            for row in batch.to_pylist()
            if row["name"] == "ChatOpenAI" and not row["error"] and row["first_token_time"] is None
        ]
        batches.append(pa.RecordBatch.from_pylist(rows, schema=schema()))
    return Rows("plain", batches)


def mixed() -> Rows | None:
    """The recorded outputs of integrations; None where the data do not lie beside the checkout."""
    if not OUTPUTS.exists():
        return None
    rows = [*_mixed_rows()] * 4
    return Rows("mixed", [pa.RecordBatch.from_pylist(rows, schema=schema())])


def _mixed_rows() -> Iterator[dict[str, Any]]:
    ended = datetime(2026, 6, 1, tzinfo=UTC)
    with gzip.open(OUTPUTS) as lines:
        for number, line in enumerate(lines):
            dump = orjson.loads(line)
            result, start = dump["llm_result"] or {}, dump["start"]
            if result.get("on_llm_end_message"):
                yield {
                    "id": f"{number:032x}",
                    "name": (start.get("serialized_id") or ["unknown"])[-1],
                    "run_type": "llm",
                    "status": "success",
                    "start_time": ended,
                    "end_time": ended,
                    "outputs": orjson.dumps(_result(result)).decode(),
                    "extra": orjson.dumps(
                        {"invocation_params": start.get("invocation_params"), "metadata": dump["ls_params"]}
                    ).decode(),
                }


def _result(result: dict[str, Any]) -> dict[str, Any]:
    message = result["on_llm_end_message"]
    kind = "AIMessageChunk" if message["type"] == "AIMessageChunk" else "AIMessage"
    path = ["langchain", "schema", "messages", kind]
    generation = {
        "text": "",
        "generation_info": result["generation_info"],
        "message": {"lc": 1, "type": "constructor", "id": path, "kwargs": message},
    }
    return {"generations": [[generation]], "llm_output": result["llm_output"]}


def _spent(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


def _parse(texts: list[str]) -> None:
    for text in texts:
        orjson.loads(text)


def _drafts(batch: pa.RecordBatch) -> None:
    for run in runs_of(batch):
        read_stored(run)


def measure(rows: Rows, rounds: int, warm_up: int = WARM_UP) -> list[tuple[float, float, float, float]]:
    """Seconds of parsing all JSON, of parsing what must be read, to drafts, and to the table, in turn."""
    everything, needed = rows.texts(JSON), rows.texts(MUST_BE_READ)

    def once() -> tuple[float, float, float, float]:
        return (
            _spent(lambda: _parse(everything)),
            _spent(lambda: _parse(needed)),
            _spent(lambda: [_drafts(batch) for batch in rows.batches]),
            _spent(lambda: [read_batch(batch, OPTIONS) for batch in rows.batches]),
        )

    for _ in range(warm_up):
        once()
    return [once() for _ in range(rounds)]


def part(count: int = ROWS, rounds: int = ROUNDS) -> str:
    """The table of all kinds."""
    lines = [
        "## Batches of stored runs\n",
        "| rows | JSON a row | µs: floor | read | to drafts | to the table | drafts / read | table / floor | table / read |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for rows in filter(None, (a_year(count), plain(count), mixed())):
        spent = measure(rows, rounds)
        size = sum(map(len, rows.texts(JSON))) / rows.count
        micros = [
            f"{Figure.of([one[place] for one in spent]).median / rows.count * 1e6:.1f}" for place in range(4)
        ]
        ratios = [
            Figure.of([one[above] / one[below] for one in spent]) for above, below in ((2, 1), (3, 0), (3, 1))
        ]
        told = [f"{ratio.median:.1f} ({ratio.low:.1f} to {ratio.high:.1f})" for ratio in ratios]
        lines.append(f"| {' | '.join((rows.name, f'{size:,.0f}', *micros, *told))} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history.batch", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    print(part(max(options.rows, BATCH), options.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
