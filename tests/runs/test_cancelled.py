"""asyncio cancels a call without any callback: its end is assumed from the task, and from the parent's end."""

import asyncio
import contextlib
import gc
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.outputs import ChatGeneration, LLMResult
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableGenerator, RunnableLambda
from langgraph.graph import START, MessagesState, StateGraph
from langsmith import traceable
from pydantic import Field

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs import table as runs
from langchain_respmeta._runs.table import RUNS
from tests.attachment.model import NumberedModel
from tests.attachment.traced import Traced
from tests.waiting import never


class SlowModel(NumberedModel):
    """Never answers."""

    reached: Any = Field(default_factory=asyncio.Event, exclude=True)
    limit: Any = Field(default=None, exclude=True)
    """A time limit that is over as soon as the model was reached, on a machine of any speed."""

    async def _agenerate(self, *args: Any, **kwargs: Any) -> Any:
        self.reached.set()
        if self.limit is not None:
            self.limit.reschedule(asyncio.get_running_loop().time())
        await never()


@pytest.fixture(autouse=True)
def _no_live_runs() -> Iterator[None]:
    yield
    assert not STATE[RUNS].has_live()


async def _cancelled(call: Callable[[SlowModel], Awaitable[Any]]) -> None:
    model = SlowModel()
    task = asyncio.ensure_future(call(model))
    await model.reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_cancelled_calls_are_recorded_and_not_kept_alive() -> None:
    handler = RespMetaHandler(feedback=False)

    async def run() -> None:
        config: Any = {"callbacks": [handler]}
        await asyncio.gather(*(_cancelled(lambda m: m.ainvoke("why?", config)) for _ in range(100)))

    asyncio.run(run())
    records = list(handler.records)
    assert len(records) == 100
    assert {(record.finish_reason, record.cancelled) for record in records} == {("cancelled", True)}
    assert all(record.timing is None or record.timing.latency_s is None for record in records)
    assert handler.summary()["by"]["finish_reason"] == {"cancelled": 100}
    assert len(STATE[RUNS]) <= 100
    assert not STATE[RUNS].has_live()


def test_cancelled_calls_do_not_pile_up_while_nobody_looks() -> None:
    handler = RespMetaHandler(feedback=False)

    async def run() -> int:
        config: Any = {"callbacks": [handler]}
        most = 0
        for _ in range(20):
            await asyncio.gather(*(_cancelled(lambda m: m.ainvoke("why?", config)) for _ in range(50)))
            most = max(most, len(STATE[RUNS]._live))
        return most

    assert asyncio.run(run()) <= runs.SWEEP_AT + 50
    assert len(handler.records) == 1000


def test_a_chain_that_is_cancelled_says_so_on_its_root(traced: Traced) -> None:
    handler = RespMetaHandler(feedback=False)
    prompt, config = ChatPromptTemplate.from_template("{q}"), {"callbacks": [handler]}
    asyncio.run(_cancelled(lambda model: (prompt | model).ainvoke({"q": "why?"}, config)))
    root = traced.root_metadata()
    assert (root["respmeta_llm_calls"], root["respmeta_finish_reason"]) == (1, "cancelled")
    (record,) = handler.records
    assert record.trace_id is not None


def test_a_time_out_inside_a_graph_is_in_the_sums(traced: Traced) -> None:
    handler = RespMetaHandler(feedback=False)

    async def ask(state: MessagesState) -> dict[str, Any]:
        try:
            async with asyncio.timeout(None) as limit:
                answer = await SlowModel(limit=limit).ainvoke(state["messages"])
        except TimeoutError:
            answer = await NumberedModel().ainvoke(state["messages"])
        return {"messages": [answer]}

    graph = StateGraph(MessagesState)
    graph.add_node("ask", ask)
    graph.add_edge(START, "ask")
    config: Any = {"callbacks": [handler]}
    asyncio.run(graph.compile().ainvoke({"messages": [("user", "why?")]}, config))
    root = traced.root_metadata()
    assert (root["respmeta_llm_calls"], root["respmeta_finish_reason"]) == (2, "cancelled")
    assert sorted(str(record.finish_reason) for record in handler.records) == ["cancelled", "stop"]


