"""The answers of a message or a result, live or dumped by a tracer: both give the same record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta._process.faults import report
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.dumped_objects import holds_stub, restored
from langchain_respmeta.providers.engine.javascript import (
    as_python,
    counts_in,
    is_javascripts,
    own_kwargs,
    without_bookkeeping,
)
from langchain_respmeta.providers.engine.usual_answer import is_protocol_stream, usual_answer
from langchain_respmeta.providers.engine.values import items_of
from langchain_respmeta.record.bounds import Budget, tamed
from langchain_respmeta.record.plain import as_mapping

_EMPTY: Final[Mapping[str, Any]] = {}

MAX_CANDIDATES: Final = 1_000
"""Generations of one result that are read."""

NO_ANSWER: Final = "expected a message or a result"
"""The fault of a value that is neither begins so."""


def answers_of(result: object) -> list[Answer]:
    """Every generation of an `LLMResult`, a message, or their dumped forms; empty where there is none. Never raises.

    What they hold is bounded and tame: readers meet dict, list, text, numbers and a few plain leaves only.
    """
    answers = unbound_answers_of(result)
    try:
        for answer in answers:
            answer.bind()
    except Exception as fault:  # noqa: BLE001 - a foreign object may raise when it is read
        return _unread(fault)
    return answers


def unbound_answers_of(result: object) -> list[Answer]:
    """The same, each as it came, until `Answer.bind` bounds it. Never raises."""
    try:
        return _answers_of(result)
    except Exception as fault:  # noqa: BLE001 - a foreign object may raise when it is read
        return _unread(fault)


def is_langchains(value: object) -> bool:
    """Whether it is a message or a result of LangChain's, live or dumped. Never raises."""
    if type(value).__module__.startswith("langchain_core."):
        return True
    try:
        if isinstance(value, Mapping):
            return _is_batch(value.get("generations")) or _has_any(_undumped(value), _OF_LANGCHAIN)
        return _has(value, "response_metadata") or _has(value, "llm_output") or _has(value, "generation_info")
    except Exception:  # noqa: BLE001 - a foreign object may raise when it is read: then it is none of LangChain's
        return False


def _has_any(fields: Mapping[Any, Any], names: frozenset[str]) -> bool:
    """Whether one of the names is there. A foreign mapping is asked, not gone through: it need not end."""
    return any(name in fields for name in names)


def _is_batch(generations: object) -> bool:
    """Cohere's own answers of old have a list of generations, LangChain's a list of such lists."""
    return isinstance(generations, list | tuple) and (
        not generations or isinstance(generations[0], list | tuple)
    )


_OF_LANGCHAIN: Final = frozenset(
    {"response_metadata", "additional_kwargs", "generation_info", "generationInfo", "llmOutput"}
)


def _unread(fault: Exception) -> list[Answer]:
    report("looking at an answer", fault)
    told = f"the answer could not be looked at ({type(fault).__name__})"
    return [Answer(metadata={}, content=None, is_message=False, is_unread=True, faults=[told])]


def _answers_of(result: Any) -> list[Answer]:
    if _has(result, "generations"):
        return _of_result(result.generations, result.llm_output)
    plain = as_mapping(result) if not _has(result, "response_metadata") else None
    if plain is not None and "generations" in plain:
        output = plain.get("llm_output")
        return _of_result(
            plain["generations"], as_python(plain.get("llmOutput")) if output is None else output
        )
    if plain is not None and _has_any(_undumped(plain), _OF_GENERATIONS):
        return [_of_generation(plain if isinstance(result, Mapping) else result, _EMPTY, Budget.for_result())]
    return [_of_message(result, _EMPTY, _EMPTY, Budget.for_result())]


def _has(value: object, name: str) -> bool:
    """Whether the object has the attribute; for pydantic's objects, whose `hasattr` is slow, the field."""
    fields = getattr(type(value), "__pydantic_fields__", None)
    return hasattr(value, name) if fields is None else name in fields


def _of_result(generations: object, llm_output: object) -> list[Answer]:
    answer = usual_answer(generations, llm_output)
    return [answer] if answer is not None else _of_generations(generations, llm_output)


def _of_generations(generations: object, llm_output: object) -> list[Answer]:
    faults: list[str] = []
    batch = generations[0] if isinstance(generations, list) and generations else ()
    if not isinstance(batch, list | tuple):
        batch = (batch,)
    if len(batch) > MAX_CANDIDATES:
        faults.append(f"only {MAX_CANDIDATES} of {len(batch)} generations were read")
        batch = batch[:MAX_CANDIDATES]
    left = Budget.for_result()
    output = _mapping_or_fault(llm_output, "llm_output", faults, left)
    if isinstance(generations, list) and len(generations) > 1:
        # Of several prompts: their counts are added up there, and no prompt's own.
        output = {name: value for name, value in output.items() if name != "token_usage"}
    answers = [_of_generation(generation, output, left) for generation in batch]
    for answer in answers:
        answer.faults.extend(faults)
    return answers


