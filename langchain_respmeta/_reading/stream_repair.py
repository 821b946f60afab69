"""What a stream showed in passing that its final message lacks.

LangChain merges chunks into one message, and the merge loses things: counts that a provider repeats are added up, in
protocol streams (v3) details keep the last chunk's value and a text block keeps only its last annotation. Every chunk
passes `on_llm_new_token` first; what may be needed is noted there by reference, and put together only when the final
message turns out to lack it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from json import JSONDecoder
from typing import Any, Final

from langchain_respmeta._process.faults import report
from langchain_respmeta._reading.stream_notes import MAX_KEPT, StreamNotes, metadata_of
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.record.plain import as_mapping
from langchain_respmeta.record.usage_names import SIDES

ADDING: Final = frozenset(
    {
        "ChatGoogleGenerativeAI",
        "ChatVertexAI",
        "ChatPerplexity",
        "ChatAnthropic",
        "ChatAnthropicVertex",
        "ChatAnthropicBedrock",
        "AzureAIAnthropicChatModel",
        "ChatBedrock",
        "ChatBedrockConverse",
    }
)
"""Integrations that turn a provider's running totals into differences: there the sum is right."""

SILENT: Final = frozenset({"BedrockLLM"})
"""Integrations that stream without telling any handler: that the answer is put together of chunks shows it."""

_COUNTS: Final = ("input_tokens", "output_tokens", "total_tokens")
_LOST_IN_V3: Final = ("annotations", "citations", "refusal", "reference")


def recover(answer: Answer, stream: StreamNotes, integration: str | None) -> None:
    """Give the answer back what its stream had. Never raises: then the answer stays as LangChain merged it."""
    parts = answer.parts()
    try:
        _recover(answer, stream, integration)
    except Exception as fault:  # noqa: BLE001 - chunks are foreign objects
        report("looking back at a stream", fault)
        answer.faults.append(f"the chunks could not be read: {type(fault).__name__}")
    if any(new is not old for new, old in zip(answer.parts(), parts, strict=True)):
        answer.bound()


def is_as_it_came(metadata: dict[str, Any], usage: object, stream: StreamNotes) -> bool:
    """Whether `recover` would change nothing of a message that is merged of chunks: told without taking it apart.

    At most one chunk had counts, and they are the message's; no chunk named the model otherwise.
    """
    if stream.v3 or len(stream.usages) > 1 or (stream.usages and stream.usages[0] != usage):
        return False
    for chunk in stream.last:
        for told in (chunk.message.response_metadata, chunk.generation_info):
            if told and any([told.get(key, "") not in ("", metadata.get(key)) for key in _NAMES]):  # noqa: C419 - faster
                return False
    return True


def completed(came: Answer, stream: StreamNotes, integration: str | None) -> Answer:
    """The part of an answer that came before its stream broke off.

    LangChain hands over the merged chunks, but none of a protocol stream, nor of a call that streamed by itself: then
    they are put together of what was noted.
    """
    if came.usage is None and not came.content and not came.metadata.keys() - _ABOUT_CHUNKS:
        came = _pieced(came, stream)
    recover(came, stream, integration)
    return came


_ABOUT_CHUNKS: Final = frozenset({"model_provider", "output_version", "lc_gateway_metadata"})
"""What every chunk of a stream may hold, and what is no part of its answer."""


def _pieced(came: Answer, stream: StreamNotes) -> Answer:
    first = [chunk for chunk in stream.chunks[:1] if all(chunk is not one for one in stream.last)]
    chunks = [chunk for chunk in (*first, *stream.last) if getattr(chunk, "message", None) is not None]
    if not chunks:
        return came
    metadata: dict[str, Any] = {}
    for chunk in chunks:
        for told in reversed(metadata_of(chunk)):
            metadata.update(told)
    if stream.v3:
        metadata.pop("logprobs", None)
    ids = (chunk.message.id for chunk in chunks)
    message_id = next((one for one in ids if isinstance(one, str)), None)
    usage = _summed(stream.usages)
    refusal = next(filter(None, map(_refusal_in, reversed(chunks))), None)
    kwargs = {**came.kwargs, "refusal": refusal} if refusal else came.kwargs
    pieced = Answer(
        {**came.metadata, **metadata}, usage, kwargs, message_id=message_id, is_protocol=stream.v3
    )
    pieced.bound()
    return pieced


def _refusal_in(chunk: Any) -> Any:
    """The whole refusal, which OpenAI's SDK hangs on the last chunk of structured output."""
    return (as_mapping(getattr(chunk.message, "additional_kwargs", None)) or {}).get("refusal")


