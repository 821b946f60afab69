"""Every word and count in the types of the vendors' own SDKs is known.

When an SDK learns a new one, this fails where that SDK is installed.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from types import UnionType
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from langchain_respmeta import normalize

WORDS = {
    # module, where the word's type stands, class, key
    "OpenAI": ("openai.types.chat.chat_completion", "Choice.finish_reason", "ChatOpenAI", "finish_reason"),
    "OpenAI's Responses": (
        "openai.types.responses.response_status",
        "ResponseStatus",
        "ChatOpenAI",
        "status",
    ),
    "OpenAI's completions": (
        "openai.types.completion_choice",
        "CompletionChoice.finish_reason",
        "OpenAI",
        "finish_reason",
    ),
    "Anthropic": ("anthropic.types", "StopReason", "ChatAnthropic", "stop_reason"),
    "Anthropic's beta": ("anthropic.types.beta", "BetaStopReason", "ChatAnthropic", "stop_reason"),
    "Anthropic on Vertex AI": ("anthropic.types", "StopReason", "ChatAnthropicVertex", "stop_reason"),
    "Gemini": ("google.genai.types", "FinishReason", "ChatGoogleGenerativeAI", "finish_reason"),
    "Groq": ("groq.types.chat.chat_completion", "Choice.finish_reason", "ChatGroq", "finish_reason"),
    "Groq's streams": (
        "groq.types.chat.chat_completion_chunk",
        "Choice.finish_reason",
        "ChatGroq",
        "finish_reason",
    ),
    "Fireworks": ("fireworks.types.shared.choice", "Choice.finish_reason", "ChatFireworks", "finish_reason"),
    "SambaNova": (
        "sambanova.types.chat.chat_completion_response",
        "Choice.finish_reason",
        "ChatSambaNova",
        "finish_reason",
    ),
    "Gemini on Vertex AI": ("google.genai.types", "FinishReason", "ChatVertexAI", "finish_reason"),
    "Cohere": ("cohere", "ChatFinishReason", "ChatCohere", "finish_reason"),
    "OpenRouter": (
        "openrouter.components",
        "ChatFinishReasonEnum",
        "ChatOpenRouter",
        "finish_reason",
    ),
    "Hugging Face": (
        "huggingface_hub.inference._generated.types.text_generation",
        "TextGenerationOutputFinishReason",
        "ChatHuggingFace",
        "finish_reason",
    ),
}

USAGES = {
    # module, type, class, key
    "OpenAI": ("openai.types", "CompletionUsage", "ChatOpenAI", "token_usage"),
    "OpenAI's Responses": (
        "openai.types.responses.response_usage",
        "ResponseUsage",
        "ChatDatabricks",
        "usage",
    ),
    "Azure OpenAI": ("openai.types", "CompletionUsage", "AzureChatOpenAI", "token_usage"),
    "Anthropic": ("anthropic.types", "Usage", "ChatAnthropic", "usage"),
    "Anthropic's beta": ("anthropic.types.beta", "BetaUsage", "ChatAnthropic", "usage"),
    "Anthropic on Bedrock": ("anthropic.types", "Usage", "ChatAnthropicBedrock", "usage"),
    "Groq": ("groq.types", "CompletionUsage", "ChatGroq", "token_usage"),
    "SambaNova": (
        "sambanova.types.chat.chat_completion_response",
        "Usage",
        "ChatSambaNova",
        "token_usage",
    ),
    "Vertex AI": (
        "google.genai.types",
        "GenerateContentResponseUsageMetadata",
        "ChatVertexAI",
        "usage_metadata",
    ),
}


def type_at(module: str, path: str) -> Any:
    """A type of an SDK, or of a field of one of its models."""
    package = module.partition(".")[0]
    pytest.importorskip(package, reason=f"{package} is not installed")
    try:
        name, _, field = path.partition(".")
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError):
        pytest.skip(f"this version of {package} has no {module}.{path}")
    return found.model_fields[field].annotation if field else found


def words_of(kind: Any) -> list[str]:
    """Every word of a Literal, a union of them, or an enum."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    if typing.get_origin(kind) is Literal:
        return [word for word in typing.get_args(kind) if isinstance(word, str)]
    return [word for part in typing.get_args(kind) for word in words_of(part)]


def read(integration: str, metadata: dict[str, Any]) -> Any:
    message = {"type": "ai", "content": "hi", "response_metadata": metadata}
    return normalize(message, start={"serialized": {"id": [integration]}})


