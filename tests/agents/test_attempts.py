"""Retries and fallbacks: each attempt links to the one before it, and no other call counts as one."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import ModelFallbackMiddleware, ModelRetryMiddleware
from langchain_core.messages import AIMessage
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnableLambda, RunnableParallel
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command, RetryPolicy, interrupt
from pydantic import BaseModel

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._agents import chains
from langchain_respmeta.demo import Answer, ReplayServer, chat_model
from tests.agents.bodies import OVERLOADED, openai
from tests.agents.fakes import QUESTION, Sent, model

PROMPT = ChatPromptTemplate.from_messages([("user", "{word}")])
FAST: Any = {"wait_exponential_jitter": False}


def attempts(handler: RespMetaHandler) -> list[tuple[int | None, bool | None]]:
    return [(record.attempt, record.superseded) for record in handler.records]


def linked(handler: RespMetaHandler) -> None:
    """Each attempt names the one before it."""
    told = [record for record in handler.records if record.attempt]
    for before, after in itertools.pairwise(told):
        assert after.previous_run_id == before.run_id


CHAIN = {"word": "x"}
WAYS: dict[str, Callable[[], Runnable[Any, Any]]] = {
    "model.with_retry": lambda: PROMPT | model(fails=2).with_retry(**FAST),
    "chain.with_retry": lambda: (PROMPT | model(fails=2)).with_retry(**FAST),
    "model.with_fallbacks": lambda: PROMPT | model(fails=1).with_fallbacks([model(fails=1), model()]),
    "chain.with_fallbacks": lambda: (PROMPT | model(fails=1)).with_fallbacks(
        [PROMPT | model(fails=1), PROMPT | model()]
    ),
    "a retry in a fallback": lambda: (
        PROMPT | model(fails=9).with_retry(stop_after_attempt=2, **FAST).with_fallbacks([model()])
    ),
    "in a parallel": lambda: PROMPT | RunnableParallel(a=model(fails=2).with_retry(**FAST)),
    "include_raw's shape": lambda: (PROMPT | RunnableParallel(raw=model(fails=2))).with_retry(**FAST),
}
THREE = [(1, True), (2, True), (3, None)]


@pytest.mark.parametrize("way", WAYS)
def test_attempts_are_numbered_and_linked(sent: Sent, handler: RespMetaHandler, way: str):
    WAYS[way]().invoke(CHAIN, sent.config())
    assert attempts(handler) == THREE
    linked(handler)


@pytest.mark.parametrize("way", WAYS)
def test_in_async_code_too(handler: RespMetaHandler, way: str):
    asyncio.run(WAYS[way]().ainvoke(CHAIN, {"callbacks": [handler]}))
    assert attempts(handler) == THREE
    linked(handler)


def node(runnable: Runnable[Any, Any]) -> Any:
    return lambda state: {"messages": [runnable.invoke(state["messages"])]}


def graph_with_retries() -> Any:
    graph = StateGraph(MessagesState)
    policy = RetryPolicy(initial_interval=0.01, retry_on=ConnectionError)
    graph.add_node("failing", node(model(fails=2)), retry_policy=policy)
    graph.add_edge(START, "failing")
    return graph.compile()


def agent(first: Any, middleware: Any) -> Any:
    return create_agent(first, [], middleware=[middleware])


@pytest.mark.parametrize(
    "make",
    [
        lambda: agent(model(fails=2), ModelRetryMiddleware(max_retries=3, initial_delay=0)),
        lambda: agent(model(fails=1), ModelFallbackMiddleware(model(fails=1), model())),
        graph_with_retries,
    ],
    ids=["ModelRetryMiddleware", "ModelFallbackMiddleware", "a node's retry policy"],
)
def test_graphs(sent: Sent, handler: RespMetaHandler, make: Callable[[], Any]):
    make().invoke(QUESTION, sent.config())
    assert attempts(handler) == THREE
    linked(handler)


MANY = 200


def paid() -> AIMessage:
    told = {"model_provider": "openrouter", "model_name": "a/b", "cost": 0.5}
    return AIMessage("hm", response_metadata=told)


async def all_fail_at_once(fails: int, _: Any) -> None:
    """Many calls fail, or their answers do, before the first is retried."""
    barrier = asyncio.Barrier(MANY)

    async def one(number: int) -> None:
        first = [True]

        async def check(answer: Any) -> Any:
            if first.pop() if first else False:
                await barrier.wait()
                raise ValueError("not good")
            return answer

        chain = PROMPT | model(paid(), paid(), fails=fails) | RunnableLambda(check)
        if fails:
            chain = (
                PROMPT | RunnableLambda(wait_for_all).with_config(run_name="wait") | model(paid(), fails=1)
            )
        await chain.with_retry(**FAST).ainvoke({"word": str(number)})

    async def wait_for_all(messages: Any) -> Any:
        await barrier.wait()
        return messages

    await asyncio.gather(*map(one, range(MANY)))


@pytest.mark.parametrize(("fails", "cost"), [(0, MANY * 0.5), (1, 0)])
def test_when_everything_fails_at_once_all_of_it_is_counted(sent: Sent, fails: int, cost: float):
    asyncio.run(RunnableLambda(partial(all_fail_at_once, fails)).ainvoke("x", sent.config()))
    (root,) = sent.roots()
    assert root["respmeta_llm_calls"] == 2 * MANY
    assert root["respmeta_superseded_calls"] == MANY
    assert root["respmeta_superseded_cost_usd"] == cost
    rows = root["respmeta"]["rollup"]
    assert len(rows["attempts"]) + rows["attempts_trimmed"] == 2 * MANY


def fan_out() -> Any:
    graph = StateGraph(MessagesState)
    policy = RetryPolicy(initial_interval=0.01, retry_on=ConnectionError)
    graph.add_node("a", node(model(fails=1)), retry_policy=policy)
    graph.add_node("b", node(RunnableLambda(wait) | model()))
    graph.add_edge(START, "a")
    graph.add_edge(START, "b")
    return graph.compile()


def wait(messages: Any) -> Any:
    import time

    time.sleep(0.005)
    return messages


def test_another_node_with_the_same_prompt_is_no_attempt(handler: RespMetaHandler):
    fan_out().invoke(QUESTION, {"callbacks": [handler]})
    assert sorted(attempts(handler), key=str) == sorted([(1, True), (None, None), (2, None)], key=str)


NO_ATTEMPTS: dict[str, Callable[[Any], Any]] = {
    "steps of a parallel": lambda config: RunnableParallel(
        a=PROMPT | model(fails=1), b=PROMPT | model(), c=PROMPT | model()
    ).invoke(CHAIN, {**config, "max_concurrency": 1}),
    "members of a batch": lambda config: (PROMPT | model(fails=1)).batch(
        [CHAIN, CHAIN], config, return_exceptions=True
    ),
    "calls one after the other": lambda config: [
        (PROMPT | model(fails=number)).batch([CHAIN], config, return_exceptions=True) for number in (1, 0)
    ],
    "another prompt": lambda config: RunnableLambda(
        lambda _: [model(fails=n).batch([word], return_exceptions=True) for n, word in ((1, "x"), (0, "y"))]
    ).invoke("", config),
}


@pytest.mark.parametrize("name", NO_ATTEMPTS)
def test_what_is_no_attempt(handler: RespMetaHandler, name: str):
    try:
        NO_ATTEMPTS[name]({"callbacks": [handler]})
    except ConnectionError:
        assert name == "steps of a parallel"
    assert not any(superseded for _, superseded in attempts(handler))
    assert [attempt for attempt, _ in attempts(handler) if attempt] == [1]


def test_two_429s_before_the_answer_stand_on_the_root(
    sent: Sent, replay: ReplayServer, handler: RespMetaHandler
):
    bodies = [Answer(OVERLOADED, status=429), Answer(OVERLOADED, status=429), Answer(openai("fine"))]
    url = replay.add("openai", "overloaded", bodies)
    chain = PROMPT | chat_model("openai", url, "gpt-5-mini").with_retry(**FAST)
    chain.invoke(CHAIN, sent.config())
    (root,) = sent.roots()
    assert root["respmeta_superseded_calls"] == 2
    told = root["respmeta"]["rollup"]["attempts"]
    assert [(one["attempt"], one["superseded"], one.get("error_status")) for one in told] == [
        (1, True, 429),
        (2, True, 429),
        (3, False, None),
    ]
    assert told[2]["cost_usd"] > 0
    assert [one["run_id"] for one in told[:2]] == [one["previous_run_id"] for one in told[1:]]
    runs = sent.metadata(run_type="llm")
    assert [run["respmeta_attempt"] for run in runs] == [1, 2, 3]
    assert runs[2]["respmeta"]["previous_run_id"] == told[1]["run_id"]


GOOD, AWAY = "good", "away"
"""Replies of a provider: an answer, and a 429."""


def _replies(replay: ReplayServer, *replies: str) -> Any:
    bodies = [
        Answer(OVERLOADED, status=429) if reply == AWAY else Answer(openai("fine")) for reply in replies
    ]
    url = replay.add("openai", f"replies-{next(_numbers)}", bodies)
    return chat_model("openai", url, "gpt-5-mini")


_numbers = itertools.count(1)
Making = Callable[[ReplayServer], tuple[Runnable[Any, Any], Any]]
RECOVERING: dict[str, Making] = {
    "with_fallbacks": lambda replay: (
        PROMPT | _replies(replay, AWAY).with_fallbacks([_replies(replay, GOOD)]),
        CHAIN,
    ),
    "with_fallbacks of chains": lambda replay: (
        (PROMPT | _replies(replay, AWAY)).with_fallbacks([PROMPT | _replies(replay, GOOD)]),
        CHAIN,
    ),
    "with_retry": lambda replay: (PROMPT | _replies(replay, AWAY, GOOD).with_retry(**FAST), CHAIN),
    "with_retry of a chain": lambda replay: (
        (PROMPT | _replies(replay, AWAY, GOOD)).with_retry(**FAST),
        CHAIN,
    ),
    "ModelFallbackMiddleware": lambda replay: (
        agent(_replies(replay, AWAY), ModelFallbackMiddleware(_replies(replay, GOOD))),
        QUESTION,
    ),
    "ModelRetryMiddleware": lambda replay: (
        agent(_replies(replay, AWAY, GOOD), ModelRetryMiddleware(max_retries=1, initial_delay=0)),
        QUESTION,
    ),
}


def _drained(stream: Any) -> None:
    for _ in stream:
        pass


async def _adrained(stream: Any) -> None:
    async for _ in stream:
        pass


CALLED: dict[str, Callable[[Any, Any, Any], Any]] = {
    "invoke": lambda made, inputs, config: made.invoke(inputs, config),
    "ainvoke": lambda made, inputs, config: asyncio.run(made.ainvoke(inputs, config)),
    "stream": lambda made, inputs, config: _drained(made.stream(inputs, config)),
    "astream": lambda made, inputs, config: asyncio.run(_adrained(made.astream(inputs, config))),
}


@pytest.mark.parametrize(
    ("way", "call"),
    [
        (way, call)
        for way in RECOVERING
        for call in CALLED
        if not (way.startswith("with_retry") and call.endswith("stream"))  # LangChain retries no streams
    ],
)
def test_a_call_that_was_made_up_for_does_not_decide_how_the_trace_ended(
    sent: Sent, replay: ReplayServer, handler: RespMetaHandler, way: str, call: str
):
    made, inputs = RECOVERING[way](replay)
    CALLED[call](made, inputs, sent.config())
    (root,) = sent.roots()
    assert (root["respmeta_finish_reason"], root["respmeta_unpriced_calls"]) == ("stop", 0)
    assert (root["respmeta_llm_calls"], root["respmeta_error_calls"]) == (2, 1)
    assert root["respmeta_superseded_calls"] == 1
    assert {sums["unpriced_calls"] for sums in root["respmeta"]["rollup"]["by_model"].values()} == {0}
    summary = handler.summary()
    assert (summary["calls"], summary["unpriced_calls"]) == (2, 0)
    assert summary["by"]["unpriced_reason"] == {}


def test_when_the_last_attempt_fails_too_the_trace_ended_so(
    sent: Sent, replay: ReplayServer, handler: RespMetaHandler
):
    chain = PROMPT | _replies(replay, AWAY).with_fallbacks([_replies(replay, AWAY)])
    with pytest.raises(Exception, match="429"):
        chain.invoke(CHAIN, sent.config())
    (root,) = sent.roots()
    assert (root["respmeta_finish_reason"], root["respmeta_unpriced_calls"]) == ("error", 0)
    assert root.get("respmeta_cost_usd") is None


def test_a_call_that_is_no_attempt_still_decides(sent: Sent, replay: ReplayServer, handler: RespMetaHandler):
    """Another question failed: the answer to this one does not make up for it."""
    away, good = _replies(replay, AWAY), _replies(replay, GOOD)

    def both(_: Any) -> Any:
        with contextlib.suppress(Exception):
            away.invoke("one question")
        return good.invoke("another question")

    RunnableLambda(both).invoke("x", sent.config())
    (root,) = sent.roots()
    assert (root["respmeta_finish_reason"], root["respmeta_unpriced_calls"]) == ("error", 0)


def test_an_answer_without_a_price_and_a_stream_that_broke_are_billed(
    sent: Sent, replay: ReplayServer, handler: RespMetaHandler
):
    """Nobody knows what they cost; a call that failed before its first token costs nothing."""
    answer = Answer(
        {**openai("once upon a time"), "model": "nobody-knows-1"}, fault="disconnect", fault_after=4
    )
    broken = chat_model("openai", replay.add("openai", "broken", answer), "nobody-knows-1")
    unknown = {**openai("fine"), "model": "nobody-knows-1"}
    unpriced = chat_model("openai", replay.add("openai", "unknown", Answer(unknown)), "nobody-knows-1")

    def all_of_them(_: Any) -> Any:
        with contextlib.suppress(Exception):
            _replies(replay, AWAY).invoke("one")
        with contextlib.suppress(Exception):
            _drained(broken.stream("two"))
        return unpriced.invoke("three")

    RunnableLambda(all_of_them).invoke("x", sent.config())
    (root,) = sent.roots()
    assert (root["respmeta_llm_calls"], root["respmeta_unpriced_calls"]) == (3, 2)
    assert handler.summary()["unpriced_calls"] == 2


# --- answered, but for nothing ---------------------------------------------------------------------------------------


class Weather(BaseModel):
    """The weather."""

    degrees: int


def object_with_retry(url: str) -> Runnable[Any, Any]:
    asking = chat_model("openai", url, "gpt-5-mini").with_structured_output(
        Weather, method="function_calling"
    )
    return PROMPT | asking.with_retry(**FAST)


@pytest.mark.parametrize("graphs", [True, False])
def test_an_answer_in_the_wrong_shape_is_an_attempt_that_cost(
    sent: Sent,
    replay: ReplayServer,
    handler: RespMetaHandler,
    monkeypatch: pytest.MonkeyPatch,
    *,
    graphs: bool,
):
    if not graphs:
        monkeypatch.setattr(chains, "_modules", {})
    shapes = ({"degrees": "cold"}, {"degrees": 7})
    bodies = [Answer(openai("", ("call", "Weather", shape))) for shape in shapes]
    url = replay.add("openai", f"shapes-{sent.project}", bodies)
    assert object_with_retry(url).invoke(CHAIN, sent.config()) == Weather(degrees=7)
    assert attempts(handler) == [(1, True), (2, None)]
    linked(handler)
    (root,) = sent.roots()
    first, second = root["respmeta"]["rollup"]["attempts"]
    assert (first["superseded"], second["superseded"]) == (True, False)
    assert first["cost_usd"] == second["cost_usd"] > 0
    assert root["respmeta_superseded_calls"] == 1
    assert root["respmeta_superseded_cost_usd"] == first["cost_usd"]
    (run,) = [one for one in sent.runs() if one["parent_run_id"] is None]
    page = httpx.get(f"{sent.server.url}/run/{run['id']}").text
    assert f'<a class="word" href="/run/{first["run_id"]}">attempt 1</a>' in page
    assert "1 superseded" in page
    assert page.count("$0.0000650") == 3, "the superseded cost, and that of each attempt"


def picky(*refused: str) -> Callable[[Any], Any]:
    """Fails with each of `refused` once."""
    left = list(refused)

    def check(message: Any) -> Any:
        if left and message.content == left[0]:
            raise ConnectionError(left.pop(0))
        return message

    return check


def node_that_fails_with_an_answer() -> Any:
    asked, check = model("bad", "good"), picky("bad")
    graph = StateGraph(MessagesState)
    policy = RetryPolicy(initial_interval=0.01, retry_on=ConnectionError)
    graph.add_node(
        "asking", lambda state: {"messages": [check(asked.invoke(state["messages"]))]}, retry_policy=policy
    )
    graph.add_edge(START, "asking")
    return graph.compile()


@pytest.mark.parametrize(
    ("make", "given"),
    [
        (lambda: (PROMPT | model("bad", "good") | picky("bad")).with_retry(**FAST), CHAIN),
        (lambda: (PROMPT | model("bad") | picky("bad")).with_fallbacks([PROMPT | model("good")]), CHAIN),
        (node_that_fails_with_an_answer, QUESTION),
    ],
    ids=["chain.with_retry", "chain.with_fallbacks", "a node's retry policy"],
)
def test_an_answer_that_a_later_step_failed_with(
    sent: Sent, handler: RespMetaHandler, make: Callable[[], Any], given: Any
):
    make().invoke(given, sent.config())
    assert attempts(handler) == [(1, True), (2, None)]
    linked(handler)
    assert sent.roots()[0]["respmeta_superseded_calls"] == 1


def test_a_node_that_pauses_has_not_failed(handler: RespMetaHandler):
    asked = model("first", "second")

    def ask(state: Any) -> Any:
        answer = asked.invoke(state["messages"])
        interrupt("go on?")
        return {"messages": [answer]}

    graph = StateGraph(MessagesState)
    graph.add_node("ask", ask)
    graph.add_edge(START, "ask")
    compiled = graph.compile(checkpointer=InMemorySaver())
    config: Any = {"callbacks": [handler], "configurable": {"thread_id": "1"}}
    compiled.invoke(QUESTION, config)
    compiled.invoke(Command(resume=True), config)
    assert attempts(handler) == [(None, None), (None, None)]


def test_chains_are_not_watched_when_all_is_well(handler: RespMetaHandler, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chains, "_modules", {})
    assert handler.ignore_chain
    (PROMPT | model(fails=1).with_retry(**FAST)).invoke(CHAIN, {"callbacks": [handler]})
    assert attempts(handler) == [(1, True), (2, None)]
    assert handler.ignore_chain
