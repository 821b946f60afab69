"""A service continues its caller's trace: the sums of its calls are on its own topmost run."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Final

import pytest
from langchain_core.messages import AIMessage
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool
from langchain_core.utils.uuid import uuid7
from langgraph.graph import START, MessagesState, StateGraph
from langsmith import RunTree, trace, traceable
from langsmith.middleware import TracingMiddleware
from langsmith.run_helpers import tracing_context

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._process.faults import FAULTS
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs import continued_traces as continued
from tests.attachment.check import metadata_of
from tests.attachment.model import NumberedModel
from tests.attachment.traced import Traced
from tests.waiting import CEILING_S

Headers = dict[str, str]
_PROMPT: Final = ChatPromptTemplate.from_template("{q}")


@pytest.fixture
def handler() -> RespMetaHandler:
    handler = RespMetaHandler(feedback=False)
    NumberedModel().invoke(
        "the first one", {"callbacks": [handler]}
    )  # from here on it sees where traces begin
    return handler


def _headers_of_another_process(traced: Traced, depth: int = 1) -> Headers:
    """What a caller sends along: its own run is not sent by this process."""
    run = RunTree(name="caller", client=traced.client, project_name=traced.project)
    for number in range(1, depth):
        run = run.create_child(f"caller {number}")
    return run.to_headers()


def _context(function: Callable[[], None], headers: Headers) -> None:
    with tracing_context(parent=headers, enabled=True):
        function()


def _header_bytes(function: Callable[[], None], headers: Headers) -> None:
    """As an ASGI server hands them over."""
    raw = {name.encode(): value.encode() for name, value in headers.items()}
    with tracing_context(parent=raw, enabled=True):
        function()


def _run_tree(function: Callable[[], None], headers: Headers) -> None:
    with tracing_context(parent=RunTree.from_headers(headers), enabled=True):
        function()


def _extra(function: Callable[[], None], headers: Headers) -> None:
    traceable(name="service")(function)(langsmith_extra={"parent": headers})


def _dotted_order(function: Callable[[], None], headers: Headers) -> None:
    project = {"project_name": headers["baggage"].partition("langsmith-project=")[2].partition(",")[0]}
    traceable(name="service")(function)(langsmith_extra={"parent": headers["langsmith-trace"], **project})


def _trace_block(function: Callable[[], None], headers: Headers) -> None:
    with trace("service", parent=headers):
        function()


def _middleware(function: Callable[[], None], headers: Headers) -> None:
    async def app(*_: Any) -> None:
        function()

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(TracingMiddleware(app)({"type": "http", "headers": raw}, None, None))


_WAYS: Final = [_context, _header_bytes, _run_tree, _extra, _dotted_order, _trace_block, _middleware]


def _tops(traced: Traced) -> list[dict[str, Any]]:
    """Runs with sums, but for the one of the fixture."""
    runs = [run for run in traced.runs() if "respmeta_llm_calls" in metadata_of(run)]
    return sorted(runs, key=lambda run: str(run["dotted_order"]))


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("way", _WAYS)
def test_the_topmost_run_of_this_process_has_the_sums(
    traced: Traced, handler: RespMetaHandler, way: Callable[..., None], depth: int
) -> None:
    @traceable(name="inner")
    def service() -> None:
        for _ in range(2):
            (_PROMPT | NumberedModel()).invoke({"q": "why?"}, {"callbacks": [handler]})

    headers = _headers_of_another_process(traced, depth)
    way(service, headers)
    (top,) = _tops(traced)
    caller = headers["langsmith-trace"].split(".")[-1][-36:]
    assert top["parent_run_id"] == caller
    metadata = metadata_of(top)
    assert (metadata["respmeta_llm_calls"], metadata["respmeta"]["rollup"]["llm_calls"]) == (2, 2)
    calls = [run for run in traced.runs(run_type="llm") if run["trace_id"] == top["trace_id"]]
    assert metadata["respmeta_input_tokens"] == sum(
        metadata_of(call)["respmeta_input_tokens"] for call in calls
    )
    assert {record.trace_id for record in [*handler.records][1:]} == {top["trace_id"]}


def _chain(handler: RespMetaHandler) -> None:
    (_PROMPT | NumberedModel()).invoke({"q": "why?"}, {"callbacks": [handler]})


def _streamed_chain(handler: RespMetaHandler) -> None:
    list((_PROMPT | NumberedModel()).stream({"q": "why?"}, {"callbacks": [handler]}))


def _async_chain(handler: RespMetaHandler) -> None:
    asyncio.run((_PROMPT | NumberedModel()).ainvoke({"q": "why?"}, {"callbacks": [handler]}))


def _graph(handler: RespMetaHandler) -> None:
    graph = StateGraph(MessagesState)
    graph.add_node("ask", lambda state: {"messages": [NumberedModel().invoke(state["messages"])]})
    graph.add_edge(START, "ask")
    inputs: Any = {"messages": [("user", "why?")]}
    graph.compile().invoke(inputs, {"callbacks": [handler]})


def _async_traceable(handler: RespMetaHandler) -> None:
    @traceable
    async def service() -> None:
        await asyncio.gather(
            *(_PROMPT.pipe(NumberedModel()).ainvoke({"q": "?"}, {"callbacks": [handler]}) for _ in range(1))
        )

    asyncio.run(service())


@pytest.mark.parametrize("kind", [_chain, _streamed_chain, _async_chain, _graph, _async_traceable])
def test_whatever_is_the_topmost_run(
    traced: Traced, handler: RespMetaHandler, kind: Callable[[RespMetaHandler], None]
) -> None:
    headers = _headers_of_another_process(traced)
    with tracing_context(parent=headers, enabled=True):
        kind(handler)
    (top,) = _tops(traced)
    assert metadata_of(top)["respmeta_llm_calls"] == 1
    assert top["parent_run_id"] == headers["langsmith-trace"][-36:]


def test_a_model_call_that_is_the_topmost_run_has_its_record_only(
    traced: Traced, handler: RespMetaHandler
) -> None:
    with tracing_context(parent=_headers_of_another_process(traced), enabled=True):
        NumberedModel().invoke("why?", {"callbacks": [handler]})
    assert _tops(traced) == []
    assert len([run for run in traced.runs(run_type="llm") if "respmeta" in metadata_of(run)]) == 2


def test_each_request_of_one_trace_sums_up_its_own_calls(traced: Traced, handler: RespMetaHandler) -> None:
    headers = _headers_of_another_process(traced)
    for calls in (1, 3):

        @traceable
        def service(calls: int) -> None:
            for _ in range(calls):
                NumberedModel().invoke("why?", {"callbacks": [handler]})

        service(calls, langsmith_extra={"parent": headers})
    assert [metadata_of(run)["respmeta_llm_calls"] for run in _tops(traced)] == [1, 3]


def test_each_prefix_has_its_sums(traced: Traced, handler: RespMetaHandler) -> None:
    other = RespMetaHandler(feedback=False, prefix="other")

    @traceable
    def service() -> None:
        NumberedModel().invoke("why?", {"callbacks": [handler, other]})
        NumberedModel().invoke("why?", {"callbacks": [other]})

    service(langsmith_extra={"parent": _headers_of_another_process(traced)})
    (top,) = _tops(traced)
    assert (metadata_of(top)["respmeta_llm_calls"], metadata_of(top)["other_llm_calls"]) == (1, 2)


def test_tools_are_counted_on_the_topmost_run_too(traced: Traced, handler: RespMetaHandler) -> None:
    from langchain.agents import create_agent
    from langchain_core.language_models.fake_chat_models import GenericFakeChatModel

    class Model(GenericFakeChatModel):
        def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
            return self

    @tool
    def look_up(a: int) -> str:
        """Look something up."""
        return str(a)

    asks = AIMessage("", tool_calls=[{"name": "look_up", "args": {"a": 1}, "id": "call-1"}])
    agent = create_agent(Model(messages=iter([asks, AIMessage("done")])), [look_up])
    with tracing_context(parent=_headers_of_another_process(traced), enabled=True):
        agent.invoke({"messages": [("user", "why?")]}, {"callbacks": [handler]})
    (top,) = _tops(traced)
    metadata = metadata_of(top)
    assert (metadata["respmeta_llm_calls"], metadata["respmeta_tool_calls"]) == (2, 1)
    assert metadata["respmeta_tool_errors"] == 0
    assert len(metadata["respmeta"]["rollup"]["tool_executions"]) == 1


def test_a_trace_that_goes_on_in_its_own_process_is_summed_up_on_its_root(
    traced: Traced, handler: RespMetaHandler
) -> None:
    @traceable
    def service() -> None:
        NumberedModel().invoke("why?", {"callbacks": [handler]})

    with trace("caller") as caller:
        service(langsmith_extra={"parent": caller.to_headers()})
    (top,) = _tops(traced)
    assert (top["name"], top["parent_run_id"]) == ("caller", None)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_traceable_function_in_a_chain_is_not_the_topmost_run(
    traced: Traced, handler: RespMetaHandler, *, streamed: bool
) -> None:
    """langsmith makes a stand-in for the chain's run, which a streamed chain has not sent by then."""

    @traceable
    def middle(question: str) -> Any:
        return NumberedModel().invoke(question)

    chain = RunnableLambda(lambda question: question) | RunnableLambda(middle)
    config: Any = {"callbacks": [handler], "run_name": "outermost"}
    if streamed:
        list(chain.stream("why?", config))
    else:
        chain.invoke("why?", config)
    (top,) = _tops(traced)
    assert (top["name"], top["parent_run_id"]) == ("outermost", None)


