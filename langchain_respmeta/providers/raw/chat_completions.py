"""Chat Completions, OpenAI's and everybody's who speaks it, as `ChatOpenAI` hands its answers over; completions of old, too.

https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.raw.asked_calls import AskedCalls
from langchain_respmeta.providers.raw.chat_stream import is_chunk, is_text_chunk, join
from langchain_respmeta.providers.raw.dialect import Body, Dialect, mapping, mappings, named, others, told

_OF_BODY: Final = frozenset({"choices", "usage", "model"})
_OF_CHOICE: Final = frozenset({"index", "message", "delta", "text"})
_OF_MESSAGE: Final = frozenset(
    {"role", "content", "tool_calls", "function_call", "provider_metadata", "images"}
)
SOURCES: Final = (
    "citations",
    "search_results",
    "images",
    "videos",
    "related_questions",
    "reasoning_steps",
)
"""What Perplexity and xAI tell beside the choices, and their integrations put into `additional_kwargs`."""

_ENDS: Final = frozenset({"chat.completion", "text_completion"})
_WITHOUT_CHOICES: Final = ("error", "usage", "prompt_filter_results")
"""One of these stands in an answer without choices: a request that was declined or failed, with status 200."""


def is_body(body: Body) -> bool:
    """Whether it has choices with whole messages, or says that it is such an answer and has none."""
    listed = body.get("choices")
    choices = mappings(listed)
    if choices:
        return _is_whole(choices[0]) and not str(body.get("object", "")).endswith(".chunk")
    if listed is not None and not isinstance(listed, list):
        return False
    return "choices" in body and (
        str(body.get("object")) in _ENDS or any(body.get(name) for name in _WITHOUT_CHOICES)
    )


def _is_whole(choice: Mapping[str, Any]) -> bool:
    """Whether a choice has a message, or came to its end without one: Azure's filter withholds it."""
    return "message" in choice or ("finish_reason" in choice and choice.keys().isdisjoint(("delta", "text")))


def is_text_body(body: Body) -> bool:
    """Whether it has choices with text, and is such an answer by its name or by the finish reason (Bedrock has neither)."""
    choices = mappings(body.get("choices"))
    if not choices or "text" not in choices[0] or is_body(body):
        return False
    return "finish_reason" in choices[0] or body.get("object") == "text_completion"


def answers(body: Body) -> list[Answer]:
    """One for each choice; one without content where there is none."""
    about = _about(body)
    sources = told(body, SOURCES)
    return [_answer(body, about, sources, choice) for choice in mappings(body.get("choices")) or [{}]]


def text_answers(body: Body) -> list[Answer]:
    """The same of completions: text in place of messages."""
    about = _about(body)
    return [
        Answer({**about, **others(choice, _OF_CHOICE)}, content=choice.get("text") or "", is_message=False)
        for choice in mappings(body.get("choices"))
    ]


def _about(body: Body) -> dict[str, Any]:
    """What stands beside the choices: of the whole call."""
    usage = body.get("usage") or mapping(body.get("x_groq")).get("usage")
    return {
        "model_provider": "openai",
        **others(body, _OF_BODY.union(SOURCES)),
        **named(token_usage=usage, model_name=body.get("model")),
    }


def _answer(
    body: Body, about: Mapping[str, Any], sources: Mapping[str, Any], choice: Mapping[str, Any]
) -> Answer:
    message = mapping(choice.get("message"))
    calls = _calls(body, message)
    return Answer(
        metadata={**about, **others(choice, _OF_CHOICE), **told(message, ("provider_metadata",))},
        kwargs={
            **sources,
            **{name: value for name, value in others(message, _OF_MESSAGE).items() if value not in _EMPTY},
            **told(message, ("function_call",)),
        },
        content=_content(message),
        message_id=message["id"] if isinstance(message.get("id"), str) else None,
        tool_calls=calls.tool_calls,
        invalid_tool_calls=calls.invalid_tool_calls,
        tool_call_chunks=calls.tool_call_chunks,
    )


def _content(message: Mapping[str, Any]) -> Any:
    """The text or blocks, with the pictures that image models give beside them (OpenRouter)."""
    content = message.get("content") or ""
    pictures = [
        image for image in mappings(message.get("images")) if isinstance(image.get("image_url"), Mapping)
    ]
    if isinstance(content, list | tuple):
        content = [_block(block) for block in content]
    elif pictures:
        content = [content] if content else []
    return [*content, *({"type": "image_url", **image} for image in pictures)] if pictures else content


def _block(block: object) -> object:
    """A block as its integration gives it: Mistral's with references to sources are pieces of the text."""
    if isinstance(block, Mapping) and block.get("type") == "reference":
        return {"type": "text", "text": block.get("text") or "", "reference": block}
    return block


_EMPTY: Final[tuple[object, ...]] = ("", [], {})
"""What servers fill in where a message has nothing of the kind."""


def _calls(body: Body, message: Mapping[str, Any]) -> AskedCalls:
    """The calls that a message asks for."""
    asked = AskedCalls.of(body)
    for call in mappings(message.get("tool_calls")):
        custom = call.get("custom")
        if isinstance(custom, Mapping):
            asked.add_custom(custom.get("name"), custom.get("input"), call.get("id"))
        else:
            function = mapping(call.get("function"))
            asked.add(function.get("name"), function.get("arguments"), call.get("id"))
    return asked


CHAT_COMPLETIONS: Final = Dialect("chat_completions", "openai", is_body, answers, is_chunk, join)
COMPLETIONS: Final = Dialect("completions", "openai", is_text_body, text_answers, is_text_chunk, join)
