"""The answer of a usual result, looked at directly: one message of core's own, live or dumped, with plain parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.dumped_objects import holds_stub
from langchain_respmeta.providers.engine.javascript import PACKAGE

_CORES: Final = frozenset({"langchain_core.messages.ai"})
"""Where core's own messages are defined, whose fields are in their `__dict__`."""

_NO_CALLS: Final[list[Any]] = []
_NOTHING: Final[dict[str, Any]] = {}


def is_protocol_stream(metadata: Mapping[str, object]) -> bool:
    """Whether the message was put together from a protocol stream's events (v3)."""
    return metadata.get("output_version") == "v1" and "token_usage" not in metadata


class UsualParts(NamedTuple):
    """The parts of a usual answer, as `Answer` has them. The lists are the message's own."""

    metadata: dict[str, Any]
    usage: dict[str, Any] | None
    kwargs: dict[str, Any]
    content: Any
    message_id: str | None
    tool_calls: list[Any]
    invalid_tool_calls: list[Any]
    tool_call_chunks: list[Any] | None
    is_chunk: bool
    is_protocol: bool


def usual_answer(generations: Any, llm_output: Any) -> Answer | None:
    """The answer, as `answers_of` gives it; None where the result is no usual one."""
    parts = usual_parts(generations, llm_output)
    if parts is None:
        return None
    metadata, usage, kwargs, content, message_id, calls, invalid, chunks, is_chunk, is_protocol = parts
    return Answer(
        metadata,
        usage,
        kwargs,
        content,
        message_id,
        [*calls],
        [*invalid],
        [*chunks] if chunks else None,
        is_chunk=is_chunk,
        is_protocol=is_protocol,
        is_bound=False,
    )


def usual_parts(generations: Any, llm_output: Any) -> UsualParts | None:
    """The parts of a usual result's one answer; None where the result is no usual one."""
    if generations.__class__ is not list or len(generations) != 1:
        return None
    batch = generations[0]
    if batch.__class__ is not list or len(batch) != 1:
        return None
    generation = batch[0]
    found = _dumped(generation) if generation.__class__ is dict else _live(generation)
    return None if found is None else _parts(*found, llm_output)


def result_parts(outputs: dict[str, Any]) -> UsualParts | None:
    """The parts of a dumped result's one answer; None where it is no usual one."""
    if outputs.get("llmOutput") is not None:
        return None
    return usual_parts(outputs.get("generations"), outputs.get("llm_output"))


def message_parts(message: dict[str, Any]) -> UsualParts | None:
    """The parts of a message as pydantic dumps it, its fields side by side; None where it is no usual one."""
    kind = message.get("type")
    if (
        kind.__class__ is not str
        or kind not in KINDS
        or "response_metadata" not in message
        or message.get("id").__class__ not in _MAYBE_TEXT
        or not _OF_OTHERS.isdisjoint(message)
        or holds_stub(message["response_metadata"])
        or holds_stub(message.get("additional_kwargs"))
    ):
        return None
    return _parts(message, KINDS[kind], None, None)


KINDS: Final[Mapping[Any, bool]] = {"ai": False, "AIMessageChunk": True}
"""`type` of a model's messages → whether they are merged streams."""
_MAYBE_TEXT: Final = frozenset({str, type(None)})
_OF_OTHERS: Final = frozenset(
    {"generations", "message", "generation_info", "generationInfo", "kwargs", "data"}
)
"""Keys of results, of generations and of other dumps of messages."""


def _live(generation: Any) -> tuple[Mapping[str, Any], bool, Any] | None:
    """Fields of the message, whether it is a chunk, and the generation's own facts."""
    message = getattr(generation, "message", None)
    if message.__class__.__module__ not in _CORES:
        return None
    fields = message.__dict__
    return fields, "tool_call_chunks" in fields, generation.generation_info


def _dumped(generation: dict[str, Any]) -> tuple[Mapping[str, Any], bool, Any] | None:
    message: Any = generation.get("message")
    if message.__class__ is not dict or "kwargs" in generation or "data" in generation:
        return None
    fields, path = message.get("kwargs"), message.get("id")
    if (
        fields.__class__ is not dict
        or path.__class__ is not list
        or not path
        or path[-1].__class__ is not str
        or path[0] == PACKAGE
        or holds_stub(fields.get("response_metadata"))
        or holds_stub(fields.get("additional_kwargs"))
    ):
        return None
    return fields, path[-1].endswith("Chunk"), generation.get("generation_info")


def _parts(fields: Mapping[str, Any], is_chunk: bool, info: Any, output: Any) -> UsualParts | None:  # noqa: FBT001
    get = fields.get
    metadata, kwargs = get("response_metadata", _NOTHING), get("additional_kwargs", _NOTHING)
    usage, content = get("usage_metadata"), get("content")
    calls, invalid = get("tool_calls", _NO_CALLS), get("invalid_tool_calls", _NO_CALLS)
    chunks = get("tool_call_chunks") if is_chunk else None
    if not (
        metadata.__class__ is kwargs.__class__ is dict
        and calls.__class__ is invalid.__class__ is list
        and content.__class__ in _CONTENT
        and usage.__class__ in _MAYBE
        and info.__class__ in _MAYBE
        and output.__class__ in _MAYBE
        and (not chunks or chunks.__class__ is list)
    ):
        return None
    for extra in (info, output):
        if extra and not extra.keys() <= metadata.keys():
            metadata = {**extra, **metadata}
    is_protocol = not is_chunk and not info and not output and is_protocol_stream(metadata)
    if is_protocol and metadata.get("logprobs"):
        metadata = {**metadata, "logprobs": None}  # see `answers_of`
    message_id = get("id")
    return UsualParts(
        metadata,
        usage,
        kwargs,
        content,
        message_id if message_id.__class__ is str else None,
        calls,
        invalid,
        chunks or None,
        is_chunk,
        is_protocol,
    )


_CONTENT: Final = frozenset({str, list})
_MAYBE: Final = frozenset({dict, type(None)})
