"""`flush` says True only when every sink has every record, and has brought it to its place."""

from __future__ import annotations

import subprocess
import sys
import threading
from textwrap import dedent
from typing import Any

from langchain_core.outputs import ChatResult
from langchain_core.runnables import RunnableLambda
from pydantic import Field

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._runs import background
from tests.handler.echo import Echo
from tests.waiting import CEILING_S, ended


class Holding:
    """Holds records back until it is flushed."""

    def __init__(self, *, answer: Any = True) -> None:
        self.held: list[Any] = []
        self.placed: list[Any] = []
        self.closed = 0
        self.answer = answer

    def __call__(self, record: Any) -> None:
        self.held.append(record)

    def flush(self, timeout: float) -> bool:
        assert timeout >= 0
        if isinstance(self.answer, Exception):
            raise self.answer
        self.placed += self.held
        self.held = []
        return bool(self.answer)

    def close(self) -> None:
        self.closed += 1


def call(handler: RespMetaHandler, number: int = 1) -> None:
    Echo().invoke(str(number), {"callbacks": [handler]})


def test_after_a_flush_every_sink_has_every_record_in_its_place() -> None:
    holding, seen = Holding(), []
    handler = RespMetaHandler(feedback=False, sinks=[holding, seen.append])
    for number in range(20):
        call(handler, number)
    assert handler.flush()
    assert [record.response_id for record in holding.placed] == [f"id-{number}" for number in range(20)]
    assert holding.placed == seen


def test_one_sink_that_could_not_write_makes_it_false_and_costs_no_other_its_flush() -> None:
    for answer in (False, ValueError("disk")):
        bad, good = Holding(answer=answer), Holding()
        handler = RespMetaHandler(feedback=False, sinks=[bad, good])
        call(handler)
        assert not handler.flush()
        assert len(good.placed) == 1


def test_a_sink_that_still_works_at_a_record_makes_it_false() -> None:
    go_on, begun = threading.Event(), threading.Event()

    def slow(_: Any) -> None:
        begun.set()
        go_on.wait(CEILING_S)

    handler = RespMetaHandler(feedback=False, sinks=[slow])
    call(handler)
    assert begun.wait(CEILING_S)
    try:
        assert ended(lambda: handler.flush(timeout=0.05)) is False
    finally:
        go_on.set()
    assert handler.flush(CEILING_S)


def test_a_record_that_a_caller_reads_for_the_reader_is_waited_for_too(monkeypatch: Any) -> None:
    monkeypatch.setattr(background, "MAX_PENDING", 0)  # every caller reads one
    go_on, begun, seen = threading.Event(), threading.Event(), []

    def slow(record: Any) -> None:
        begun.set()
        go_on.wait(CEILING_S)
        seen.append(record)

    handler = RespMetaHandler(feedback=False, sinks=[slow])
    caller = threading.Thread(target=call, args=(handler,))
    caller.start()
    assert begun.wait(CEILING_S)
    try:
        assert ended(lambda: handler.flush(timeout=0.05)) is False
    finally:
        go_on.set()
    assert handler.flush(CEILING_S)
    assert len(seen) == 1
    caller.join()


def test_close_closes_sinks_and_the_handler_can_be_used_on() -> None:
    holding = Holding()
    handler = RespMetaHandler(feedback=False, sinks=[holding])
    call(handler)
    assert handler.close()
    assert holding.closed == 1
    call(handler)
    assert handler.flush()
    assert len(holding.placed) == 2


def test_what_sinks_hold_back_is_placed_when_the_process_ends() -> None:
    program = """
        from langchain_respmeta import RespMetaHandler
        from tests.handler.echo import Echo
        from tests.handler.test_flush import Holding

        class Printing(Holding):
            def flush(self, timeout):
                super().flush(timeout)
                print(*(record.response_id for record in self.placed), flush=True)
                return True

        handler = RespMetaHandler(feedback=False, sinks=[Printing()])
        for number in range(3):
            Echo().invoke(str(number), {"callbacks": [handler]})
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(program)], capture_output=True, text=True, timeout=CEILING_S, check=True
    )
    assert done.stdout.split() == ["id-0", "id-1", "id-2"]


class FailsOnce(Echo):
    """Fails at the first call."""

    calls: list[int] = Field(default_factory=list)

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        self.calls.append(1)
        if len(self.calls) == 1:
            raise ValueError("again")
        return super()._generate(*args, **kwargs)


def test_a_call_that_was_tried_again_comes_again_and_says_so() -> None:
    seen: list[Any] = []
    handler = RespMetaHandler(feedback=False, sinks=[seen.append])

    def shows_what_there_is(prompt: str) -> str:
        """The first record comes before anybody knows of a second try."""
        assert handler.flush()
        return prompt

    chain = RunnableLambda(shows_what_there_is) | FailsOnce()
    again = chain.with_retry(stop_after_attempt=2, wait_exponential_jitter=False)
    again.invoke("5", {"callbacks": [handler]})
    assert handler.flush()
    first, first_again, second = seen
    assert first.run_id == first_again.run_id != second.run_id
    assert [one.superseded for one in seen] == [None, True, None]
    assert [one.attempt for one in seen] == [1, 1, 2]
    assert seen == [first, *handler.records]
