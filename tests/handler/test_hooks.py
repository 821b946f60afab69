"""A handler without passing one: for a block of code, or for the whole process."""

import asyncio
import os
import subprocess
import sys
from typing import Any

import pytest
from langchain_core.runnables import RunnableParallel

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.handler import hooks
from langchain_respmeta.handler.hooks import get_enabled_handler, get_response_metadata_callback
from tests.attachment.check import metadata_of
from tests.attachment.model import NumberedModel
from tests.attachment.traced import Traced
from tests.waiting import CEILING_S


@pytest.fixture
def enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESPMETA_FEEDBACK", "false")
    monkeypatch.setenv(hooks.ENABLED, "true")
    monkeypatch.setattr(hooks._HOOKS, "process_wide", None)
    hooks.register()


# --- a block of code -------------------------------------------------------------------------------------------------


def test_a_block_sees_the_calls_made_in_it_and_no_others() -> None:
    model = NumberedModel()
    model.invoke("before")
    with get_response_metadata_callback() as cb:
        model.invoke("one")
        asyncio.run(model.ainvoke("two"))
        RunnableParallel(a=model, b=model).invoke("three")
    model.invoke("after")
    assert len(cb.records) == 4
    assert cb.summary()["calls"] == 4


def test_blocks_may_be_nested_and_each_sees_its_calls() -> None:
    model = NumberedModel()
    with get_response_metadata_callback() as outer:
        model.invoke("one")
        with get_response_metadata_callback() as inner:
            model.invoke("two")
        model.invoke("three")
    assert (len(outer.records), len(inner.records)) == (3, 1)


def test_many_blocks_leave_no_more_hooks_behind_than_were_ever_nested() -> None:
    from langchain_core.tracers.context import _configure_hooks

    with get_response_metadata_callback(), get_response_metadata_callback():
        pass
    known = len(_configure_hooks)
    for _ in range(50):
        with get_response_metadata_callback(), get_response_metadata_callback():
            pass
    assert len(_configure_hooks) == known


def test_tasks_each_have_their_own_block() -> None:
    model = NumberedModel()

    async def ask(times: int) -> int:
        with get_response_metadata_callback() as cb:
            for _ in range(times):
                await model.ainvoke("why?")
            return len(cb.records)

    async def run() -> list[int]:
        return await asyncio.gather(*(ask(times) for times in range(1, 9)))

    assert asyncio.run(run()) == list(range(1, 9))


def test_a_block_ends_also_when_it_is_left_by_an_error() -> None:
    with pytest.raises(KeyError), get_response_metadata_callback() as cb:
        raise KeyError
    NumberedModel().invoke("after")
    assert len(cb.records) == 0


def test_a_block_may_be_given_a_handler() -> None:
    handler = RespMetaHandler(prefix="mine")
    with get_response_metadata_callback(handler) as cb:
        assert cb is handler


def test_an_async_block_may_end_in_another_context() -> None:
    """As fixtures of async test frameworks do."""

    async def block() -> Any:
        with get_response_metadata_callback() as cb:
            yield cb

    async def run() -> None:
        blocks = block()
        await asyncio.create_task(anext(blocks))
        with pytest.raises(StopAsyncIteration):
            await asyncio.create_task(anext(blocks))

    asyncio.run(run())


# --- the whole process -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("enabled")
def test_enabled_by_the_environment_one_handler_sees_every_call(traced: Traced) -> None:
    for _ in range(5):
        NumberedModel().invoke("why?")
    handler = get_enabled_handler()
    assert handler is not None
    assert len(handler.records) == 5
    assert all("respmeta" in metadata_of(run) for run in traced.runs(run_type="llm"))


@pytest.mark.usefixtures("enabled")
def test_who_passes_a_handler_gets_that_one_alone(traced: Traced) -> None:
    mine = RespMetaHandler(prefix="mine", feedback=False)
    NumberedModel().invoke("why?", {"callbacks": [mine]})
    metadata = traced.model_metadata()
    assert "mine" in metadata
    assert "respmeta" not in metadata


@pytest.mark.usefixtures("enabled")
@pytest.mark.parametrize("off", ["", "0", "false", "False", "off", "no", "OFF", " False ", "nonsense"])
def test_switched_off_it_does_nothing(monkeypatch: pytest.MonkeyPatch, off: str) -> None:
    monkeypatch.setenv(hooks.ENABLED, off)
    NumberedModel().invoke("why?")
    assert get_enabled_handler() is None
    assert hooks._HOOKS.process_wide is None


@pytest.mark.usefixtures("enabled")
def test_a_wrong_setting_is_said_once_and_disturbs_no_call(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RESPMETA_MAX_RECORDS", "many")
    for _ in range(3):
        assert NumberedModel().invoke("why?").text.startswith("answer")
    assert caplog.text.count("RESPMETA_MAX_RECORDS") == 1
    assert get_enabled_handler() is None


_PROGRAM = """
import langchain_respmeta
from langchain_respmeta.handler import hooks as _hooks
{register}
from langchain_core.language_models import FakeListChatModel
FakeListChatModel(responses=["hi"]).invoke("why?")
print(len(_hooks.get_enabled_handler().records))
"""


def test_in_a_fresh_process_registering_is_all_it_takes() -> None:
    program = _PROGRAM.format(register="_hooks.register()")
    environment = {
        **os.environ,
        "RESPMETA_ENABLED": "true",
        "RESPMETA_FEEDBACK": "false",
        "LANGSMITH_TRACING": "false",
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=CEILING_S,
    )
    assert done.stdout.strip() == "1", done.stderr
