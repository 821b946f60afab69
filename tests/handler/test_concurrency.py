"""One handler under many threads and tasks: every call has its own record, and no run is left."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import textwrap
import weakref
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._agents import call_notes
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs.table import RUNS
from tests.handler.echo import Echo
from tests.waiting import CEILING_S


def _check(handler: RespMetaHandler, calls: int) -> None:
    records = list(handler.records)
    assert len(records) == calls
    assert Counter(record.response_id for record in records) == Counter(f"id-{n}" for n in range(calls))
    for record in records:
        assert record.usage is not None
        assert record.response_id == f"id-{record.usage.input_tokens}"
    assert len({record.run_id for record in records}) == calls
    summary = handler.summary()
    assert summary["calls"] == calls
    assert summary["input_tokens"] == sum(range(calls))
    assert STATE[RUNS]._live == {}


def test_64_threads_lose_and_mix_nothing() -> None:
    handler, model, calls = RespMetaHandler(feedback=False, prices=False), Echo(), 2_000
    with ThreadPoolExecutor(64) as pool:
        list(pool.map(lambda n: model.invoke(str(n), config={"callbacks": [handler]}), range(calls)))
    _check(handler, calls)


def test_1000_concurrent_tasks_lose_and_mix_nothing() -> None:
    handler, model, calls = RespMetaHandler(feedback=False, prices=False), Echo(), 1_000

    async def ask_all() -> None:
        asks = (model.ainvoke(str(n), config={"callbacks": [handler]}) for n in range(calls))
        await asyncio.gather(*asks)

    asyncio.run(ask_all())
    _check(handler, calls)


def test_only_the_last_records_are_kept_and_all_are_counted() -> None:
    handler, model = RespMetaHandler(feedback=False, prices=False, max_records=10), Echo()
    for n in range(50):
        model.invoke(str(n), config={"callbacks": [handler]})
    assert [record.response_id for record in handler.records] == [f"id-{n}" for n in range(40, 50)]
    assert handler.summary()["calls"] == 50


def test_who_looks_at_the_last_record_waits_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    handler, model = RespMetaHandler(feedback=False, prices=False), Echo()
    for number in range(20):
        model.invoke(str(number), config={"callbacks": [handler]})
    told = [record.response_id for record in handler.records]
    assert told == [f"id-{number}" for number in range(20)]
    assert [record.response_id for record in reversed(handler.records)] == told[::-1]
    assert [handler.records[place].response_id for place in range(-20, 20)] == told * 2
    assert [record.response_id for record in handler.records[3:9:2]] == told[3:9:2]
    for place in (20, -21):
        with pytest.raises(IndexError):
            handler.records[place]

    seen: list[Any] = []
    laid_over = call_notes.drafts_of
    monkeypatch.setattr(call_notes, "drafts_of", lambda run: seen.append(run) or laid_over(run))
    assert handler.records[-1].response_id == "id-19"
    assert len(handler.records) == 20
    assert len(seen) == 1


def test_messages_are_let_go_as_soon_as_they_were_read() -> None:
    handler = RespMetaHandler(feedback=False, prices=False)
    result = Echo().invoke("7", config={"callbacks": [handler]})
    handler.summary()
    gone = weakref.ref(result)
    del result
    gc.collect()
    assert gone() is None
    assert handler.records[0].response_id == "id-7"


def test_a_forked_child_starts_afresh_and_records() -> None:
    if not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    program = """
        import os, sys
        from tests.handler.echo import Echo
        from langchain_respmeta import RespMetaHandler
        handler, model = RespMetaHandler(feedback=False, prices=False), Echo()
        model.invoke("1", config={"callbacks": [handler]})
        handler.summary()
        if (child := os.fork()) == 0:
            model.invoke("2", config={"callbacks": [handler]})
            os._exit(0 if handler.summary()["calls"] == 2 and handler.records[-1].response_id == "id-2" else 1)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False, timeout=CEILING_S)
    assert done.returncode == 0
