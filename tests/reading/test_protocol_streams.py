"""What protocol streams (v3) of single integrations lose, and what the record may still hold."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, LLMResult

from langchain_respmeta import RespMetaHandler, ResponseMetadata
from langchain_respmeta._reading.stream_repair import _objects
from langchain_respmeta.demo import ReplayServer, recorded_answer
from tests.integrations.modes import MODES
from tests.peers.calls import model_at

V1 = {"output_version": "v1"}


def streamed(
    integration: str, events: list[dict[str, Any]], chunks: list[Any], **fields: Any
) -> ResponseMetadata:
    handler, run = RespMetaHandler(metadata=False, feedback=False, include_content=True), uuid4()
    handler.on_chat_model_start({"id": [integration]}, [[]], run_id=run)
    for event in events:
        handler.on_stream_event(event, run_id=run)
    for content in chunks:
        message = content if isinstance(content, AIMessageChunk) else AIMessageChunk(content=content)
        chunk = ChatGenerationChunk(message=message)
        handler.on_llm_new_token("x", chunk=chunk, run_id=run)
    final = AIMessage(**{"content": "", "response_metadata": V1, **fields})
    handler.on_llm_end(LLMResult(generations=[[ChatGeneration(message=final)]]), run_id=run)
    return handler.records[0]


def merged(*arguments: str) -> list[Any]:
    return [
        {"type": "invalid_tool_call", "id": "z", "name": "search", "args": "".join(arguments), "error": "e"}
    ]


BEGUN = {
    "event": "content-block-start",
    "content": {"type": "tool_call_chunk", "id": "a", "name": "weather", "args": ""},
}


@pytest.mark.parametrize(
    ("arguments", "calls"),
    [
        (('{"a": 1}', '{"b": 22}'), [("weather", True, 8), ("search", True, 9)]),
        (('{"a": 1}', "{}", '{"b": 22}'), [("weather", True, 8), (None, True, 2), ("search", True, 9)]),
        (('{"a": 1',), [("search", False, 7)]),
        (("1", "2"), [("search", False, 2)]),
    ],
)
def test_calls_that_were_merged_for_want_of_an_index_are_several_again(
    arguments: tuple[str, ...], calls: list[tuple[str | None, bool, int]]
) -> None:
    record = streamed("ChatOllama", [BEGUN], [], invalid_tool_calls=merged(*arguments))
    assert [(call.name, call.valid, call.args_size_bytes) for call in record.tool_calls] == calls


@pytest.mark.parametrize(
    ("text", "count"),
    [('{"a": 1}{"b": 2}', 2), ("{}", 1), ("", 0), ('{"a": 1} x', 0), ('[1]{"a": 2}', 0), (None, 0)],
)
def test_objects_in_a_row(text: Any, count: int) -> None:
    assert len(_objects(text)) == count


def part(index: int | None, args: str, call_id: str | None = None) -> dict[str, Any]:
    name = "search" if call_id else None
    return {"type": "tool_call_chunk", "index": index, "id": call_id, "name": name, "args": args}


@pytest.mark.parametrize(
    ("pieces", "valid"),
    [
        ([part(0, "", "a"), part(0, '{"q": '), part(0, "1")], [False]),
        ([part(0, '{"q": 1}', "a"), part(0, '{"q": 1', "b")], [True, False]),
        ([part(None, '{"q": 1}', "a"), part(None, '{"q": 1', "b")], [True, False]),
        ([part(0, '{"q": ', "a"), part(1, '{"q"', "b"), part(0, "1}"), part(1, ": 1}")], [True, True]),
        ([part(0, "", "a")], [True]),
    ],
)
def test_cut_arguments_that_the_protocol_closed_are_told(
    pieces: list[dict[str, Any]], valid: list[bool]
) -> None:
    chunks = [AIMessageChunk(content="", tool_call_chunks=[piece]) for piece in pieces]
    calls = [{"name": "search", "args": {"q": 1}, "id": name} for name in "ab"[: len(valid)]]
    begin = {"event": "message-start"}
    record = streamed("ChatGroq", [begin], chunks, tool_calls=calls)
    assert [call.valid for call in record.tool_calls] == valid


def test_reasoning_told_as_a_summary_in_pieces_is_whole() -> None:
    pieces = [
        [{"type": "reasoning", "index": 0, "summary": [{"text": text, "index": 0}]}]
        for text in ("I ", "muse")
    ]
    last = [{"type": "reasoning", "summary": [{"text": "muse", "index": 0}], "reasoning": ""}]
    record = streamed("ChatCohere", [{"event": "message-start"}], pieces, content=last)
    assert record.reasoning is not None
    assert record.reasoning.text == "I muse"


@pytest.mark.parametrize(("integration", "size"), [("ChatAnthropicVertex", None), ("ChatAnthropic", 2)])
def test_empty_arguments_are_not_believed_where_they_get_lost(integration: str, size: int | None) -> None:
    calls = [{"name": "book", "args": {}, "id": "toolu_1", "type": "tool_call"}]
    record = streamed(integration, [{"event": "message-start"}], [], tool_calls=calls)
    assert [(call.name, call.args_size_bytes) for call in record.tool_calls] == [("book", size)]


@pytest.mark.parametrize("integration", ["ChatAnthropic", "ChatAnthropicBedrock", "ChatAnthropicVertex"])
def test_zeros_of_an_answer_without_usage_say_nothing(integration: str) -> None:
    zeros = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    record = streamed(integration, [], [], usage_metadata=zeros, response_metadata={})
    assert (record.usage, record.warnings) == (None, ())


def logged(token: str, content: str = "") -> ChatGenerationChunk:
    info = {"logprobs": {"content": [{"token": token, "logprob": -0.5}]}}
    return ChatGenerationChunk(message=AIMessageChunk(content=content or token), generation_info=info)


@pytest.mark.parametrize("tokens", ["a", "ab", "abc", "abcdefg"])
@pytest.mark.parametrize("first_event", [1, 2])
def test_log_probabilities_of_all_chunks_are_told(tokens: str, first_event: int) -> None:
    """The first event follows the first chunk; the final message has those of the last chunk, or none."""
    handler, run = RespMetaHandler(metadata=False, feedback=False), uuid4()
    handler.on_chat_model_start({"id": ["ChatOpenRouter"]}, [[]], run_id=run)
    chunks = [logged(token) for token in tokens]
    for number, chunk in enumerate(chunks, 1):
        handler.on_llm_new_token("x", chunk=chunk, run_id=run)
        if number == min(first_event, len(chunks)):
            handler.on_stream_event({"event": "message-start"}, run_id=run)
    final = AIMessage("x", response_metadata={**V1, **(chunks[-1].generation_info or {})})
    handler.on_llm_end(LLMResult(generations=[[ChatGeneration(message=final)]]), run_id=run)
    (record,) = handler.records
    assert record.logprobs is not None
    assert (record.logprobs.tokens, record.logprobs.mean) == (len(tokens), -0.5)


def _asks(number: int, name: str) -> dict[str, Any]:
    function = {"index": number, "name": name, "arguments": {"x": number}}
    message = {"role": "assistant", "content": "", "tool_calls": [{"function": function}]}
    return {"model": "qwen3:4b", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False}


@pytest.mark.parametrize("mode", ["v3", "async v3", "stream"])
@pytest.mark.parametrize("names", [("add",), ("add", "mul"), ("add", "sub", "mul", "add")])
def test_each_of_several_calls_of_an_answer_has_its_name(
    replay: ReplayServer, names: tuple[str, ...], mode: str
) -> None:
    """ChatOllama hands over no chunk in v3, and the protocol makes one call of all."""
    lines = [_asks(number, name) for number, name in enumerate(names)]
    end = {"role": "assistant", "content": ""}
    lines.append({**lines[0], "message": end, "done": True, "done_reason": "stop", "eval_count": 5})
    body = "".join(f"{json.dumps(line)}\n" for line in lines)
    model = model_at(replay, "ollama", recorded_answer("ndjson", body), model="qwen3:4b")
    handler = RespMetaHandler(feedback=False)
    if mode == "async v3":
        MODES["ainvoke"](_InV3(model), {"callbacks": [handler]})
    else:
        MODES[mode](model, {"callbacks": [handler]})
    (record,) = handler.records
    assert tuple(call.name for call in record.tool_calls) == names
    assert all(call.valid and call.args_size_bytes for call in record.tool_calls)
    assert record.finish_reason == "tool_calls"


class _InV3:
    def __init__(self, model: Any) -> None:
        self.model = model

    async def ainvoke(self, prompt: str, config: Any) -> None:
        stream = await self.model.astream_events(prompt, version="v3", config=config)
        await stream.output


@pytest.mark.parametrize("error", [asyncio.CancelledError(), GeneratorExit(), ValueError("gone")])
@pytest.mark.parametrize("ended", [True, False])
def test_what_came_of_a_protocol_stream_that_broke_off_is_told(error: BaseException, *, ended: bool) -> None:
    """LangChain hands over nothing of it: its chunks are all there is."""
    handler, run = RespMetaHandler(metadata=False, feedback=False), uuid4()
    handler.on_chat_model_start({"id": ["ChatOpenAI"]}, [[]], run_id=run)
    end = {"finish_reason": "length", "model_name": "gpt-5-mini-2025-08-07"}
    usage: Any = {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}
    chunks = [
        AIMessageChunk(content="a"),
        AIMessageChunk(content="b"),
        AIMessageChunk(content="", response_metadata=end),
    ]
    chunks += [AIMessageChunk(content="", usage_metadata=usage)]
    for message in chunks if ended else chunks[:2]:
        handler.on_llm_new_token("x", chunk=ChatGenerationChunk(message=message), run_id=run)
        handler.on_stream_event({"event": "content-block-delta"}, run_id=run)
    handler.on_llm_error(error, response=LLMResult(generations=[]), run_id=run)
    (record,) = handler.records
    failed = isinstance(error, ValueError)
    assert (record.error is not None) is failed
    assert record.cancelled is (None if ended or failed else True)
    assert record.finish_reason == ("length" if ended else "error" if failed else "cancelled")
    assert (record.usage is not None) is ended
    if ended:
        assert (record.model, record.truncated) == ("gpt-5-mini-2025-08-07", True)
        assert record.cost is not None
        assert record.cost.total is not None
