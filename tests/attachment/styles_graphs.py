"""Ways of calling a model in graphs, agents and threads: see styles.py."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any, Final

from langchain.agents import create_agent
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableLambda
from langgraph.graph import END, START, MessagesState, StateGraph

from tests.attachment.model import look_up
from tests.attachment.setting import QUESTION, NotPossibleError, Setting, style

# --- graphs ----------------------------------------------------------------------------------------------------------


def _graph(setting: Setting) -> Any:
    model = setting.model()

    def ask(state: MessagesState) -> dict[str, Any]:
        return {"messages": [model.invoke(state["messages"])]}

    async def aask(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])]}

    graph = StateGraph(MessagesState)
    for name in ("left", "right", "last"):
        node: Any = RunnableLambda(ask, afunc=aask)
        graph.add_node(name, node)
    for name in ("left", "right"):
        graph.add_edge(START, name)
        graph.add_edge(name, "last")
    graph.add_edge("last", END)
    return graph.compile()


_STATE: Final = {"messages": [("user", "why?")]}


@style
def langgraph(setting: Setting) -> int:
    _graph(setting).invoke(_STATE, setting.config)
    return 3


@style
def langgraph_async(setting: Setting) -> int:
    asyncio.run(_graph(setting).ainvoke(_STATE, setting.config))
    return 3


@style
def langgraph_stream(setting: Setting) -> int:
    assert list(_graph(setting).stream(_STATE, setting.config, stream_mode="messages"))
    return 3


def _agent(setting: Setting, name: str | None = None) -> Any:
    return create_agent(setting.bare(), [look_up], name=name)


@style
def agent(setting: Setting) -> int:
    done = setting.placed(_agent(setting)).invoke(_STATE, setting.config)
    assert done["messages"][-1].text.startswith("answer")
    return 2


@style
def agent_async(setting: Setting) -> int:
    asyncio.run(setting.placed(_agent(setting)).ainvoke(_STATE, setting.config))
    return 2


@style
def agent_stream(setting: Setting) -> int:
    stream = setting.placed(_agent(setting)).stream(_STATE, setting.config, stream_mode="messages")
    assert list(stream)
    return 2


@style
def agent_astream(setting: Setting) -> int:
    async def run() -> None:
        agent = setting.placed(_agent(setting))
        assert [part async for part in agent.astream(_STATE, setting.config, stream_mode="updates")]

    asyncio.run(run())
    return 2


@cache
def _graphs_keep_their_handlers() -> bool:
    """LangGraph 1.0.0 forgets a graph's own handlers, anybody's, where a call brings some, as `astream_events` does."""
    heard: list[str] = []

    class Ear(BaseCallbackHandler):
        def on_chain_start(self, *_: Any, **__: Any) -> None:
            heard.append("start")

    graph = StateGraph(MessagesState)
    graph.add_node("only", lambda _: {})
    graph.add_edge(START, "only")
    graph.compile().with_config({"callbacks": [Ear()]}).invoke(_STATE, {"callbacks": [BaseCallbackHandler()]})
    return bool(heard)


@style
def agent_astream_events_v2(setting: Setting) -> int:
    if setting.binds and not _graphs_keep_their_handlers():
        raise NotPossibleError("this langgraph forgets the handlers of with_config here")

    async def run() -> None:
        agent = setting.placed(_agent(setting))
        assert [event async for event in agent.astream_events(_STATE, setting.config, version="v2")]

    asyncio.run(run())
    return 2


@style
def agent_stream_events_v3(setting: Setting) -> int:
    agent = _agent(setting)
    if not hasattr(agent, "stream_events"):
        raise NotPossibleError("this langgraph has no v3 streams")
    assert list(setting.placed(agent).stream_events(_STATE, setting.config, version="v3"))
    return 2


@style
def agent_astream_events_v3(setting: Setting) -> int:
    agent = _agent(setting)
    if not hasattr(agent, "stream_events"):
        raise NotPossibleError("this langgraph has no v3 streams")

    async def run() -> None:
        events = await setting.placed(agent).astream_events(_STATE, setting.config, version="v3")
        assert [event async for event in events]

    asyncio.run(run())
    return 2


@style
def subgraph_agents(setting: Setting) -> int:
    graph = StateGraph(MessagesState)
    graph.add_node("first", _agent(setting, "first"))
    graph.add_node("second", _agent(setting, "second"))
    graph.add_edge(START, "first")
    graph.add_edge("first", "second")
    graph.add_edge("second", END)
    whole = setting.placed(graph.compile())
    whole.invoke(_STATE, setting.config)
    asyncio.run(whole.ainvoke(_STATE, setting.config))
    return 6


# --- threads ---------------------------------------------------------------------------------------------------------


@style
def plain_threads(setting: Setting) -> int:
    call = partial(setting.chain().invoke, QUESTION, setting.config)
    threads = [threading.Thread(target=setting.for_thread(call)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 8


@style
def thread_pool(setting: Setting) -> int:
    call = partial(setting.model().invoke, "why?", setting.config)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(setting.for_thread(call)) for _ in range(8)]:
            done.result()
    return 8


@style
def many_at_once(setting: Setting) -> int:
    async def run() -> None:
        chain = setting.chain()
        await asyncio.gather(*(chain.ainvoke(QUESTION, setting.config) for _ in range(20)))

    asyncio.run(run())
    return 20
