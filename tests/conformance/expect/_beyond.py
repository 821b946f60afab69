"""What a raw answer says and no integration hands over: asked of raw records only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tests.conformance._facts import Expected, Fact, dig, text, whole
from tests.conformance.expect import DIALECTS, cohere, converse, messages
from tests.conformance.expect._shared import WORDS
from tests.conformance.expect.chat_completions import azure_ratings

if TYPE_CHECKING:
    from tests.conformance._rows import Row


def add_beyond(expected: Expected, dialect: str, payload: Any) -> None:
    """Add to what an answer should say of its first candidate."""
    parts = payload if isinstance(payload, list) else [payload]
    bodies = [part for part in parts if isinstance(part, dict)]
    bodies += [part["response"] for part in bodies if isinstance(part.get("response"), dict)]
    if read := _READ.get(dialect):
        read(expected, bodies)


def expect_raw(row: Row, dialect: str) -> list[Expected]:
    """What an answer says, also of models that no integration asks for by this API."""
    if dialect == "cohere":
        return cohere.expect_raw(row.payload())
    if dialect != "invoke_model":
        return DIALECTS[dialect](row)
    payload = row.payload()
    first = payload[0] if isinstance(payload, list) and payload else payload
    if isinstance(first, dict) and first.keys() & {"messageStart", "output"} and "results" not in first:
        found = converse.expect(payload)
        for one in found:
            one.say("api", "invoke_model")
            one.leave("usage.total_tokens")
        return found
    found = DIALECTS[dialect](row)
    if row.kind.startswith("written"):  # their headers count otherwise than their bodies
        for one in found:
            one.leave(*(name for name in (*one.facts, *_CACHED) if name.startswith("usage.")))
    if isinstance(first, dict) and first.get("type") in ("message", "message_start"):
        (own,) = messages.expect(payload, api="invoke_model")
        for name, fact in own.facts.items():  # the headers count what was not in a cache
            if name.startswith("usage."):
                counted = found[0].get(name)
                found[0].facts[name] = replace(fact, also=() if counted is None else (counted,))
    return found


_CACHED: Final = ("usage.cache_read_tokens", "usage.cache_write_tokens")


def add_beyond_headers(expected: Expected, headers: Mapping[str, str]) -> None:
    """Names that one vendor alone has, which its integration cannot be asked for."""
    for name in ("x-kong-request-id", "mistral-correlation-id"):
        if name in headers:
            expected.say("request_id", headers[name], also=[value for value in headers.values() if value])
    for field, names in _LIMITS.items():
        found = next((headers[name] for name in names if headers.get(name, "").isdecimal()), None)
        if found is not None:
            expected.say(field, int(found))
    for name in ("x-amzn-bedrock-invocation-latency",):
        if headers.get(name, "").isdecimal():
            expected.say("timing.provider_total_s", int(headers[name]) / 1000)
    if cost := headers.get("x-litellm-response-cost"):
        expected.say("cost.total", Decimal(cost))


_LIMITS: Final[Mapping[str, tuple[str, ...]]] = {
    "rate_limits.requests_limit": ("x-ratelimit-limit-req-minute",),
    "rate_limits.requests_remaining": (
        "x-ratelimit-remaining-req-minute",
        "x-ratelimit-remaining-requests-minute",
    ),
    "rate_limits.tokens_limit": ("x-ratelimit-limit-tokens-minute", "ratelimitbysize-limit"),
    "rate_limits.tokens_remaining": (
        "x-ratelimit-remaining-tokens-minute",
        "ratelimitbysize-remaining",
    ),
}


def _last(bodies: list[dict[str, Any]], *path: str | int) -> Any:
    """What the last of the bodies says that says anything there."""
    return next((found for body in reversed(bodies) if (found := dig(body, *path)) is not None), None)


def _responses(expected: Expected, bodies: list[dict[str, Any]]) -> None:
    _usage(expected, bodies)
    _searches(expected, whole(_last(bodies, "tool_usage", "web_search", "num_requests")))
    _searches(expected, whole(_last(bodies, "usage", "tool_calls_details", "search_web", "invocation")))
    expected.say("system_fingerprint", text(_last(bodies, "system_fingerprint")))
    for found in _last(bodies, "content_filters") or ():
        scope = "prompt" if found.get("source_type") == "prompt" else "completion"
        azure_ratings(expected, scope, found.get("content_filter_results"))
    _error(expected, _last(bodies, "error"))
    for item in _last(bodies, "output") or ():
        _sent_twice(expected, item)


def _sent_twice(expected: Expected, item: Mapping[str, Any]) -> None:
    """Recordings were cleaned of paths in a call, but not in the pieces of its arguments."""
    for call in expected.items["tool_calls"]:
        size = call.get("args_size_bytes")
        if size is not None and "arguments" in item and call["id"].value == item.get("call_id"):
            call["args_size_bytes"] = replace(size, also=(*size.also, len(item["arguments"].encode())))


def _chat(expected: Expected, bodies: list[dict[str, Any]]) -> None:
    _usage(expected, bodies)
    expected.say("request_id", text(_last(bodies, "request_id")))
    gateways = ("message", "provider_metadata"), ("delta", "provider_metadata")
    for place in gateways:
        routed = text(_last(bodies, "choices", 0, *place, "gateway", "routing", "finalProvider"))
        expected.say("routing.upstream_provider", routed)
    _category(expected, bodies)
    _native(expected, text(_last(bodies, "choices", 0, "native_finish_reason")))
    _error(expected, _last(bodies, "choices", 0, "error") or _last(bodies, "error"))
    created = _last(bodies, "created")
    if isinstance(created, int) and created > 10**11:
        expected.say("created_at", datetime.fromtimestamp(created / 1000, UTC))
    if any(dig(body, "choices", 0, "message") or dig(body, "choices", 0, "delta") for body in bodies):
        expected.say("api", "chat_completions")  # whatever path it was asked at
    for body in bodies:
        said = dig(body, "choices", 0, "message") or dig(body, "choices", 0, "delta")
        for note in dig(said, "annotations") or ():
            if isinstance(note, dict) and "document_citation" in note:
                expected.leave("citations")  # no independent reading of Groq's documents


def _category(expected: Expected, bodies: list[dict[str, Any]]) -> None:
    """What Azure's filter withheld the answer for."""
    results = _last(bodies, "choices", 0, "content_filter_results") or {}
    filtered = [name for name, one in results.items() if isinstance(one, dict) and one.get("filtered")]
    if filtered and "refusal.source" in expected.facts:
        expected.say("refusal.category", filtered[0], also=filtered[1:])


