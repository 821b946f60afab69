"""Google's generateContent, on the Gemini API and on Vertex AI."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any, Final

from tests.conformance._facts import Expected, Fact, dig, first, text, whole
from tests.conformance.expect._shared import conclude, finish, logprobs, reasoning, tool_call

# Vertex AI over REST may send the numbers of its enums.
FINISH: Final = (
    "FINISH_REASON_UNSPECIFIED",
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "OTHER",
    "BLOCKLIST",
)
HARM: Final = dict(
    enumerate(
        (
            "HARM_CATEGORY_UNSPECIFIED",
            "",
            "",
            "",
            "",
            "",
            "",
            "HARM_CATEGORY_HARASSMENT",
            "HARM_CATEGORY_HATE_SPEECH",
            "HARM_CATEGORY_SEXUALLY_EXPLICIT",
            "HARM_CATEGORY_DANGEROUS_CONTENT",
        )
    )
)
PROBABILITY: Final = ("HARM_PROBABILITY_UNSPECIFIED", "NEGLIGIBLE", "LOW", "MEDIUM", "HIGH")
MODALITY: Final = ("MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "VIDEO", "AUDIO", "DOCUMENT")


def _word(value: Any, names: Any) -> str | None:
    return names[value] if isinstance(value, int) else text(value)


def expect(payload: Any) -> list[Expected]:
    """One expectation for each candidate; one for a blocked prompt."""
    answer = _assemble(payload) if isinstance(payload, list) else payload
    if not isinstance(answer, dict):
        return []
    candidates = answer.get("candidates") or [{}]
    expected = [_candidate(answer, candidate) for candidate in candidates]
    _usage(expected[0], answer.get("usageMetadata") or {})
    for index, one in enumerate(expected):
        if len(expected) > 1:
            one.say_all({"candidates": len(expected), "candidate_index": index}, required=False)
    return expected


def _assemble(chunks: list[Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    candidates: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        for key, value in chunk.items():
            if key == "usageMetadata":
                answer[key] = {**answer.get(key, {}), **value}
            elif key != "candidates":
                answer[key] = value
        for candidate in chunk.get("candidates") or []:
            _add(candidates.setdefault(candidate.get("index") or 0, {}), candidate)
    return {**answer, "candidates": [candidates[index] for index in sorted(candidates)]}


def _add(whole_candidate: dict[str, Any], piece: dict[str, Any]) -> None:
    for key, value in piece.items():
        if key == "content":
            parts = whole_candidate.setdefault("content", {"parts": []})["parts"]
            parts.extend((value or {}).get("parts") or [])
        elif key == "groundingMetadata":
            known = whole_candidate.setdefault(key, {})
            for name, told in value.items():
                known[name] = known[name] + told if isinstance(known.get(name), list) else told
        else:
            whole_candidate[key] = value


def _candidate(answer: dict[str, Any], candidate: dict[str, Any]) -> Expected:
    expected = Expected()
    expected.say("api", "generate_content")
    expected.say("response_id", text(answer.get("responseId")))
    expected.say("model", text(answer.get("modelVersion")))
    if created := text(answer.get("createTime")):
        expected.say("created_at", datetime.fromisoformat(created), witness=created)
    words = _parts(expected, dig(candidate, "content", "parts") or [])
    tools = any(not item["server_side"].value for item in expected.items["tool_calls"])
    native = _word(candidate.get("finishReason"), FINISH)
    finish(expected, native, tools=tools)
    if native == "STOP" and tools:
        expected.say("finish_reason", "tool_calls", witness="STOP")
    _block(expected, answer.get("promptFeedback") or {})
    for rating in candidate.get("safetyRatings") or []:
        _rating(expected, rating, "completion")
    if "refusal.source" in expected.facts:
        expected.say("refusal.reason", text(candidate.get("finishMessage")))
    blocked = [
        rating.get("category") for rating in candidate.get("safetyRatings") or [] if rating.get("blocked")
    ]
    if len(blocked) == 1 and "refusal.source" in expected.facts:
        expected.say("refusal.category", _word(blocked[0], HARM), required=False)
    _grounding(expected, candidate.get("groundingMetadata") or {}, words)
    _recited(expected, candidate)
    chosen = dig(candidate, "logprobsResult", "chosenCandidates") or []
    logprobs(expected, [token.get("logProbability") for token in chosen])
    conclude(expected)
    return expected


def _parts(expected: Expected, parts: list[dict[str, Any]]) -> str:
    words, thoughts = "", ""
    for part in parts:
        if part.get("thought"):
            thoughts += part.get("text") or ""
        elif isinstance(part.get("text"), str):
            words += part["text"]
        if call := part.get("functionCall"):
            tool_call(expected, call.get("id"), call.get("name"), json.dumps(call.get("args") or {}))
        if "executableCode" in part:
            code = first(text(dig(part, "executableCode", "code")), "")
            expected.add(
                "tool_calls",
                {"name": Fact("code_execution", witness=code), "server_side": Fact(value=True, witness=code)},
            )
        inline = part.get("inlineData")
        if isinstance(inline, dict):
            _media(expected, inline)
    reasoning(expected, thoughts)
    return words


def _media(expected: Expected, inline: dict[str, Any]) -> None:
    mime = inline.get("mimeType") or ""
    kind = mime.partition("/")[0]
    size = len(base64.b64decode(inline.get("data") or "", validate=False)) if inline.get("data") else None
    expected.add(
        "media",
        {
            "kind": Fact(kind if kind in ("image", "audio", "video") else "file", witness=mime),
            "mime_type": mime,
            "size_bytes": Fact(size, also=(None,), required=False),
        },
    )


def _block(expected: Expected, feedback: dict[str, Any]) -> None:
    reason = text(feedback.get("blockReason"))
    for rating in feedback.get("safetyRatings") or []:
        _rating(expected, rating, "prompt")
    if reason:
        expected.say("finish_reason", "content_filter", witness=reason)
        expected.say("refusal.source", "prompt_block", witness=reason)
        expected.say("refusal.category", reason)
        expected.say("refusal.reason", text(feedback.get("blockReasonMessage")))


def _rating(expected: Expected, rating: dict[str, Any], scope: str) -> None:
    category = _word(rating.get("category"), HARM)
    expected.add(
        "safety",
        {
            "category": category,
            "scope": Fact(scope, witness=category),
            "probability": _word(rating.get("probability"), PROBABILITY),
            "severity": text(rating.get("severity")),
            "score": rating.get("probabilityScore"),
            "blocked": Fact(
                rating.get("blocked"),
                also=(None,) if rating.get("blocked") is False else (),
                witness=category,
            ),
        },
    )


def _grounding(expected: Expected, grounding: dict[str, Any], words: str) -> None:
    chunks = grounding.get("groundingChunks") or []
    used: set[int] = set()
    raw = words.encode()
    for support in grounding.get("groundingSupports") or []:
        segment = support.get("segment") or {}
        start, end = segment.get("startIndex") or 0, segment.get("endIndex")
        chars = (len(raw[:start].decode(errors="ignore")), len(raw[:end].decode(errors="ignore")))
        for index in support.get("groundingChunkIndices") or []:
            if index < len(chunks):
                used.add(index)
                _source(expected, chunks[index], chars)
    for index, chunk in enumerate(chunks):
        if index not in used:
            _source(expected, chunk, None)


def _recited(expected: Expected, candidate: dict[str, Any]) -> None:
    """Sources that the answer repeats word by word."""
    told = candidate.get("citationMetadata") or {}
    for source in told.get("citations") or told.get("citationSources") or []:
        expected.add(
            "citations",
            {
                "url": text(source.get("uri")),
                "title": text(source.get("title")),
                "start_index": Fact(whole(source.get("startIndex")), witness=source.get("uri")),
                "end_index": Fact(whole(source.get("endIndex")), witness=source.get("uri")),
            },
        )


def _source(expected: Expected, chunk: dict[str, Any], span: tuple[int, int] | None) -> None:
    inner = first(chunk.get("web"), chunk.get("retrievedContext"), chunk.get("maps")) or {}
    start, end = span or (None, None)
    expected.add(
        "citations",
        {
            "url": text(inner.get("uri")),
            "title": text(inner.get("title")),
            "start_index": Fact(start, witness=inner.get("uri")),
            "end_index": Fact(end, witness=inner.get("uri")),
        },
    )


def _usage(expected: Expected, usage: dict[str, Any]) -> None:
    prompt, tool = whole(usage.get("promptTokenCount")), whole(usage.get("toolUsePromptTokenCount"))
    answer, thoughts = whole(usage.get("candidatesTokenCount")), whole(usage.get("thoughtsTokenCount"))
    if prompt is not None:
        expected.say("usage.input_tokens", prompt + (tool or 0))
    if answer is not None or thoughts is not None:
        expected.say("usage.output_tokens", (answer or 0) + (thoughts or 0))
    elif prompt is not None:
        expected.say("usage.output_tokens", 0, also=(None,), required=False)
    expected.say_all(
        {
            "usage.total_tokens": whole(usage.get("totalTokenCount")),
            "usage.cache_read_tokens": whole(usage.get("cachedContentTokenCount")),
            "usage.reasoning_tokens": thoughts,
            "usage.tool_use_prompt_tokens": tool,
            "service_tier": text(usage.get("serviceTier")),
        }
    )
    _modalities(expected, usage)


def _modalities(expected: Expected, usage: dict[str, Any]) -> None:
    sides = (("input", "promptTokensDetails"), ("output", "candidatesTokensDetails"))
    for side, name in sides:
        for entry in usage.get(name) or []:
            kind = str(_word(entry.get("modality"), MODALITY)).lower()
            if kind in ("audio", "image") or (kind == "video" and side == "input"):
                expected.say(f"usage.{side}_{kind}_tokens", whole(entry.get("tokenCount")))
