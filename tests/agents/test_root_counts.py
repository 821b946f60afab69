"""A root's sums can be filtered and charted: every count is a number, and an amount of money a float."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._agents.trace_calls import MAX_OF_TRACE, TraceCalls, counted
from langchain_respmeta._agents.trace_summary import Trace
from langchain_respmeta._process.state import STATE
from langchain_respmeta.langsmith.rollup import ROLLUPS
from tests.agents.fakes import QUESTION, Sent, asks, look_up, model

COUNTS = frozenset(
    {
        "llm_calls",
        "input_tokens",
        "output_tokens",
        "total_tokens",
        "cache_read_tokens",
        "reasoning_tokens",
        "unpriced_calls",
        "refused_calls",
        "truncated_calls",
        "error_calls",
        "tool_calls",
        "tool_errors",
        "cancelled_tools",
        "waiting_calls",
        "rejected_calls",
        "external_calls",
        "superseded_calls",
        "tool_executions_trimmed",
        "attempts_trimmed",
    }
)
MONEY = frozenset({"cost_usd", "superseded_cost_usd"})
YES_OR_NO = frozenset({"refused", "truncated"})


def check_types(root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Each key of a root has the one type of its kind, flat and nested."""
    flat = {
        key.removeprefix("respmeta_"): value for key, value in root.items() if key.startswith("respmeta_")
    }
    nested = {key: value for key, value in root["respmeta"]["rollup"].items() if key != "by_model"}
    by_model = root["respmeta"]["rollup"]["by_model"].values()
    for told in (flat, nested, *by_model):
        for key, value in told.items():
            if value is None or isinstance(value, dict | list):
                continue
            kind = int if key in COUNTS else float if key in MONEY else bool if key in YES_OR_NO else str
            assert type(value) is kind, (key, value)
    return flat


@tool
def explode(word: str) -> str:
    """Explode."""
    raise ValueError(word)


def calls(name: str, count: int) -> list[tuple[str, str, dict[str, Any]]]:
    return [(f"{name}-{number}", name, {"word": "x"}) for number in range(count)]


counts = pytest.mark.parametrize("count", [0, 1, 2])


@counts
def test_tools_that_fail(sent: Sent, count: int) -> None:
    def run(_: Any) -> None:
        for call in (
            model(asks(*calls("explode", count), *calls("look_up", 1))).invoke("?").tool_calls[:count]
        ):
            with pytest.raises(ValueError, match="x"):
                explode.invoke(call)
        look_up.invoke(model(asks(*calls("look_up", 1))).invoke("?").tool_calls[0])

    RunnableLambda(run).invoke("?", sent.config())
    told = check_types(sent.roots()[0])
    assert told["tool_errors"] == count


@counts
def test_calls_that_are_handed_back(sent: Sent, count: int) -> None:
    asking = model(asks(*calls("look_up", count)))
    RunnableLambda(asking.invoke).invoke("?", sent.config())
    told = check_types(sent.roots()[0])
    assert told.get("external_calls") == (count or None)
    assert told.get("tool_errors") == (0 if count else None)


@counts
def test_calls_that_wait_and_are_rejected(sent: Sent, count: int) -> None:
    review = HumanInTheLoopMiddleware({"explode": True})
    agent = create_agent(
        model(asks(*calls("explode", count), *calls("look_up", 1)), "done"),
        [explode, look_up],
        middleware=[review],
        checkpointer=InMemorySaver(),
    )
    agent.invoke(QUESTION, sent.config())
    assert check_types(sent.roots()[0]).get("waiting_calls") == (count or None)
    if count:
        agent.invoke(Command(resume={"decisions": [{"type": "reject"}] * count}), sent.config())
        assert check_types(sent.roots()[1])["rejected_calls"] == count


@counts
def test_calls_that_were_tried_again(sent: Sent, count: int) -> None:
    again = model("fine", fails=count).with_retry(stop_after_attempt=count + 1, wait_exponential_jitter=False)
    (RunnableLambda(str) | again).invoke("?", sent.config())
    told = check_types(sent.roots()[0])
    assert told.get("superseded_calls") == (count or None)
    assert (told["llm_calls"], told["error_calls"]) == (count + 1, count)


@pytest.mark.parametrize("kept", [1, 2])
def test_counts_of_calls_that_are_only_counted(kept: int) -> None:
    """The first that is dropped, and those after it."""
    from langchain_respmeta._agents.tool_call import TrackedCall

    seen = TraceCalls()
    for _ in range(MAX_OF_TRACE + kept):
        call = TrackedCall(None, "x", None)
        call.external = True
        seen.add(call)
    assert {name: type(value) for name, value in seen.counts.items()} == dict.fromkeys(counted(call), int)
    assert (seen.counts["external_calls"], seen.dropped) == (kept, kept)


@counts
def test_sums_of_calls(make_handler: Callable[..., RespMetaHandler], count: int) -> None:
    """Of records as they come: whole costs, flags, and none of them."""
    STATE.clear()
    handler, trace = make_handler(), uuid4()
    STATE[ROLLUPS].open(trace, handler)
    draft = {"provider": "openai", "model": "m", "cost.total": Decimal(1), "truncated": True, "refused": True}
    for _ in range(count):
        STATE[ROLLUPS].add(
            trace, uuid4(), {**draft, "finish_reason": "error", "usage.input_tokens": 3}, handler
        )
    found = STATE[ROLLUPS].of(trace)[handler.prefix]
    told = check_types(found.keys("respmeta"))
    assert told.get("cost_usd") == (float(count) if count else None)
    assert [told[name] for name in ("llm_calls", "refused_calls", "truncated_calls", "error_calls")] == [
        count
    ] * 4


def test_a_superseded_call_without_a_price_costs_a_float() -> None:
    assert type(Trace().dropped.superseded_cost) is float