def _native(expected: Expected, native: str | None) -> None:
    """A router's own word for the end, and that of the vendor behind it: either is the provider's."""
    said = expected.facts.get("native_finish_reason")
    if native is not None and said is not None:
        expected.facts["native_finish_reason"] = replace(said, also=(*said.also, native))
        end = expected.facts.get("finish_reason")
        if end is not None and (word := WORDS.get(native.casefold())):
            expected.facts["finish_reason"] = replace(end, also=(*end.also, word))


def _usage(expected: Expected, bodies: list[dict[str, Any]]) -> None:
    usage = _last(bodies, "usage")
    _searches(expected, whole(dig(usage, "server_tool_use", "web_search_requests")))
    _searches(expected, whole(dig(usage, "server_tool_use_details", "web_search_requests")))
    expected.say("usage.num_search_results", whole(dig(usage, "num_sources_used")))
    cost = dig(usage, "cost")
    if isinstance(cost, int | float):
        expected.say("cost.total", Decimal(str(cost)))
    if isinstance(ticks := dig(usage, "cost_in_usd_ticks"), int):
        expected.say("cost.total", Decimal(ticks) / 10**10)
    upstream = dig(usage, "cost_details", "upstream_inference_cost")
    if isinstance(upstream, int | float):
        expected.say("cost.upstream_inference", Decimal(str(upstream)))
    if isinstance(owned := dig(usage, "is_byok"), bool):
        expected.say("routing.is_byok", owned)


