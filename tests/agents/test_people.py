"""People in the loop, in the process that asked and in another one (which knows nothing: `STATE.clear`)."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.messages import ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command, Send, interrupt
from langsmith.run_trees import RunTree

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._agents import human_in_the_loop
from langchain_respmeta._process.state import STATE
from langchain_respmeta.langsmith import seam
from langchain_respmeta.record.parts import ToolExecution
from tests.agents.fakes import QUESTION, TOOLS, Sent, State, asks, executions, model

LOOK, LOOK_TOO, MOVE = (
    ("a", "look_up", {"word": "x"}),
    ("b", "look_up", {"word": "y"}),
    ("c", "move", {"city": "Rome"}),
)
APPROVE: Any = {"type": "approve"}
REJECT: Any = {"type": "reject", "message": "no"}
EDIT: Any = {"type": "edit", "edited_action": {"name": "look_up", "args": {"word": "z"}}}
RESPOND: Any = {"type": "respond", "message": "it is a letter"}
SAID: dict[str, tuple[bool | None, bool | None, bool | None, bool | None]] = {
    "approve": (True, True, None, None),
    "reject": (True, False, None, None),
    "edit": (True, True, True, None),
    "respond": (None, None, None, True),
}


def said(one: ToolExecution) -> tuple[bool | None, ...]:
    return one.requires_confirmation, one.confirmed, one.args_edited, one.requires_user_input


def reviewed(*calls: Any, mode: Any = "batched", needs: tuple[str, ...] = ("look_up",)) -> Any:
    return create_agent(
        model(asks(*calls), "done"),
        list(TOOLS),
        state_schema=State,
        checkpointer=InMemorySaver(),
        middleware=[HumanInTheLoopMiddleware(dict.fromkeys(needs, True), interrupt_mode=mode)],
    )


def resume(agent: Any, sent: Sent, decisions: list[Any], mode: str, where: str) -> None:
    waiting = agent.get_state(sent.config()).interrupts
    if where == "elsewhere":
        STATE.clear()
    answer = (
        {"decisions": decisions}
        if mode == "batched"
        else {one.id: decision for one, decision in zip(waiting, decisions, strict=True)}
    )
    agent.invoke(Command(resume=answer), sent.config())


def resumed_executions(sent: Sent) -> dict[str, dict[str, Any]]:
    """The executions on the second trace's root."""
    return {
        one["tool_call_id"]: one for one in sent.roots()[1]["respmeta"]["rollup"].get("tool_executions", ())
    }


@pytest.mark.parametrize("mode", ["batched", "per_call"])
@pytest.mark.parametrize("where", ["here", "elsewhere"])
@pytest.mark.parametrize("first", [APPROVE, REJECT, EDIT, RESPOND], ids=lambda one: one["type"])
def test_reviews_of_each_kind(sent: Sent, handler: RespMetaHandler, mode: str, where: str, first: Any):
    agent = reviewed(LOOK, LOOK_TOO, MOVE, mode=mode)
    agent.invoke(QUESTION, sent.config())
    waiting = [one for one in executions(handler) if one.tool_name == "look_up"]
    assert [said(one) for one in waiting] == [(True, None, None, None)] * 2
    assert not any(one.external_execution_required for one in executions(handler))
    resume(agent, sent, [first, REJECT], mode, where)
    told = resumed_executions(sent)
    keys = ("requires_confirmation", "confirmed", "args_edited", "requires_user_input")
    assert tuple(told["a"].get(key) for key in keys) == SAID[first["type"]]
    assert tuple(told["b"].get(key) for key in keys) == SAID["reject"]
    if where == "here":
        assert [said(one) for one in executions(handler)][:2] == [SAID[first["type"]], SAID["reject"]]
    ran = {one["respmeta_tool_call_id"]: one for one in sent.metadata(run_type="tool")}
    assert ("a" in ran) == (first["type"] in {"approve", "edit"})
    assert "b" not in ran
    if first["type"] == "edit":
        assert ran["a"]["respmeta_args_edited"] is True
        assert ran["a"]["respmeta"]["tool_executions"][0]["tool_args"] == {"word": "z"}


@pytest.mark.parametrize("where", ["here", "elsewhere"])
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Paris", (None, None, None, True)),
        (True, (True, True, None, None)),
        ("no", (True, False, None, None)),
        ({"approved": False}, (True, False, None, None)),
        ({"action": "approve"}, (True, True, None, None)),
        ([{"type": "accept"}], (True, True, None, None)),
        ({"name": "Ann"}, (None, None, None, True)),
    ],
)
def test_a_tool_that_interrupts(sent: Sent, handler: RespMetaHandler, answer: Any, expected: Any, where: str):
    agent = reviewed(("q", "ask_user", {"question": "where?"}))
    agent.invoke(QUESTION, sent.config())
    (told,) = executions(handler)
    assert (told.requires_user_input, told.tool_call_error, told.result) == (True, None, None)
    (paused,) = sent.metadata(run_type="tool")
    assert paused["respmeta_event"] == "tool_call_paused"
    assert "respmeta_tool_error" not in paused
    assert sent.roots()[0]["respmeta_tool_errors"] == 0
    if where == "elsewhere":
        STATE.clear()
    agent.invoke(Command(resume=answer), sent.config())
    run = sent.metadata(run_type="tool")[1]["respmeta"]["tool_executions"][0]
    keys = ("requires_confirmation", "confirmed", "args_edited", "requires_user_input")
    assert tuple(run.get(key) for key in keys) == expected
    assert (run["result"], run["tool_call_error"]) == (f"they said {answer}", False)
    if where == "here":
        (told,) = executions(handler)
        assert said(told) == expected
        assert told.attempt is None


