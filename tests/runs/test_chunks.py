"""Chunks after the first token are put on a list, and looked at together: what is kept is the same."""

from __future__ import annotations

import sys
from types import FrameType, SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk, GenerationChunk, LLMResult

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading import stream_notes
from langchain_respmeta._reading.stream_notes import StreamNotes
from langchain_respmeta._runs.table import RUNS

USAGE: Any = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
PIECE: Any = {"type": "tool_call_chunk", "id": "a", "name": "x", "args": "{}", "index": 0}


def _chunk(content: Any = "word", **fields: Any) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content, **fields))


class _Raising:
    @property
    def message(self) -> Any:
        raise RuntimeError


CHUNKS: Any = {
    "words": [_chunk() for _ in range(9)],
    "counts last": [_chunk(), _chunk(), _chunk("", usage_metadata=USAGE), _chunk("")],
    "counts first": [_chunk("", usage_metadata=USAGE), *[_chunk() for _ in range(9)]],
    "calls": [_chunk("", tool_call_chunks=[PIECE]), _chunk(), _chunk("", tool_call_chunks=[PIECE])],
    "blocks": [_chunk([{"type": "text", "text": "x"}]), _chunk("")],
    "texts": [GenerationChunk(text="x"), GenerationChunk(text="")],
    "nothing": [None, None],
    "mixed": [_chunk("", usage_metadata=USAGE), None, _Raising(), _chunk("", tool_call_chunks=[PIECE])],
    "messages of others": [SimpleNamespace(message=SimpleNamespace(content="x")), _chunk()],
}


def _facts(notes: StreamNotes) -> Any:
    kept = ([id(one) for one in part] for part in (notes.chunks, notes.last))
    return [*kept, notes.usages, notes.logprobs, notes.counts_are_last(), notes.is_whole()]


@pytest.mark.parametrize("kind", CHUNKS)
def test_what_is_looked_at_together_is_what_one_look_after_the_other_finds(kind: str) -> None:
    single, together = StreamNotes(), StreamNotes()
    for chunk in CHUNKS[kind]:
        single.note(chunk)
        together.recent.append(chunk)
        assert together.is_whole() is single.is_whole(), "asked while chunks come"
    together.look()
    assert _facts(together) == _facts(single)
    assert together.recent == []


def _started() -> tuple[RespMetaHandler, UUID]:
    handler, run_id = RespMetaHandler(feedback=False), uuid4()
    handler.on_chat_model_start({}, [["hi"]], run_id=run_id)
    handler.on_llm_new_token("word", chunk=_chunk(), run_id=run_id)
    return handler, run_id


def _calls_of_ours(handler: RespMetaHandler, run_id: UUID, chunk: Any) -> int:
    found = []

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and "langchain_respmeta" in frame.f_code.co_filename:
            found.append(frame.f_code.co_name)

    sys.setprofile(look)
    try:
        handler.on_llm_new_token("word", chunk=chunk, run_id=run_id)
    finally:
        sys.setprofile(None)
    return len(found)


@pytest.mark.parametrize("kind", ["words", "calls", "nothing"])
def test_a_later_chunk_is_the_callback_alone(kind: str) -> None:
    handler, run_id = _started()
    assert [_calls_of_ours(handler, run_id, chunk) for chunk in CHUNKS[kind]] == [1] * len(CHUNKS[kind])
    handler.on_llm_end(LLMResult(generations=[[_chunk()]]), run_id=run_id)
    assert handler.records[0].streamed


def test_chunks_that_wait_to_be_looked_at_are_bounded() -> None:
    handler, run_id = _started()
    run = STATE[RUNS].get(run_id)
    assert run is not None
    assert run.stream is not None
    for _ in range(stream_notes.MAX_RECENT + 9):
        handler.on_llm_new_token("word", chunk=_chunk(), run_id=run_id)
        assert len(run.stream.recent) < stream_notes.MAX_RECENT
    handler.on_llm_error(ConnectionError(), run_id=run_id)


@pytest.mark.parametrize("end", ["answer", "failure", "assumed"])
def test_no_stream_is_left_when_its_run_ends(end: str) -> None:
    handler, run_id = _started()
    runs = STATE[RUNS]
    assert len(runs.streams) == 1
    run = runs.get(run_id)
    assert run is not None
    if end == "answer":
        handler.on_llm_end(LLMResult(generations=[[_chunk()]]), run_id=run_id)
    elif end == "failure":
        handler.on_llm_error(ConnectionError(), run_id=run_id)
    else:
        runs.assume_cancelled(run)
    assert runs.streams == {}
    handler.on_llm_new_token("late", chunk=_chunk(), run_id=run_id)
    assert runs.streams == {}


def test_an_id_that_is_no_uuid_has_its_chunks_noted() -> None:
    handler, run_id = RespMetaHandler(feedback=False), "call-1"
    handler.on_chat_model_start({}, [["hi"]], run_id=run_id)  # type: ignore[arg-type]
    for _ in range(3):
        handler.on_llm_new_token("word", chunk=_chunk(), run_id=run_id)  # type: ignore[arg-type]
    handler.on_llm_end(LLMResult(generations=[[_chunk()]]), run_id=run_id)  # type: ignore[arg-type]
    (record,) = handler.records
    assert record.timing is not None
    assert record.timing.time_to_first_token_s is not None
    assert handler.summary()["faults"] == {}
