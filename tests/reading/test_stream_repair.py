"""What a stream's merge distorts, and what is repaired from its chunks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import RunnableLambda

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._reading.stream_notes import StreamNotes
from langchain_respmeta._reading.stream_repair import recover
from langchain_respmeta.providers.engine.answer import Answer
from tests.attachment.model import NumberedModel, look_up


def _usage(given: int, made: int, total: int | None = None, **details: int) -> dict[str, Any]:
    counts = {
        "input_tokens": given,
        "output_tokens": made,
        "total_tokens": given + made if total is None else total,
    }
    return {**counts, "output_token_details": details} if details else counts


CASES: list[tuple[str, str | None, list[dict[str, Any]], dict[str, Any], dict[str, Any]]] = [
    ("running totals", "ChatOpenAI", [_usage(9, 1), _usage(9, 2), _usage(9, 3)], _usage(27, 6), _usage(9, 3)),
    (
        "the prompt's count changes",
        "ChatOpenAI",
        [_usage(4, 0), _usage(4, 0), _usage(3, 11)],
        _usage(11, 11),
        _usage(3, 11),
    ),
    ("the same usage twice", "ChatGroq", [_usage(7, 5), _usage(7, 5)], _usage(14, 10), _usage(7, 5)),
    ("one usage, doubled", "ChatHuggingFace", [_usage(201, 55)], _usage(402, 110), _usage(201, 55)),
    (
        "differences",
        "ChatGoogleGenerativeAI",
        [_usage(20, 1), _usage(380, 4)],
        _usage(400, 5),
        _usage(400, 5),
    ),
    (
        "input first, output last",
        "ChatAnthropic",
        [_usage(50, 0), _usage(0, 9)],
        _usage(50, 9),
        _usage(50, 9),
    ),
    ("nobody knows", None, [_usage(50, 0), _usage(0, 9)], _usage(50, 9), _usage(50, 9)),
    ("one usage", "ChatOpenAI", [_usage(5, 5)], _usage(5, 5), _usage(5, 5)),
    ("chunks unseen", "ChatOpenAI", [_usage(9, 1), _usage(9, 2)], _usage(30, 6), _usage(30, 6)),
    (
        "details that end in zero",
        "ChatGoogleGenerativeAI",
        [_usage(9, 4, reasoning=4), _usage(0, 2, reasoning=0)],
        _usage(9, 6, reasoning=0),
        _usage(9, 6, reasoning=4),
    ),
]


@pytest.mark.parametrize(
    ("integration", "seen", "final", "true"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_usage_is_what_the_provider_counted(
    integration: str | None, seen: list[dict[str, Any]], final: dict[str, Any], true: dict[str, Any]
) -> None:
    stream = StreamNotes()
    stream.usages.extend(seen)
    answer = Answer(metadata={}, usage=final)
    recover(answer, stream, integration)
    assert answer.usage == true


def _chunk(**fields: Any) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(**{"content": "", **fields}))


def _part(index: int, name: str | None, args: str, call_id: str | None) -> dict[str, Any]:
    return {"index": index, "name": name, "args": args, "id": call_id, "type": "tool_call_chunk"}


def test_tool_calls_that_the_protocol_merged_away_come_back() -> None:
    stream = StreamNotes()
    stream.v3 = True
    stream.chunks.extend(
        [
            _chunk(),
            _chunk(tool_call_chunks=[_part(0, "look", '{"a":', "c1")]),
            _chunk(tool_call_chunks=[_part(0, None, " 1}", None)]),
            _chunk(tool_call_chunks=[_part(1, "look", '{"a": 2}', "c2")]),
        ]
    )
    answer = Answer(metadata={}, tool_calls=[{"name": "", "args": {}, "id": ""}])
    recover(answer, stream, "ChatOpenAI")
    assert [(call["id"], call["args"]) for call in answer.tool_calls] == [("c1", {"a": 1}), ("c2", {"a": 2})]


def test_a_final_message_that_has_all_is_left_alone() -> None:
    stream = StreamNotes()
    stream.v3 = True
    stream.chunks.extend([_chunk(), _chunk(tool_call_chunks=[_part(0, "look", '{"a": 1}', "c1")])])
    calls = [{"name": "look", "args": {"a": 1}, "id": "c1"}]
    answer = Answer(metadata={}, content="words", tool_calls=calls)
    recover(answer, stream, "ChatOpenAI")
    assert (answer.content, answer.tool_calls) == ("words", calls)


def test_outside_the_protocol_contents_stay_as_they_are() -> None:
    stream = StreamNotes()
    stream.chunks.append(
        _chunk(content=[{"type": "text", "text": "x", "annotations": [{"type": "citation"}]}])
    )
    answer = Answer(metadata={}, content="words")
    recover(answer, stream, "ChatOpenAI")
    assert answer.content == "words"


def test_several_handlers_of_one_run_note_each_chunk_once() -> None:
    handlers = [RespMetaHandler(feedback=False), RespMetaHandler(feedback=False, prefix="other")]
    model = NumberedModel().bind_tools([look_up])

    async def run() -> None:
        events = RunnableLambda(model.ainvoke).astream_events("why?", {"callbacks": handlers}, version="v2")
        assert [event async for event in events]

    asyncio.run(run())
    for handler in handlers:
        (record,) = handler.records
        assert record.streamed
        assert [call.valid for call in record.tool_calls] == [True]
