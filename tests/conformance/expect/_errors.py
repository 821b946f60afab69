"""What the record of a failed call should say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.conformance._facts import Expected, dig, first, text
from tests.conformance.expect.chat_completions import azure_ratings

if TYPE_CHECKING:
    from tests.conformance._rows import Row
    from tests.conformance._targets import Target


def expect_error(row: Row, target: Target) -> Expected:
    """Status and code; the type is the exception's own."""
    expected = Expected()
    expected.say("finish_reason", "error", required=False)
    expected.leave(
        "api", "role", "error.type", "error.message", "error.retryable", "model", "native_finish_reason"
    )
    expected.say("error.status_code", row.status)
    expected.say("http.status_code", row.status, required=False)
    codes = _codes(row)
    if codes:
        told = any(not code.isdecimal() for code in codes)
        expected.say(
            "error.code", codes[0], also=codes[1:], required=told
        )  # a number only repeats the status
    else:
        expected.leave("error.code")
    if wait := row.headers.get("retry-after"):
        expected.say("error.retry_after_s", float(wait) if wait.replace(".", "").isdecimal() else None)
    for detail in _details(row):
        if wait := text(detail.get("retryDelay")):  # Google's
            expected.say("error.retry_after_s", float(wait.removesuffix("s")), witness=wait)
    _filtered(expected, _body(row))
    return expected


def _filtered(expected: Expected, body: Any) -> None:
    """A prompt that Azure's filter, or OpenRouter's moderation, turned down."""
    if reasons := dig(body, "error", "metadata", "reasons"):
        only = text(reasons[0]) if len(reasons) == 1 else None
        expected.say("refused", value=True, witness="moderation", required=False)
        expected.say("refusal.source", "prompt_block", witness="moderation", required=False)
        expected.say("refusal.category", only, witness="moderation", required=False)
        expected.say("refusal.reason", text(dig(body, "error", "message")), required=False)
    if dig(body, "error", "code") != "content_filter":
        return
    results = dig(body, "error", "innererror", "content_filter_result") or {}
    azure_ratings(expected, "prompt", results)
    filtered = [name for name, result in results.items() if dig(result, "filtered")]
    expected.say("refused", value=True, witness="content_filter")
    expected.say("refusal.source", "prompt_block", also=("content_filter",), witness="content_filter")
    expected.say("refusal.category", filtered[0] if len(filtered) == 1 else None, witness="content_filter")
    expected.say("refusal.reason", text(dig(body, "error", "message")))


def _body(row: Row) -> Any:
    """The body; its first part, where Google sends a list."""
    try:
        body = json.loads(row.body)
    except ValueError:
        return None
    return body[0] if isinstance(body, list) and body else body


def _details(row: Row) -> list[dict[str, Any]]:
    told = dig(_body(row), "error", "details")
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _codes(row: Row) -> list[Any]:
    body = _body(row)
    if not isinstance(body, dict):
        return []
    inner = first(body.get("error") if isinstance(body.get("error"), dict) else None, body)
    found = [inner.get(key) for key in ("code", "type", "status", "__type")]
    found += [row.headers.get("x-amzn-errortype", "").partition(":")[0], dig(body, "object")]
    return [str(code) for code in found if text(code) or isinstance(code, int)]
