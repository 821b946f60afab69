"""Readers of values that several providers share, and small questions about a value of any kind."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Final, TypeAlias, TypeGuard

import orjson

from langchain_respmeta.providers.engine.cells import Unreadable
from langchain_respmeta.providers.engine.symbols import Symbol, noted
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


# --- headers ---------------------------------------------------------------------------------------------------------


def headers(value: object) -> dict[str, str]:
    """Header names in lower case, without values that no header has; `_reading.headers` decides which may stay."""
    fields = as_mapping(value)
    if fields is None:
        raise Unreadable("headers")
    return {
        str(name).lower(): str(item) for name, item in fields.items() if isinstance(item, str | int | float)
    }


# --- arguments of tools ----------------------------------------------------------------------------------------------


def args_size(arguments: object) -> int | None:
    """UTF-8 bytes of tool arguments as JSON; text is taken as already JSON."""
    if arguments is None:
        return None
    if isinstance(arguments, Symbol):
        return noted(args_size, arguments)  # type: ignore[no-any-return]
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
    if isinstance(text, Symbol):
        return noted(is_json, text)  # type: ignore[no-any-return]
    try:
        json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return False
    return True


# --- media and parsed output -----------------------------------------------------------------------------------------

_BASE64: Final = 4, 3


def base64_size(data: object) -> int | None:
    """The size in bytes of what base64 text encodes."""
    if not isinstance(data, str) or not data:
        return None
    full, part = _BASE64
    return len(data) * part // full - data[-2:].count("=")


def parsed_type(value: object) -> str:
    """Name of the type that the SDK parsed the answer into."""
    return type(value).__name__
