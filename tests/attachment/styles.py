"""Ways of calling a model. Each is a function of a `Setting`; it says how many model runs it makes."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from langchain.agents import create_agent
from langchain_core.callbacks import AsyncCallbackManager, CallbackManager
from langchain_core.callbacks.manager import atrace_as_chain_group, trace_as_chain_group
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnableGenerator, RunnableLambda, RunnableParallel
from langgraph.graph import END, START, MessagesState, StateGraph
from langsmith import traceable

from tests.attachment.model import NumberedModel, Verdict, look_up

QUESTION: Final = {"question": "why?"}
BINDINGS: Final = 40


@dataclass
class Setting:
    """What a way of calling is given: models with the handler where the placement wants it, and the root's config."""

    config: dict[str, Any]
    """Callbacks (or none), metadata and tags of the user."""
    model_kwargs: dict[str, Any] = field(default_factory=dict)
    """Of every model's constructor."""
    model_config: dict[str, Any] = field(default_factory=dict)
    """For `with_config` of every model."""
    binds: bool = False
    """Whether `model_config` is to be used."""
    make: Callable[..., Any] = NumberedModel
    """Makes a chat model."""
    carries_context: bool = False
    """Whether threads of one's own must be given the context: the placement rests on a context variable."""

    def bare(self, **options: Any) -> Any:
        """A chat model, with the handler in its constructor if that is where it goes."""
        return self.make(**{**self.model_kwargs, **options})

    def placed(self, runnable: Runnable[Any, Any]) -> Any:
        """A model, or what `bind_tools` or the like made of it, or an agent, under the placement's `with_config`."""
        return runnable.with_config(self.model_config) if self.binds else runnable

    def model(self, **options: Any) -> Any:
        """The usual case: a chat model as the placement has it."""
        return self.placed(self.bare(**options))

    def chain(self) -> Runnable[Any, str]:
        """Prompt, model, parser."""
        return PROMPT | self.model() | StrOutputParser()

    def for_thread(self, function: Callable[[], Any]) -> Callable[[], Any]:
        """What a thread of one's own runs."""
        return partial(contextvars.copy_context().run, function) if self.carries_context else function


PROMPT: Final = ChatPromptTemplate.from_template("{question}")


class NotPossibleError(Exception):
    """This way of calling does not exist in this version, or makes no sense with this placement."""


Style = Callable[[Setting], int]
STYLES: Final[dict[str, Style]] = {}


def _style(function: Style) -> Style:
    STYLES[function.__name__.strip("_")] = function
    return function


# --- the model itself ------------------------------------------------------------------------------------------------


@_style
def invoke(setting: Setting) -> int:
    setting.model().invoke("why?", setting.config)
    return 1


@_style
def ainvoke(setting: Setting) -> int:
    asyncio.run(setting.model().ainvoke("why?", setting.config))
    return 1


@_style
def stream(setting: Setting) -> int:
    assert "".join(chunk.text for chunk in setting.model().stream("why?", setting.config)).startswith(
        "answer"
    )
    return 1


@_style
def astream(setting: Setting) -> int:
    async def run() -> None:
        assert [chunk async for chunk in setting.model().astream("why?", setting.config)]

    asyncio.run(run())
    return 1


@_style
def batch(setting: Setting) -> int:
    setting.model().batch(["one?", "two?", "three?"], setting.config)
    return 3


@_style
def abatch(setting: Setting) -> int:
    asyncio.run(setting.model().abatch(["one?", "two?", "three?"], setting.config))
    return 3


@_style
def generate(setting: Setting) -> int:
    if setting.binds:
        raise NotPossibleError("with_config gives no generate()")
    prompts = [PROMPT.format_messages(question=word) for word in ("one?", "two?", "three?")]
    setting.bare().generate(prompts, **_as_arguments(setting))
    return 3


@_style
def agenerate(setting: Setting) -> int:
    if setting.binds:
        raise NotPossibleError("with_config gives no agenerate()")
    prompts = [PROMPT.format_messages(question=word) for word in ("one?", "two?", "three?")]
    asyncio.run(setting.bare().agenerate(prompts, **_as_arguments(setting)))
    return 3


def _as_arguments(setting: Setting) -> dict[str, Any]:
    return {name: setting.config.get(name) for name in ("callbacks", "metadata", "tags")}


