"""Memory over many runs: flat is the goal.

    python -m benchmarks.memory            1,000,000 runs of each kind, for hours
    python -m benchmarks.memory --quick    50,000, for minutes
    python -m benchmarks.memory --only alone --write

Alone; beside a tracer, which itself keeps some 350 bytes of each run (the row of the tracer alone shows it); with
feedback on every run while LangSmith is away; and for calls that were cancelled, of which asyncio tells nobody.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from langchain_core.tracers.langchain import LangChainTracer
from langsmith import Client

from benchmarks import pages
from benchmarks.calls import ChatOpenAI, Nowhere, tracer
from langchain_respmeta import RespMetaHandler
from langchain_respmeta._delivery import service
from langchain_respmeta._delivery.service import DeliverySettings
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs.table import RUNS
from langchain_respmeta.langsmith.rollup import ROLLUPS

STEPS = 10
RUNS_OF_ALL, RUNS_OF_QUICK = 1_000_000, 50_000


@dataclass(frozen=True)
class Grown:
    """What one kind of runs left."""

    runs: int
    megabytes: list[float]
    """Resident after each tenth of the runs."""
    known: int
    """Runs and traces in the process's tables, which have bounds."""

    @property
    def bytes_of_a_run(self) -> float:
        """Of the second half: before it caches and pools fill."""
        half = STEPS // 2
        return (self.megabytes[-1] - self.megabytes[half - 1]) * 2**20 / (self.runs / 2)


class Away(Nowhere):
    """Takes traces, and no feedback."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        if "feedback" in url or "sessions" in url:
            raise requests.ConnectionError
        return super().request(method, url, *args, **kwargs)


class Stuck(ChatOpenAI):
    """Never answers."""

    async def _agenerate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Any:
        await asyncio.sleep(3600)


def _resident_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _grown(runs: int, call: Callable[[], object]) -> Grown:
    figures = []
    each = max(1, runs // STEPS)
    for _ in range(STEPS):
        for _ in range(each):
            call()
        figures.append(_resident_mb())
    return Grown(each * STEPS, figures, len(STATE[RUNS]) + len(STATE[ROLLUPS]))


def _few() -> RespMetaHandler:
    return RespMetaHandler(feedback=False, max_records=1_000)


def _invoked(*handlers: Any) -> Callable[[int], Grown]:
    def measure(runs: int) -> Grown:
        model, config = ChatOpenAI(), {"callbacks": [make() for make in handlers]}
        return _grown(runs, lambda: model.invoke("hi", config=config))

    return measure


def _with_feedback(runs: int) -> Grown:
    """Twelve items a run go to the outbox, whose bounds make room for them; nobody takes them from there."""
    client = Client(session=Away(), api_key="x", api_url="http://127.0.0.1:9")
    away = LangChainTracer(project_name="benchmarks", client=client)
    config = {"callbacks": [RespMetaHandler(feedback="all", max_records=1_000), away]}
    with tempfile.TemporaryDirectory() as folder:
        service.configure(DeliverySettings(state_dir=Path(folder), max_rows=20_000))

        def call() -> None:
            ChatOpenAI().invoke("hi", config=config)
            if service.delivery().queued > 1_000:
                service.persist(60)

        try:
            return _grown(runs // 10, call)
        finally:
            service.close(0)


def _cancelled(runs: int) -> Grown:
    stuck, config = Stuck(), {"callbacks": [_few()]}

    async def cancel() -> None:
        task = asyncio.ensure_future(stuck.ainvoke("hi", config=config))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with asyncio.Runner() as loop:
        return _grown(runs // 4, lambda: loop.run(cancel()))


KINDS: dict[str, tuple[str, Callable[[int], Grown]]] = {
    "alone": ("RespMetaHandler alone", _invoked(_few)),
    "tracer": ("LangChainTracer alone", _invoked(tracer)),
    "beside": ("beside LangChainTracer", _invoked(_few, tracer)),
    "away": ('feedback="all", LangSmith away', _with_feedback),
    "cancelled": ("cancelled calls", _cancelled),
}


def row_of(name: str, grown: Grown) -> str:
    """One row of the table."""
    first, half, last = (grown.megabytes[index] for index in (0, STEPS // 2 - 1, -1))
    megabytes = f"{first:.1f} | {half:.1f} | {last:.1f}"
    return f"| {KINDS[name][0]} | {grown.runs:,} | {megabytes} | {grown.bytes_of_a_run:.1f} | {grown.known} |"


HEAD = """## Memory

Resident megabytes after a tenth, half and all of the runs; what each run of the second half has left; what the process's tables hold.

| runs | how many | a tenth, MB | half, MB | all, MB | bytes left of a run | in tables |
|---|---|---|---|---|---|---|
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one row a kind."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=[*KINDS], help="these kinds alone")
    parser.add_argument("--quick", action="store_true", help=f"{RUNS_OF_QUICK:,} runs")
    parser.add_argument("--runs", type=int, help=f"of each kind, else {RUNS_OF_ALL:,}")
    parser.add_argument("--write", action="store_true", help="write docs/speed.md too")
    options = parser.parse_args(arguments)
    runs = options.runs or (RUNS_OF_QUICK if options.quick else RUNS_OF_ALL)
    print(HEAD, end="")
    rows = []
    for name in options.only:
        rows.append(row_of(name, KINDS[name][1](runs)))
        print(rows[-1], flush=True)
    if options.write:
        pages.write({"memory": HEAD + "\n".join(rows) + f"\n\n{pages.when_and_where()}"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
