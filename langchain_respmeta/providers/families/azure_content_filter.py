"""Azure's content filter: what it found in the prompt and the completion, as safety ratings.

https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langchain_respmeta.providers.engine import values
from langchain_respmeta.record.plain import as_mapping


def completion_filter(value: object) -> list[dict[str, Any]]:
    """https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter."""
    return _ratings(value, "completion")


def prompt_filter(value: object) -> list[dict[str, Any]]:
    """The same for the prompt: one entry for each prompt."""
    return [
        rating
        for item in values.mappings(value)
        for rating in _ratings(item.get("content_filter_results"), "prompt")
    ]


def filters(value: object) -> list[dict[str, Any]]:
    """The same in the Responses API: one entry for each thing that was looked at, which says what it was."""
    return [
        rating
        for item in values.mappings(value)
        for rating in _ratings(
            item.get("content_filter_results"),
            "prompt" if item.get("source_type") == "prompt" else "completion",
        )
    ]


def prompt_error(fault: Mapping[str, object]) -> list[dict[str, Any]]:
    """The same where the prompt was turned down: in the error's inner part, as one of the two names."""
    return _ratings(fault.get("content_filter_result") or fault.get("content_filter_results"), "prompt")


def _ratings(value: object, scope: str) -> list[dict[str, Any]]:
    categories = as_mapping(value)
    if categories is None:
        return []
    return [
        _rating(name, rated, scope)
        for name, results in categories.items()
        if name != "error"  # the filter itself failed: no judgement
        for result in (results if isinstance(results, list) else [results])
        if (rated := as_mapping(result)) is not None
    ]


def _rating(name: str, result: Mapping[str, object], scope: str) -> dict[str, Any]:
    detected = result.get("detected")
    return values.compact(
        category=str(name),
        severity=values.plain_word(result.get("severity")),
        probability=("detected" if detected else "not_detected") if isinstance(detected, bool) else None,
        blocked=result["filtered"] if isinstance(result.get("filtered"), bool) else None,
        scope=scope,
        source="azure_content_filter",
    )