@pytest.mark.parametrize("sdk", WORDS)
def test_every_word_of_an_sdk_is_known(sdk: str) -> None:
    module, path, integration, key = WORDS[sdk]
    words = words_of(type_at(module, path))
    assert len(words) > 2
    unknown = [word for word in words if read(integration, {key: word}).unmapped]
    assert unknown == []


@pytest.mark.parametrize(
    ("word", "finish"), [("ESCALATION", "content_filter"), ("PUP_LIMITED_DISABLED", "error")]
)
@pytest.mark.parametrize("integration", ["ChatGoogleGenerativeAI", "ChatVertexAI"])
def test_geminis_words_of_late_2026(integration: str, word: str, finish: str) -> None:
    """google-genai 3.6 has them, the integrations still bring an older one."""
    record = read(integration, {"finish_reason": word})
    assert (record.finish_reason, record.native_finish_reason, record.unmapped) == (finish, word, ())


def test_a_word_of_tomorrow_is_kept_and_named() -> None:
    record = read("ChatGoogleGenerativeAI", {"finish_reason": "NEVER_HEARD_OF"})
    assert (record.finish_reason, record.native_finish_reason) == ("unknown", "NEVER_HEARD_OF")
    assert record.unmapped == ("finish_reason=NEVER_HEARD_OF",)


def test_every_reason_to_block_a_prompt_is_known() -> None:
    words = words_of(type_at("google.genai.types", "BlockedReason"))
    assert len(words) > 2
    for word in words:
        record = read("ChatGoogleGenerativeAI", {"prompt_feedback": {"block_reason": word}})
        blocked = None if word == "BLOCKED_REASON_UNSPECIFIED" else word
        assert record.unmapped == ()
        assert (record.refusal.category if record.refusal else None) == blocked
        assert record.finish_reason == (blocked and "content_filter")


@pytest.mark.parametrize("kind", ["HarmCategory", "HarmProbability", "HarmSeverity"])
def test_every_word_of_a_rating_is_told(kind: str) -> None:
    names = {"HarmCategory": "category", "HarmProbability": "probability", "HarmSeverity": "severity"}
    words = words_of(type_at("google.genai.types", kind))
    assert len(words) > 2
    for word in words:
        rating = {"category": "HARM_CATEGORY_JAILBREAK", "blocked": False, names[kind]: word}
        record = read("ChatGoogleGenerativeAI", {"safety_ratings": [rating]})
        assert [getattr(one, names[kind]) for one in record.safety] == [word]
        assert record.unmapped == ()


def test_every_stop_reason_of_bedrock_is_known() -> None:
    session = pytest.importorskip("botocore.session", reason="botocore is not installed").get_session()
    words = session.get_service_model("bedrock-runtime").shape_for("StopReason").enum
    assert len(words) > 2
    for word in words:
        record = read("ChatBedrockConverse", {"stopReason": word})
        assert (record.native_finish_reason, record.unmapped) == (word, ())
        assert record.finish_reason not in {None, "unknown"}


def test_every_reason_of_an_incomplete_response_is_known() -> None:
    kind = type_at("openai.types.responses.response", "IncompleteDetails.reason")
    words = words_of(kind)
    assert len(words) > 1
    for word in words:
        record = read("ChatOpenAI", {"status": "incomplete", "incomplete_details": {"reason": word}})
        assert (record.native_finish_reason, record.unmapped) == (word, ())
        assert record.finish_reason not in {None, "unknown"}


def leaves(kind: type[BaseModel]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every path of a model with a value that fits."""
    for name, field in kind.model_fields.items():
        parts = [field.annotation, *_parts(field.annotation)]
        inner = next((part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)), None)
        if inner is not None and not any(typing.get_origin(part) is list for part in parts):
            yield from (((name, *path), value) for path, value in leaves(inner))
        else:
            yield (name,), _sample(parts)


def _parts(kind: Any) -> list[Any]:
    is_union = typing.get_origin(kind) in {typing.Union, UnionType}
    return [inner for part in typing.get_args(kind) for inner in (part, *_parts(part))] if is_union else []


def _sample(parts: list[Any]) -> Any:
    if any(typing.get_origin(part) is list for part in parts):
        return [{}]
    return 1 if int in parts or float in parts else "standard"


@pytest.mark.parametrize("sdk", USAGES)
def test_every_count_of_an_sdk_is_known(sdk: str) -> None:
    module, name, integration, key = USAGES[sdk]
    paths = list(leaves(type_at(module, name)))
    assert len(paths) > 2
    unknown = []
    for path, value in paths:
        metadata: Any = value
        for step in reversed((key, *path)):
            metadata = {step: metadata}
        unknown += read(integration, metadata).unmapped
    assert unknown == []