def _summed(usages: list[Mapping[str, Any]]) -> dict[str, Any] | None:
    """As LangChain's merge adds them up."""
    if not usages:
        return None
    sums: dict[str, Any] = {name: sum(_int(usage.get(name)) for usage in usages) for name in _COUNTS}
    return {**sums, **{name: details for name in SIDES if (details := _sum_details(name, usages))}}


def _recover(answer: Answer, stream: StreamNotes, integration: str | None) -> None:
    usage = _true_usage(answer.usage, stream.usages, adds=integration in ADDING)
    if usage is not None:
        answer.usage = usage
    _part_names(answer, stream)
    messages = [
        message for chunk in stream.chunks if (message := getattr(chunk, "message", None)) is not None
    ]
    if not stream.v3:
        if not answer.is_chunk:  # streamed by itself: what it merged is no chunk any more
            _judge_calls(answer, stream, messages)
        return
    if (
        any(_loses(message.content) for message in messages)
        or _cuts_reasoning(answer.content)
        or _lost_tool_calls(answer, messages)
        or any(not call.get("name") for call in answer.tool_calls)  # Bedrock's own tools lose theirs
    ) and messages:
        _take_merged(answer, messages[0], messages[1:])
    if answer.invalid_tool_calls:
        _part_calls(answer, stream.calls)
    _judge_calls(answer, stream, messages)
    if stream.logprobs:
        answer.metadata = {**answer.metadata, "logprobs": _joined(stream.logprobs)}


_NAMES: Final = ("model_name", "model")


def _part_names(answer: Answer, stream: StreamNotes) -> None:
    """One of the models that chunks named in several ways: the merge has glued the names together.

    The longest: a name with its date, or with its vendor before it, is the most exact.
    """
    for key in _NAMES:
        merged = answer.metadata.get(key)
        if not isinstance(merged, str) or len(merged) > _LONGEST_NAMES:
            continue
        told = (part.get(key) for chunk in stream.last for part in metadata_of(chunk))
        names = dict.fromkeys(name for name in told if isinstance(name, str) and name)
        if len(names) > 1 and merged not in names and _is_made_of(merged, names):
            answer.metadata = {**answer.metadata, key: max(names, key=len)}


_LONGEST_NAMES: Final = 2_048
"""Characters of names in a row that are taken apart."""


def _is_made_of(text: str, names: Iterable[str]) -> bool:
    """Whether a text is nothing but some of these names in a row."""
    ends = {0}
    for end in range(1, len(text) + 1):
        if any(end - len(name) in ends and text.endswith(name, 0, end) for name in names):
            ends.add(end)
    return len(text) in ends


def _judge_calls(answer: Answer, stream: StreamNotes, messages: list[Any]) -> None:
    if answer.tool_calls and not answer.tool_call_chunks and len(stream.chunks) < MAX_KEPT:
        answer.tool_call_chunks = _arguments(messages)


def _arguments(messages: list[Any]) -> list[dict[str, Any]]:
    """Each call's arguments as they came: the protocol closes cut JSON, and then the call looks whole."""
    calls: list[dict[str, Any]] = []
    open_calls: dict[Any, dict[str, Any]] = {}
    for message in messages:
        for part in getattr(message, "tool_call_chunks", None) or ():
            identity, index = part.get("id"), part.get("index")
            call = open_calls.get(identity if index is None else index)
            if call is None or identity not in (None, "", call["id"]):
                call = {"id": identity, "args": []}
                open_calls[identity if index is None else index] = call
                calls.append(call)
            call["args"].append(part.get("args") or "")
    return [{**call, "args": "".join(call["args"])} for call in calls]


def _part_calls(answer: Answer, begun: list[Mapping[str, Any]]) -> None:
    """Calls that the protocol merged into one, for want of an index (Ollama): its arguments are several objects.

    The merged call has the last one's name, the event that began it had the first one's; others' are lost.
    """
    whole, parted = [], []
    for call in answer.invalid_tool_calls:
        pieces = _objects(call.get("args"))
        if len(pieces) < 2:
            whole.append(call)
            continue
        names = [{"id": one.get("id"), "name": one.get("name")} for one in begun] if len(begun) == 1 else [{}]
        last = {"id": call.get("id"), "name": call.get("name")}
        named = [*names, *({} for _ in pieces[2:]), last]
        parted += [{**name, "args": piece} for name, piece in zip(named, pieces, strict=True)]
    if parted:
        answer.invalid_tool_calls = whole
        answer.tool_calls = [*answer.tool_calls, *parted]