@_style
def astream_events_v2(setting: Setting) -> int:
    async def run() -> None:
        chain = setting.chain()
        assert [event async for event in chain.astream_events(QUESTION, setting.config, version="v2")]

    asyncio.run(run())
    return 1


@_style
def stream_events_v3(setting: Setting) -> int:
    model = setting.bare()
    if not hasattr(model, "_chat_model_stream_v3"):
        raise NotPossibleError("this langchain-core has no v3 streams")
    assert list(setting.placed(model).stream_events("why?", setting.config, version="v3"))
    return 1


@_style
def astream_events_v3(setting: Setting) -> int:
    model = setting.bare()
    if not hasattr(model, "_achat_model_stream_v3"):
        raise NotPossibleError("this langchain-core has no v3 streams")

    async def run() -> None:
        events = await setting.placed(model).astream_events("why?", setting.config, version="v3")
        assert [event async for event in events]

    asyncio.run(run())
    return 1


# --- what is made of a model -----------------------------------------------------------------------------------------


@_style
def with_retry(setting: Setting) -> int:
    model = setting.model(failures=1).with_retry(stop_after_attempt=3, wait_exponential_jitter=False)
    (PROMPT | model).invoke(QUESTION, setting.config)
    return 2


@_style
def with_fallbacks(setting: Setting) -> int:
    model = setting.model(failures=1).with_fallbacks([setting.model()])
    (PROMPT | model | StrOutputParser()).invoke(QUESTION, setting.config)
    return 2


@_style
def bind_tools(setting: Setting) -> int:
    model = setting.placed(setting.bare().bind_tools([look_up]))
    assert (PROMPT | model).invoke(QUESTION, setting.config).tool_calls
    return 1


@_style
def with_structured_output(setting: Setting) -> int:
    model = setting.placed(setting.bare().with_structured_output(Verdict))
    assert isinstance((PROMPT | model).invoke(QUESTION, setting.config), Verdict)
    return 1


@_style
def bind_40_calls(setting: Setting) -> int:
    chain = PROMPT | setting.placed(setting.bare().bind(stop=["x"])) | StrOutputParser()
    for _ in range(BINDINGS):
        chain.invoke(QUESTION, setting.config)
    return BINDINGS


# --- chains ----------------------------------------------------------------------------------------------------------


@_style
def lcel(setting: Setting) -> int:
    setting.chain().invoke(QUESTION, setting.config)
    return 1


@_style
def lcel_async(setting: Setting) -> int:
    asyncio.run(setting.chain().ainvoke(QUESTION, setting.config))
    return 1


@_style
def lcel_stream(setting: Setting) -> int:
    assert list(setting.chain().stream(QUESTION, setting.config))
    return 1


@_style
def lcel_astream(setting: Setting) -> int:
    async def run() -> None:
        assert [chunk async for chunk in setting.chain().astream(QUESTION, setting.config)]

    asyncio.run(run())
    return 1


@_style
def lcel_batch(setting: Setting) -> int:
    setting.chain().batch([QUESTION] * 3, setting.config)
    return 3


@_style
def deferred_inputs(setting: Setting) -> int:
    """A root that takes a stream: its run is sent once, at its end."""

    def words(pieces: Any) -> Any:
        for piece in pieces:
            yield piece["question"]

    chain = RunnableGenerator(words) | setting.model()
    assert list(chain.transform(iter([QUESTION]), setting.config))
    return 1


@_style
def deferred_inputs_async(setting: Setting) -> int:
    async def questions() -> Any:
        yield QUESTION

    async def words(pieces: Any) -> Any:
        async for piece in pieces:
            yield piece["question"]

    async def run() -> None:
        chain = RunnableGenerator(words) | setting.model()
        assert [chunk async for chunk in chain.atransform(questions(), setting.config)]

    asyncio.run(run())
    return 1


@_style
def parallel(setting: Setting) -> int:
    branches = RunnableParallel(one=setting.chain(), two=setting.chain(), three=PROMPT | setting.model())
    branches.invoke(QUESTION, setting.config)
    return 3


@_style
def parallel_async(setting: Setting) -> int:
    branches = RunnableParallel(one=setting.chain(), two=setting.chain(), three=PROMPT | setting.model())
    asyncio.run(branches.ainvoke(QUESTION, setting.config))
    return 3


