"""Where the record of a raw answer is not LangChain's, and why it cannot or should not be."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from tests.conformance._raw import Difference


@dataclass(frozen=True, slots=True)
class Reason:
    """A pattern over (label, likeness, field), and why it is so."""

    label: str
    likeness: str
    name: str
    why: str


_THOUGHT: Final = "the integration takes the thoughts out of the text, knowing which model was asked"
_BESIDE: Final = "a stream's events come without the headers that boto3 has beside them"
_OF_CLASS: Final = "the class says which API it speaks, InvokeModel carries its body"
_COUNTED: Final = "the body's count and that of Bedrock's own metrics differ in the recording"

REASONS: Final[tuple[Reason, ...]] = (
    Reason("*Bedrock*", "less", "http.status_code", _BESIDE),
    Reason("*Bedrock*", "less", "request_id", _BESIDE),
    Reason("*Bedrock*", "less", "reasoning.*", _THOUGHT),
    Reason("* BedrockLLM", "differs", "finish_reason", "the integration drops the guardrail's word"),
    Reason("* ChatNVIDIA", "less", "reasoning.*", _THOUGHT),
    Reason("* ChatAnthropicBedrock", "differs", "api", _OF_CLASS),
    Reason("* ChatAnthropicBedrock", "differs", "usage.*", _COUNTED),
    Reason("*", "less", "streamed", "a whole body does not say whether it was put together from a stream"),
    Reason("* ChatLiteLLM", "*", "streamed", "LiteLLM streams where it was not asked to"),
    Reason(
        "* ChatLiteLLM", "*", "routing.upstream_provider", "taken from the name that LiteLLM was asked for"
    ),
    Reason("* ChatLiteLLM", "*", "*", "LiteLLM hands over an answer of its own making"),
    Reason(
        "* AzureAI*", "*", "provider", "the class knows whose endpoint it calls; an address may be anybody's"
    ),
    Reason(
        "* ChatFireworks", "less", "system_fingerprint", "the integration writes an empty one where none came"
    ),
    Reason("* ChatPerplexity", "*", "api", "the class says which API it calls"),
    Reason(
        "* ChatBedrock",
        "*",
        "usage.*",
        "the integration takes the counts from headers, which leave out the cache",
    ),
    Reason(
        "*Bedrock*",
        "less",
        "model*",
        "the API does not name the model; LangChain's record has the name that was asked for",
    ),
    Reason("*", "less", "model_source", "no model is named, so there is no source of its name"),
    Reason("*", "less", "tool_calls.id", "LangChain makes up an id where the API gives none"),
    Reason("*", "differs", "tool_calls.id", "LangChain makes up an id where the API gives none"),
    Reason("*", "*", "routing.*", "the run knows more of the call than its answer says"),
)


def reason_of(difference: Difference) -> str | None:
    """Why a field is not LangChain's, or None."""
    place = (difference.label, difference.likeness, difference.name)
    for reason in REASONS:
        patterns = (reason.label, reason.likeness, reason.name)
        if all(fnmatchcase(value, pattern) for value, pattern in zip(place, patterns, strict=True)):
            return reason.why
    return None
