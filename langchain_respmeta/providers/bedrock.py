"""Amazon Bedrock: the Converse API, InvokeModel with its many families, and Anthropic's and OpenAI's own APIs on it.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import (
    CONTENT,
    IGNORE,
    KEEP,
    Cells,
    count,
    each,
    millis,
    spare,
    text,
    using,
    word,
)
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.families import bedrock_guardrail
from langchain_respmeta.providers.families.anthropic_messages import (
    ANTHROPIC,
    USAGE,
    add_cache_to_input,
    take_told_writes,
)
from langchain_respmeta.providers.families.bedrock_converse import BEDROCK_CONVERSE
from langchain_respmeta.providers.families.openai import OPENAI
from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT
from langchain_respmeta.record.draft import CountKey, as_dict
from langchain_respmeta.record.finish_words import OPENAI_FINISH, FinishWords
from langchain_respmeta.record.plain import as_mapping

_FINISH: Final[FinishWords] = {
    **OPENAI_FINISH,
    **ANTHROPIC.finish,
    "endoftext": "stop",  # AI21
    "error_toxic": "content_filter",  # Cohere
    "finish": "stop",  # Titan
    "user_cancel": "cancelled",  # Cohere
}

_USAGE: Final[Cells] = {
    **USAGE,
    # Bedrock's headers under OpenAI's names: the prompt without the cache, the total with it.
    "prompt_tokens": count("_uncached_input"),
    "completion_tokens": count("usage.output_tokens"),
    "total_tokens": count("usage.total_tokens"),
    "cache_write_input_tokens": count("usage.cache_write_tokens"),
}

INVOKE: Final[Cells] = {
    "stop_reason": word("native_finish_reason"),
    "stop_sequence": text("stop_sequence"),
    "stop_details.type": IGNORE,
    "stop_details.category": text("_refusal_category"),
    "stop_details.explanation": text("_refusal_text"),
    "model_id": spare(text("model")),
    "thinking": IGNORE,
    **{f"usage.{path}": cell for path, cell in _USAGE.items()},
    # Completion models, streamed: Titan's words, and Bedrock's own measurements.
    "completionReason": word("native_finish_reason"),
    "inputTextTokenCount": spare(count("usage.input_tokens")),
    "totalOutputTextTokenCount": spare(count("usage.output_tokens")),
    "index": IGNORE,
    "generation_id": KEEP,  # Command's
    "meta": KEEP,  # Command's, Jamba's
    "is_finished": IGNORE,
    "event_type": IGNORE,
    "usage_metadata": IGNORE,
    "generation": CONTENT,
    "outputText": CONTENT,
    "amazon-bedrock-invocationMetrics.inputTokenCount": count("_uncached_input"),
    "amazon-bedrock-invocationMetrics.outputTokenCount": count("usage.output_tokens"),
    "amazon-bedrock-invocationMetrics.cacheReadInputTokenCount": count("usage.cache_read_tokens"),
    "amazon-bedrock-invocationMetrics.cacheWriteInputTokenCount": count("usage.cache_write_tokens"),
    "amazon-bedrock-invocationMetrics.invocationLatency": millis("timing.provider_total_s"),
    "amazon-bedrock-invocationMetrics.firstByteLatency": KEEP,
    "amazon-bedrock-guardrailAction": using("_guardrail_action", values.plain_word),
    "amazon-bedrock-trace.guardrail": each("safety", bedrock_guardrail.assessments),
}


_COUNTS: Final[Mapping[CountKey, tuple[str, str]]] = {
    "usage.input_tokens": ("x-amzn-bedrock-input-token-count", "inputTokenCount"),
    "usage.output_tokens": ("x-amzn-bedrock-output-token-count", "outputTokenCount"),
    "usage.cache_read_tokens": (
        "x-amzn-bedrock-cache-read-input-token-count",
        "cacheReadInputTokenCount",
    ),
    "usage.cache_write_tokens": (
        "x-amzn-bedrock-cache-write-input-token-count",
        "cacheWriteInputTokenCount",
    ),
}
"""What Bedrock itself counts, and bills: of whole answers in headers, of streams in the last event."""


def take_bedrocks_counts(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """Of an API's own answer: Bedrock's counts go before those of the vendor's body, which few bodies have."""
    if answer.api != "invoke_model":
        return
    aws = as_mapping(answer.metadata.get("ResponseMetadata")) or {}
    headers = {**(as_mapping(aws.get("HTTPHeaders")) or {}), **answer.headers}
    measured = as_mapping(answer.metadata.get("amazon-bedrock-invocationMetrics")) or {}
    told: dict[str, int] = {}
    for field, (header, name) in _COUNTS.items():
        count = values.count_or_none(measured.get(name))
        if count is None:
            count = _counted(headers.get(header))
        if count is not None:
            told[field] = count
    if told:
        as_dict(draft).update(told)
        _sum_up(draft, told.get("usage.input_tokens"))


def _sum_up(draft: ReadDraft, uncached: int | None) -> None:
    """Bedrock counts the input without the cache, as Anthropic does."""
    if uncached is not None:
        read, written = draft.get("usage.cache_read_tokens", 0), draft.get("usage.cache_write_tokens", 0)
        draft["usage.input_tokens"] = uncached + read + written
    if "usage.input_tokens" in draft and "usage.output_tokens" in draft:
        draft["usage.total_tokens"] = draft["usage.input_tokens"] + draft["usage.output_tokens"]


def _counted(header: object) -> int | None:
    return int(header) if isinstance(header, str) and header.isascii() and header.isdecimal() else None


def settle_api(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """`ChatBedrock` has an option to use Converse: its answers then have Converse's keys."""
    if answer.api is not None:
        return
    if "stopReason" in answer.metadata or "ResponseMetadata" in answer.metadata:
        draft["api"] = "converse"


def settle_guardrail(draft: ReadDraft, _answer: Answer, _start: RunStart) -> None:
    """Streams report the guardrail's action outside of the answer, not as its finish reason."""
    if draft.pop("_guardrail_action", None) == "INTERVENED":
        draft["finish_reason"] = "content_filter"
        draft.setdefault("_guardrail_reason", "")


CONVERSE: Final = BEDROCK_CONVERSE
BEDROCK_INVOKE: Final = BEDROCK_CONVERSE.extended(
    "aws.bedrock",
    api="invoke_model",
    metadata={**OPENAI_CHAT.metadata, **ANTHROPIC.metadata, **BEDROCK_CONVERSE.metadata, **INVOKE},
    kwargs={
        **OPENAI_CHAT.kwargs,
        **dict.fromkeys(
            ("usage", "stop_reason", "stop_sequence", "model_id", "thinking", "tool_calls"), IGNORE
        ),
    },
    finish=_FINISH,
    steps=(
        take_told_writes,
        take_bedrocks_counts,
        add_cache_to_input,
        settle_api,
        settle_guardrail,
        *OPENAI_CHAT.steps,
    ),
)
"""Also reads what Converse gives, since the class can do both."""
BEDROCK_ANTHROPIC: Final = ANTHROPIC.extended("aws.bedrock")
BEDROCK_OPENAI: Final = OPENAI.extended("aws.bedrock")
