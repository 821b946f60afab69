"""Memory over many runs: `python -m benchmarks.memory [runs]`. Flat is the goal, with and without a tracer, and for
calls that were cancelled (asyncio fires neither an end nor an error for them)."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from pathlib import Path
from typing import Any

os.environ["LANGSMITH_TRACING"] = "false"

from benchmarks.calls import ChatOpenAI, tracer
from langchain_respmeta import RespMetaHandler
from langchain_respmeta._runs import RUNS
from langchain_respmeta.langsmith.rollup import ROLLUPS

STEPS = 10


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
        f"{name:<42} {runs:>7} runs, MB after each tenth: {steps}   live {len(RUNS)}, traces {len(ROLLUPS)}"
    )


def main() -> int:
    """Print resident memory after each tenth of the runs."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    model, stuck = ChatOpenAI(), Stuck()
    alone = {"callbacks": [RespMetaHandler(feedback=False, max_records=1_000)]}
    traced = {"callbacks": [tracer(), RespMetaHandler(feedback=False, max_records=1_000)]}
    _report("RespMetaHandler alone", runs, lambda: model.invoke("hi", config=alone))
    _report("beside LangChainTracer", runs // 10, lambda: model.invoke("hi", config=traced))
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
