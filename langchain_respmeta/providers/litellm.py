"""LiteLLM: a router in OpenAI's shape. The prefix of the model's name is the vendor that it called.

https://docs.litellm.ai/docs/completion/output
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import CONTENT, IGNORE, KEEP, count, money
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.families.anthropic_messages import FINISH as ANTHROPIC_FINISH
from langchain_respmeta.providers.families.langchain_usage import lifetimes
from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT, token_usage
from langchain_respmeta.record.plain import as_mapping

_PROXIES: Final = frozenset({"litellm_proxy", "custom_openai", "openai_like", "custom"})
"""Prefixes that name a way, not a vendor."""


def name_upstream(draft: ReadDraft, _answer: Answer, start: RunStart) -> None:
    """`anthropic/claude-…` was answered by Anthropic."""
    prefix, slash, _ = str(draft.get("model") or start.requested_model or "").partition("/")
    if slash and prefix not in _PROXIES:
        draft.setdefault("routing.upstream_provider", prefix)


def read_specific(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """The vendor's own stop reason, where LiteLLM's word is coarser."""
    fields = as_mapping(answer.kwargs.get("provider_specific_fields")) or {}
    reason, details = fields.get("stop_reason"), as_mapping(fields.get("stop_details")) or {}
    if isinstance(reason, str) and reason:
        draft["_told_finish_reason"] = reason
    if isinstance(category := details.get("category"), str) and category:
        draft.setdefault("_refusal_category", category)
    if isinstance(text := details.get("explanation"), str) and text:
        draft.setdefault("_refusal_text", text)


LITELLM: Final = OPENAI_CHAT.extended(
    "litellm",
    metadata={
        "response_cost": money("cost.total"),
        "provider_specific_fields": CONTENT,
        **token_usage(
            {
                "iterations": KEEP,
                "prompt_tokens_details.initial_prompt_tokens": KEEP,
                "prompt_tokens_details.cached_tokens_details": KEEP,
                "prompt_tokens_details.web_search_requests": count("usage.web_search_requests"),
                **lifetimes("prompt_tokens_details.cache_creation_token_details."),
                "completion_tokens_details.video_tokens": KEEP,
            }
        ),
    },
    kwargs={"provider_specific_fields": CONTENT, "thinking_blocks": CONTENT, "images": IGNORE},
    finish={"refusal": ANTHROPIC_FINISH["refusal"], "pause_turn": ANTHROPIC_FINISH["pause_turn"]},
    steps=(name_upstream, read_specific),
    model_is_request=True,
)