@_style
def inside_lambda(setting: Setting) -> int:
    model = setting.model()
    RunnableLambda(model.invoke).invoke("why?", setting.config)
    return 1


@_style
def chain_group(setting: Setting) -> int:
    with trace_as_chain_group("group", **_as_group(setting, CallbackManager)) as group:
        config = {**setting.config, "callbacks": group}
        setting.chain().invoke(QUESTION, config)
        setting.model().invoke("why?", config)
    return 2


@_style
def chain_group_async(setting: Setting) -> int:
    async def run() -> None:
        async with atrace_as_chain_group("group", **_as_group(setting, AsyncCallbackManager)) as group:
            config = {**setting.config, "callbacks": group}
            await asyncio.gather(*(setting.chain().ainvoke(QUESTION, config) for _ in range(3)))

    asyncio.run(run())
    return 3


def _as_group(setting: Setting, manager: Any) -> dict[str, Any]:
    callbacks = setting.config.get("callbacks")
    return {
        "callback_manager": manager.configure(inheritable_callbacks=callbacks) if callbacks else None,
        "tags": setting.config["tags"],
        "metadata": setting.config["metadata"],
    }


# --- @traceable ------------------------------------------------------------------------------------------------------


@_style
def traceable_sync(setting: Setting) -> int:
    @traceable
    def outer(question: str) -> str:
        setting.model().invoke(question, setting.config)
        return setting.chain().invoke({"question": question}, setting.config)

    outer("why?")
    return 2


@_style
def traceable_async(setting: Setting) -> int:
    @traceable
    async def inner(question: str) -> str:
        return await setting.chain().ainvoke({"question": question}, setting.config)

    @traceable
    async def outer(question: str) -> list[str]:
        return await asyncio.gather(*(inner(question) for _ in range(3)))

    asyncio.run(outer("why?"))
    return 3


@_style
def traceable_stream(setting: Setting) -> int:
    @traceable
    def outer(question: str) -> Any:
        yield from setting.chain().stream({"question": question}, setting.config)

    assert list(outer("why?"))
    return 1


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


@_style
def langgraph(setting: Setting) -> int:
    _graph(setting).invoke(_STATE, setting.config)
    return 3


@_style
def langgraph_async(setting: Setting) -> int:
    asyncio.run(_graph(setting).ainvoke(_STATE, setting.config))
    return 3


@_style
def langgraph_stream(setting: Setting) -> int:
    assert list(_graph(setting).stream(_STATE, setting.config, stream_mode="messages"))
    return 3


def _agent(setting: Setting, name: str | None = None) -> Any:
    return create_agent(setting.bare(), [look_up], name=name)


@_style
def agent(setting: Setting) -> int:
    done = setting.placed(_agent(setting)).invoke(_STATE, setting.config)
    assert done["messages"][-1].text.startswith("answer")
    return 2


@_style
def agent_async(setting: Setting) -> int:
    asyncio.run(setting.placed(_agent(setting)).ainvoke(_STATE, setting.config))
    return 2


@_style
def agent_stream(setting: Setting) -> int:
    stream = setting.placed(_agent(setting)).stream(_STATE, setting.config, stream_mode="messages")
    assert list(stream)
    return 2


@_style
def agent_astream(setting: Setting) -> int:
    async def run() -> None:
        agent = setting.placed(_agent(setting))
        assert [part async for part in agent.astream(_STATE, setting.config, stream_mode="updates")]

    asyncio.run(run())
    return 2


@_style
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


@_style
def plain_threads(setting: Setting) -> int:
    call = partial(setting.chain().invoke, QUESTION, setting.config)
    threads = [threading.Thread(target=setting.for_thread(call)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 8


@_style
def thread_pool(setting: Setting) -> int:
    call = partial(setting.model().invoke, "why?", setting.config)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(setting.for_thread(call)) for _ in range(8)]:
            done.result()
    return 8


@_style
def many_at_once(setting: Setting) -> int:
    async def run() -> None:
        chain = setting.chain()
        await asyncio.gather(*(chain.ainvoke(QUESTION, setting.config) for _ in range(20)))

    asyncio.run(run())
    return 20
