"""Amazon Bedrock: the Converse API, InvokeModel with its many families, and Anthropic's and OpenAI's own APIs on it.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
"""

from __future__ import annotations

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
from langchain_respmeta.record.finish_words import OPENAI_FINISH, FinishWords

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


def settle_api(draft: ReadDraft, answer: Answer, _start: RunStart) -> None:
    """`ChatBedrock` has an option to use Converse: its answers then have Converse's keys."""
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
    metadata=INVOKE,
    kwargs=dict.fromkeys(
        ("usage", "stop_reason", "stop_sequence", "model_id", "thinking", "tool_calls"), IGNORE
    ),
    finish=_FINISH,
    steps=(take_told_writes, add_cache_to_input, settle_api, settle_guardrail),
)
"""Also reads what Converse gives, since the class can do both."""
BEDROCK_ANTHROPIC: Final = ANTHROPIC.extended("aws.bedrock")
BEDROCK_OPENAI: Final = OPENAI.extended("aws.bedrock")