def _searches(expected: Expected, told: int | None) -> None:
    """A count of searches; the searches themselves may be counted instead."""
    counted = expected.get("usage.web_search_requests")
    expected.say("usage.web_search_requests", told, also=[counted] if counted is not None else [])


def _error(expected: Expected, error: Any) -> None:
    if not isinstance(error, dict):
        return
    expected.say("error.message", text(error.get("message")))
    code = error.get("code")
    if isinstance(code, str):
        expected.say("error.code", code)
    else:
        expected.say("error.status_code", whole(code))
        expected.leave("error.code")
    expected.leave("error.type", "error.retryable", "error.retry_after_s")


def _messages(expected: Expected, bodies: list[dict[str, Any]]) -> None:
    _files(expected, bodies)
    error = _last(bodies, "error")
    if isinstance(error, dict):
        _error(expected, error)
        expected.leave("error.code", "finish_reason")


def _files(expected: Expected, bodies: list[dict[str, Any]]) -> None:
    """The file that a citation is of, which its integration drops."""
    blocks = [block for block in _last(bodies, "content") or () if isinstance(block, dict)]
    cited = [one for block in blocks for one in block.get("citations") or () if isinstance(one, dict)]
    for item in expected.items["citations"]:
        quote = item["quote"].value if "quote" in item else None
        file = next((one.get("file_id") for one in cited if one.get("cited_text") == quote), None)
        if text(file):
            item["file_id"] = Fact(file)


def _google(expected: Expected, bodies: list[dict[str, Any]]) -> None:
    expected.say("error.message", text(_last(bodies, "candidates", 0, "finishMessage")), required=False)
    expected.leave("error.type", "error.retryable")


def _invoked(expected: Expected, bodies: list[dict[str, Any]]) -> None:
    told = _last(bodies, "id")
    if isinstance(told, int):
        expected.say("response_id", str(told))
    expected.say("response_id", text(_last(bodies, "response", "response_id")))
    if any("generations" in body for body in bodies):  # Command's `id` is the request's
        expected.facts.pop("response_id", None)
        expected.say("request_id", text(told))  # unless a header tells it
    expected.say("stop_sequence", text(_last(bodies, "stop")))
    usage = _last(bodies, "usage")
    for name in ("input", "output", "total"):
        asked = {"input": "prompt", "output": "completion"}.get(name, name)
        expected.say(f"usage.{name}_tokens", whole(dig(usage, f"{asked}_tokens")))
        if any("completion" in body for body in bodies):  # Claude's first API counts as its second does
            expected.say(f"usage.{name}_tokens", whole(dig(usage, f"{name}_tokens")))
    if any("amazon-bedrock-trace" in body for body in bodies):
        expected.leave("safety", "refusal.reason", "refusal.category", "usage.guardrail_units")
    if _last(bodies, "amazon-bedrock-guardrailAction") == "INTERVENED":
        expected.say("finish_reason", "content_filter")
        expected.say("refused", value=True)
        expected.say("refusal.source", "guardrail")
    spent = whole(_last(bodies, "amazon-bedrock-invocationMetrics", "invocationLatency"))
    if spent is not None:
        expected.say("timing.provider_total_s", spent / 1000)
    _broken(expected, bodies)
    _messages(expected, bodies)


def _broken(expected: Expected, bodies: list[dict[str, Any]]) -> None:
    """An exception as the last event: how it is named is the reader's own."""
    if any(key.endswith("Exception") for body in bodies for key in body):
        expected.leave("error.code", "error.message", "error.type", "error.retryable", "finish_reason")


_READ: Final[Mapping[str, Callable[[Expected, list[dict[str, Any]]], None]]] = {
    "chat_completions": _chat,
    "completions": _chat,
    "converse": _broken,
    "generate_content": _google,
    "invoke_model": _invoked,
    "messages": _messages,
    "responses": _responses,
}
