"""Prints the tables; with `--write`, also into docs/speed.md."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from pathlib import Path

os.environ["LANGSMITH_TRACING"] = "false"

from benchmarks.calls import WAYS, Measured, Way, measure

PEER = "UsageMetadataCallbackHandler"
TRACER = "LangChainTracer"
PAGE = Path(__file__).parent.parent / "docs" / "speed.md"

HEAD = """# Speed

What one call of a model costs more with a handler than without, in microseconds of CPU; `make bench` prints it for your
machine. *Calling thread* is what the user's call waits for; *process* adds our background thread. The ratio is to
`UsageMetadataCallbackHandler` of langchain-core on the calling thread. Microseconds differ from machine to machine and
with its load, the ratios much less.
"""


def _table(way: Way, measured: dict[str, Measured]) -> str:
    peer = measured[PEER].thread
    rows = [
        f"| {name} | {spent.thread:.0f} | {spent.process:.0f} | {spent.thread / peer:.2f} |"
        for name, spent in measured.items()
    ]
    added = measured[f"{TRACER} + RespMetaHandler"].thread - measured[TRACER].thread
    share = added / measured[TRACER].thread
    return "\n".join(
        (
            f"## {way.name}\n",
            "| handler | calling thread, µs | process, µs | ratio |",
            "|---|---|---|---|",
            *rows,
            f"\nBeside LangChainTracer, RespMetaHandler adds {added:.0f} µs: {share:.0%} of what the tracer itself adds.\n",
        )
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--write", action="store_true", help="write docs/speed.md too")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    tables = [_table(way, measure(way, rounds=options.rounds)) for way in WAYS]
    machine = f"Measured with Python {platform.python_version()} on {os.cpu_count()} cores ({platform.machine()}).\n"
    text = "\n".join((HEAD, machine, *tables))
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
