"""The reader's thread wakes for answers that nobody else reads: not for one that the seam has read, which is only counted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.tracers.langchain import LangChainTracer
from langsmith import tracing_context

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._reading.compiled.table import Readers
from langchain_respmeta._runs import background
from tests.attachment.model import NumberedModel
from tests.attachment.traced import Traced

CALLS = 5


class Reader(background.BackgroundReader):
    """Counts how often its thread would be woken."""

    def __init__(self) -> None:
        super().__init__()
        self.woken = 0

    def rouse(self) -> None:
        self.woken += 1


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    _call(RespMetaHandler(feedback=False))  # all is loaded, and knows the process's own reader
    reader = Reader()
    monkeypatch.setattr(background, "BACKGROUND", reader)
    return reader


@pytest.fixture
def _learns_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be compiled wakes the thread, too, a few times."""
    monkeypatch.setattr(Readers, "want", lambda *_: None)


def _run(*, is_read: bool = True) -> Any:
    return SimpleNamespace(drafts=[{}] if is_read else None)


def _call(*handlers: Any, times: int = 1) -> None:
    for _ in range(times):
        NumberedModel().invoke("why?", {"callbacks": list(handlers)})


@pytest.mark.parametrize("first", ["handler", "tracer"])
@pytest.mark.usefixtures("_learns_nothing")
def test_no_thread_wakes_for_a_traced_call(traced: Traced, reader: Reader, first: str) -> None:
    handler = RespMetaHandler(feedback=False)
    tracer = LangChainTracer(project_name=traced.project, client=traced.client)
    handlers = [tracer, handler] if first == "tracer" else [handler]
    _call(*handlers, times=CALLS)
    assert reader.woken == 0
    assert all(run.outcome is None and run.serialized is None for run, _ in reader._left), (
        "no message is held"
    )
    assert handler.summary()["calls"] == len(handler.records) == CALLS


@pytest.mark.parametrize("why", ["not traced", "another project", "a sink"])
@pytest.mark.usefixtures("traced", "_learns_nothing")
def test_the_thread_wakes_for_what_nobody_else_reads(reader: Reader, why: str) -> None:
    settings: dict[str, Any] = {"another project": {"project": "x"}, "a sink": {"sinks": [str]}}.get(why, {})
    handler = RespMetaHandler(feedback=False, **settings)
    with tracing_context(enabled=why != "not traced"):
        _call(handler)
    assert reader.woken == 1
    assert handler.summary()["calls"] == 1


def test_what_is_only_to_be_counted_wakes_the_thread_once_it_is_much(reader: Reader) -> None:
    taken: list[Any] = []
    for number in range(background.MAX_LEFT + 1):
        assert reader.woken == 0, number
        reader.leave(_run(), taken.append)
    assert reader.woken == 1
    reader.drain()
    assert len(taken) == background.MAX_LEFT + 1


def test_what_is_only_to_be_counted_is_bounded(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "MAX_LEFT", 3)
    monkeypatch.setattr(background, "MAX_PENDING", 7)
    taken: list[Any] = []
    for _ in range(70):
        reader.leave(_run(), taken.append)
    assert len(reader._left) == 7
    assert len(taken) == 63


def test_a_run_that_was_to_be_read_at_once_and_was_not_is_read_with_the_next(reader: Reader) -> None:
    reader.leave(_run(is_read=False), print)
    assert reader.woken == 0, "its tracer may be about to send it"
    reader.leave(_run(), print)
    assert reader.woken == 1


def test_a_forked_child_counts_what_its_parent_had_read(reader: Reader) -> None:
    read, unread, handed = _run(), _run(is_read=False), _run()
    reader.leave(read, print)
    reader.leave(unread, print)
    reader.hand_over(handed, print)
    reader.forget()
    assert [run for run, _ in reader._left] == [read]
    assert not reader._pending


def test_what_is_to_be_compiled_wakes_the_thread_until_it_is(traced: Traced, reader: Reader) -> None:
    handler = RespMetaHandler(feedback=False, prices=False)
    tracer = LangChainTracer(project_name=traced.project, client=traced.client)
    _call(handler, tracer, times=6)
    assert reader.woken
    for _ in range(30):  # the model has three names, and some counts are 0 at first
        handler.summary()  # works off what waits, as the thread does
        _call(handler, tracer)
    woken = reader.woken
    _call(handler, tracer, times=CALLS)
    assert reader.woken == woken
