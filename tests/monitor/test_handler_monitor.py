"""A handler's monitor: real integrations, in a handler's sinks and as its own, agree with its records and its sums."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableLambda

from langchain_respmeta import Monitor, RespMetaHandler, ResponseMetadata
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model, scenario_runnable
from langchain_respmeta.monitor import Figures
from langchain_respmeta.monitor.groups import ALWAYS, NONE
from tests.handler.echo import Echo
from tests.waiting import CEILING_S

SCENARIOS = (
    ("openai", "cached_reasoning"),
    ("openai", "refusal"),
    ("openai", "n2"),
    ("openai", "error_429"),
    ("openai_responses", "truncated"),
    ("anthropic", "cache_write"),
    ("google", "basic"),
    ("groq", "basic"),
)
SAME_IN_THE_SUMMARY = (
    *("calls", "cost_usd", "cache_discount_usd", "unpriced_calls"),
    *("output_tokens", "total_tokens", "reasoning_tokens"),
)
BY = ("user_id", "tags", "run_name")


def call_all(replay: ReplayServer, config: dict[str, Any]) -> None:
    """Real integrations, one call each."""
    for provider, name in SCENARIOS:
        scenario = demo_scenarios()[provider][name]
        try:
            scenario_runnable(replay, scenario).invoke(scenario.messages, config)
        except Exception:  # noqa: BLE001 - whatever the integration raises
            assert scenario.failing


def summed(records: Iterable[ResponseMetadata]) -> dict[str, Any]:
    """Sums over records, counted plainly."""
    found = [one for one in records if not one.candidate_index]
    costs = [one.cost.total for one in found if one.cost and one.cost.total is not None]
    reads = [one.usage for one in found if one.usage and one.usage.cache_read_tokens is not None]
    return {
        "calls": len(found),
        "errors": sum(one.event == "error" for one in found),
        "refusals": sum(bool(one.refused) for one in found),
        "truncations": sum(bool(one.truncated) for one in found),
        "cost_usd": sum(costs, Decimal(0)),
        "input_tokens": sum(one.usage.input_tokens or 0 for one in found if one.usage),
        "cache_read_tokens": sum(usage.cache_read_tokens or 0 for usage in reads),
        "cache_share": sum(usage.cache_read_tokens or 0 for usage in reads)
        / sum(usage.input_tokens or 0 for usage in reads),
    }


def only(figures: Figures, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(figures, name) for name in names}


def test_real_calls_add_up_to_the_records_and_to_the_handler_s_sums_in_every_grouping(
    replay: ReplayServer,
) -> None:
    """As a sink and as the handler's own, made before the calls and after them."""
    sink = Monitor(by=BY)
    early = RespMetaHandler(feedback=False, by=BY, sinks=[sink])
    late = RespMetaHandler(feedback=False, by=BY)
    assert early.monitor.totals().calls == 0
    config = {"metadata": {"user_id": "ada"}, "tags": ["nightly"], "run_name": "ask"}
    call_all(replay, {"callbacks": [early, late], **config})
    assert early.flush(CEILING_S)
    expected = summed(early.records)
    assert expected["calls"] == len(SCENARIOS)
    sums = early.summary()
    for monitor in (sink, early.monitor, late.monitor):
        whole = monitor.totals()
        assert only(whole, expected) == expected
        for name in (
            "calls",
            "cost_usd",
            "unpriced_calls",
            "output_tokens",
            "total_tokens",
            "reasoning_tokens",
        ):
            assert getattr(whole, name) == sums[name], name
        for by in (*ALWAYS, *BY):
            groups = monitor.figures(by, "hour")
            for name in ("calls", "errors", "refusals", "truncations"):
                assert sum(getattr(one, name) for one in groups) == getattr(whole, name)
            assert sum(one.cost_usd or 0 for one in groups) == whole.cost_usd
        assert {one.value for one in monitor.figures("provider")} == {one.provider for one in early.records}
        assert [(one.by, one.value) for by in BY for one in monitor.figures(by)] == [
            ("user_id", "ada"),
            ("tags", "nightly"),
            ("run_name", "ask"),
        ]
        assert whole.p50_latency_s == pytest.approx(sorted(_latencies(early))[3], rel=0.011)
    assert early.monitor is early.monitor


def _latencies(handler: RespMetaHandler) -> list[float]:
    timings = [one.timing for one in handler.records if not one.candidate_index]
    return [one.latency_s for one in timings if one and one.latency_s is not None]


def test_a_failed_try_is_superseded_by_the_fallback_that_answers(replay: ReplayServer) -> None:
    handler = RespMetaHandler(feedback=False)
    failing, answering = (demo_scenarios()["openai"][name] for name in ("error_429", "basic"))
    chain = scenario_model(replay, failing).with_fallbacks([scenario_model(replay, answering)])
    monitor = handler.monitor
    chain.invoke(answering.messages, {"callbacks": [handler]})
    assert handler.flush(CEILING_S)
    found = monitor.totals()
    assert (found.calls, found.errors, found.superseded_calls, found.superseded_cost_usd) == (2, 1, 1, None)
    assert handler.monitor.totals() == found


