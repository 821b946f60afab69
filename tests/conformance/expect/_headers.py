"""What the HTTP headers of an answer say."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from tests.conformance._facts import Expected, dig, text

if TYPE_CHECKING:
    from tests.conformance._rows import Row

REQUEST_IDS: Final = (
    "x-request-id",
    "request-id",
    "x-amzn-requestid",
    "apim-request-id",
    "x-goog-request-id",
)
GATEWAY: Final = "x-langsmith-gateway-metadata"
"""Where LangSmith's gateway says whom it chose."""
UNITS: Final = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def add_headers(expected: Expected, row: Row) -> None:
    """Rate limits and ids. What an integration drops counts as lost."""
    headers = row.headers
    identity = next((headers[name] for name in REQUEST_IDS if headers.get(name)), None)
    others = [headers[name] for name in REQUEST_IDS if headers.get(name)]
    expected.say("request_id", identity, also=others)
    expected.say("http.status_code", row.status, required=False)
    for kind in ("requests", "tokens", "input-tokens", "output-tokens"):
        for part in ("limit", "remaining", "reset"):
            names = (f"x-ratelimit-{part}-{kind}", f"anthropic-ratelimit-{kind}-{part}", *_bare(kind, part))
            value = next((headers[name] for name in names if headers.get(name)), None)
            if value is not None:
                field = f"rate_limits.{kind.replace('-', '_')}_{part}"
                _limit(expected, field, part, value, headers.get("date"))
    if (
        spent := headers.get("openai-processing-ms", "")
    ).isdecimal() and "timing.provider_total_s" not in expected.facts:
        expected.say("timing.provider_total_s", int(spent) / 1000, witness=spent)
    expected.say("routing.upstream_provider", _chosen(headers.get(GATEWAY, "")))
    if wait := headers.get("retry-after"):
        expected.say("rate_limits.retry_after_s", _seconds(wait, headers.get("date")), witness=wait)


def _chosen(gateway: str) -> str | None:
    """The vendor in the gateway's header; None where it is none of its JSON."""
    try:
        told = json.loads(gateway)
    except ValueError:
        return None
    return text(dig(told, "provider"))


def _bare(kind: str, part: str) -> tuple[str, ...]:
    """Together and OpenRouter limit requests, and do not say so."""
    return (f"x-ratelimit-{part}",) if kind == "requests" else ()


def _limit(expected: Expected, field: str, part: str, value: str, date: str | None) -> None:
    if part == "reset":
        expected.say(f"{field}_s", _seconds(value, date), witness=value)
    elif value.isdecimal():
        expected.say(field, int(value), witness=value)


def _seconds(value: str, date: str | None) -> float | None:
    """Seconds from a number, a span such as `6m0s`, or the time from the answer's date to a moment."""
    try:
        number = float(value)
    except ValueError:
        pass
    else:
        return number if number < 10**9 else _until(datetime.fromtimestamp(number / 1000, UTC), date)
    pieces = re.findall(r"([\d.]+)(ms|d|h|m|s)", value)
    if pieces and "".join(a + b for a, b in pieces) == value:
        return sum(float(number) * UNITS[unit] for number, unit in pieces)
    try:
        return _until(datetime.fromisoformat(value), date)
    except ValueError:
        return None


def _until(then: datetime, date: str | None) -> float | None:
    try:
        return max(0.0, (then - parsedate_to_datetime(date or "")).total_seconds())
    except (ValueError, TypeError):
        return None
