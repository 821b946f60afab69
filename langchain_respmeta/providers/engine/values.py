"""Readers of values that are more than one cell: lists of ratings, headers, log probabilities, media."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from decimal import Context, Decimal
from enum import Enum
from typing import Any, Final, TypeAlias, TypeGuard

import orjson

from langchain_respmeta.providers.engine.cells import Unreadable, read_count, read_money
from langchain_respmeta.record.bounds import LeftOut
from langchain_respmeta.record.plain import as_mapping, json_safe

Items: TypeAlias = Callable[[Any], list[dict[str, Any]]]


def as_is(value: object) -> Any:
    """The value itself, for a step that reads it later."""
    return value


def as_list(value: object) -> list[Any]:
    """A list."""
    if not isinstance(value, list | tuple):
        raise Unreadable("a list")
    return list(value)


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The mappings (or pydantic objects) in a list."""
    return [item for item in map(as_mapping, as_list(value)) if item is not None]


def items_of(value: object) -> list[Any]:
    """The items of a list; none where it is no list."""
    return list(value) if isinstance(value, list | tuple) else []


def text_or_none(value: object) -> str | None:
    """Text that is not empty."""
    return value if isinstance(value, str) and value else None


def text_or_empty(value: object) -> str:
    """Text; none where it is no text."""
    return value if isinstance(value, str) else ""


def is_whole(value: object) -> TypeGuard[int]:
    """Whether it is a whole number, and no flag."""
    return isinstance(value, int) and not isinstance(value, bool)


def count_or_none(value: object) -> int | None:
    """A whole number of 0 or more."""
    return value if is_whole(value) and value >= 0 else None


def plain_word(value: object) -> str | None:
    """A word as text, also from an enum or an enum's number."""
    if type(value) is str:
        return value
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return str(value)
    except ValueError:  # a number of thousands of digits
        return None


def finite(value: object) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def compact(**values: object) -> dict[str, Any]:
    """A dict without what is None."""
    return {key: value for key, value in values.items() if value is not None}


# --- costs -----------------------------------------------------------------------------------------------------------


_TICKS: Final = 10_000_000_000
"""xAI's ticks in a dollar."""

_NO_CALL_COSTS: Final = 1000
"""USD. A whole number beyond it is some other unit, and nobody said which."""


def read_cost(value: object) -> Decimal | None:
    """`usage.cost`: a number of USD (OpenRouter), or an object with `total_cost` (Perplexity)."""
    if (parts := as_mapping(value)) is not None:
        value = parts.get("total_cost")
    if isinstance(value, int) and value >= _NO_CALL_COSTS:
        raise Unreadable("a cost in USD")
    return None if value is None else read_money(value)


def ticks(value: object) -> Decimal:
    """XAI's `cost_in_usd_ticks`, in USD."""
    return _EXACT.divide(Decimal(read_count(value)), Decimal(_TICKS))


_EXACT: Final = Context(prec=40)
"""Of our own, because the caller's decimal context may round."""


# --- safety ----------------------------------------------------------------------------------------------------------


def google_ratings(value: object, scope: str) -> list[dict[str, Any]]:
    """https://ai.google.dev/api/generate-content#v1beta.SafetyRating."""
    return [_google_rating(item, scope) for item in mappings(value) if plain_word(item.get("category"))]


def _google_rating(item: Mapping[str, object], scope: str) -> dict[str, Any]:
    return compact(
        category=plain_word(item["category"]),
        probability=plain_word(item.get("probability") or item.get("probability_label")),
        severity=plain_word(item.get("severity")),
        score=finite(item.get("probability_score")),
        blocked=item["blocked"] if isinstance(item.get("blocked"), bool) else None,
        scope=scope,
        source="google",
    )


def azure_completion_filter(value: object) -> list[dict[str, Any]]:
    """https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter."""
    return _azure_filter(value, "completion")


def azure_prompt_filter(value: object) -> list[dict[str, Any]]:
    """The same for the prompt: one entry for each prompt."""
    return [
        rating
        for item in mappings(value)
        for rating in _azure_filter(item.get("content_filter_results"), "prompt")
    ]


def azure_prompt_error(fault: Mapping[str, object]) -> list[dict[str, Any]]:
    """The same where the prompt was turned down: in the error's inner part, as one of the two names."""
    return _azure_filter(fault.get("content_filter_result") or fault.get("content_filter_results"), "prompt")


def _azure_filter(value: object, scope: str) -> list[dict[str, Any]]:
    categories = as_mapping(value)
    if categories is None:
        return []
    return [
        _azure_rating(name, rated, scope)
        for name, results in categories.items()
        if name != "error"  # the filter itself failed: no judgement
        for result in (results if isinstance(results, list) else [results])
        if (rated := as_mapping(result)) is not None
    ]


def _azure_rating(name: str, result: Mapping[str, object], scope: str) -> dict[str, Any]:
    detected = result.get("detected")
    return compact(
        category=str(name),
        severity=plain_word(result.get("severity")),
        probability=("detected" if detected else "not_detected") if isinstance(detected, bool) else None,
        blocked=result["filtered"] if isinstance(result.get("filtered"), bool) else None,
        scope=scope,
        source="azure_content_filter",
    )


# --- log probabilities -----------------------------------------------------------------------------------------------


