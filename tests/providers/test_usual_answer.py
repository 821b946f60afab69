"""A usual result is looked at directly, with the same result as any other way."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from langchain_core.load import dumpd
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, LLMResult

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.answers import unbound_answers_of
from langchain_respmeta.providers.engine.usual_answer import usual_answer

USAGE: Any = {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}
CALL: Any = {"name": "f", "args": {"a": 1}, "id": "call_1", "type": "tool_call"}
V3 = {"output_version": "v1", "logprobs": {"content": [1]}, "finish_reason": "stop"}

MESSAGES = {
    "plain": AIMessage("hi", id="1", response_metadata={"model_name": "m"}, usage_metadata=USAGE),
    "bare": AIMessage(""),
    "calls": AIMessage("", tool_calls=[CALL], additional_kwargs={"refusal": None}),
    "invalid": AIMessage("", invalid_tool_calls=[{"name": "f", "args": "{", "id": "1", "error": None}]),
    "blocks": AIMessage([{"type": "text", "text": "a"}, "b"], response_metadata={"finish_reason": "x"}),
    "protocol": AIMessage([{"type": "text", "text": "a"}], response_metadata=V3),
    "chunk": AIMessageChunk("hi", id="1", response_metadata={"finish_reason": "stop"}, chunk_position="last"),
    "chunk of calls": AIMessageChunk(
        "", tool_call_chunks=[{"name": "f", "args": '{"a": 1}', "id": "1", "index": 0}], usage_metadata=USAGE
    ),
}
INFOS: tuple[Any, ...] = (None, {}, {"finish_reason": "stop", "logprobs": None})
OUTPUTS: tuple[Any, ...] = (None, {}, {"token_usage": {"total_tokens": 7}, "model_name": "other"})


class _Odd(list[Any]):
    """No list of core's: it is looked at in the general way."""


def _same(one: Answer, other: Answer) -> None:
    for field in fields(Answer):
        if field.name != "left":
            assert getattr(one, field.name) == getattr(other, field.name), field.name


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("info", INFOS)
@pytest.mark.parametrize("name", MESSAGES)
def test_it_is_the_answer_that_the_general_way_gives(name: str, info: Any, output: Any) -> None:
    message = MESSAGES[name]
    kind = ChatGenerationChunk if isinstance(message, AIMessageChunk) else ChatGeneration
    result = LLMResult(generations=[[kind(message=message, generation_info=info)]], llm_output=output)
    live, dumped = result.generations, [[{"message": dumpd(message), "generation_info": info, "text": ""}]]
    for generations in (live, dumped):
        usual = usual_answer(generations, output)
        assert usual is not None
        (general,) = unbound_answers_of({"generations": _Odd(generations), "llm_output": output})
        _same(usual, general)


@pytest.mark.parametrize(
    "generations",
    [
        [],
        [[]],
        None,
        [[None]],
        [[{"message": None, "text": "a"}]],
        [[{"message": {"id": [], "kwargs": {}}}]],
        [[{"message": {"id": [1], "kwargs": {}}}]],
        [[{"message": {"id": ["AIMessage"], "kwargs": {"content": None}}}]],
        [[{"message": {"id": ["AIMessage"], "kwargs": {"content": "", "response_metadata": []}}}]],
        [[{"message": {"type": "ai", "data": {"content": "a"}}}]],
    ],
)
def test_what_is_not_usual_is_left_to_the_general_way(generations: Any) -> None:
    assert usual_answer(generations, None) is None
