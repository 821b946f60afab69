"""Amazon Bedrock's InvokeModel: each model vendor's own body, token counts in headers or a last event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conformance._facts import Expected, dig, first, text, whole
from tests.conformance.expect import chat_completions, messages
from tests.conformance.expect._shared import conclude, finish, total

if TYPE_CHECKING:
    from tests.conformance._rows import Row

COUNTS = {
    "usage.input_tokens": ("x-amzn-bedrock-input-token-count", "inputTokenCount"),
    "usage.output_tokens": ("x-amzn-bedrock-output-token-count", "outputTokenCount"),
}


def expect(row: Row) -> list[Expected]:
    """By the shape of the body."""
    payload = row.payload()
    last = payload[-1] if isinstance(payload, list) and payload else payload
    if not isinstance(last, dict):
        return []
    if _is_message(payload):
        expected = messages.expect(payload, api="invoke_model")
    elif "choices" in last:
        expected = chat_completions.expect(payload, api="invoke_model")
    else:
        expected = [_text_model(payload if isinstance(payload, list) else [payload])]
    for one in expected:
        _counts(one, row, last)
    return expected


def _is_message(payload: Any) -> bool:
    head = payload[0] if isinstance(payload, list) else payload
    return isinstance(head, dict) and head.get("type") in ("message", "message_start")


def _text_model(pieces: list[dict[str, Any]]) -> Expected:
    """Titan, Llama, Mistral, Command, Jurassic and Claude's first API: a word for the end, seldom counts."""
    expected = Expected()
    expected.say("api", "invoke_model")
    words = [word for piece in pieces if (word := _native(piece))]
    finish(expected, words[-1] if words else None)
    ids = [piece.get("id") or piece.get("response_id") for piece in pieces]
    expected.say("response_id", first(*(text(one) for one in ids)))
    for name, keys in {
        "usage.input_tokens": ("prompt_token_count", "inputTextTokenCount"),
        "usage.output_tokens": ("generation_token_count", "totalOutputTextTokenCount"),
    }.items():
        found = [
            whole(piece.get(key)) for piece in pieces for key in keys if whole(piece.get(key)) is not None
        ]
        expected.say(name, found[-1] if found else None)
    if (count := whole(dig(pieces[-1], "results", 0, "tokenCount"))) is not None:
        expected.say("usage.output_tokens", count)
    if pieces[-1].get("amazon-bedrock-guardrailAction") == "INTERVENED":
        expected.say("refusal.source", "guardrail", witness="INTERVENED")
        expected.leave("safety", "refusal.reason", "finish_reason")
    conclude(expected)
    return expected


def _native(piece: dict[str, Any]) -> str | None:
    ways = (
        ("stop_reason",),
        ("finish_reason",),
        ("completionReason",),
        ("results", 0, "completionReason"),
        ("outputs", 0, "stop_reason"),
        ("generations", 0, "finish_reason"),
        ("completions", 0, "finishReason", "reason"),
    )
    return next((word for way in ways if (word := text(dig(piece, *way)))), None)


def _counts(expected: Expected, row: Row, last: dict[str, Any]) -> None:
    metrics = last.get("amazon-bedrock-invocationMetrics") or {}
    for name, (header, key) in COUNTS.items():
        told = first(whole(metrics.get(key)), whole(int(row.headers.get(header) or -1)))
        if told is None or told < 0:
            continue
        if name in expected.facts and name == "usage.output_tokens":  # the vendor's count, or Bedrock's
            expected.say(name, expected.get(name), also=(told,))
            expected.leave("usage.total_tokens")
        elif name not in expected.facts:
            expected.say(name, told)
    if "usage.total_tokens" not in expected.facts:
        total(expected, None)
    latency = first(metrics.get("invocationLatency"), row.headers.get("x-amzn-bedrock-invocation-latency"))
    if latency is not None:
        expected.say("timing.provider_total_s", float(latency) / 1000, witness=latency)
