"""Chunks and events of a stream: noted as they come, read at the end."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

from langchain_respmeta._reading.caller_frames import chunk_of_caller
from langchain_respmeta._reading.stream_notes import MAX_KEPT, StreamNotes, holds_output

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Run


def note_chunk(run: Run, token: Any, chunk: Any) -> None:
    """Note the times of the first chunk and token, and what of this chunk may be needed at the end."""
    stream = run.stream
    is_first = stream is None
    if stream is None:
        stream = run.stream = StreamNotes()
        run.note_first_chunk()
    if chunk is None and (is_first or stream.v3):
        chunk = chunk_of_caller()
    if is_first and chunk is not None:
        stream.chunks.append(chunk)
    if run.first_token is None and (token or holds_output(chunk)):
        run.first_token = perf_counter()
    stream.note(chunk)


def note_event(run: Run, event: Any) -> None:
    """Note a protocol event: its stream is of version 3; the times are those of its chunks."""
    stream = run.stream
    if stream is None:
        stream = run.stream = StreamNotes()
        run.note_first_chunk()
    if not stream.v3:
        stream.begin_protocol()
    kind = event.get("event") if type(event) is dict or isinstance(event, Mapping) else None
    if run.first_token is None and kind == "content-block-delta":
        run.first_token = perf_counter()
    if kind == "content-block-start":
        content = event.get("content")
        if (
            isinstance(content, Mapping)
            and content.get("type") == "tool_call_chunk"
            and len(stream.calls) < MAX_KEPT
        ):
            stream.calls.append(content)
