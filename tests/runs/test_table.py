"""Calls that never end: the table is bounded, and each is counted once."""

from __future__ import annotations

import asyncio

import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs import table as runs_module
from langchain_respmeta._runs.table import RUNS
from tests.handler.echo import Never
from tests.waiting import auntil


def test_runs_that_never_end_are_evicted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs_module, "MAX_LIVE", 20)
    before = STATE[RUNS].never_ended
    handler, model = RespMetaHandler(feedback=False, prices=False), Never()

    async def cancel_many() -> None:
        tasks = [asyncio.create_task(model.ainvoke("1", config={"callbacks": [handler]})) for _ in range(100)]
        await auntil(lambda: len(model.reached) == 100, "all calls under way")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(cancel_many())
    assert len(STATE[RUNS]._live) <= 20
    assert STATE[RUNS].never_ended - before >= 80


def test_a_run_that_two_threads_give_up_is_counted_once() -> None:
    before = STATE[RUNS].never_ended
    handler = RespMetaHandler(feedback=False, prices=False)

    async def cancel() -> None:
        model = Never()
        task = asyncio.create_task(model.ainvoke("1", config={"callbacks": [handler]}))
        await auntil(lambda: model.reached, "the call")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(cancel())
    (run,) = STATE[RUNS]._live.values()
    for _ in range(2):  # each had found it among the live ones
        STATE[RUNS].assume_cancelled(run)
    assert STATE[RUNS].never_ended - before == 1
    assert handler.summary()["calls"] == 1
