"""Never in the user's way: bounded, quiet, and free where no agent is at work."""

import gc
import subprocess
import sys
import uuid
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain.agents import create_agent
from langchain_core.outputs import ChatGeneration, ChatResult, LLMResult
from langgraph.types import Command

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._agents import (
    graph_places,
    same_id_calls,
    tool_call_table,
    trace_calls,
    trace_summary,
)
from langchain_respmeta._agents.attempts import ATTEMPTS, MAX_FAILED
from langchain_respmeta._agents.graph_places import PLACES
from langchain_respmeta._agents.tool_call_table import CALLS
from langchain_respmeta._agents.trace_calls import MAX_OF_TRACE
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs.run import Run
from langchain_respmeta._runs.table import MAX_ENDED as MAX_ENDED_RUNS
from langchain_respmeta.handler.pipeline import read_run
from tests.agents.fakes import QUESTION, TOOLS, Sent, State, asks, model
from tests.waiting import CEILING_S


def test_tools_and_chains_that_never_end_are_forgotten(handler: RespMetaHandler):
    for number in range(graph_places.MAX_PLACES + 10):
        handler.on_chain_start(
            None, {}, run_id=uuid.uuid4(), tags=["graph:step:1"], metadata={"thread_id": number}
        )
    assert len(STATE[PLACES]) == graph_places.MAX_PLACES
    for _ in range(tool_call_table.MAX_LIVE + 10):
        handler.on_tool_start({"name": "x"}, "", run_id=uuid.uuid4(), tool_call_id=str(uuid.uuid4()))
    assert len(STATE[CALLS].live) == tool_call_table.MAX_LIVE
    assert len(STATE[CALLS]._by_id) <= tool_call_table.MAX_IDS


def test_a_node_remembers_its_last_answers_only(handler: RespMetaHandler):
    node = uuid.uuid4()
    handler.on_chain_start(None, {}, run_id=node, tags=["graph:step:1"], metadata={"thread_id": 1})
    asked = [uuid.uuid4() for _ in range(graph_places.MAX_ANSWERED * 3)]
    for run_id in asked:
        handler.on_chat_model_start({}, [["x"]], run_id=run_id, parent_run_id=node)
        answer = ChatGeneration(message=asks(("asked", "x", {})))
        handler.on_llm_end(LLMResult(generations=[[answer]]), run_id=run_id)
    remembered = [run.id for run, _ in STATE[PLACES][node].answered]
    assert remembered == asked[-graph_places.MAX_ANSWERED :]


def test_a_trace_remembers_its_last_runs_and_counts_the_others(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trace_summary, "MAX_RUNS", 5)
    trace = trace_summary.Trace()
    runs = [Run(uuid.uuid4(), {}, None, None, None, None, read_run) for _ in range(20)]
    for run in runs:
        trace.add(run, {})
    assert [*trace.notes] == [*trace.facts] == [run.id for run in runs[-5:]]


def test_calls_that_failed_long_ago_are_forgotten(handler: RespMetaHandler, monkeypatch: pytest.MonkeyPatch):
    def fail() -> None:
        run_id = uuid.uuid4()
        handler.on_chat_model_start({}, [["x"]], run_id=run_id, parent_run_id=uuid.uuid4())
        handler.on_llm_error(ConnectionError(), run_id=run_id)

    fail()
    assert len(STATE[ATTEMPTS].failed) == 1
    monkeypatch.setattr("langchain_respmeta._agents.attempts.MAX_AGE_S", 0.0)
    STATE[ATTEMPTS]._forget_old()
    assert not STATE[ATTEMPTS].failed


def test_failed_calls_are_forgotten(handler: RespMetaHandler):
    parent = uuid.uuid4()
    for _ in range(MAX_FAILED * 3):
        run_id = uuid.uuid4()
        handler.on_chat_model_start({}, [[str(run_id)]], run_id=run_id, parent_run_id=parent)
        handler.on_llm_error(ConnectionError(), run_id=run_id)
    assert len(STATE[ATTEMPTS].failed) == MAX_FAILED


def test_a_tool_that_fails_forever_is_remembered_a_few_times(handler: RespMetaHandler):
    for _ in range(100):
        run_id = uuid.uuid4()
        handler.on_tool_start({"name": "x"}, "", run_id=run_id, tool_call_id="the same")
        handler.on_tool_error(RuntimeError(), run_id=run_id)
    (call,) = STATE[CALLS]._by_id["the same"]
    assert (len(call.roots), len(call.runs)) == (tool_call_table.MAX_TRIES, tool_call_table.MAX_TRIES)


