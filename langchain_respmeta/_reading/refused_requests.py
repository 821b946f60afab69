"""Requests that a filter declined: these refusals are HTTP errors, not answers.

https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter (`content_filter`, with the filter's ratings),
https://openrouter.ai/docs/api/reference/errors-and-debugging (moderation, with its reasons),
https://www.alibabacloud.com/help/en/model-studio/error-code (`data_inspection_failed`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.values import plain_word
from langchain_respmeta.providers.families import azure_content_filter
from langchain_respmeta.record.plain import as_mapping, key_text
from langchain_respmeta.record.vocabulary import RefusalSource

_CODES: Final = frozenset(
    {
        "content_filter",
        "content_policy_violation",
        "data_inspection_failed",
        "datainspectionfailed",
        "moderation_blocked",
        "responsibleaipolicyviolation",
    }
)
_CLASSES: Final[Mapping[str, RefusalSource]] = {
    "ContentFilterFinishReasonError": "content_filter",  # OpenAI's SDK: an answer that it was to parse was filtered
    "ContentPolicyViolationError": "prompt_block",  # LiteLLM
}
"""Exceptions whose name is enough → `refusal.source`."""


def read_declined(error: BaseException, fault: Mapping[str, object], draft: ReadDraft) -> None:
    """Note the refusal, the filter's ratings and what it was for, where the failure was one."""
    told = _inner(fault)
    moderation = as_mapping(fault.get("metadata")) or {}
    words = {key_text(each.get(key)).casefold() for each in (fault, told) for key in ("code", "type")}
    flagged = isinstance(moderation.get("reasons"), list)
    source = _CLASSES.get(type(error).__name__)
    if source is None and (flagged or words & _CODES):
        source = "prompt_block"
    if source is None:
        return
    draft["refused"], draft["refusal.source"] = True, source
    ratings = azure_content_filter.prompt_error(told)
    if ratings:
        draft["safety"] = [*draft.get("safety", ()), *ratings]
    if category := _category(moderation.get("reasons"), ratings):
        draft["refusal.category"] = category
    if text := plain_word(fault.get("message")):
        draft["refusal.reason"] = text


def _inner(fault: Mapping[str, object]) -> Mapping[str, Any]:
    """Azure's own part, which LiteLLM's proxy wraps once more."""
    wrapped = as_mapping(fault.get("provider_specific_fields")) or {}
    return as_mapping(fault.get("innererror")) or as_mapping(wrapped.get("innererror")) or {}


def _category(reasons: object, ratings: list[dict[str, Any]]) -> str | None:
    """What moderation named; else the only blocked category. Several are in `safety`, one by one."""
    named = [word for reason in reasons if (word := plain_word(reason))] if isinstance(reasons, list) else []
    blocked = [rating["category"] for rating in ratings if rating.get("blocked")]
    return ", ".join(named) or (blocked[0] if len(blocked) == 1 else None)
