"""What several dialects have in common: the words for the end, headers, tool arguments, log probabilities."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tests.conformance._facts import Expected, Fact, first, text

WORDS: Final[Mapping[str, str]] = {
    # OpenAI and those who speak like it
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "tool_call": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "error": "error",
    "eos": "stop",
    "eos_token": "stop",
    "insufficient_system_resource": "error",
    "sensitive": "content_filter",
    "model_context_window_exceeded": "length",
    "network_error": "error",
    "time_limit": "length",
    # Responses
    "completed": "stop",
    "max_output_tokens": "length",
    "failed": "error",
    "cancelled": "cancelled",
    # Anthropic, Bedrock
    "end_turn": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "stop_sequence": "stop_sequence",
    "pause_turn": "pause",
    "refusal": "refusal",
    "compaction": "pause",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "malformed_model_output": "error",
    "malformed_tool_use": "error",
    # Google
    "safety": "content_filter",
    "recitation": "content_filter",
    "blocklist": "content_filter",
    "prohibited_content": "content_filter",
    "spii": "content_filter",
    "image_safety": "content_filter",
    "image_prohibited_content": "content_filter",
    "image_recitation": "content_filter",
    "model_armor": "content_filter",
    "language": "error",
    "no_image": "error",
    "malformed_response": "error",
    "missing_thought_signature": "error",
    "malformed_function_call": "error",
    "unexpected_tool_call": "error",
    "too_many_tool_calls": "error",
    # Mistral, Cohere, Titan, Llama
    "model_length": "length",
    "complete": "stop",
    "timeout": "error",
    "finish": "stop",
    "finished": "stop",
    "endoftext": "stop",
    "load": "stop",
}
"""Native finish word, in lower case → the record's word."""


def finish(expected: Expected, native: str | None, *, tools: bool = False) -> None:
    """The word for the end and what follows from it."""
    if not native or native == "null":
        return
    word = WORDS.get(native.casefold(), "unknown")
    also = ("tool_calls",) if word == "stop" and tools else ()
    expected.say("native_finish_reason", native)
    expected.say("finish_reason", word, also=also, witness=native)
    if word == "content_filter":
        expected.say("refusal.source", "content_filter", also=("guardrail", "prompt_block"), witness=native)
    if word == "refusal":
        expected.say("refusal.source", "stop_reason", witness=native)


def conclude(expected: Expected) -> None:
    """`truncated` and `refused` follow from the rest."""
    finish_fact, refusal = expected.facts.get("finish_reason"), expected.facts.get("refusal.source")
    if expected.get("finish_reason") == "length":
        expected.say("truncated", value=True, witness=finish_fact.witness if finish_fact else None)
    if refusal is not None:
        expected.say("refused", value=True, witness=refusal.witness)


def epoch(value: Any) -> datetime | None:
    """Seconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**11:
        return None
    return datetime.fromtimestamp(value, UTC)


def arguments(value: Any) -> tuple[str, bool]:
    """Tool arguments as text, and whether they are JSON."""
    raw = value if isinstance(value, str) else json.dumps(value)
    try:
        json.loads(raw)
    except ValueError:
        return raw, False
    return raw, True


def tool_call(expected: Expected, identity: Any, name: Any, args: Any, *, server: bool = False) -> None:
    """One tool call."""
    raw, valid = arguments(args)
    size = [len(raw.encode())]
    if valid:
        compact = json.dumps(json.loads(raw), separators=(",", ":"), ensure_ascii=False)
        size.append(len(compact.encode()))
    item: dict[str, Any] = {
        "id": text(identity),
        "name": text(name),
        "server_side": Fact(value=server, required=False),
    }
    if not server:
        valid_also = (True,) if not raw.strip() else ()
        item["valid"] = Fact(valid, also=valid_also, witness=first(text(identity), text(name)))
        item["args_size_bytes"] = Fact(
            size[0], also=(*size[1:], *((2, None) if not raw.strip() else ())), witness=name
        )
    else:
        item["args_size_bytes"] = Fact(size[0], also=(*size[1:], None), required=False)
        item["valid"] = Fact(value=True, required=False)
    expected.add("tool_calls", item)


def logprobs(expected: Expected, values: list[Any]) -> None:
    """Mean, minimum and number of the tokens' log probabilities."""
    numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if not numbers:
        return
    mean = math.fsum(numbers) / len(numbers)
    expected.say("logprobs.tokens", len(numbers), witness=numbers[0])
    expected.say("logprobs.mean", mean, witness=numbers[0])
    expected.say("logprobs.min", min(numbers), witness=min(numbers))
    expected.leave("logprobs.perplexity")


def total(expected: Expected, reported: int | None) -> None:
    """The provider's own sum; where it gives none, LangChain's is as good."""
    if reported is not None:
        expected.say("usage.total_tokens", reported)
        return
    parts = (expected.get("usage.input_tokens"), expected.get("usage.output_tokens"))
    if None not in parts:
        expected.say("usage.total_tokens", sum(parts), required=False)


def reasoning(expected: Expected, words: Any, *, redacted: bool = False) -> None:
    """That the answer holds reasoning."""
    said = text(words)
    if said or redacted:
        expected.say("reasoning.present", value=True, witness=said)
        expected.say("reasoning.redacted", redacted, also=(None,), required=redacted)
    if said:
        expected.say("reasoning.text", said)