def test_an_id_that_is_asked_for_forever_is_remembered_a_few_times(handler: RespMetaHandler):
    for _ in range(same_id_calls.MAX_OPEN + 10):
        run_id = uuid.uuid4()
        handler.on_chat_model_start({}, [["x"]], run_id=run_id)
        answer = ChatGeneration(message=asks(("asked", "x", {})))
        handler.on_llm_end(LLMResult(generations=[[answer]]), run_id=run_id)
        handler.on_tool_start({"name": "x"}, "", run_id=run_id, tool_call_id="ran")
        handler.on_tool_end("done", run_id=run_id)
    assert len(handler.records) == same_id_calls.MAX_OPEN + 10
    assert len(STATE[CALLS]._by_id["asked"]) == same_id_calls.MAX_OPEN
    assert len(STATE[CALLS]._by_id["ran"]) == same_id_calls.MAX_OPEN


def test_many_traces(handler: RespMetaHandler):
    agent = create_agent(
        model(*[asks(("a", "look_up", {"word": "x"})), "done"] * 60), list(TOOLS), state_schema=State
    )
    for _ in range(60):
        agent.invoke(QUESTION, {"callbacks": [handler]})
    assert not STATE[PLACES]
    assert not STATE[CALLS].live
    assert len(STATE[trace_summary.TRACES].live) <= trace_summary.MAX_TRACES


def one_agent(handler: RespMetaHandler, root: uuid.UUID, calls_in_it: int = 1) -> None:
    """The callbacks of an agent that asks for tools, as core makes them."""
    metadata = {"thread_id": str(root)}
    handler.on_chain_start(None, {}, run_id=root, metadata=metadata)
    for step in range(calls_in_it):
        node, run, tool = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
        handler.on_chain_start(
            None, {}, run_id=node, parent_run_id=root, tags=[f"graph:step:{step}"], metadata=metadata
        )
        handler.on_chat_model_start({}, [["?"]], run_id=run, parent_run_id=node)
        message = asks((str(tool), "look_up", {"word": "x" * 1000}))
        result = ChatResult(generations=[ChatGeneration(message=message)])
        handler.on_llm_end(LLMResult(generations=[result.generations]), run_id=run)
        handler.on_chain_end({"messages": [message]}, run_id=node)
        handler.on_tool_start(
            {"name": "look_up"},
            "",
            run_id=tool,
            parent_run_id=root,
            inputs={"word": "x" * 1000},
            tool_call_id=str(tool),
        )
        handler.on_tool_end("found", run_id=tool)
    handler.on_chain_end({}, run_id=root)


def alive(*kinds: type) -> list[int]:
    gc.collect()
    everything = gc.get_objects()
    return [sum(type(one) is kind for one in everything) for kind in kinds]


def test_nothing_grows_over_ten_thousand_agents(make_handler: Callable[..., RespMetaHandler]):
    small = make_handler(include_content=True, max_records=10)
    before = alive(Run, tool_call_table.ToolRun)
    for _ in range(10_000):
        one_agent(small, uuid.uuid4())
    assert small.summary()["calls"] == 10_000
    assert small.summary()["faults"] == {}
    assert not STATE[PLACES]
    assert not STATE[CALLS].live
    assert len(STATE[CALLS]._by_id) == tool_call_table.MAX_IDS
    assert len(STATE[CALLS]._by_root) == tool_call_table.MAX_ROOTS
    runs, executions = (
        now - was for now, was in zip(alive(Run, tool_call_table.ToolRun), before, strict=True)
    )
    assert runs <= MAX_ENDED_RUNS + 10
    assert executions <= tool_call_table.MAX_IDS + 10


def test_a_trace_without_end_is_counted_and_not_kept(handler: RespMetaHandler):
    root, count = uuid.uuid4(), 3 * MAX_OF_TRACE
    one_agent(handler, root, count)
    assert len(handler.records) == count, "answers that are read late do not count their calls again"
    kept = STATE[CALLS].trace_calls(root)
    assert kept is not None
    assert (len(kept.calls), kept.dropped) == (MAX_OF_TRACE, count - MAX_OF_TRACE)
    told = trace_summary.rollup_of(root, ended_well=True)
    assert (told["tool_calls"], told["tool_errors"]) == (count, 0)
    assert len(told["tool_executions"]) == trace_summary.MAX_LISTED
    assert told["tool_executions_trimmed"] == count - trace_summary.MAX_LISTED


def many_at_once(handler: RespMetaHandler, root: uuid.UUID, count: int) -> None:
    """Tools that are all under way before the first of them ends, and every third of which fails."""
    ids = [uuid.uuid4() for _ in range(count)]
    for run_id in ids:
        handler.on_tool_start(
            {"name": "x"}, "", run_id=run_id, parent_run_id=root, tool_call_id=f"call-{run_id}"
        )
    for number, run_id in enumerate(ids):
        if number % 3:
            handler.on_tool_end("done", run_id=run_id)
        else:
            handler.on_tool_error(RuntimeError(), run_id=run_id)


