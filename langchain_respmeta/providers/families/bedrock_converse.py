"""The family of Amazon Bedrock's Converse API.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.engine.cells import (
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
from langchain_respmeta.providers.engine.reader import Reader
from langchain_respmeta.providers.engine.run_start import RunStart
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.providers.engine.table import drop_zeros
from langchain_respmeta.providers.families import bedrock_guardrail
from langchain_respmeta.record.finish_words import FinishWords

FINISH: Final[FinishWords] = {
    "end_turn": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "stop_sequence": "stop_sequence",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "malformed_model_output": "error",
    "malformed_tool_use": "error",
    "refusal": "refusal",
    "pause_turn": "pause",
}

AWS_RESPONSE: Final[Cells] = {
    "RequestId": text("request_id"),
    "HTTPStatusCode": count("http.status_code"),
    "RetryAttempts": count("http.retry_attempts"),
    "HTTPHeaders": using("_headers", values.headers),
    "HostId": KEEP,
    "MaxAttemptsReached": KEEP,
}


def drop_filled_in(draft: ReadDraft, _answer: Answer, _start: RunStart) -> None:
    """Remove counts that the integration sets to 0 where Bedrock reported none. No prompt has 0 tokens.

    Bedrock reports both of the cache's counts or none: if one is above 0, the other's 0 was reported.
    """
    if not any(map(draft.get, _CACHE)):
        drop_zeros(draft, _CACHE)
    if draft.get("usage.input_tokens") == 0:
        if draft.get("usage.total_tokens") == draft.get("usage.output_tokens"):
            draft.pop("usage.total_tokens", None)  # the integration's own sum
        drop_zeros(draft, ("usage.input_tokens", "usage.output_tokens", "usage.total_tokens"))


_CACHE: Final = ("usage.cache_read_tokens", "usage.cache_write_tokens")


BEDROCK_CONVERSE: Final = Reader(
    name="aws.bedrock",
    api="converse",
    metadata={
        "model_name": text("model"),
        "model_provider": IGNORE,
        "output_version": IGNORE,
        "stopReason": word("native_finish_reason"),
        "metrics.latencyMs": millis("timing.provider_total_s"),
        "serviceTier.type": text("service_tier"),
        "performanceConfig.latency": KEEP,
        "error": using("_told_error", values.as_is),
        "inference_profile_id": KEEP,
        "usage.serverToolUsage": KEEP,
        "additionalModelResponseFields.stop_sequence": text("stop_sequence"),
        "additionalModelResponseFields.stop_details.category": text("_refusal_category"),
        "additionalModelResponseFields.stop_details.explanation": text("_refusal_text"),
        "additionalModelResponseFields.stop_details.type": IGNORE,
        "additionalModelResponseFields.usage.output_tokens_details.thinking_tokens": spare(
            count("usage.reasoning_tokens")
        ),
        "trace.guardrail": each("safety", bedrock_guardrail.assessments),
        "trace.promptRouter.invokedModelId": text("_served_model"),
        **{f"ResponseMetadata.{path}": cell for path, cell in AWS_RESPONSE.items()},
    },
    finish=FINISH,
    model_is_request=True,
    steps=(bedrock_guardrail.keep_reason,),
    repairs=(drop_filled_in,),
)
