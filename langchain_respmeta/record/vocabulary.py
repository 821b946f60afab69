"""The closed words of the record. Any other word of a provider is `unknown`, and its own word is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

SCHEMA_VERSION: Final = "1.1"
"""Version of the record's shape, major.minor: a reader takes its own major and any minor up to its own."""

FinishReason: TypeAlias = Literal[
    "stop",  # the model was done
    "tool_calls",  # the model asks for tools to be run
    "stop_sequence",  # a stop sequence of the request matched
    "pause",  # the provider paused a long turn; send the answer back to continue
    "length",  # a token limit (of the request, or the context window) cut the answer
    "content_filter",  # a filter or guardrail of the provider cut or replaced the answer
    "refusal",  # the model itself declined
    "cancelled",  # the caller or the provider ended it early
    "error",  # the provider or the call failed
    "unknown",  # the provider's word is in no table; see `native_finish_reason`
]
FINISH_REASONS: Final[tuple[FinishReason, ...]] = get_args(FinishReason)


class Finish(NamedTuple):
    """What a finish reason decides."""

    severity: int
    """A root run shows the worst of its calls. `tool_calls` is the least: it is a step, so an agent that finished shows
    `stop`."""
    number: int
    """Its feedback score. It never changes, as it is part of the workspace's feedback configuration; new words get the next
    number."""
    tone: str
    """Colour of its badge on the local page."""
    is_ordinary: bool = False
    """Whether a call with this end needs no attention."""


FINISHES: Final[Mapping[str, Finish]] = {
    "stop": Finish(1, 0, "green", is_ordinary=True),
    "tool_calls": Finish(0, 1, "blue", is_ordinary=True),
    "stop_sequence": Finish(2, 2, "teal", is_ordinary=True),
    "pause": Finish(3, 3, "indigo"),
    "length": Finish(5, 4, "amber"),
    "content_filter": Finish(7, 5, "magenta"),
    "refusal": Finish(8, 6, "red"),
    "cancelled": Finish(6, 7, "grey"),
    "error": Finish(9, 8, "alarm"),
    "unknown": Finish(4, 9, "grey"),
}
SEVERITY: Final[Mapping[str, int]] = {word: finish.severity for word, finish in FINISHES.items()}

RefusalSource: TypeAlias = Literal["message", "stop_reason", "content_filter", "prompt_block", "guardrail"]
"""Where a refusal was found: by the model in its message, in the stop reason, by an output filter, by a filter of
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
