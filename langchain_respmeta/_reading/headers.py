"""HTTP headers of an answer: a fixed list may stay, and the rate limits among them become numbers.

Headers arrive where the user asked the integration for them (`include_response_headers=True`), with Bedrock, and with
errors. All others (cookies, organization, authorization) are dropped unread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from itertools import islice
from typing import Any, Final

from langchain_respmeta.providers.engine.cells import (
    Cell,
    Unreadable,
    millis,
    money,
    read_count,
    read_time,
    text,
    using,
)
from langchain_respmeta.providers.engine.cells import read_span as span
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.symbols import noted
from langchain_respmeta.providers.engine.table import Leftovers
from langchain_respmeta.providers.families.langsmith_gateway import MAX_HEADERS
from langchain_respmeta.record.bounds import Budget, LeftOut, key_text, tamed
from langchain_respmeta.record.draft import as_dict

CACHES: Final[Mapping[str, frozenset[str]]] = {
    # https://developers.cloudflare.com/ai-gateway/features/caching
    "cf-aig-cache-status": frozenset({"hit"}),
    # https://portkey.ai/docs/api-reference/inference-api/response-schema
    "x-portkey-cache-status": frozenset({"hit", "semantic hit", "simple hit"}),
    # https://docs.helicone.ai/features/advanced-usage/caching
    "helicone-cache": frozenset({"hit"}),
    # https://openrouter.ai/docs/guides/features/response-caching
    "x-openrouter-cache-status": frozenset({"hit"}),
    # https://docs.litellm.ai/docs/proxy/caching
    "x-litellm-cache-hit": frozenset({"true"}),
    # https://developer.konghq.com/plugins/ai-semantic-cache
    "x-cache-status": frozenset({"hit"}),
    # https://cogcache.readme.io/reference/proxy-api-headers
    "x-cache": frozenset({"hit"}),
    # https://vercel.com/docs/headers/response-headers
    "x-vercel-cache": frozenset({"hit"}),
}
"""Header → the words by which a gateway marks an answer from its cache, which costs nothing."""

CACHE_KEYS: Final = frozenset({"x-litellm-cache-key"})
"""Headers that only answers from a cache have, with any value."""

ALLOWED: Final = frozenset(
    {
        *CACHES,
        "content-type",
        "date",
        "retry-after",
        "retry-after-ms",
        "cf-ray",
        "server-timing",
        "openai-processing-ms",
        "openai-version",
        "openai-model",
        "x-kong-upstream-latency",
        "x-kong-proxy-latency",
        "req-cost-time",
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
"""Names that `http.headers` may keep, in addition to the request ids and rate limits below."""


_PARTS: Final = ("limit", "remaining", "reset")


def _limits(pattern: str, **kinds: str) -> dict[str, Cell]:
    """Cells of a family of headers: `?` is limit, remaining or reset, `*` is what is limited.

    Args:
        pattern: The header's name.
        **kinds: The record's word for what is limited → the vendor's.
    """
    cells: dict[str, Cell] = {}
    for field, kind in kinds.items():
        limit, remaining, reset = (pattern.replace("*", kind).replace("?", part) for part in _PARTS)
        cells[limit] = using(f"rate_limits.{field}_limit", _amount)
        cells[remaining] = using(f"rate_limits.{field}_remaining", _amount)
        cells[reset] = using(f"rate_limits.{field}_reset_s", span)
    return cells


def _amount(value: str) -> int | None:
    """A count, also the first of `100;w=60` or `100, 100;w=60`; -1 means "no limit"."""
    first = value.replace(";", ",").partition(",")[0].strip()
    return None if first == "-1" else read_count(first)


RATE_LIMITS: Final[Mapping[str, Cell]] = {
    # OpenAI, Azure OpenAI, Groq, Perplexity, xAI; https://platform.openai.com/docs/guides/rate-limits
    **_limits("x-ratelimit-?-*", requests="requests", tokens="tokens"),
    # https://docs.anthropic.com/en/api/rate-limits
    **_limits(
        "anthropic-ratelimit-*-?",
        requests="requests",
        tokens="tokens",
        input_tokens="input-tokens",
        output_tokens="output-tokens",
    ),
    # https://docs.fireworks.ai/guides/quotas_usage/rate-limits
    **_limits("x-ratelimit-?-*", input_tokens="tokens-prompt", output_tokens="tokens-generated"),
    # Mistral, Cerebras, Databricks and others: the shortest window first
    **_limits("x-ratelimit-?-*", requests="req-minute", tokens="tokens-minute"),
    **_limits("x-ratelimitbysize-?-*", tokens="minute"),
    **_limits("x-ratelimit-?-*", requests="requests-minute"),
    **_limits("x-ratelimit-?-*", requests="requests-hour", tokens="tokens-hour"),
    **_limits("x-ratelimit-?-*", requests="requests-day", tokens="tokens-day"),
    **_limits("x-ratelimit-?-*", requests="minute"),
    # Together
    **_limits("x-tokenlimit-?", tokens=""),
    # OpenRouter, GitHub; https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers
    **_limits("x-ratelimit-?", requests=""),
    **_limits("ratelimit-?", requests=""),
    "retry-after-ms": millis("rate_limits.retry_after_s"),
    "retry-after": using("rate_limits.retry_after_s", span),
}
"""Header → field; of several for one field the first counts."""

FACTS: Final[Mapping[str, Cell]] = {
    "openai-processing-ms": millis("timing.provider_total_s"),
    "x-amzn-bedrock-invocation-latency": millis("timing.provider_total_s"),
    "x-litellm-response-cost": money("cost.total"),
    "openai-model": text("model"),
}
"""Header → field, for fields that the answer itself did not have."""

_REQUEST_IDS: Final = (
    "x-request-id",
    "request-id",
    "x-amzn-requestid",
    "x-goog-request-id",
    "apim-request-id",
    "x-ms-request-id",
    "nvcf-reqid",
    "mistral-correlation-id",
    "x-kong-request-id",
    "x-inference-request-id",
)

MAX_VALUE: Final = 16_384
"""Characters of a header's value; servers and clients refuse longer ones."""


