"""What other threads do in the middle of a step of ours: nothing is lost, nothing fails."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._agents import call_notes, human_in_the_loop
from langchain_respmeta._agents.attempts import ATTEMPTS
from langchain_respmeta._agents.graph_places import GraphPlace
from langchain_respmeta._agents.human_in_the_loop import PENDING
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs.run import Run
from langchain_respmeta.handler.pipeline import read_run


class _Meanwhile(list[Any]):
    """Runs another thread's step when it is iterated."""

    def __init__(self, turn: Callable[[], object]) -> None:
        super().__init__()
        self._turn = turn

    def __iter__(self) -> Iterator[Any]:
        self._turn()
        return super().__iter__()

    def __contains__(self, item: object) -> bool:
        self._turn()
        return False


def failed_call(handler: RespMetaHandler, parent: uuid.UUID) -> None:
    run_id = uuid.uuid4()
    handler.on_chat_model_start({}, [[str(run_id)]], run_id=run_id, parent_run_id=parent)
    handler.on_llm_error(ConnectionError(), run_id=run_id)


def test_a_call_fails_while_a_chain_starts(handler: RespMetaHandler):
    def fail() -> None:
        for _ in range(300):
            failed_call(handler, parent)

    parent = uuid.uuid4()
    with ThreadPoolExecutor(1) as pool:
        failing = pool.submit(fail)
        while not failing.done():
            chain = uuid.uuid4()
            handler.on_chain_start(None, {}, run_id=chain, parent_run_id=parent)
            handler.on_chain_error(ValueError(), run_id=chain, parent_run_id=parent)
        failing.result()
    assert len(STATE[ATTEMPTS].failed) == 300
    handler.on_chain_end({}, run_id=parent)
    assert not STATE[ATTEMPTS].failed


def test_a_failed_call_is_got_over_while_another_starts():
    run = Run(uuid.uuid4(), {}, None, None, None, None, read_run)
    STATE[ATTEMPTS].model_started(run, uuid.uuid4(), None)
    assert run.notes is None


def test_an_interrupt_comes_while_another_is_answered():
    def ask() -> None:
        STATE[PENDING].keep(uuid.uuid4().hex, ())

    STATE[PENDING].keep("first", _Meanwhile(ask))  # type: ignore[arg-type]
    STATE[PENDING].keep("second", _Meanwhile(ask))  # type: ignore[arg-type]
    place = GraphPlace(uuid.uuid4(), None, None, {"thread_id": "1"}, None)
    human_in_the_loop.resumed(place, "yes")
    assert len(STATE[PENDING]) == 4


def test_an_answer_is_read_while_its_next_attempt_starts(monkeypatch: pytest.MonkeyPatch):
    class Slow(call_notes.CallNotes):
        __slots__ = ()

        def __init__(self) -> None:
            time.sleep(0.05)
            super().__init__()

    monkeypatch.setattr(call_notes, "CallNotes", Slow)
    run: Any = SimpleNamespace(notes=None)
    found: list[call_notes.CallNotes] = []
    threads = [threading.Thread(target=lambda: found.append(call_notes.notes_of(run))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one is run.notes for one in found] == [True] * 4
