"""What integrations hand over with an answer, by provider: shapes as LangChain's own classes make them, values that vary."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.calls import metadata

WORDS = (
    "the",
    "weather",
    "in",
    "Paris",
    "is",
    "fine",
    "today",
    "and",
    "tomorrow",
    "rain",
    "comes",
    "from",
    "west",
)

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens of one call."""

    prompt: int
    made: int
    cached: int
    thought: int

    @classmethod
    def thrown(cls, dice: random.Random) -> Counts:
        prompt, made = dice.randrange(20, 9_000), dice.randrange(1, 2_000)
        cached = dice.choice((0, prompt // 2, prompt // 3))
        return cls(prompt, made, cached, dice.choice((0, made // 2)))

    def usage(self, reads: str, *, thinks: bool = True) -> Facts:
        """LangChain's `usage_metadata`."""
        usage: Facts = {
            "input_tokens": self.prompt,
            "output_tokens": self.made,
            "total_tokens": self.prompt + self.made,
            "input_token_details": {reads: self.cached},
        }
        if thinks:
            usage["output_token_details"] = {"reasoning": self.thought}
        return usage


@dataclass(frozen=True, slots=True)
class Answered:
    """One message and what stands beside it."""

    told: Facts
    usage: Facts
    output: Facts | None
    info: Facts | None = None


def _openai(dice: random.Random, model: str, counts: Counts, reason: str, *, streamed: bool) -> Answered:
    usage = counts.usage("cache_read")
    usage["input_token_details"]["audio"] = usage["output_token_details"]["audio"] = 0
    if streamed:
        told = {
            "model_provider": "openai",
            "finish_reason": reason,
            "model_name": model,
            "system_fingerprint": f"fp_{dice.choice(('34a54ae93c', 'b1a3c2', '92f'))}",
            "service_tier": "default",
        }
        return Answered(told, usage, None, {**told} | {"logprobs": None})
    told = metadata(reason)
    tokens = told["token_usage"]
    tokens |= {
        "prompt_tokens": counts.prompt,
        "completion_tokens": counts.made,
        "total_tokens": counts.prompt + counts.made,
    }
    tokens["prompt_tokens_details"]["cached_tokens"] = counts.cached
    tokens["completion_tokens_details"]["reasoning_tokens"] = counts.thought
    told["id"] = "chatcmpl-" + "".join(dice.choices(_LETTERS, k=29))
    told["model_name"] = model
    output = {name: value for name, value in told.items() if name not in _OF_ONE_GENERATION}
    return Answered(told, usage, output, {"finish_reason": reason, "logprobs": None})


_LETTERS = string.ascii_letters + string.digits
_OF_ONE_GENERATION = frozenset({"finish_reason", "logprobs"})


def _anthropic(dice: random.Random, model: str, counts: Counts, reason: str, *, streamed: bool) -> Answered:
    usage = counts.usage("cache_read", thinks=False)
    usage["input_token_details"]["cache_creation"] = 0
    told: Facts = {"model_name": model, "stop_reason": reason, "stop_sequence": None}
    if streamed:
        return Answered({**told, "model_provider": "anthropic"}, usage, None)
    usage["input_token_details"] |= {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}
    output = {
        "id": f"msg_{dice.getrandbits(96):024x}",
        "model": model,
        **told,
        "usage": {
            "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0},
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": counts.cached,
            "inference_geo": "global",
            "input_tokens": counts.prompt - counts.cached,
            "output_tokens": counts.made,
            "server_tool_use": None,
            "service_tier": "standard",
        },
    }
    return Answered({**output, "model_provider": "anthropic"}, usage, output)


def _gemini(dice: random.Random, model: str, counts: Counts, reason: str, *, streamed: bool) -> Answered:
    info = {"finish_reason": reason, "model_name": model, "safety_ratings": []}
    told = {**info, "model_provider": "google_genai"}
    if not streamed:
        told["prompt_feedback"] = {"block_reason": 0, "safety_ratings": []}
    output = None if streamed else {"prompt_feedback": told["prompt_feedback"]}
    return Answered(told, counts.usage("cache_read"), output, info)


def _converse(dice: random.Random, model: str, counts: Counts, reason: str, *, streamed: bool) -> Answered:
    told: Facts = {
        "ResponseMetadata": {
            "RequestId": f"{dice.getrandbits(32):08x}-0000-4000-8000-{dice.getrandbits(48):012x}",
            "HTTPStatusCode": 200,
            "HTTPHeaders": {"content-type": "application/json", "connection": "keep-alive"},
            "RetryAttempts": 0,
        },
        "stopReason": reason,
        "metrics": {"latencyMs": [dice.randrange(300, 9_000)]},
        "model_provider": "bedrock_converse",
        "model_name": model,
    }
    if streamed:
        told = {"stopReason": reason, "metrics": {"latencyMs": dice.randrange(300, 9_000)}, **_last_two(told)}
    return Answered(told, counts.usage("cache_read", thinks=False), None)


def _last_two(told: Facts) -> Facts:
    return {name: told[name] for name in ("model_provider", "model_name")}


@dataclass(frozen=True, slots=True)
class Model:
    """One model of one integration."""

    path: tuple[str, ...]
    """Of the class, as LangChain dumps it."""
    provider: str
    kind: str
    """`_type` of the invocation's parameters."""
    asked: str
    answers: str
    answer: Callable[..., Answered]
    ends: tuple[str, str, str, str]
    """Words for: done, tools wanted, too long, refused."""
    weight: int


_OPENAI = ("langchain", "chat_models", "openai", "ChatOpenAI")
_ANTHROPIC = ("langchain", "chat_models", "anthropic", "ChatAnthropic")
_GOOGLE = ("langchain_google_genai", "chat_models", "ChatGoogleGenerativeAI")
_BEDROCK = ("langchain_aws", "chat_models", "ChatBedrockConverse")
_OPENAI_ENDS = ("stop", "tool_calls", "length", "content_filter")
_ANTHROPIC_ENDS = ("end_turn", "tool_use", "max_tokens", "refusal")

MODELS = (
    Model(_OPENAI, "openai", "openai-chat", "gpt-5-mini", "gpt-5-mini-2025-08-07", _openai, _OPENAI_ENDS, 30),
    Model(_OPENAI, "openai", "openai-chat", "gpt-4.1", "gpt-4.1-2025-04-14", _openai, _OPENAI_ENDS, 15),
    Model(_OPENAI, "openai", "openai-chat", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", _openai, _OPENAI_ENDS, 10),
    Model(
        _ANTHROPIC, "anthropic", "anthropic-chat", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929", _anthropic,
        _ANTHROPIC_ENDS, 20,
    ),
    Model(
        _ANTHROPIC, "anthropic", "anthropic-chat", "claude-haiku-4-5", "claude-haiku-4-5-20251001", _anthropic,
        _ANTHROPIC_ENDS, 10,
    ),
    Model(
        _GOOGLE, "google_genai", "chat-google-generative-ai", "gemini-2.5-flash", "gemini-2.5-flash", _gemini,
        ("STOP", "STOP", "MAX_TOKENS", "SAFETY"), 10,
    ),
    Model(
        _BEDROCK, "amazon_bedrock", "amazon_bedrock_converse_chat", "us.amazon.nova-pro-v1:0", "us.amazon.nova-pro-v1:0",
        _converse, ("end_turn", "tool_use", "max_tokens", "guardrail_intervened"), 5,
    ),
)  # fmt: skip


_PROSE = " ".join(random.Random(1).choices(WORDS, k=4_000))


def text_of(dice: random.Random, least: int, most: int) -> str:
    """Some words, of so many letters."""
    start = int(dice.random() * 10_000)
    return _PROSE[start : start + least + int(dice.random() * (most - least))]
