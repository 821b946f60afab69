"""A chat model that streams, calls tools, and identifies itself in every answer, so that a mix-up shows."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManager, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import tool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, PrivateAttr

_numbers = itertools.count(1)


class Verdict(BaseModel):
    """A judgement."""

    answer: str


@tool
def look_up(question: str) -> str:
    """Look something up."""
    return f"nothing about {question}"


class NumberedModel(BaseChatModel):
    """Answers each call with a number of its own: as response id, and in its token counts."""

    failures: int = 0
    """How many calls fail first."""
    _failed: int = PrivateAttr(default=0)

    @property
    def _llm_type(self) -> str:
        return "numbered"

    def bind_tools(self, tools: Any, *, tool_choice: Any = None, **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self.bind(
            tools=[convert_to_openai_tool(one) for one in tools], tool_choice=tool_choice, **kwargs
        )

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self._maybe_fail()
        message = answer(next(_numbers), messages, kwargs)
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        await asyncio.sleep(0)
        return self._generate(messages, stop, None, **kwargs)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self._maybe_fail()
        for chunk in chunks(next(_numbers), messages, kwargs):
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        self._maybe_fail()
        for chunk in chunks(next(_numbers), messages, kwargs):
            await asyncio.sleep(0)
            if run_manager:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    def _maybe_fail(self) -> None:
        if self._failed < self.failures:
            self._failed += 1
            raise ConnectionError("the provider is away")


class AskingModel(NumberedModel):
    """Calls another model for each answer, in a run below its own."""

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        if run_manager is not None:
            below = CallbackManager(
                run_manager.handlers, run_manager.handlers, parent_run_id=run_manager.run_id
            )
            NumberedModel().invoke(messages, {"callbacks": below})
        return super()._generate(messages, stop, run_manager, **kwargs)


def answer(number: int, messages: list[BaseMessage], asked: dict[str, Any]) -> AIMessage:
    """The whole answer: a tool call where tools are offered and none was called yet, else text."""
    calls = _tool_calls(number, messages, asked)
    return AIMessage(
        content="" if calls else f"answer {number}",
        tool_calls=calls,
        usage_metadata=_usage(number),
        response_metadata={**_metadata(number), "finish_reason": "tool_calls" if calls else "stop"},
    )


def chunks(number: int, messages: list[BaseMessage], asked: dict[str, Any]) -> Iterator[ChatGenerationChunk]:
    """The same as a stream: an empty first chunk, as OpenAI sends it, the pieces, and the end."""
    yield ChatGenerationChunk(message=AIMessageChunk(content=""))
    whole = answer(number, messages, asked)
    for call in whole.tool_calls:
        piece = {
            "name": call["name"],
            "args": _json(call["args"]),
            "id": call["id"],
            "index": 0,
            "type": "tool_call_chunk",
        }
        yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[piece]))
    for word in ("answer ", str(number)) if not whole.tool_calls else ():
        yield ChatGenerationChunk(message=AIMessageChunk(content=word))
    end = AIMessageChunk(
        content="", usage_metadata=whole.usage_metadata, response_metadata=whole.response_metadata
    )
    yield ChatGenerationChunk(message=end)


def response_id(number: int) -> str:
    """The id that answer `number` carries."""
    return f"numbered-{number}"


def _metadata(number: int) -> dict[str, Any]:
    return {"id": response_id(number), "model_name": f"numbered-{number % 3}", "model_provider": "openai"}


def _usage(number: int) -> Any:
    return {
        "input_tokens": number + 7,
        "output_tokens": 5,
        "total_tokens": number + 12,
        "input_token_details": {"cache_read": number % 5},
        "output_token_details": {"reasoning": 2},
    }


def _tool_calls(number: int, messages: list[BaseMessage], asked: dict[str, Any]) -> list[Any]:
    tools = asked.get("tools") or []
    if not tools or (_was_called(messages) and not asked.get("tool_choice")):
        return []
    function = tools[0]["function"]
    args = dict.fromkeys(function["parameters"]["properties"], f"about {number}")
    return [{"name": function["name"], "args": args, "id": f"call-{number}", "type": "tool_call"}]


def _was_called(messages: list[BaseMessage]) -> bool:
    """Whether a tool was called since the last question."""
    last = next((i for i, m in enumerate(reversed(messages)) if isinstance(m, HumanMessage)), len(messages))
    return any(isinstance(m, ToolMessage) for m in messages[len(messages) - last :])


def _json(args: dict[str, str]) -> str:
    inner = ", ".join(f'"{name}": "{value}"' for name, value in args.items())
    return f"{{{inner}}}"
