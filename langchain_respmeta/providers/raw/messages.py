"""Anthropic's Messages API, as `ChatAnthropic` hands its answers over.

https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.values import is_whole
from langchain_respmeta.providers.families.langchain_usage import LIFETIMES, told_as
from langchain_respmeta.providers.raw import messages_stream
from langchain_respmeta.providers.raw.dialect import Body, Dialect, mapping, mappings, named, others

_IN_THE_CONTENT: Final = frozenset({"content", "role", "type"})
_SIGNS: Final = frozenset({"stop_reason", "usage"})
"""Keys of which a message that was asked for has none."""


def is_body(body: Body) -> bool:
    """Whether it is a message with content blocks, or the error in place of one."""
    if body.get("type") == "error":
        return isinstance(body.get("error"), Mapping)
    return (
        body.get("type") == "message"
        and isinstance(body.get("content"), list)
        and not _SIGNS.isdisjoint(body)
    )


def answers(body: Body) -> list[Answer]:
    """The one answer."""
    if body.get("type") == "error":
        about = others(body, ("type",))
        return [Answer(metadata={"model_provider": "anthropic", **about}, content=None, is_message=False)]
    return [
        Answer(
            metadata={
                "model_provider": "anthropic",
                **others(body, _IN_THE_CONTENT),
                **named(model_name=body.get("model")),
            },
            usage=usage_metadata(mapping(body.get("usage"))),
            kwargs=named(parsed=_parsed(body["content"])),
            content=body["content"],
            tool_calls=tool_calls(body["content"]),
            tool_call_chunks=sent_arguments(body["content"]),
        )
    ]


def _parsed(content: object) -> object:
    """What the SDK's `parse` made of the text."""
    made = (block.get("parsed_output") for block in mappings(content))
    return next((one for one in made if one is not None), None)


def tool_calls(content: object) -> list[Any]:
    """The calls that the caller is asked to run."""
    return [
        {"type": "tool_call", "id": block.get("id"), "name": block.get("name"), "args": block.get("input")}
        for block in _asked(content)
    ]


def sent_arguments(content: object) -> list[Any] | None:
    """Of streams: the arguments as they were sent."""
    return [
        {"id": block.get("id"), "args": block["partial_json"]}
        for block in _asked(content)
        if "partial_json" in block
    ] or None


def _asked(content: object) -> list[Mapping[str, Any]]:
    return [block for block in mappings(content) if block.get("type") == "tool_use"]


def usage_metadata(usage: Mapping[str, Any]) -> dict[str, Any] | None:
    """LangChain's counts: the input with what was read from the cache and written into it."""
    plain, made = usage.get("input_tokens"), usage.get("output_tokens")
    if not is_whole(plain) and not is_whole(made):
        return None
    read, written = usage.get("cache_read_input_tokens"), usage.get("cache_creation_input_tokens")
    by_life = mapping(usage.get("cache_creation"))
    lives = {told_as(life): by_life.get(told_as(life)) for life in LIFETIMES}
    kept = sum(count for count in lives.values() if is_whole(count) and count > 0)
    given = None
    if is_whole(plain):
        given = plain + (read if is_whole(read) else 0) + (kept or (written if is_whole(written) else 0))
    thought = mapping(usage.get("output_tokens_details")).get("thinking_tokens")
    return named(
        input_tokens=given,
        output_tokens=made,
        total_tokens=given + made if given is not None and is_whole(made) else None,
        input_token_details=named(cache_read=read, cache_creation=0 if kept else written, **lives),
        output_token_details=named(reasoning=thought),
    )


MESSAGES: Final = Dialect(
    "messages", "anthropic", is_body, answers, messages_stream.is_event, messages_stream.join
)
