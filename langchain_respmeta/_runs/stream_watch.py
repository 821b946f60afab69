"""Chunks and events of a stream: noted as they come, read at the end."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

from langchain_respmeta._reading.caller_frames import chunk_of_caller
from langchain_respmeta._reading.stream_notes import MAX_KEPT, StreamNotes, holds_output, metadata_of

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
    message = getattr(chunk, "message", None)
    if message is None:
        return
    stream.last.append(chunk)
    usage = getattr(message, "usage_metadata", None)
    if usage:
        stream.usage_chunk = chunk
        if len(stream.usages) < MAX_KEPT:
            stream.usages.append(usage)
    if stream.v3 or getattr(message, "tool_call_chunks", None):
        _keep(stream, chunk, message)


def note_event(run: Run, event: Any) -> None:
    """Note a protocol event: its stream is of version 3; the times are those of its chunks."""
    stream = run.stream
    if stream is None:
        stream = run.stream = StreamNotes()
        run.note_first_chunk()
    if not stream.v3:
        stream.v3 = True
        for chunk in stream.last:  # they came before the first event
            _keep_logprobs(stream, chunk)
    kind = event.get("event") if isinstance(event, Mapping) else None
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


def _keep(stream: StreamNotes, chunk: Any, message: Any) -> None:
    kept = stream.chunks
    holds = message.content.__class__ is list or getattr(message, "tool_call_chunks", None)
    if holds and len(kept) < MAX_KEPT and not (kept and chunk is kept[0]):
        kept.append(chunk)
    if stream.v3:
        _keep_logprobs(stream, chunk)


def _keep_logprobs(stream: StreamNotes, chunk: Any) -> None:
    found = next((one for part in metadata_of(chunk) if (one := part.get("logprobs"))), None)
    if found and len(stream.logprobs) < MAX_KEPT:
        stream.logprobs.append(found)