def _objects(text: object) -> list[str]:
    """JSON objects in a row with nothing between them; empty where the text is something else."""
    found: list[str] = []
    place = 0
    while isinstance(text, str) and place < len(text):
        try:
            _, end = _DECODER.raw_decode(text, place)
        except ValueError:
            return []
        found.append(text[place:end])
        place = end
    return found if all(piece.startswith("{") for piece in found) else []


_DECODER: Final = JSONDecoder()


def _true_usage(
    final: Mapping[str, Any] | None, seen: list[Mapping[str, Any]], *, adds: bool
) -> Mapping[str, Any] | None:
    """Usage of the chunks, where the merge distorted it; None where the merged one is right.

    Only if the final counts are the sum of the chunks' were all chunks seen; anything else is left alone.
    """
    if final is None:
        return None
    told = [usage for usage in seen if _int(usage.get("total_tokens")) > 0]
    if len(told) == 1 and _is_multiple(final, told[0]):
        return told[0]  # ChatHuggingFace in v3: the one usage is added to itself
    if len(seen) < 2 or not _is_sum(final, seen):
        return None
    if not adds and _repeats(told):
        return told[-1]
    details = {name: _sum_details(name, seen) for name in SIDES}
    bent = {
        name: summed for name, summed in details.items() if summed and summed != dict(final.get(name) or {})
    }
    return {**final, **bent} if bent else None


def _is_sum(final: Mapping[str, object], seen: list[Mapping[str, Any]]) -> bool:
    return all(_int(final.get(name)) == sum(_int(usage.get(name)) for usage in seen) for name in _COUNTS)


def _is_multiple(final: Mapping[str, object], told: Mapping[str, object]) -> bool:
    """Whether the final counts are the only counts of the stream, repeated."""
    times, rest = divmod(_int(final.get("total_tokens")), _int(told.get("total_tokens")))
    return (
        times > 1
        and rest == 0
        and all(_int(final.get(name)) == times * _int(told.get(name)) for name in _COUNTS)
    )


def _repeats(told: list[Mapping[str, Any]]) -> bool:
    """Whether each chunk has the whole count so far: then it repeats the prompt's, nearly unchanged."""
    inputs = [_int(usage.get("input_tokens")) for usage in told]
    return len(inputs) > 1 and all(0 < before <= 2 * after for before, after in pairwise(inputs))


def _sum_details(name: str, seen: list[Mapping[str, Any]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for usage in seen:
        for key, count in (as_mapping(usage.get(name)) or {}).items():
            if isinstance(count, int) and not isinstance(count, bool):
                sums[key] = sums.get(key, 0) + count
    return sums


def _int(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _take_merged(answer: Answer, first: Any, rest: list[Any]) -> None:
    """Content and tool calls as a version-1 stream merges them, where they hold more than the final message."""
    merged = first.__add__(rest) if rest else first
    if isinstance(merged.content, list) and merged.content:
        answer.content = merged.content
    calls, invalid = merged.tool_calls, merged.invalid_tool_calls
    if _worth(calls, invalid) > _worth(answer.tool_calls, answer.invalid_tool_calls):
        answer.tool_calls, answer.invalid_tool_calls = list(calls), list(invalid)
        answer.tool_call_chunks = list(merged.tool_call_chunks)


def _lost_tool_calls(answer: Answer, messages: list[Any]) -> bool:
    """Whether the chunks spoke of tool calls that the final message lacks, or has without name or arguments."""
    names = {
        part.get("id") or part.get("name")
        for message in messages
        for part in getattr(message, "tool_call_chunks", None) or ()
        if part.get("name")
    }
    whole = [call for call in answer.tool_calls if call.get("name") and call.get("args")]
    return len(names) > len(whole)


def _worth(calls: list[Any], invalid: list[Any]) -> tuple[int, int, int]:
    """More valid, named calls are better; of as many, the ones with more arguments."""
    named = [call for call in calls if call.get("name")]
    return len(named), sum(len(str(call.get("args"))) for call in named), -len(invalid)


def _loses(content: object) -> bool:
    return isinstance(content, list) and any(
        isinstance(block, dict) and any(block.get(name) for name in _LOST_IN_V3) for block in content
    )


def _cuts_reasoning(content: object) -> bool:
    """Whether reasoning came as a summary's parts, of which the protocol keeps each one's last piece."""
    blocks = content if isinstance(content, list) else ()
    return any(
        isinstance(block, dict) and block.get("type") == "reasoning" and block.get("summary")
        for block in blocks
    )


def _joined(parts: list[Any]) -> dict[str, Any]:
    """Log probabilities of all chunks as one list."""
    fields = [as_mapping(part) or {} for part in parts]
    return {"content": [item for part in fields for item in part.get("content") or ()]}
