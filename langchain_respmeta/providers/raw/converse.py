"""Amazon Bedrock's Converse API, as `ChatBedrockConverse` hands its answers over; boto3's dict, or the JSON of the wire.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.values import is_whole
from langchain_respmeta.providers.families.langchain_usage import LIFETIMES, told_as
from langchain_respmeta.providers.raw import converse_stream
from langchain_respmeta.providers.raw.converse_blocks import blocks_of
from langchain_respmeta.providers.raw.dialect import Body, Dialect, mapping, mappings, named, others
from langchain_respmeta.providers.raw.messages import sent_arguments, tool_calls

_COUNTS: Final[Mapping[str, tuple[str, ...]]] = {
    "input": ("inputTokens",),
    "output": ("outputTokens",),
    "total": ("totalTokens",),
    "read": ("cacheReadInputTokens", "cacheReadInputTokenCount"),
    "written": ("cacheWriteInputTokens", "cacheWriteInputTokenCount"),
    "lives": ("cacheDetails",),
}
"""Of the usage: Converse's words, and those of Nova's own API."""
_COUNTED: Final = frozenset(name for names in _COUNTS.values() for name in names)


def is_body(body: Body) -> bool:
    """Whether it is an answer with a message, which Converse measures: Nova's own API does not."""
    return is_output(body) and ("metrics" in body or "usage" not in body)


def is_output(body: Body) -> bool:
    """Whether it holds a message as Converse and Nova give it."""
    return isinstance(mapping(mapping(body.get("output")).get("message")).get("content"), list)


def answers(body: Body) -> list[Answer]:
    """The one answer."""
    return [answer(body, "bedrock_converse")]


def answer(body: Body, model_provider: str) -> Answer:
    """The answer, as the integration of `model_provider` hands it over."""
    content = blocks_of(mapping(mapping(body.get("output")).get("message")).get("content"))
    usage = mapping(body.get("usage"))
    return Answer(
        metadata={
            "model_provider": model_provider,
            **others(body, ("output", "usage")),
            **named(usage=others(usage, _COUNTED) or None),
        },
        usage=usage_metadata(usage, mapping(body.get("additionalModelResponseFields"))),
        content=content,
        tool_calls=tool_calls(content),
        tool_call_chunks=sent_arguments(content),
    )


def usage_metadata(usage: Mapping[str, Any], additional: Mapping[str, Any]) -> dict[str, Any] | None:
    """LangChain's counts: the input with what was read from the cache and written into it."""
    found = {name: next(filter(is_whole, map(usage.get, words)), None) for name, words in _COUNTS.items()}
    plain, made = found["input"], found["output"]
    if plain is None and made is None:
        return None
    given = None if plain is None else plain + (found["read"] or 0) + (found["written"] or 0)
    total = found["total"]
    if total is None and given is not None and made is not None:
        total = given + made
    lives = {told_as(life): _of_life(usage, life) for life in LIFETIMES}
    thought = mapping(mapping(additional.get("usage")).get("output_tokens_details")).get("thinking_tokens")
    return named(
        input_tokens=given,
        output_tokens=made,
        total_tokens=total,
        input_token_details=named(cache_read=found["read"], cache_creation=found["written"], **lives),
        output_token_details=named(reasoning=thought),
    )


def _of_life(usage: Mapping[str, Any], life: str) -> int | None:
    counts = [
        detail["inputTokens"]
        for detail in mappings(usage.get("cacheDetails"))
        if detail.get("ttl") == life and is_whole(detail.get("inputTokens"))
    ]
    return sum(counts) if counts else None


CONVERSE: Final = Dialect(
    "converse", "bedrock_converse", is_body, answers, converse_stream.is_event, converse_stream.join
)