def test_a_traceable_that_is_cancelled_has_the_call_in_its_sums(traced: Traced) -> None:
    handler = RespMetaHandler(feedback=False)

    @traceable
    async def outer(model: SlowModel) -> None:
        await model.ainvoke("why?", {"callbacks": [handler]})

    asyncio.run(_cancelled(outer))
    assert traced.root_metadata()["respmeta_llm_calls"] == 1


def test_a_call_that_outlives_its_parent_is_not_called_cancelled(traced: Traced) -> None:
    handler = RespMetaHandler(feedback=False)
    background: list[asyncio.Task[Any]] = []
    begun, parent_ended = asyncio.Event(), asyncio.Event()

    class Late(NumberedModel):
        async def _agenerate(self, *args: Any, **kwargs: Any) -> Any:
            begun.set()
            await parent_ended.wait()
            return self._generate(*args, **kwargs)

    async def start(question: str) -> str:
        background.append(asyncio.create_task(Late().ainvoke(question)))
        await begun.wait()
        return "started"

    async def run() -> None:
        await RunnableLambda(start).ainvoke("why?", {"callbacks": [handler]})
        parent_ended.set()
        await background[0]

    asyncio.run(run())
    assert traced.model_metadata()["respmeta_finish_reason"] == "stop"
    assert [record.finish_reason for record in handler.records] == ["stop"]


def test_an_end_that_comes_after_all_replaces_the_conclusion(traced: Traced) -> None:
    """A stream that was begun in a parent, and is read on after its end."""
    handler = RespMetaHandler(feedback=False)

    async def begin(question: str) -> Any:
        stream = NumberedModel().astream(question)
        await anext(stream)
        return {"stream": stream}

    async def run() -> None:
        begun = await RunnableLambda(begin).ainvoke("why?", {"callbacks": [handler]})
        assert handler.records
        async for _ in begun["stream"]:
            pass

    asyncio.run(run())
    metadata = traced.model_metadata()
    assert metadata["respmeta_finish_reason"] == "stop"
    (record,) = handler.records
    assert (record.finish_reason, record.cancelled) == ("stop", None)
    assert record.timing is not None
    assert record.timing.latency_s is not None


def test_an_end_that_comes_after_all_replaces_the_conclusion_in_every_sum(traced: Traced) -> None:
    seen: list[Any] = []
    handler = RespMetaHandler(feedback=False, sinks=[lambda record: seen.append(record.finish_reason)])
    before = STATE[RUNS].never_ended

    async def begin(question: str) -> Any:
        stream = NumberedModel().astream(question)
        await anext(stream)
        return {"stream": stream}

    async def read_on(question: str) -> str:
        begun = await RunnableLambda(begin).ainvoke(question)
        assert handler.summary()["by"]["finish_reason"] == {"cancelled": 1}
        assert handler.summary()["by"]["finish_reason"] == {"cancelled": 1}
        return "".join([chunk.text async for chunk in begun["stream"]])

    asyncio.run(RunnableLambda(read_on).ainvoke("why?", {"callbacks": [handler]}))
    tokens = traced.model_metadata()["respmeta_input_tokens"]
    root, summary = traced.root_metadata(), handler.summary()
    assert (root["respmeta_llm_calls"], root["respmeta_input_tokens"]) == (1, tokens)
    assert root["respmeta_finish_reason"] == "stop"
    assert (summary["calls"], summary["input_tokens"]) == (1, tokens)
    assert (summary["by"]["finish_reason"], summary["never_ended"]) == ({"stop": 1}, before)
    assert seen == ["cancelled", "stop"]


