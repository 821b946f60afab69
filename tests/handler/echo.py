"""A chat model that echoes, and one that never answers."""

from __future__ import annotations

import asyncio
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from tests.waiting import never


class Echo(BaseChatModel):
    """Answers with the id that it was asked with, so that a mixed-up record would show."""

    @property
    def _llm_type(self) -> str:
        return "echo"

    def _generate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        return _answer(messages)

    async def _agenerate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        await asyncio.sleep(0.001)
        return _answer(messages)


def _answer(messages: Any) -> ChatResult:
    asked = messages[-1].content
    message = AIMessage(
        asked,
        response_metadata={
            "id": f"id-{asked}",
            "model_name": "m",
            "finish_reason": "stop",
            "model_provider": "openai",
        },
        usage_metadata={"input_tokens": int(asked), "output_tokens": 1, "total_tokens": int(asked) + 1},
    )
    return ChatResult(generations=[ChatGeneration(message=message)])


class Never(Echo):
    """Waits until cancelled: core then fires neither an end nor an error."""

    reached: list[str] = Field(default_factory=list, exclude=True)

    async def _agenerate(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        self.reached.append(messages[-1].content)
        await never()
        raise AssertionError("not reached")
