"""Cohere: its own shapes. Counts are floats; streams report billed units only, and repeat tool calls piece by piece.

https://docs.cohere.com/reference/chat
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import CONTENT, IGNORE, KEEP, count, text, using, word
from langchain_respmeta.providers.engine.reader import Reader
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.record.finish_words import FinishWords
from langchain_respmeta.record.plain import as_mapping

FINISH: Final[FinishWords] = {
    "complete": "stop",
    "stop_sequence": "stop_sequence",
    "max_tokens": "length",
    "tool_call": "tool_calls",
    "tool_calls": "tool_calls",
    "error": "error",
    "timeout": "error",
    "error_limit": "length",
    "error_toxic": "content_filter",
    "user_cancel": "cancelled",
}


def asked_tools(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """The calls as Cohere lists them at the end; merged chunks hold each of them several times."""
    if isinstance(listed := answer.kwargs.get("tool_calls"), list) and listed and draft.get("tool_calls"):
        draft["tool_calls"] = [_call(call) for call in values.mappings(listed)]


def _call(call: Mapping[str, object]) -> dict[str, Any]:
    function = as_mapping(call.get("function")) or {}
    return values.compact(
        id=values.plain_word(call.get("id")),
        name=values.plain_word(function.get("name")),
        valid=values.is_json(function.get("arguments")),
        server_side=False,
        args_size_bytes=values.args_size(function.get("arguments")),
    )


def keep_billed(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """Keep the billed units of a stream in `provider_data`; they are its usage, too.

    They are fewer than the tokens: those of Cohere's own template are left out. The integration adds their sum, so a
    `total_tokens` among the counts shows that they are billed units.
    """
    counts = as_mapping(answer.metadata.get("token_count")) or {}
    if "total_tokens" in counts:
        draft.pop("usage.total_tokens", None)  # the integration's own sum
        draft.setdefault("_provider_data", {})["billed_units"] = counts


def _chances(value: object) -> dict[str, Any] | None:
    """Log probabilities: of tokens one by one (Generate), or in groups with their text (Chat)."""
    groups = [as_mapping(item) for item in values.items_of(value)]
    chances = [
        chance for group in groups if group is not None for chance in values.items_of(group.get("logprobs"))
    ]
    return values.logprobs(chances or value)


COHERE: Final = Reader(
    name="cohere",
    api="chat",
    metadata={
        "id": text("response_id"),
        "model_name": text("model"),
        "finish_reason": word("native_finish_reason"),
        "token_count.input_tokens": count("usage.input_tokens"),
        "token_count.output_tokens": count("usage.output_tokens"),
        "token_count.total_tokens": IGNORE,
        "token_count.image_tokens": count("usage.input_image_tokens"),
        "token_count.reasoning_tokens": count("usage.reasoning_tokens"),
        "token_count.cached_tokens": count("usage.cache_read_tokens"),
        "citations": using("_cohere_citations", values.as_list),
        "documents": CONTENT,
        "search_results": CONTENT,
        "search_queries": CONTENT,
        "is_search_required": IGNORE,
        "generation_id": IGNORE,
        "tool_plan": CONTENT,
        "tool_calls": IGNORE,
        "output_version": IGNORE,
        "model_provider": IGNORE,
        # Of an API's own answer only.
        "billed_units": KEEP,
        "meta.warnings": KEEP,
        "logprobs": using("logprobs", _chances),
    },
    kwargs={
        "id": IGNORE,
        "finish_reason": IGNORE,
        "token_count": IGNORE,
        "citations": using("_cohere_citations", values.as_list),
        "documents": CONTENT,
        "search_results": CONTENT,
        "search_queries": CONTENT,
        "is_search_required": IGNORE,
        "generation_id": IGNORE,
        "tool_plan": CONTENT,
        "tool_calls": IGNORE,
    },
    finish=FINISH,
    steps=(asked_tools, keep_billed),
)
