"""The family of Anthropic's Messages API, also as served by Bedrock, Vertex AI and Azure.

https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import IGNORE, KEEP, Cells, count, spare, text, using, word
from langchain_respmeta.providers.engine.reader import Reader
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import DISAGREES, ReadDraft
from langchain_respmeta.providers.engine.values import is_whole
from langchain_respmeta.providers.families.langchain_usage import LIFETIMES, lifetimes
from langchain_respmeta.providers.families.langsmith_gateway import GATEWAY
from langchain_respmeta.record.finish_words import FinishWords
from langchain_respmeta.record.plain import as_mapping

FINISH: Final[FinishWords] = {
    "end_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_calls",
    "pause_turn": "pause",
    "compaction": "pause",  # the server compacted the context and hands the turn back
    "refusal": "refusal",
}

USAGE: Final[Cells] = {
    # Without the cache, unlike other vendors: completed by `add_cache_to_input`.
    "input_tokens": count("_uncached_input"),
    "output_tokens": count("usage.output_tokens"),
    "cache_read_input_tokens": count("usage.cache_read_tokens"),
    "cache_creation_input_tokens": count("usage.cache_write_tokens"),
    **lifetimes("cache_creation."),
    "output_tokens_details.thinking_tokens": count("usage.reasoning_tokens"),
    "server_tool_use.web_search_requests": count("usage.web_search_requests"),
    "server_tool_use.web_fetch_requests": KEEP,
    "service_tier": text("service_tier"),
    "inference_geo": KEEP,
    "speed": KEEP,
    "iterations": KEEP,
    "fallback_credit": KEEP,
}


def add_cache_to_input(draft: ReadDraft, _answer: Answer, _start: RunStart) -> None:
    """`usage.input_tokens` from the raw usage, where LangChain gave no `usage_metadata`."""
    uncached = draft.pop("_uncached_input", None)
    if uncached is None or "usage.input_tokens" in draft:
        return
    read, written = draft.get("usage.cache_read_tokens", 0), draft.get("usage.cache_write_tokens", 0)
    draft["usage.input_tokens"] = uncached + read + written


def take_told_writes(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """Use Anthropic's own sum of the cache writes, where LangChain counted its lifetimes instead.

    The lifetimes can be less than the whole (answers with searches); LangChain's input then lacks the rest of it.
    """
    usage = as_mapping(answer.metadata.get("usage")) or {}
    told = usage.get("cache_creation_input_tokens")
    by_lifetime = sum(draft.get(field, 0) for field in LIFETIMES.values())
    if told == 0 and by_lifetime:
        draft[DISAGREES] = True
        said = f"usage: cache writes by lifetime {by_lifetime} are not cache_write_tokens 0"
        draft.setdefault("_warnings", []).append(said)
    if not is_whole(told) or told <= 0:
        return
    counted = draft.get("usage.cache_write_tokens") or by_lifetime
    draft["usage.cache_write_tokens"] = told
    given = draft.get("usage.input_tokens")
    read = draft.get("usage.cache_read_tokens", 0)
    if given is None or counted == told or given != draft.get("_uncached_input", given) + read + counted:
        return
    draft["usage.input_tokens"] = given + told - counted
    total = draft.get("usage.total_tokens")
    if total is not None and total == given + draft.get("usage.output_tokens", 0):
        draft["usage.total_tokens"] = total + told - counted


def distrust_no_input(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """No prompt has 0 tokens: streams whose last event does not repeat the count lose it, and the total with it."""
    if draft.get("usage.input_tokens") != 0 or answer.metadata.get("usage"):
        return
    del draft["usage.input_tokens"]
    draft.pop("usage.total_tokens", None)
    if draft.get("usage.output_tokens"):
        draft.setdefault("_warnings", []).append("usage: the stream's merge lost input_tokens")
    else:
        draft.pop("usage.output_tokens", None)  # no usage came at all


ANTHROPIC: Final = Reader(
    name="anthropic",
    api="messages",
    metadata={
        "id": text("response_id"),
        "model_name": text("model"),
        "model": spare(text("model")),
        "model_provider": IGNORE,
        "output_version": IGNORE,
        "log_id": KEEP,  # of the completions of old
        "request_id": text("request_id"),
        "role": IGNORE,
        "type": IGNORE,
        GATEWAY: KEEP,
        "stop_reason": word("native_finish_reason"),
        "stop_sequence": text("stop_sequence"),
        "stop_details.type": IGNORE,
        "stop_details.category": text("_refusal_category"),
        "stop_details.explanation": text("_refusal_text"),
        "container": KEEP,
        "diagnostics": KEEP,
        "context_management": KEEP,
        "error": using("_told_error", values.as_is),
        **{f"usage.{path}": cell for path, cell in USAGE.items()},
    },
    kwargs={"parsed": using("_parsed", values.parsed_type)},
    finish=FINISH,
    steps=(take_told_writes, add_cache_to_input),
    repairs=(distrust_no_input,),
    tool_names={"code_interpreter": "code_execution"},
)
