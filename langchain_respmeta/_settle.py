"""From what the tables and blocks found to a finished draft: one word for the end, one refusal, sums that are told.

The steps run in the order of `settle`; each one owns the private keys (`_…`) that it takes out of the draft.
"""

from __future__ import annotations

import re

from typing import Final

from langchain_respmeta import _headers, _sources
from langchain_respmeta._content import Content
from langchain_respmeta.answer import Answer
from langchain_respmeta.providers._reader import Reader
from langchain_respmeta.providers._table import SPARE, Draft, Leftovers

_REPEATED: Final = ("model", "native_finish_reason", "service_tier", "system_fingerprint", "response_id")
"""Texts that LangChain concatenates when more than one chunk of a stream carries them."""


def settle(draft: Draft, answer: Answer, reader: Reader, content: Content, leftovers: Leftovers) -> None:
    """Finish `draft` in place."""
    _use_spares(draft)
    if answer.is_chunk:
        _undouble(draft)
    _headers.settle(draft, leftovers)
    _usage(draft, leftovers)
    _finish(draft, answer, reader, leftovers)
    _refusal(draft, content)
    _settle_citations(draft, content)
    _model(draft, reader, answer)
    draft["truncated"] = draft.get("finish_reason") == "length"
    draft["refused"] = "refusal.source" in draft


def _use_spares(draft: Draft) -> None:
    for key in [key for key in draft if key.endswith(SPARE)]:
        draft.setdefault(key[: -len(SPARE)], draft[key])
        del draft[key]


def _undouble(draft: Draft) -> None:
    for key in _REPEATED:
        text = draft.get(key)
        if text.__class__ is str:
            draft[key] = once(text)


_UNIT: Final = re.compile(r"(.{2,}?)\1+", re.DOTALL)


def once(text: str) -> str:
    """`text` without its repetitions: `stopstop` → `stop`. Units of one character are left alone."""
    match = _UNIT.fullmatch(text)
    return match.group(1) if match else text


# --- numbers ---------------------------------------------------------------------------------------------------------

_WHOLES: Final = {
    "usage.cache_read_tokens": "usage.input_tokens",
    "usage.cache_write_tokens": "usage.input_tokens",
    "usage.input_audio_tokens": "usage.input_tokens",
    "usage.tool_use_prompt_tokens": "usage.input_tokens",
    "usage.reasoning_tokens": "usage.output_tokens",
    "usage.output_audio_tokens": "usage.output_tokens",
}
"""Detail → the count it is a part of."""


def _usage(draft: Draft, leftovers: Leftovers) -> None:
    _sum_cache_writes(draft)
    read, write, total = (draft.get(f"usage.{name}_tokens") for name in ("input", "output", "total"))
    if read is not None and write is not None and total is not None and read + write != total:
        write = _include_reasoning(draft, read, write, total)
        if read + write != total:
            leftovers.warnings.append(f"usage: input {read} + output {write} is not total {total}")
    for part, whole in _WHOLES.items():
        if part in draft and draft[part] > draft.get(whole, draft[part]):
            leftovers.warnings.append(f"usage: {part[6:]} {draft[part]} is more than {whole[6:]} {draft[whole]}")


def _sum_cache_writes(draft: Draft) -> None:
    """LangChain sets `cache_creation` to 0 where it knows the split by lifetime."""
    parts = [draft[key] for key in ("usage.cache_write_5m_tokens", "usage.cache_write_1h_tokens") if key in draft]
    if any(parts) and not draft.get("usage.cache_write_tokens"):
        draft["usage.cache_write_tokens"] = sum(parts)


def _include_reasoning(draft: Draft, read: int, write: int, total: int) -> int:
    """Some report output without the reasoning (Vertex AI, xAI): the total proves it."""
    reasoning = draft.get("usage.reasoning_tokens")
    if reasoning and read + write + reasoning == total:
        draft["usage.output_tokens"] = write + reasoning
        return int(write + reasoning)
    return write


# --- the end ---------------------------------------------------------------------------------------------------------

_UNSPECIFIED: Final = "FINISH_REASON_UNSPECIFIED"


def _finish(draft: Draft, answer: Answer, reader: Reader, leftovers: Leftovers) -> None:
    native = draft.get("native_finish_reason")
    if native is not None and native.startswith(_UNSPECIFIED) and native != _UNSPECIFIED:
        # Vertex AI's first chunks say UNSPECIFIED; merging glued it to the real word.
        native = draft["native_finish_reason"] = once(native.replace(_UNSPECIFIED, ""))
    if not native:
        return
    known = reader.finish.get(native.casefold(), "unlisted")
    if known == "unlisted":
        known = "unknown"
        leftovers.unmapped.append(f"finish_reason={native}")
    if known == "stop" and reader.stop_covers_tools and answer.tool_calls:
        known = "tool_calls"
    if known is not None:
        draft["finish_reason"] = known


def _refusal(draft: Draft, content: Content) -> None:
    block, block_message = draft.pop("_block_reason", None), draft.pop("_block_message", None)
    category, text = draft.pop("_refusal_category", None), draft.pop("_refusal_text", None)
    guardrail = draft.pop("_guardrail_reason", None)
    if content.refusals:
        said, kind = content.refusals[-1]
        text, category = text or said, category or kind
    finish = draft.get("finish_reason")
    if block is not None:
        draft.setdefault("finish_reason", "content_filter")
        _refused(draft, "prompt_block", block_message or text, block)
    elif guardrail is not None or draft.get("native_finish_reason") == "guardrail_intervened":
        if finish == "content_filter":
            _refused(draft, "guardrail", guardrail or text, category)
    elif finish == "refusal":
        _refused(draft, "stop_reason", text, category)
    elif text or content.refusals:
        _refused(draft, "message", text, category)
    elif finish == "content_filter":
        _refused(draft, "content_filter", None, category or _blocked_category(draft))


def _refused(draft: Draft, source: str, reason: str | None, category: str | None) -> None:
    draft["refusal.source"] = source
    if reason:
        draft["refusal.reason"] = reason
    if category:
        draft["refusal.category"] = category


def _blocked_category(draft: Draft) -> str | None:
    blocked = [rating["category"] for rating in draft.get("safety", ()) if rating.get("blocked")]
    return blocked[0] if len(blocked) == 1 else None


# --- sources and names -----------------------------------------------------------------------------------------------


def _settle_citations(draft: Draft, content: Content) -> None:
    found = list(content.citations)
    if annotations := draft.pop("_annotations", None):
        found += _sources.of_block(annotations, content.text, 0)
    if grounding := draft.pop("_grounding", None):
        found += _sources.of_grounding(grounding, content.text)
    for source, items in draft.pop("_search_results", {}).items():
        found += _sources.of_search_results(items, source)
    if found:
        draft["citations"] = _sources.distinct(found)


def _model(draft: Draft, reader: Reader, answer: Answer) -> None:
    served = draft.pop("_served_model", None)
    if served:
        draft["model"], draft["model_source"] = served, "response"
    elif "model" in draft:
        asked = reader.model_is_request
        draft["model_source"] = "request" if (asked(answer) if callable(asked) else asked) else "response"


