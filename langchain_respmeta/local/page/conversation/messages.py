"""Messages of LangChain (objects, dumps, pairs) and of the providers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from langchain_respmeta.local.page.conversation.blocks import read_citation, read_content
from langchain_respmeta.local.page.conversation.fields import Fields
from langchain_respmeta.local.page.conversation.media import media_from
from langchain_respmeta.local.page.conversation.model import (
    Data,
    Message,
    Part,
    Reasoning,
    Refusal,
    Role,
    Text,
    ToolCall,
    ToolResult,
)
from langchain_respmeta.local.page.conversation.tool_blocks import CALLS, RESULTS, call_from

ROLES: Final[Mapping[str, Role]] = {
    "system": "system",
    "developer": "system",
    "human": "human",
    "user": "human",
    "ai": "ai",
    "assistant": "ai",
    "model": "ai",
    "tool": "tool",
    "function": "tool",
}
"""Words for roles, in lower case."""
_CLASSES: Final[Mapping[str, Role]] = {
    "SystemMessage": "system",
    "HumanMessage": "human",
    "AIMessage": "ai",
    "ToolMessage": "tool",
    "FunctionMessage": "tool",
    "ChatMessage": "value",
    "RemoveMessage": "value",
}
_ITEMS: Final = frozenset({*CALLS, *RESULTS, "reasoning"})
"""Types of the items of OpenAI's Responses API that are no messages."""


def role_of(word: object) -> Role | None:
    """The role that a word or a class's name means."""
    if not isinstance(word, str):
        return None
    name = word.removesuffix("Chunk")
    return ROLES.get(name.lower()) or _CLASSES.get(name)


def read_message(value: object) -> Message | None:
    """A message in any of the known shapes; None if it has none of them."""
    if isinstance(value, list):
        return _pair(value)
    if not isinstance(value, dict):
        return None
    return next(filter(None, (read(value) for read in _READERS)), None)


def read_messages(values: Sequence[object]) -> list[Message] | None:
    """A list of messages, others among them; None if less than half of it are messages."""
    found = [read_message(value) for value in values]
    if not values or sum(one is not None for one in found) * 2 < len(values):
        return None
    return [one or value_message(value) for one, value in zip(found, values, strict=True)]


def forced_messages(values: Sequence[object]) -> list[Message]:
    """A list that holds messages for sure: LangChain takes a text for a human's; what else is there is kept."""
    return [read_message(value) or value_message(value) for value in values]


def value_message(value: object, word: str = "") -> Message:
    """A text or object that is no message."""
    return Message("value", word, [Text(value) if isinstance(value, str) else Data(value)])


def _constructor(value: Mapping[str, object]) -> Message | None:
    """`dumpd` of a message."""
    name, kwargs = value.get("id"), value.get("kwargs")
    if value.get("lc") is None or not isinstance(kwargs, dict) or not isinstance(name, list) or not name:
        return None
    role = role_of(name[-1]) or role_of(kwargs.get("type"))
    return None if role is None else _message(role, str(name[-1]), kwargs)


def _typed(value: Mapping[str, object]) -> Message | None:
    """`model_dump` of a message, or `messages_to_dict`."""
    word, data = value.get("type"), value.get("data")
    if word == "remove":
        return Message("value", "remove", [Data(value, "removes a message")])
    if word == "chat" and "role" in value:
        return _message(role_of(value["role"]) or "value", str(value["role"]), value)
    role = role_of(word)
    if role is None:
        return None
    if isinstance(data, dict) and "content" in data:
        return _message(role, str(word), data)
    return _message(role, str(word), value) if "content" in value else None


def _provider(value: Mapping[str, object]) -> Message | None:
    """A provider's own message: a role, and content, parts or calls."""
    word = value.get("role")
    if not isinstance(word, str) or not value.keys() & {"content", "parts", "tool_calls", "function_call"}:
        return None
    return _message(role_of(word) or "value", word, value)


def _item(value: Mapping[str, object]) -> Message | None:
    """An item of the Responses API that is no message."""
    kind = value.get("type")
    if kind not in _ITEMS or not value.keys() & {"call_id", "id", "summary", "tool_use_id"}:
        return None
    content = read_content(value)
    role: Role = "tool" if kind in RESULTS else "ai"
    return Message(role, str(kind), content.parts, rest=content.rest)


_READERS: Final[Sequence[Callable[[Mapping[str, object]], Message | None]]] = (
    _constructor,
    _typed,
    _provider,
    _item,
)


def _pair(value: Sequence[object]) -> Message | None:
    """`("human", "Hello")`, which JSON turns into a list."""
    if len(value) != 2 or not isinstance(value[1], (str, list)):
        return None
    role = role_of(value[0])
    if role is None or (isinstance(value[1], list) and not all(isinstance(one, dict) for one in value[1])):
        return None
    content = read_content(value[1])
    return Message(role, str(value[0]), content.parts, rest=content.rest)


