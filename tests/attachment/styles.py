"""Ways of calling a model, alone and in chains. Each is a function of a `Setting` and returns its number of model runs."""

import asyncio
from typing import Any, Final

from langchain_core.callbacks import AsyncCallbackManager, CallbackManager
from langchain_core.callbacks.manager import atrace_as_chain_group, trace_as_chain_group
from langchain_core.output_parsers import StrOutputParser
from langchain_core.runnables import RunnableGenerator, RunnableLambda, RunnableParallel
from langsmith import traceable

from tests.attachment.model import Verdict, look_up
from tests.attachment.setting import PROMPT, QUESTION, NotPossibleError, Setting, style

_BINDINGS: Final = 40


# --- the model itself ------------------------------------------------------------------------------------------------


@style
def invoke(setting: Setting) -> int:
    setting.model().invoke("why?", setting.config)
    return 1


@style
def ainvoke(setting: Setting) -> int:
    asyncio.run(setting.model().ainvoke("why?", setting.config))
    return 1


@style
def stream(setting: Setting) -> int:
    assert "".join(chunk.text for chunk in setting.model().stream("why?", setting.config)).startswith(
        "answer"
    )
    return 1


@style
def astream(setting: Setting) -> int:
    async def run() -> None:
        assert [chunk async for chunk in setting.model().astream("why?", setting.config)]

    asyncio.run(run())
    return 1


@style
def batch(setting: Setting) -> int:
    setting.model().batch(["one?", "two?", "three?"], setting.config)
    return 3


@style
def abatch(setting: Setting) -> int:
    asyncio.run(setting.model().abatch(["one?", "two?", "three?"], setting.config))
    return 3


@style
def generate(setting: Setting) -> int:
    if setting.binds:
        raise NotPossibleError("with_config gives no generate()")
    prompts = [PROMPT.format_messages(question=word) for word in ("one?", "two?", "three?")]
    setting.bare().generate(prompts, **_as_arguments(setting))
    return 3


@style
def agenerate(setting: Setting) -> int:
    if setting.binds:
        raise NotPossibleError("with_config gives no agenerate()")
    prompts = [PROMPT.format_messages(question=word) for word in ("one?", "two?", "three?")]
    asyncio.run(setting.bare().agenerate(prompts, **_as_arguments(setting)))
    return 3


def _as_arguments(setting: Setting) -> dict[str, Any]:
    return {name: setting.config.get(name) for name in ("callbacks", "metadata", "tags")}


@style
def astream_events_v2(setting: Setting) -> int:
    async def run() -> None:
        chain = setting.chain()
        assert [event async for event in chain.astream_events(QUESTION, setting.config, version="v2")]

    asyncio.run(run())
    return 1


@style
def stream_events_v3(setting: Setting) -> int:
    model = setting.bare()
    if not hasattr(model, "_chat_model_stream_v3"):
        raise NotPossibleError("this langchain-core has no v3 streams")
    assert list(setting.placed(model).stream_events("why?", setting.config, version="v3"))
    return 1


@style
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


@style
def with_retry(setting: Setting) -> int:
    model = setting.model(failures=1).with_retry(stop_after_attempt=3, wait_exponential_jitter=False)
    (PROMPT | model).invoke(QUESTION, setting.config)
    return 2


@style
def with_fallbacks(setting: Setting) -> int:
    model = setting.model(failures=1).with_fallbacks([setting.model()])
    (PROMPT | model | StrOutputParser()).invoke(QUESTION, setting.config)
    return 2


@style
def bind_tools(setting: Setting) -> int:
    model = setting.placed(setting.bare().bind_tools([look_up]))
    assert (PROMPT | model).invoke(QUESTION, setting.config).tool_calls
    return 1


@style
def with_structured_output(setting: Setting) -> int:
    model = setting.placed(setting.bare().with_structured_output(Verdict))
    assert isinstance((PROMPT | model).invoke(QUESTION, setting.config), Verdict)
    return 1


@style
def bind_40_calls(setting: Setting) -> int:
    chain = PROMPT | setting.placed(setting.bare().bind(stop=["x"])) | StrOutputParser()
    for _ in range(_BINDINGS):
        chain.invoke(QUESTION, setting.config)
    return _BINDINGS


# --- chains ----------------------------------------------------------------------------------------------------------


@style
def lcel(setting: Setting) -> int:
    setting.chain().invoke(QUESTION, setting.config)
    return 1


@style
def lcel_async(setting: Setting) -> int:
    asyncio.run(setting.chain().ainvoke(QUESTION, setting.config))
    return 1


@style
def lcel_stream(setting: Setting) -> int:
    assert list(setting.chain().stream(QUESTION, setting.config))
    return 1


@style
def lcel_astream(setting: Setting) -> int:
    async def run() -> None:
        assert [chunk async for chunk in setting.chain().astream(QUESTION, setting.config)]

    asyncio.run(run())
    return 1


@style
def lcel_batch(setting: Setting) -> int:
    setting.chain().batch([QUESTION] * 3, setting.config)
    return 3


@style
def deferred_inputs(setting: Setting) -> int:
    """A root that takes a stream: its run is sent once, at its end."""

    def words(pieces: Any) -> Any:
        for piece in pieces:
            yield piece["question"]

    chain = RunnableGenerator(words) | setting.model()
    assert list(chain.transform(iter([QUESTION]), setting.config))
    return 1


@style
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


@style
def parallel(setting: Setting) -> int:
    branches = RunnableParallel(one=setting.chain(), two=setting.chain(), three=PROMPT | setting.model())
    branches.invoke(QUESTION, setting.config)
    return 3


@style
def parallel_async(setting: Setting) -> int:
    branches = RunnableParallel(one=setting.chain(), two=setting.chain(), three=PROMPT | setting.model())
    asyncio.run(branches.ainvoke(QUESTION, setting.config))
    return 3


@style
def inside_lambda(setting: Setting) -> int:
    model = setting.model()
    RunnableLambda(model.invoke).invoke("why?", setting.config)
    return 1


@style
def chain_group(setting: Setting) -> int:
    with trace_as_chain_group("group", **_as_group(setting, CallbackManager)) as group:
        config = {**setting.config, "callbacks": group}
        setting.chain().invoke(QUESTION, config)
        setting.model().invoke("why?", config)
    return 2


@style
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


@style
def traceable_sync(setting: Setting) -> int:
    @traceable
    def outer(question: str) -> str:
        setting.model().invoke(question, setting.config)
        return setting.chain().invoke({"question": question}, setting.config)

    outer("why?")
    return 2


@style
def traceable_async(setting: Setting) -> int:
    @traceable
    async def inner(question: str) -> str:
        return await setting.chain().ainvoke({"question": question}, setting.config)

    @traceable
    async def outer(question: str) -> list[str]:
        return await asyncio.gather(*(inner(question) for _ in range(3)))

    asyncio.run(outer("why?"))
    return 3


@style
def traceable_stream(setting: Setting) -> int:
    @traceable
    def outer(question: str) -> Any:
        yield from setting.chain().stream({"question": question}, setting.config)

    assert list(outer("why?"))
    return 1
