"""A whole answer that lies behind an exception: the call was answered and billed, and then something could not read it.

OpenAI's SDK raises on a structured answer that was cut, filtered or is no JSON of the asked shape; LangChain hangs the
HTTP response, or the SDK the completion, on the exception. What stands there is the provider's own body: it is brought
into the shape in which the integrations hand it over, so that the same tables read it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.answers import answers_of
from langchain_respmeta.record.bounds import MAX_KEPT_CHARS
from langchain_respmeta.record.plain import as_mapping

MAX_BODY: Final = MAX_KEPT_CHARS
"""Characters of a body in text that is read as JSON."""

_EMPTY: Final[Mapping[str, Any]] = {}


def answer_behind(bodies: Iterable[object], message: object = None) -> Answer | None:
    """The answer in the first of `bodies` that holds one, else `message`, which LangChain hangs on refusals."""
    for body in bodies:
        fields = as_mapping(parsed(body))
        read = _dialect(fields) if fields else None
        if fields is not None and read is not None:
            answer = read(fields)
            answer.bound()
            return answer
    if hasattr(message, "response_metadata"):
        return answers_of(message)[0]
    return None


def parsed(body: object) -> Any:
    """A body in text as the JSON that it is; of a list the first."""
    if isinstance(body, bytes):
        body = body[:MAX_BODY].decode("utf-8", "replace")
    if isinstance(body, str):
        if len(body) > MAX_BODY or not body.lstrip().startswith(("{", "[")):
            return None
        try:
            body = json.loads(body)
        except (ValueError, RecursionError):
            return None
    if isinstance(body, list):
        return body[0] if body else None
    return body


def is_answer(body: Mapping[str, object]) -> bool:
    """Whether it is an answer's body, not an error's."""
    return _dialect(body) is not None


def _dialect(body: Mapping[str, object]) -> Callable[[Mapping[str, Any]], Answer] | None:
    if isinstance(body.get("choices"), list) and body["choices"]:
        return _of_chat
    if isinstance(body.get("output"), list) and (body.get("object") == "response" or "status" in body):
        return _of_responses
    if body.get("type") == "message" and isinstance(body.get("content"), list):
        return _of_messages
    return None


# --- Chat Completions ------------------------------------------------------------------------------------------------

_OF_CHAT: Final = ("id", "created", "service_tier", "system_fingerprint")
_OF_CHOICE: Final = ("finish_reason", "logprobs", "content_filter_results", "stop_reason", "matched_stop")
_OF_MESSAGE: Final = (
    "refusal",
    "tool_calls",
    "function_call",
    "audio",
    "reasoning_content",
    "reasoning",
    "annotations",
)


def _of_chat(body: Mapping[str, Any]) -> Answer:
    choice = as_mapping(body["choices"][0]) or _EMPTY
    message = as_mapping(choice.get("message")) or _EMPTY
    return Answer(
        metadata={
            **_told(body, _OF_CHAT),
            **_told(choice, _OF_CHOICE),
            **_named(token_usage=body.get("usage"), model_name=body.get("model")),
            **_named(prompt_filter_results=body.get("prompt_filter_results")),
        },
        kwargs=_told(message, _OF_MESSAGE),
        content=message.get("content") or "",
    )


# --- Responses -------------------------------------------------------------------------------------------------------

_OF_RESPONSES: Final = (
    "id",
    "created_at",
    "incomplete_details",
    "metadata",
    "object",
    "status",
    "user",
    "model",
    "service_tier",
)


def _of_responses(body: Mapping[str, Any]) -> Answer:
    items = [fields for item in body["output"] if (fields := as_mapping(item)) is not None]
    return Answer(
        metadata={**_told(body, _OF_RESPONSES), **_named(model_name=body.get("model"))},
        usage=_usage_of_responses(body.get("usage")),
        content=[block for item in items for block in _blocks(item)],
        message_id=body["id"] if isinstance(body.get("id"), str) else None,
        tool_calls=[
            _call(item, "call_id", "arguments") for item in items if item.get("type") == "function_call"
        ],
    )


def _blocks(item: Mapping[str, object]) -> list[Any]:
    """An output item as LangChain puts it into the content: of a message its parts, else itself."""
    if item.get("type") != "message":
        return [item]
    parts = item.get("content")
    found = [fields for part in parts if (fields := as_mapping(part))] if isinstance(parts, list) else []
    return [{**part, "type": "text"} if part.get("type") == "output_text" else part for part in found]


def _usage_of_responses(told: object) -> dict[str, Any] | None:
    usage = as_mapping(told)
    if not usage:
        return None
    given, made = (
        as_mapping(usage.get("input_tokens_details")),
        as_mapping(usage.get("output_tokens_details")),
    )
    details = {
        "input_token_details": _named(
            cache_read=(given or _EMPTY).get("cached_tokens"),
            cache_creation=(given or _EMPTY).get("cache_write_tokens"),
        ),
        "output_token_details": _named(reasoning=(made or _EMPTY).get("reasoning_tokens")),
    }
    return {**_told(usage, ("input_tokens", "output_tokens", "total_tokens")), **details}


# --- Messages --------------------------------------------------------------------------------------------------------

_OF_MESSAGES: Final = ("id", "model", "stop_reason", "stop_sequence", "stop_details", "usage", "container")


def _of_messages(body: Mapping[str, Any]) -> Answer:
    return Answer(
        metadata={**_told(body, _OF_MESSAGES), **_named(model_name=body.get("model"))},
        content=body["content"],
        message_id=body["id"] if isinstance(body.get("id"), str) else None,
        tool_calls=[
            _call(block, "id", "input")
            for block in map(as_mapping, body["content"])
            if block is not None and block.get("type") == "tool_use"
        ],
    )


def _call(item: Mapping[str, object], identity: str, args: str) -> dict[str, Any]:
    """As LangChain lists it in a message."""
    return {"type": "tool_call", "id": item.get(identity), "name": item.get("name"), "args": item.get(args)}


def _told(fields: Mapping[str, object], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name in names if (value := fields.get(name)) is not None}


def _named(**fields: object) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
