"""Notes of streams under way and answers that wait to be read are bounded."""

from typing import Any
from uuid import uuid4

import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from langchain_respmeta import RespMetaHandler
from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading import stream_notes
from langchain_respmeta._runs import background, stream_watch
from langchain_respmeta._runs.table import RUNS

KEPT = 7


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What was kept of a stream of many more chunks and events than may be kept."""
    monkeypatch.setattr(stream_watch, "MAX_KEPT", KEPT)
    monkeypatch.setattr(stream_notes, "MAX_KEPT", KEPT)
    handler, run_id = RespMetaHandler(feedback=False), uuid4()
    handler.on_chat_model_start({}, [["hi"]], run_id=run_id)
    run = STATE[RUNS].get(run_id)
    assert run is not None
    stream_watch.note_event(run, {"event": "message-start"})
    for number in range(10 * KEPT):
        call = {"type": "tool_call_chunk", "id": str(number), "name": "x", "args": "{}", "index": number}
        stream_watch.note_event(run, {"event": "content-block-start", "content": call})
        message = AIMessageChunk(
            content=[{"type": "text", "text": "x"}],
            tool_call_chunks=[{**call, "type": "tool_call_chunk"}],
            usage_metadata={"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
        )
        info = {"logprobs": {"content": [{"token": "x", "logprob": -1.0}]}}
        stream_watch.note_chunk(run, "x", ChatGenerationChunk(message=message, generation_info=info))
    yield run.stream
    handler.on_llm_error(ConnectionError(), run_id=run_id)


@pytest.mark.parametrize("name", ["usages", "chunks", "logprobs", "calls"])
def test_so_much_is_kept_of_a_stream(stream: Any, name: str) -> None:
    assert len(getattr(stream, name)) == KEPT


def test_where_too_many_answers_wait_who_brings_one_reads_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "MAX_PENDING", KEPT)
    reader = background.BackgroundReader()
    monkeypatch.setattr(reader, "_start", lambda: None)  # a thread that never comes to it
    read: list[Any] = []
    for number in range(10 * KEPT):
        run: Any = number
        reader.hand_over(run, read.append)
        assert len(reader._pending) <= KEPT
    assert read == list(range(9 * KEPT)), "the oldest first"
    reader.drain()
    assert read == list(range(10 * KEPT)), "none is lost"
