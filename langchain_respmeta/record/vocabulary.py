"""The closed words of the record. Whatever a provider says beyond them is `unknown`, with its own word beside it."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

SCHEMA_VERSION: Final = "1.0"
"""Version of the record's shape, major.minor: a reader takes its own major and any minor up to its own."""

FinishReason: TypeAlias = Literal[
    "stop",  # the model was done
    "tool_calls",  # the model asks for tools to be run
    "stop_sequence",  # a stop sequence of the request matched
    "pause",  # the provider paused a long turn; send the answer back to go on
    "length",  # a token limit (of the request, or the context window) cut the answer
    "content_filter",  # a filter or guardrail of the provider cut or replaced the answer
    "refusal",  # the model itself declined
    "cancelled",  # the caller or the provider ended it early
    "error",  # the provider or the call failed
    "unknown",  # the provider said a word that no table knows; see `native_finish_reason`
]
FINISH_REASONS: Final[tuple[FinishReason, ...]] = get_args(FinishReason)

SEVERITY: Final[dict[str, int]] = {
    word: rank
    for rank, word in enumerate(
        (
            "tool_calls",
            "stop",
            "stop_sequence",
            "pause",
            "unknown",
            "length",
            "cancelled",
            "content_filter",
            "refusal",
            "error",
        )
    )
}
"""Order of finish reasons from harmless to worst: what a root run shows of all its calls. `tool_calls` is a step on
the way, so an agent that came to its end shows `stop`."""

RefusalSource: TypeAlias = Literal["message", "stop_reason", "content_filter", "prompt_block", "guardrail"]
"""Where a refusal was said: by the model in its message, in the stop reason, by an output filter, by a filter of
the prompt, or by a guardrail of the deployment."""

ModelSource: TypeAlias = Literal["response", "request"]
CostSource: TypeAlias = Literal["provider", "computed"]
SafetyScope: TypeAlias = Literal["prompt", "completion"]
MediaKind: TypeAlias = Literal["audio", "image", "video", "file"]
MediaOrigin: TypeAlias = Literal["model", "tool"]
StructuredSource: TypeAlias = Literal["parsed", "raw_json"]

Event: TypeAlias = Literal[
    "assistant_response",
    "tool_call_started",
    "tool_call_completed",
    "tool_call_error",
    "tool_call_cancelled",
    "tool_call_paused",
    "error",
]
