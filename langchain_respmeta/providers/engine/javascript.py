"""What LangChain.js hands over, in the words of LangChain for Python: a few names of its own, the rest are the API's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

PACKAGE: Final = "langchain_core"
"""How the path of a message's class begins when LangChain.js dumps it; Python's begins with `langchain`."""

_OWN_NAMES: Final = frozenset(
    {
        *("tokenUsage", "estimatedTokenUsage", "finishReason", "finishMessage", "safetyRatings"),
        *("promptFeedback", "groundingMetadata", "citationMetadata", "urlContextMetadata", "avgLogprobs"),
        *("modelVersion", "responseId", "systemFingerprint", "modelName"),
    }
)
"""Keys of `response_metadata`, `generationInfo` and `llmOutput` that are LangChain's snake_case in Python.

Others in camelCase are an API's own words (Bedrock's `stopReason`), which Python's integrations keep, too.
"""

_HUMP: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")


def is_javascripts(path: object) -> bool:
    """Whether a dumped message's class is named as LangChain.js names it."""
    return isinstance(path, list) and bool(path) and path[0] == PACKAGE


def as_python(fields: object) -> Any:
    """The fields under the names of Python's LangChain; anything else as it is."""
    if not isinstance(fields, Mapping) or _OWN_NAMES.isdisjoint(fields):
        return fields
    return {
        **{key: value for key, value in fields.items() if key not in _OWN_NAMES},
        **{_snake(key): _snake_below(value) for key, value in fields.items() if key in _OWN_NAMES},
    }


def own_kwargs(kwargs: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """`additional_kwargs` without what is in `response_metadata`, too: ChatAnthropic puts the answer into both."""
    return {key: value for key, value in kwargs.items() if key not in metadata or metadata[key] != value}


_COUNTS: Final = {
    "prompt_tokens": "input_tokens",
    "completion_tokens": "output_tokens",
    "total_tokens": "total_tokens",
}
_BOOKKEEPING: Final = frozenset({"token_usage", "estimated_token_usage", "index", "prompt", "completion"})
"""LangChain.js's own: counts that `usage_metadata` has, too, a guess of them, and the places of prompt and candidate."""


def counts_in(*parts: Any) -> dict[str, Any] | None:
    """`usage_metadata` of a message that is older than that field; None where no part has counts."""
    for part in parts:
        told = part.get("token_usage") if isinstance(part, Mapping) else None
        if isinstance(told, Mapping):
            found = {ours: told[name] for name, ours in _COUNTS.items() if told.get(name) is not None}
            if found:
                return found
    return None


def without_bookkeeping(fields: Any) -> Any:
    """The fields without LangChain.js's own."""
    if not isinstance(fields, Mapping) or _BOOKKEEPING.isdisjoint(fields):
        return fields
    return {key: value for key, value in fields.items() if key not in _BOOKKEEPING}


def _snake(name: str) -> str:
    return _HUMP.sub(r"_\1", name).lower()


def _snake_below(value: Any, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        return value
    if isinstance(value, Mapping):
        return {_snake(str(key)): _snake_below(item, depth + 1) for key, item in value.items()}
    return [_snake_below(item, depth + 1) for item in value] if isinstance(value, list) else value


_DEEPEST: Final = 8