def _of_generation(generation: object, output: Mapping[str, object], left: Budget) -> Answer:
    if isinstance(generation, Mapping):
        fields = _undumped(generation)
        message, info, text = fields.get("message"), fields.get("generation_info"), fields.get("text")
        if info is None:
            info = as_python(fields.get("generationInfo"))
    else:
        message = getattr(generation, "message", None)
        info, text = getattr(generation, "generation_info", None), getattr(generation, "text", "")
    info = _mapping_or_fault(info, "", [], left) if isinstance(info, Mapping) else _EMPTY
    if message is None:
        is_chunk = type(generation).__name__.endswith("Chunk")
        plain = Answer(metadata={**output, **info}, content=text, is_message=False, is_chunk=is_chunk)
        plain.is_bound, plain.left = False, left
        return plain
    return _of_message(message, output, info, left)


def _of_message(message: Any, output: Mapping[str, Any], info: Mapping[str, Any], left: Budget) -> Answer:
    dumped = isinstance(message, Mapping)
    get = _undumped(message).get if dumped else lambda name: getattr(message, name, None)
    faults: list[str] = []
    content, told, usage, kwargs = (get(name) for name in _OF_MESSAGES)
    kind = _kind(message, dumped=dumped)
    is_unread = content is told is usage is kwargs is None or kind in _NOT_A_MODELS
    if is_unread:
        faults.append(
            f"{NO_ANSWER}, got {type(message).__name__} without content"
            if content is None
            else f"{NO_ANSWER} of a model, got a message of kind {kind!r}"
        )
    if dumped and is_javascripts(message.get("id")):
        told = as_python(told)
        usage = usage or counts_in(told, output)
        told, info, output = map(without_bookkeeping, (told, info, output))
        if isinstance(told, Mapping) and isinstance(kwargs, Mapping):
            kwargs = own_kwargs(kwargs, told)
    elif dumped:
        told, kwargs = _with_objects(told, kwargs, {**output, **info}, faults)
    metadata = _mapping_or_fault(told, "response_metadata", faults, left)
    for extra in (info, output):
        if extra and not extra.keys() <= metadata.keys():
            metadata = {**extra, **metadata}
    is_chunk = _is_chunk(message, kind, dumped=dumped)
    message_id, chunks = get("id"), get("tool_call_chunks") if is_chunk else None
    is_protocol = not is_chunk and not info and not output and is_protocol_stream(metadata)
    if is_protocol and metadata.get("logprobs"):
        # Those of the last chunk only. `_reading.stream_repair` restores the whole list from the chunks.
        metadata = {**metadata, "logprobs": None}
    answer = Answer(
        metadata=metadata,
        usage=usage if type(usage) is dict else as_mapping(usage),
        kwargs=_mapping_or_fault(kwargs, "additional_kwargs", faults, left),
        content=content,
        message_id=message_id if isinstance(message_id, str) else None,
        tool_calls=items_of(get("tool_calls")),
        invalid_tool_calls=items_of(get("invalid_tool_calls")),
        tool_call_chunks=items_of(chunks) if chunks else None,
        is_chunk=is_chunk,
        is_protocol=is_protocol,
        is_message=content is not None,
        is_unread=is_unread,
        faults=faults,
    )
    answer.is_bound, answer.left = False, left
    return answer


def _with_objects(told: Any, kwargs: Any, other: Mapping[str, Any], faults: list[str]) -> tuple[Any, Any]:
    """`response_metadata` and `additional_kwargs` with the objects that the live message had."""
    if holds_stub(told):
        told = restored(told, "response_metadata", faults, other)
    if holds_stub(kwargs):
        kwargs = restored(kwargs, "additional_kwargs", faults)
    return told, kwargs


_OF_GENERATIONS: Final = frozenset({"message", "generation_info", "generationInfo"})

_OF_MESSAGES: Final = ("content", "response_metadata", "usage_metadata", "additional_kwargs")


def _undumped(dumped: Mapping[str, object]) -> Mapping[str, Any]:
    """The fields, which LangChain's serializer puts into `kwargs`, and `message_to_dict` into `data`."""
    inner = dumped.get("kwargs", dumped.get("data"))
    return inner if isinstance(inner, Mapping) else dumped


def _is_chunk(message: Any, kind: str, *, dumped: bool) -> bool:
    if dumped:
        return kind.endswith("Chunk")
    return type(message).__name__.endswith("Chunk") or _has(message, "tool_call_chunks")


def _kind(message: Any, *, dumped: bool) -> str:
    """What kind of message it is: `type` of messages and their plain dicts, or the dumped class."""
    path = message.get("id") if dumped else None
    kind = path[-1] if isinstance(path, list) and path else _field(message, "type", dumped=dumped)
    return kind if isinstance(kind, str) else ""


def _field(message: Any, name: str, *, dumped: bool) -> Any:
    return message.get(name) if dumped else getattr(message, name, None)


_NOT_A_MODELS: Final = frozenset(
    kind
    for name in ("human", "system", "tool", "function", "remove")
    for kind in (name, f"{name.title()}Message", f"{name.title()}MessageChunk")
)
"""Kinds of messages that no model gives."""


def _mapping_or_fault(value: object, name: str, faults: list[str], left: Budget) -> Mapping[str, Any]:
    if value is None:
        return _EMPTY
    # `bound` walks through a plain dict, with all the rest.
    mapping = value if type(value) is dict else tamed(value, left.for_next())
    if not isinstance(mapping, dict):
        faults.append(f"{name}: expected a mapping, got {type(value).__name__}")
        return {name: value}
    return mapping