def test_a_cancelled_call_is_in_the_sums_also_when_somebody_looked_before_the_end(traced: Traced) -> None:
    handler = RespMetaHandler(feedback=False)

    async def ask(question: str) -> str:
        with contextlib.suppress(asyncio.CancelledError):
            await _cancelled(lambda model: model.ainvoke(question))
        assert len(handler.records) == 1
        return "gave up"

    asyncio.run(RunnableLambda(ask).ainvoke("why?", {"callbacks": [handler]}))
    root = traced.root_metadata()
    assert (root["respmeta_llm_calls"], root["respmeta_finish_reason"]) == (1, "cancelled")


@pytest.mark.parametrize("many", [1, runs.SWEEP_AT + 50])
def test_a_stream_under_way_is_not_called_cancelled(many: int) -> None:
    """Each chunk of a chain's stream is fetched by a task of its own, which is done long before the call is."""
    handler = RespMetaHandler(feedback=False)
    chain = ChatPromptTemplate.from_template("{q}") | NumberedModel()

    async def run() -> None:
        config: Any = {"callbacks": [handler]}
        streams = [chain.astream({"q": "why?"}, config) for _ in range(many)]
        for stream in streams:
            await anext(stream)
        assert not handler.records
        assert handler.summary()["calls"] == 0
        for stream in streams:
            assert [chunk async for chunk in stream]

    asyncio.run(run())
    assert handler.summary()["by"]["finish_reason"] == {"stop": many}


def test_a_stream_that_nobody_reads_on_is_in_the_sums(traced: Traced) -> None:
    """asyncio closes the generators of a chain after the run that read from it."""
    handler = RespMetaHandler(feedback=False)
    chain = ChatPromptTemplate.from_template("{q}") | NumberedModel() | StrOutputParser()

    async def first(question: str) -> str:
        async for chunk in chain.astream({"q": question}):
            return chunk
        return "nothing"

    asyncio.run(RunnableLambda(first).ainvoke("why?", {"callbacks": [handler]}))
    root = traced.root_metadata()
    assert (root["respmeta_llm_calls"], root["respmeta_finish_reason"]) == (1, "cancelled")
    assert handler.summary()["by"]["finish_reason"] == {"cancelled": 1}


def test_a_stream_whose_reader_raises_is_in_the_sums(traced: Traced) -> None:
    """The exception holds the generators: they are closed when it is gone, after the run that read them was sent."""
    handler = RespMetaHandler(feedback=False)

    def refuse(chunks: Iterator[Any]) -> Iterator[Any]:
        for _ in chunks:
            raise ValueError("no such answer")
        yield "nothing"

    chain = ChatPromptTemplate.from_template("{q}") | NumberedModel() | RunnableGenerator(refuse)
    with pytest.raises(ValueError, match="no such answer"):
        list(chain.stream({"q": "why?"}, {"callbacks": [handler]}))
    gc.collect()
    root = traced.root_metadata()
    assert (root["respmeta_llm_calls"], root["respmeta_finish_reason"]) == (1, "cancelled")
    assert handler.summary()["by"]["finish_reason"] == {"cancelled": 1}


def test_runs_that_never_end_are_given_up_when_they_are_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = RespMetaHandler(feedback=False)
    handler.on_chat_model_start({}, [[]], run_id=uuid4())
    monkeypatch.setattr(runs, "MAX_AGE_S", 0.0)
    handler.on_chat_model_start({}, [[]], run_id=uuid4())
    assert [record.finish_reason for record in handler.records] == ["cancelled"] * 2
    assert handler.summary()["never_ended"] >= 2


def test_runs_that_never_end_are_given_up_when_they_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MAX_LIVE", 10)
    handler = RespMetaHandler(feedback=False)
    ids = [uuid4() for _ in range(25)]
    for run_id in ids:
        handler.on_chat_model_start({}, [[]], run_id=run_id)
    assert len(STATE[RUNS]._live) == 10
    answer = LLMResult(generations=[[ChatGeneration(message=AIMessage("hi"))]])
    for run_id in ids:
        handler.on_llm_end(answer, run_id=run_id)
    assert [record.finish_reason for record in handler.records].count("cancelled") == 0
    assert len(handler.records) == 25