def _message(role: Role, word: str, source: Mapping[str, object]) -> Message:
    fields = Fields({key: value for key, value in source.items() if key != "role"})
    content = read_content(fields.value("content", "parts"))
    more = fields.inner("additional_kwargs")
    parts = [*_earlier(fields, more, content.parts), *content.parts, *_later(fields, more)]
    parts = [_result(fields, parts)] if role == "tool" else with_calls(parts, _calls(fields, more))
    finish = finish_of(fields.peek("response_metadata")) or finish_of(source)
    return Message(role, word, parts, fields.word("name"), finish, {**content.rest, **_rest(fields)})


def _rest(fields: Fields) -> dict[str, object]:
    """What is left of a message, without flags that are off."""
    return {key: value for key, value in fields.rest.items() if key not in _ELSEWHERE and value is not False}


_ELSEWHERE: Final = frozenset({"chunk_position", "tool_call_chunks"})
"""What only the assembling of a stream needs."""


def finish_of(source: object) -> str | None:
    """The provider's finish reason in a message's metadata or a generation's info."""
    if not isinstance(source, dict):
        return None
    words = (
        source.get(key)
        for key in ("finish_reason", "stop_reason", "stopReason", "finishReason", "done_reason")
    )
    return next((word for word in words if isinstance(word, str) and word), None)


def _earlier(fields: Fields, more: Fields, parts: Sequence[Part]) -> Iterator[Part]:
    """Reasoning that stands beside the content."""
    if any(isinstance(part, Reasoning) for part in parts):
        return
    text = fields.word("reasoning_content", "reasoning") or more.word(
        "reasoning_content", "reasoning", "thinking"
    )
    if text:
        yield Reasoning(text)
    elif isinstance(more.peek("reasoning"), dict):
        yield from read_content({"type": "reasoning", **more.inner("reasoning").rest}).parts


def _later(fields: Fields, more: Fields) -> Iterator[Part]:
    """Refusals, sounds, sources and the provider's own tools that stand beside the content."""
    for one in (fields, more):
        if refusal := one.word("refusal"):
            yield Refusal(refusal)
        if one.has("audio") and isinstance(one.peek("audio"), dict):
            yield from _sound(one.inner("audio"))
        for output in one.items("tool_outputs"):
            yield from read_content(output).parts
        sources = one.items("citations", "annotations")
        citations = tuple(filter(None, map(read_citation, sources)))
        if citations:
            yield Text("", citations)


def _sound(fields: Fields) -> Iterator[Part]:
    transcript = fields.word("transcript")
    if medium := media_from("audio", fields):
        yield medium
    if transcript:
        yield Text(transcript)


def _result(fields: Fields, parts: Sequence[Part]) -> ToolResult:
    if len(parts) == 1 and isinstance(parts[0], ToolResult):
        return parts[0]
    artifact = fields.value("artifact")
    kept = [*parts, *([Data(artifact, "artifact")] if artifact is not None else [])]
    call_id = fields.word("tool_call_id", "call_id", "tool_use_id")
    return ToolResult(call_id, fields.word("name"), kept, failed=fields.word("status") == "error")


def _calls(fields: Fields, more: Fields) -> list[ToolCall]:
    """Calls that stand beside the content, each once."""
    found: dict[tuple[object, ...], ToolCall] = {}
    for one in (fields, more):
        for value in [*one.items("tool_calls"), *one.items("invalid_tool_calls")]:
            if isinstance(value, dict):
                call = call_from(str(value.get("type") or "tool_call"), Fields(value))
                found.setdefault((call.call_id or (call.name, str(call.arguments)),), call)
        old = one.peek("function_call")
        if isinstance(old, dict) and not found:
            call = call_from("function_call", one.inner("function_call"))
            found[call.name,] = call
    return list(found.values())


def with_calls(parts: Iterable[Part], calls: Sequence[ToolCall]) -> list[Part]:
    """The parts with the calls beside them: those of blocks get LangChain's parsed arguments, others follow."""
    by_id = {call.call_id: call for call in calls if call.call_id}
    placed = set[str]()
    merged = list[Part]()
    for part in parts:
        if isinstance(part, ToolCall) and part.call_id in by_id and not part.by_provider:
            placed.add(part.call_id)
            merged.append(by_id[part.call_id])
        else:
            merged.append(part)
    in_blocks = [part for part in merged if isinstance(part, ToolCall)]
    return [
        *merged,
        *(call for call in calls if call.call_id not in placed and not _is_among(call, in_blocks)),
    ]


def _is_among(call: ToolCall, others: Sequence[ToolCall]) -> bool:
    """Whether a call without an id of its own stands in a block: Gemini's has none there."""
    return any(
        one.call_id is None and one.name == call.name and one.arguments == call.arguments for one in others
    )