def test_an_answer_says_nothing_of_tools_that_run_later(sent: Sent, handler: RespMetaHandler):
    agent = create_agent(
        model(asks(("q", "ask_user", {"question": "?"})), asks(("a", "look_up", {"word": "x"})), "done"),
        list(TOOLS),
        checkpointer=InMemorySaver(),
    )
    agent.invoke(QUESTION, sent.config())
    STATE.clear()
    agent.invoke(Command(resume="yes"), sent.config())
    told = resumed_executions(sent)
    assert told["q"]["confirmed"] is True
    assert "confirmed" not in told["a"]


def test_two_threads_that_wait_at_once(sent: Sent, handler: RespMetaHandler):
    agent = create_agent(
        model(*[asks(("q", "ask_user", {"question": "?"}))] * 2, *["done"] * 2),
        list(TOOLS),
        checkpointer=InMemorySaver(),
    )
    for thread in ("one", "two"):
        agent.invoke(QUESTION, sent.config(thread))
    agent.invoke(Command(resume="no"), sent.config("two"))
    assert [one.confirmed for one in executions(handler)] == [None, False]
    agent.invoke(Command(resume="yes"), sent.config("one"))
    assert [one.confirmed for one in executions(handler)] == [True, False]


def test_a_no_is_told_where_nothing_else_happens_in_the_process(
    sent: Sent, handler: RespMetaHandler, monkeypatch: pytest.MonkeyPatch
):
    asking = model(asks(("a", "look_up", {"word": "x"})))

    def review(calls: Any) -> dict[str, Any]:
        return {"messages": [ToolMessage(interrupt({"question": "?"}), tool_call_id=calls[0]["id"])]}

    graph = StateGraph(MessagesState)
    graph.add_node("ask", lambda state: {"messages": [asking.invoke(state["messages"])]})
    graph.add_node("tools", review)
    graph.add_edge(START, "ask")
    graph.add_conditional_edges(
        "ask", lambda state: [Send("tools", state["messages"][-1].tool_calls)], ["tools"]
    )
    reviewing = graph.compile(checkpointer=InMemorySaver())
    reviewing.invoke(QUESTION, sent.config())

    STATE.clear()
    for method in ("post", "patch"):
        monkeypatch.setattr(RunTree, method, getattr(RunTree, method).__wrapped__)
    monkeypatch.setattr(seam, "_problem", "not installed yet")
    fresh = RespMetaHandler(feedback=False)
    config = sent.config()
    config["callbacks"] = [fresh if one is handler else one for one in config["callbacks"]]
    reviewing.invoke(Command(resume="no"), config)
    assert sent.roots()[1]["respmeta_rejected_calls"] == 1


# --- decisions over calls --------------------------------------------------------------------------------------------

_KINDS = {"approve": APPROVE, "reject": REJECT, "edit": EDIT, "respond": RESPOND, None: None}


@settings(deadline=None)
@given(st.lists(st.sampled_from([*_KINDS]), max_size=6))
def test_decisions_are_never_laid_over_the_wrong_call(chosen: list[str | None]):
    """For any set of reviewed calls: a call has the decision made on it, or none."""
    calls = [{"id": str(number)} for number in range(len(chosen))]
    decisions = [_KINDS[kind] for kind in chosen if kind]
    replied = {str(n) for n, kind in enumerate(chosen) if kind in {"reject", "respond"}}
    edits = {str(n): {} for n, kind in enumerate(chosen) if kind == "edit"}
    found = human_in_the_loop.aligned(decisions, calls, replied, edits)
    for kind, decision in zip(chosen, found, strict=True):
        assert decision is None or decision == _KINDS[kind]
    if all(chosen):
        assert found == [_KINDS[kind] for kind in chosen]


@pytest.mark.parametrize("chosen", list(product(["approve", None], repeat=3)))
def test_what_cannot_be_told_is_not(chosen: tuple[str | None, ...]):
    calls = [{"id": str(number)} for number in range(3)]
    found = human_in_the_loop.aligned([APPROVE for kind in chosen if kind], calls, set(), {})
    is_certain = all(chosen) or not any(chosen)
    assert [one is not None for one in found] == (
        [bool(kind) for kind in chosen] if is_certain else [False] * 3
    )
