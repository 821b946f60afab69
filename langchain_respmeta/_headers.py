"""HTTP headers of an answer: a fixed list may stay, and the rate limits among them become numbers.

Headers arrive where the user asked the integration for them (`include_response_headers=True`), with Bedrock, and with
errors. Everything else in them (cookies, organization, authorization) is dropped unread.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from langchain_respmeta.providers._fields import Cell, Unreadable, count, millis, read_time, using
from langchain_respmeta.providers._fields import read_span as span
from langchain_respmeta.providers._table import Draft, Leftovers

ALLOWED: Final = frozenset(
    {
        "content-type",
        "date",
        "retry-after",
        "retry-after-ms",
        "x-request-id",
        "request-id",
        "x-amzn-requestid",
        "x-goog-request-id",
        "cf-ray",
        "server-timing",
        "openai-processing-ms",
        "openai-version",
        "openai-model",
        "x-ms-region",
        "x-ms-rai-invoked",
        "x-groq-region",
        "x-litellm-model-id",
        "x-litellm-response-cost",
        "x-envoy-upstream-service-time",
        "x-should-retry",
        "x-amzn-bedrock-invocation-latency",
        "x-amzn-bedrock-input-token-count",
        "x-amzn-bedrock-output-token-count",
        "x-amzn-bedrock-cache-read-input-token-count",
        "x-amzn-bedrock-cache-write-input-token-count",
    }
)
"""Names that may stand in `http.headers`, beside the rate-limit headers below."""


def _limits(prefix: str, kind: str) -> dict[str, Cell]:
    order = ("limit", "remaining", "reset")
    names = {part: prefix.replace("*", kind).replace("?", part) for part in order}
    field = kind.replace("-", "_")
    return {
        names["limit"]: count(f"rate_limits.{field}_limit"),
        names["remaining"]: count(f"rate_limits.{field}_remaining"),
        names["reset"]: using(f"rate_limits.{field}_reset_s", span),
    }


_OPENAI_STYLE: Final = "x-ratelimit-?-*"
_ANTHROPIC_STYLE: Final = "anthropic-ratelimit-*-?"

RATE_LIMITS: Final[Mapping[str, Cell]] = {
    **_limits(_OPENAI_STYLE, "requests"),
    **_limits(_OPENAI_STYLE, "tokens"),
    **{
        name: cell
        for kind in ("requests", "tokens", "input-tokens", "output-tokens")
        for name, cell in _limits(_ANTHROPIC_STYLE, kind).items()
    },
    "retry-after": using("rate_limits.retry_after_s", span),
    "retry-after-ms": millis("rate_limits.retry_after_s"),
}
"""Header → field. https://platform.openai.com/docs/guides/rate-limits, https://docs.anthropic.com/en/api/rate-limits"""

_REQUEST_IDS: Final = ("x-request-id", "request-id", "x-amzn-requestid", "x-goog-request-id")


def settle(draft: Draft, leftovers: Leftovers) -> None:
    """Take the raw headers out of the draft and put in what may stay."""
    headers: dict[str, str] | None = draft.pop("_headers", None)
    if not headers:
        return
    kept = {name: value for name, value in headers.items() if name in ALLOWED or name in RATE_LIMITS}
    if kept:
        draft["http.headers"] = kept
    for name in _REQUEST_IDS:
        if headers.get(name):
            draft.setdefault("request_id", headers[name])
    for name, cell in RATE_LIMITS.items():
        if name in headers:
            _read(name, headers, cell, draft, leftovers)


def _read(name: str, headers: Mapping[str, str], cell: Cell, draft: Draft, leftovers: Leftovers) -> None:
    try:
        draft.setdefault(cell.to, cell.read(headers[name]))
    except Unreadable as fault:
        wait = _until(headers[name], headers.get("date"))
        if wait is None:
            leftovers.warnings.append(f"header {name}: expected {fault}")
        else:
            draft.setdefault(cell.to, wait)


def _until(value: str, answered: str | None) -> float | None:
    """Seconds from the answer's own `date` to a point in time (Anthropic's resets, HTTP dates in retry-after)."""
    then, now = _moment(value), _moment(answered or "")
    return None if then is None or now is None else max(0.0, (then - now).total_seconds())


def _moment(value: str) -> datetime | None:
    for read in (read_time, parsedate_to_datetime):
        try:
            return read(value)
        except ValueError:
            continue
    return None