def test_agents_and_their_nodes_are_groups(replay: ReplayServer) -> None:
    handler = RespMetaHandler(feedback=False, by=("thread_id",))
    basic = demo_scenarios()["openai"]["basic"]
    agent = create_agent(scenario_model(replay, basic), name="writer")
    config = {"callbacks": [handler], "configurable": {"thread_id": "t1"}, "metadata": {"thread_id": "t1"}}
    agent.invoke({"messages": basic.messages}, config)
    scenario_model(replay, basic).invoke(basic.messages, {"callbacks": [handler]})
    groups = {
        by: {one.value: one.calls for one in handler.monitor.figures(by)}
        for by in ("agent_name", "graph_node")
    }
    assert groups == {"agent_name": {"writer": 1, NONE: 1}, "graph_node": {"model": 1, NONE: 1}}
    assert handler.monitor.totals(by="thread_id", value="t1").calls == 1


class TooDearError(Exception):
    """The recipe's own exception."""


class Budget(BaseCallbackHandler):
    """The recipe of docs/monitor.md."""

    raise_error = True
    run_inline = True

    def __init__(self, handler: RespMetaHandler, limit: Decimal) -> None:
        self.handler, self.limit = handler, limit

    def on_chat_model_start(
        self, serialized: Any, messages: Any, *, metadata: Any = None, **kwargs: Any
    ) -> None:
        user = (metadata or {}).get("user_id")
        spent = self.handler.monitor.totals("day", by="user_id", value=user).cost_usd or 0
        if spent >= self.limit:
            raise TooDearError(user)


async def _invoke(chain: Any, config: Any) -> None:
    chain.invoke("Who?", config)


async def _ainvoke(chain: Any, config: Any) -> None:
    await chain.ainvoke("Who?", config)


async def _answered(ask: Any, chain: Any, callbacks: list[Any], users: list[str]) -> Counter[str]:
    """How many calls of each user were answered."""
    found: Counter[str] = Counter()
    for user in users:
        with suppress(TooDearError):
            await ask(chain, {"callbacks": callbacks, "metadata": {"user_id": user}})
            found[user] += 1
    return found


@pytest.mark.filterwarnings(
    "ignore:coroutine 'ahandle_event' was never awaited"
)  # core's, of the callbacks after one that raised
@pytest.mark.parametrize("ask", [_invoke, _ainvoke])
def test_a_budget_stops_the_calls_of_one_user_alone_and_no_run_stays_open(
    replay: ReplayServer, ask: Any
) -> None:
    """Each call is counted before the next one starts, without waiting for the reader's thread."""
    handler = RespMetaHandler(feedback=False, by=("user_id",))
    callbacks = [Budget(handler, Decimal("0.0015")), handler]
    chain = RunnableLambda(str) | scenario_model(replay, demo_scenarios()["openai"]["basic"])
    answered = asyncio.run(_answered(ask, chain, callbacks, ["ann", "ann", "ann", "bob", "ann"]))
    assert answered == {"ann": 2, "bob": 1}
    assert [record.cost.total for record in handler.records if record.cost] == [Decimal("0.000994")] * 3
    assert handler.summary()["never_ended"] == 0


def test_threads_that_ask_first_while_others_call_get_one_monitor_that_counts_each_call_once() -> None:
    handler, calls = RespMetaHandler(feedback=False, prices=False), 300

    def work(number: int) -> object:
        if number % 10 == 5:
            return handler.monitor
        return Echo().invoke(str(number), {"callbacks": [handler]})

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(calls)))
    assert {id(one) for one in found if isinstance(one, Monitor)} == {id(handler.monitor)}
    assert handler.monitor.totals().calls == handler.summary()["calls"] == calls - calls // 10


def test_a_sink_may_ask_the_handler_for_its_figures(replay: ReplayServer) -> None:
    found: list[int] = []
    handler = RespMetaHandler(feedback=False, sinks=[lambda _: found.append(handler.monitor.totals().calls)])
    basic = demo_scenarios()["openai"]["basic"]
    model = scenario_model(replay, basic)
    for _ in range(2):
        model.invoke(basic.messages, {"callbacks": [handler]})
        assert handler.flush(CEILING_S)
    assert found == [1, 2]


def test_a_copy_is_the_monitor_itself_and_a_pickled_one_is_empty_with_the_same_settings() -> None:
    handler = RespMetaHandler(feedback=False, by=("user_id",), sinks=[Monitor(by=("user_id",), max_values=7)])
    (sink,) = handler.sinks
    assert copy.copy(sink) is copy.deepcopy(sink) is sink
    (there,) = pickle.loads(pickle.dumps(handler)).sinks  # noqa: S301 - our own
    assert isinstance(there, Monitor)
    assert (there.by, there.max_values, there.totals().calls) == (("user_id",), 7, 0)
    there.figures("user_id")