def told_by(headers: object) -> dict[str, str] | None:
    """Headers as any client keeps them, with names in lower case; None where there are none, or what came is none."""
    if not isinstance(headers, Mapping | list | tuple):
        headers = _items(headers)
    told = tamed(headers, Budget(_VALUES_OF_ONE * MAX_HEADERS, MAX_HEADERS * MAX_VALUE))
    pairs = told.items() if isinstance(told, dict) else [one for one in told if _is_pair(one)]
    return {
        key_text(name).lower(): key_text(value) for name, value in pairs if type(value) is not LeftOut
    } or None


def _items(headers: Any) -> list[Any]:
    """Of what is no mapping, but has entries: `http.client` keeps headers in a kind of e-mail."""
    try:
        return list(islice(headers.items(), MAX_HEADERS))
    except Exception:  # noqa: BLE001 - a foreign object may raise anything: then it holds no headers
        return []


_VALUES_OF_ONE: Final = 3
"""A pair, its name and its value."""


def _is_pair(one: object) -> bool:
    return isinstance(one, list | tuple) and len(one) == 2


def read_headers(draft: ReadDraft, leftovers: Leftovers) -> None:
    """Take the raw headers out of the draft and write what may stay."""
    told: dict[str, str] | None = draft.pop("_headers", None)
    if not told:
        return
    headers = {name: value for name, value in told.items() if noted(_is_short, value)}
    if any(headers.get(name, "").strip().lower() in words for name, words in CACHES.items()) or any(
        headers.get(name) for name in CACHE_KEYS
    ):
        draft["_from_gateways_cache"] = True
    kept = {name: value for name, value in headers.items() if name in ALLOWED or name in _KNOWN}
    if kept:
        draft["http.headers"] = kept
    for name in _REQUEST_IDS:
        if headers.get(name):
            draft.setdefault("request_id", headers[name])
    for table in (RATE_LIMITS, FACTS):
        for name, cell in table.items():
            if name in headers and cell.to not in draft:
                _read(name, headers, cell, draft, leftovers)


_KNOWN: Final = frozenset({*RATE_LIMITS, *_REQUEST_IDS})


def _is_short(value: str) -> bool:
    return len(value) <= MAX_VALUE


def _read(name: str, headers: Mapping[str, str], cell: Cell, draft: ReadDraft, leftovers: Leftovers) -> None:
    found = noted(_reader_of(cell), headers[name], headers.get("date"))
    if type(found) is dict:
        leftovers.warnings.append(f"header {name}: expected {found['expected']}")
    elif found is not None:
        as_dict(draft)[cell.to] = found


@cache
def _reader_of(cell: Cell) -> Callable[[str, str | None], Any]:
    """Reads a header's value, given the answer's own date, or tells in a dict what was expected.

    It raises nothing that is foreseen, for compiled readers call it, too. Cells are of a table, so there are a few.
    """

    def read(value: str, date: str | None) -> Any:
        found = _until(value, date) if cell.to.endswith("_s") else None
        try:
            return cell.read(value) if found is None else found
        except Unreadable as fault:
            return {"expected": str(fault)}

    return read


def _until(value: str, answered: str | None) -> float | None:
    """Seconds from the answer's own `date` to a point in time; None where the value is not one.

    Anthropic's resets, HTTP dates in retry-after, and OpenRouter's milliseconds since 1970.
    """
    then, now = _moment(value), _moment(answered or "")
    return None if then is None or now is None else max(0.0, (then - now).total_seconds())


_EPOCH_FROM: Final = 1e9
"""A number this large is a point in time: as a duration it would be 30 years."""


def _moment(value: str) -> datetime | None:
    if value.replace(".", "", 1).isdecimal():
        readers = _EPOCH if float(value) >= _EPOCH_FROM else ()
    else:
        readers = _DATES
    for read in readers:
        try:
            return read(value)
        except ValueError:
            continue
    return None


def _epoch(value: str) -> datetime:
    return read_time(float(value))


def _http_date(value: str) -> datetime:
    """In UTC, also where the zone is `-0000`, which means an unknown one."""
    return read_time(parsedate_to_datetime(value))


_EPOCH: Final[tuple[Callable[[str], datetime], ...]] = (_epoch,)
_DATES: Final[tuple[Callable[[str], datetime], ...]] = (read_time, _http_date)