def logprobs(value: object) -> dict[str, Any] | None:
    """A summary of token log probabilities, of OpenAI's shape or of the older `token_logprobs`.

    Vendors put large negative numbers (-9999) where a token was outside their table: they count as sent.
    """
    found = list(_token_logprobs(value))
    if not found:
        return None
    mean = _mean(found)
    return {"mean": mean, "min": min(found), "tokens": len(found), "perplexity": _perplexity(mean)}


def _mean(found: list[float]) -> float:
    try:
        return math.fsum(found) / len(found)
    except OverflowError:  # their sum is no number, their mean is one
        return math.fsum(one / len(found) for one in found)


def _perplexity(mean: float) -> float | None:
    try:
        return math.exp(-mean)
    except OverflowError:
        return None


_LISTS_OF_LOGPROBS: Final = ("content", "token_logprobs", "chosen_candidates", "refusal")
"""OpenAI, completions of old, Google; the last where the model refused."""


def _token_logprobs(value: object) -> Iterable[float]:
    if isinstance(value, list):
        items: Any = value
    else:
        lists = as_mapping(value) or {}
        items = next((lists[name] for name in _LISTS_OF_LOGPROBS if lists.get(name)), ())
    for item in items if isinstance(items, list | tuple) else ():
        fields = as_mapping(item)
        number = finite(item if fields is None else fields.get("logprob", fields.get("log_probability")))
        if number is not None:
            yield number


# --- counts by modality ----------------------------------------------------------------------------------------------

_MODALITIES: Final = {
    "2": "image",
    "3": "video",
    "4": "audio",
    "IMAGE": "image",
    "VIDEO": "video",
    "AUDIO": "audio",
}
"""Google's words, and the enum's numbers that Vertex sends (MODALITY_UNSPECIFIED 0, TEXT 1)."""


def modalities(value: object) -> dict[str, int]:
    """Counts of Google's `[{modality, token_count}]`, but for text's."""
    counts: dict[str, int] = {}
    for item in mappings(value) if isinstance(value, list | tuple) else ():
        kind, number = _MODALITIES.get(plain_word(item.get("modality")) or ""), item.get("token_count")
        if kind is not None and isinstance(number, int) and number > 0:
            counts[kind] = counts.get(kind, 0) + number
    return counts


# --- headers ---------------------------------------------------------------------------------------------------------


def headers(value: object) -> dict[str, str]:
    """Header names in lower case; `_reading.headers` decides which may stay."""
    fields = as_mapping(value)
    if fields is None:
        raise Unreadable("headers")
    return {str(name).lower(): str(item) for name, item in fields.items() if type(item) is not LeftOut}


# --- arguments of tools ----------------------------------------------------------------------------------------------


def args_size(arguments: object) -> int | None:
    """UTF-8 bytes of tool arguments as JSON; text is taken as already JSON."""
    if arguments is None:
        return None
    if isinstance(arguments, str):
        return len(arguments.encode(errors="replace"))
    try:
        return len(orjson.dumps(arguments))
    except (TypeError, RecursionError):
        # Half a surrogate pair, which UTF-8 cannot hold, counts as one byte, as it does in text.
        text = json.dumps(json_safe(arguments), ensure_ascii=False, separators=(",", ":"))
        return len(text.encode(errors="replace"))


def is_json(text: Any) -> bool:
    """Whether text is whole JSON."""
    try:
        json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return False
    return True


# --- media and tools in additional_kwargs ----------------------------------------------------------------------------

_BASE64: Final = 4, 3


def base64_size(data: object) -> int | None:
    """How many bytes base64 text stands for."""
    if not isinstance(data, str) or not data:
        return None
    full, part = _BASE64
    return len(data) * part // full - data[-2:].count("=")


def openai_audio(value: object) -> list[dict[str, Any]]:
    """`message.audio` of audio models: id, base64 data, transcript."""
    fields = as_mapping(value)
    if fields is None:
        raise Unreadable("an audio object")
    if not any(map(fields.get, ("id", "data", "transcript"))):
        return []  # Snowflake's, of answers in text
    return [
        compact(kind="audio", id=plain_word(fields.get("id")), size_bytes=base64_size(fields.get("data")))
    ]


def found_media(kind: str) -> Items:
    """Reads pictures and videos that a search found: addresses, with the address of their page."""

    def read(value: object) -> list[dict[str, Any]]:
        urls = [item.get(f"{kind}_url") or item.get("url") for item in mappings(value)]
        found = dict.fromkeys(url for url in urls if isinstance(url, str) and url)
        return [{"kind": kind, "url": url, "origin": "tool"} for url in found]

    return read


def parsed_type(value: object) -> str:
    """Name of the type that the SDK parsed the answer into."""
    return type(value).__name__


def server_tools(value: object) -> list[dict[str, Any]]:
    """Tools that the provider ran, as it lists them beside the message."""
    return [_server_tool(item) for item in mappings(value)]


def _server_tool(item: Mapping[str, object]) -> dict[str, Any]:
    arguments = item.get("arguments")
    return compact(
        id=item["id"] if isinstance(item.get("id"), str) else None,
        name=plain_word(item.get("name") or item.get("type")),
        valid=True,
        server_side=True,
        args_size_bytes=args_size(arguments),
    )
