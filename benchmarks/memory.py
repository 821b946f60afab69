"""Memory over many runs: `python -m benchmarks.memory [runs]`. Flat is the goal.

Alone; beside a tracer, which itself keeps some 350 bytes of each run (the row of the tracer alone shows it); with
feedback on every run while LangSmith is away; and for calls that were cancelled, of which asyncio tells nobody.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["LANGSMITH_TRACING"] = "false"

import requests
from langchain_core.tracers.langchain import LangChainTracer
from langsmith import Client

from benchmarks.calls import ChatOpenAI, Nowhere, tracer
from langchain_respmeta import RespMetaHandler
from langchain_respmeta._delivery import service
from langchain_respmeta._delivery.service import DeliverySettings
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs.table import RUNS
from langchain_respmeta.langsmith.rollup import ROLLUPS

STEPS = 10


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


def _report(name: str, runs: int, call: Any) -> None:
    figures = []
    for _ in range(STEPS):
        for _ in range(runs // STEPS):
            call()
        figures.append(_resident_mb())
    steps = " ".join(f"{figure:.0f}" for figure in figures)
    print(
        f"{name:<42} {runs:>7} runs, MB after each tenth: {steps}   live {len(STATE[RUNS])}, traces {len(STATE[ROLLUPS])}"
    )


def _with_feedback(runs: int) -> None:
    """Twelve items a run go to the outbox, whose bounds make room for them; nobody takes them from there."""
    away = LangChainTracer(client=Client(session=Away(), api_key="x", api_url="http://127.0.0.1:9"))
    config = {"callbacks": [away, RespMetaHandler(feedback="all", max_records=1_000)]}
    with tempfile.TemporaryDirectory() as folder:
        service.configure(DeliverySettings(state_dir=Path(folder), max_rows=20_000))

        def call() -> None:
            ChatOpenAI().invoke("hi", config=config)
            if service.delivery().queued > 1_000:
                service.persist(60)

        _report('feedback="all", LangSmith away', runs, call)
        print(f"{'':<42} {service.delivery()}")
        service.close(0)


def main() -> int:
    """Print resident memory after each tenth of the runs."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    model, stuck = ChatOpenAI(), Stuck()
    alone = {"callbacks": [RespMetaHandler(feedback=False, max_records=1_000)]}
    untouched = {"callbacks": [tracer()]}
    traced = {"callbacks": [tracer(), RespMetaHandler(feedback=False, max_records=1_000)]}
    _report("RespMetaHandler alone", runs, lambda: model.invoke("hi", config=alone))
    _report("LangChainTracer alone", runs, lambda: model.invoke("hi", config=untouched))
    _report("beside LangChainTracer", runs, lambda: model.invoke("hi", config=traced))
    _with_feedback(runs // 10)
    with asyncio.Runner() as loop:

        async def cancel() -> None:
            task = asyncio.ensure_future(stuck.ainvoke("hi", config=alone))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        _report("cancelled calls", runs // 4, lambda: loop.run(cancel()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
