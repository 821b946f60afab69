"""The cost of one chunk."""

from __future__ import annotations

import sys
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk


def test_a_handler_costs_a_stream_nothing_worth_telling() -> None:
    """mlflow dumps every chunk (16 ms for 101), langchain#19756 spends 300 to 700 ms in `dumpd`.

    Counted in calls of functions, of which a slow machine makes no more, beside one dump of one chunk.
    """
    from langchain_core.load import dumpd

    from langchain_respmeta._runs.run import Run
    from langchain_respmeta._runs.stream_watch import note_chunk

    chunk = ChatGenerationChunk(message=AIMessageChunk("word"))
    run = Run.__new__(Run)
    run.stream = run.first_token = run.task = None
    note_chunk(run, "word", chunk)

    def calls_in(work: Any) -> int:
        called = []
        sys.setprofile(
            lambda _frame, event, _arg: called.append(event) if event in {"call", "c_call"} else None
        )
        try:
            work()
        finally:
            sys.setprofile(None)
        return len(called)

    assert calls_in(lambda: note_chunk(run, "word", chunk)) < calls_in(lambda: dumpd(chunk)) / 10
