"""Whether the answer was declined or withheld, by whom, and why."""

from __future__ import annotations

from langchain_respmeta._reading.content import Content
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.record.vocabulary import RefusalSource


def read_refusal(draft: ReadDraft, content: Content) -> None:
    """Write who declined or withheld the answer, and why. Some providers give an error's message in the same place."""
    block, block_message = draft.pop("_block_reason", None), draft.pop("_block_message", None)
    category, text = draft.pop("_refusal_category", None), draft.pop("_refusal_text", None)
    guardrail, filtered = draft.pop("_guardrail_reason", None), draft.pop("_filter_text", None)
    if content.refusals:
        said, kind = content.refusals[-1]
        text, category = text or said, category or kind
    finish, native = draft.get("finish_reason"), draft.get("native_finish_reason")
    if block is not None:
        draft.setdefault("finish_reason", "content_filter")
        _refused(draft, "prompt_block", block_message or text, block)
    elif guardrail is not None or native == "guardrail_intervened":
        if finish == "content_filter":
            _refused(draft, "guardrail", guardrail or text, category)
    elif finish == "refusal":
        _refused(draft, "stop_reason", text, category)
    elif text or content.refusals:
        _refused(draft, "message", text, category)
    elif finish == "content_filter":
        _refused(draft, "content_filter", filtered, category or _blocked_category(draft))
    elif finish == "error" and filtered and native is not None:
        draft["error.type"], draft["error.message"] = native, filtered


def _refused(draft: ReadDraft, source: RefusalSource, reason: str | None, category: str | None) -> None:
    draft["refusal.source"] = source
    if reason:
        draft["refusal.reason"] = reason
    if category:
        draft["refusal.category"] = category


def _blocked_category(draft: ReadDraft) -> str | None:
    blocked = [rating["category"] for rating in draft.get("safety", ()) if rating.get("blocked")]
    return blocked[0] if len(blocked) == 1 else None