def test_tools_at_the_same_time_are_counted_with_what_became_of_them(handler: RespMetaHandler):
    root, count = uuid.uuid4(), 3 * MAX_OF_TRACE
    handler.on_chain_start(None, {}, run_id=root)
    many_at_once(handler, root, count)
    told = trace_summary.rollup_of(root, ended_well=True)
    assert (told["tool_calls"], told["tool_errors"]) == (count, count / 3)
    many_at_once(handler, root, count)
    told = trace_summary.rollup_of(root, ended_well=True)
    assert (told["tool_calls"], told["tool_errors"]) == (2 * count, 2 * count / 3)


def test_calls_of_which_nothing_is_heard_are_counted_and_not_kept(
    handler: RespMetaHandler, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(trace_calls, "MAX_UNDECIDED", 300)
    root, count = uuid.uuid4(), 3 * MAX_OF_TRACE
    handler.on_chain_start(None, {}, run_id=root)
    for number in range(count):
        STATE[CALLS].find_or_make(f"call-{number}", "x", root, None)
    kept = STATE[CALLS].trace_calls(root)
    assert kept is not None
    assert len(kept.known()) <= MAX_OF_TRACE + 301
    assert len(kept.known()) + kept.dropped == count


def test_ended_traces_are_let_go(sent: Sent):
    agent = create_agent(model(*[asks(("a", "look_up", {"word": "x"})), "done"] * 80), list(TOOLS))
    for _ in range(80):
        agent.invoke(QUESTION, sent.config())
    assert len(sent.roots()) == 80
    assert not STATE[trace_summary.TRACES].live
    assert len(STATE[trace_summary.TRACES].ended) == trace_summary.MAX_ENDED


def test_large_arguments_and_states_are_copied_in_part(handler: RespMetaHandler):
    run_id = uuid.uuid4()
    given = {"text": "x" * 10**6, "items": list(range(10**4)), "deep": {"text": "y" * 10**6}}
    handler.on_tool_start({"name": "x"}, "", run_id=run_id, inputs=given, tool_call_id="a")
    handler.on_tool_end(Command(update={"big": "z" * 10**6}), run_id=run_id)
    tool_run = STATE[CALLS].run(run_id)
    assert tool_run is not None
    assert tool_run.outcome is not None
    assert len(repr(tool_run.facts())) < 10_000
    assert len(repr(tool_run.outcome.state)) < 5_000
    assert tool_run.args is not given


def test_a_graphs_state_is_let_go(handler: RespMetaHandler):
    class Kept:
        type = "human"
        id = "kept"
        content = "x"

    state = Kept()
    gone = weakref.ref(state)
    root, node, run = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    handler.on_chain_start(None, {}, run_id=root, metadata={})
    handler.on_chain_start(
        None, {"messages": [state]}, run_id=node, parent_run_id=root, tags=["graph:step:1"], metadata={}
    )
    handler.on_chat_model_start({}, [[state]], run_id=run, parent_run_id=node)
    handler.on_llm_end({"generations": []}, run_id=run)
    handler.on_chain_end({}, run_id=node)
    handler.on_chain_end({}, run_id=root)
    assert len(handler.records) == 1
    del state
    gc.collect()
    assert gone() is None


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12) | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(JUNK, JUNK, JUNK)
def test_whatever_comes_nothing_is_raised_and_nothing_logged(inputs: Any, output: Any, extra: Any):
    own = RespMetaHandler(feedback=False, include_content=True)
    root, node, tool = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    own.on_chain_start(extra, inputs, run_id=root, metadata=None, tags=None)
    own.on_chain_start(None, {"messages": inputs}, run_id=node, parent_run_id=root, tags=["graph:step:1"])
    own.on_tool_start(None, "", run_id=tool, parent_run_id=node, inputs=inputs, tool_call_id=extra)
    own.on_tool_end(output, run_id=tool)
    own.on_chain_end({"messages": output}, run_id=node)
    own.on_chain_end(output, run_id=root)
    own.on_chain_error(ValueError(extra), run_id=uuid.uuid4())
    own.on_tool_error(ValueError(extra), run_id=uuid.uuid4())
    assert not [kind for kind in own.summary()["faults"] if "chain" in kind or "tool" in kind]


def test_chains_cost_nothing_without_graphs():
    """In a process that never loaded LangGraph, core does not even call the handler for chains."""
    program = """
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.runnables import RunnableLambda
from langchain_respmeta import RespMetaHandler
seen = []
class Counting(RespMetaHandler):
    def on_chain_start(self, *args, **kwargs):
        seen.append(kwargs)
handler = Counting(feedback=False)
chain = RunnableLambda(str) | FakeListChatModel(responses=["x"]) | RunnableLambda(lambda m: m.content)
chain.invoke("hi", {"callbacks": [handler]})
assert len(handler.records) == 1
print(len(seen))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=CEILING_S
    )
    assert done.stdout.strip() == "0"


def test_forks_start_with_nothing(handler: RespMetaHandler):
    handler.on_chain_start(None, {}, run_id=uuid.uuid4(), tags=[], metadata={})
    assert STATE[PLACES]
    STATE.clear()
    assert not STATE[PLACES]