_SERVICE: Final = """
import sys
from langsmith import RunTree, traceable
from langsmith.run_helpers import tracing_context
from langchain_core.tracers.langchain import wait_for_all_tracers
from langchain_core.language_models import FakeListChatModel

def call():
    from langchain_respmeta import RespMetaHandler
    FakeListChatModel(responses=["hi"]).invoke("why?", {"callbacks": [RespMetaHandler(feedback=False)]})

@traceable(name="inner")
def inner():
    call()

@traceable(name="service")
def service():
    inner()

if sys.argv[1] == "continued":
    with tracing_context(parent=RunTree(name="caller").to_headers()):
        service()
elif sys.argv[1] == "own":
    service()
else:
    with tracing_context(parent=RunTree.from_headers(RunTree(name="caller").to_headers())):
        inner()
wait_for_all_tracers()
"""


@pytest.mark.parametrize(
    ("how", "top"),
    [("continued", "service"), ("own", "service"), ("tree", "inner")],
)
def test_also_where_the_first_handler_is_made_during_the_first_request(
    traced: Traced, how: str, top: str
) -> None:
    environment = {**os.environ, "LANGSMITH_TRACING": "true", "LANGSMITH_PROJECT": traced.project}
    done = subprocess.run(
        [sys.executable, "-c", _SERVICE, how],
        env={**environment, "LANGSMITH_ENDPOINT": traced.wire.url, "LANGSMITH_API_KEY": "any"},
        capture_output=True,
        text=True,
        check=False,
        timeout=CEILING_S,
    )
    assert done.returncode == 0, done.stderr
    assert [(run["name"], metadata_of(run)["respmeta_llm_calls"]) for run in _tops(traced)] == [(top, 1)]


_TIME: Final = "20261126T000000000000Z"


def _by_hand(traced: Traced, told: str, **more: Any) -> RunTree:
    """A run below one whose id alone came here."""
    caller, own = uuid7(), uuid7()
    known: dict[str, Any] = {
        "parent alone": {},
        "trace too": {"trace_id": caller},
        "the whole way": {"trace_id": caller, "dotted_order": f"{_TIME}{caller}.{_TIME}{own}"},
        "deeper": {"trace_id": uuid7(), "dotted_order": f"{_TIME}{uuid7()}.{_TIME}{caller}.{_TIME}{own}"},
        "odd": {"trace_id": caller, "dotted_order": "by hand"},
    }[told]
    place = {"client": traced.client, "project_name": traced.project}
    return RunTree(name="by hand", id=own, parent_run_id=caller, **known, **place, **more)


@pytest.mark.parametrize("posted", ["before", "after"])
@pytest.mark.parametrize("told", ["parent alone", "trace too", "the whole way", "deeper"])
def test_a_run_made_by_hand_below_anothers_has_the_sums(
    traced: Traced, handler: RespMetaHandler, told: str, posted: str
) -> None:
    run = _by_hand(traced, told)
    if posted == "before":
        run.post()
    with tracing_context(parent=run, enabled=True):
        for _ in range(2):
            (_PROMPT | NumberedModel()).invoke({"q": "why?"}, {"callbacks": [handler]})
    run.end()
    if posted == "after":
        run.post()
    run.patch()
    (top,) = _tops(traced)
    assert (top["name"], metadata_of(top)["respmeta_llm_calls"]) == ("by hand", 2)


@pytest.mark.parametrize("told", ["the whole way", "deeper"])
def test_a_child_of_a_run_made_by_hand_is_not_the_topmost(
    traced: Traced, handler: RespMetaHandler, told: str
) -> None:
    run = _by_hand(traced, told)
    run.post()
    child = run.create_child("child")
    child.post()
    with tracing_context(parent=child, enabled=True):
        _chain(handler)
    for one in (child, run):
        one.end()
        one.patch()
    (top,) = _tops(traced)
    assert (top["name"], metadata_of(top)["respmeta_llm_calls"]) == ("by hand", 1)


def test_a_run_made_by_hand_below_an_own_one_is_not_the_topmost(
    traced: Traced, handler: RespMetaHandler
) -> None:
    root = RunTree(name="root", client=traced.client, project_name=traced.project)
    root.post()
    own = uuid7()
    place: dict[str, Any] = {"client": traced.client, "project_name": traced.project, "trace_id": root.id}
    order = f"{root.dotted_order}.{_TIME}{own}"
    run = RunTree(name="by hand", id=own, parent_run_id=root.id, dotted_order=order, **place)
    run.post()
    with tracing_context(parent=run, enabled=True):
        _chain(handler)
    for one in (run, root):
        one.end()
        one.patch()
    (top,) = _tops(traced)
    assert (top["name"], top["parent_run_id"]) == ("root", None)


def test_an_order_that_somebody_wrote_by_hand_costs_nothing(traced: Traced, handler: RespMetaHandler) -> None:
    run = _by_hand(traced, "odd")
    assert continued.topmost_run(run) == run.trace_id
    assert STATE[FAULTS] == {}


def test_in_a_forked_child_the_runs_around_are_another_process_s(
    traced: Traced, handler: RespMetaHandler
) -> None:
    @traceable
    def service() -> None:
        NumberedModel().invoke("why?", {"callbacks": [handler]})

    with trace("caller"):
        STATE.begin_child()  # a fork itself would stop the SDK's threads
        service()
    (top,) = _tops(traced)
    assert top["name"] == "service"
