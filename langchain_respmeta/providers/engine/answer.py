"""`Answer`: one generation with all that LangChain says about it, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from langchain_respmeta.record.bounds import MAX_KEPT, MAX_KEPT_CHARS, Budget, is_tame, tamed

_BOUND: Final = (
    "metadata",
    "usage",
    "kwargs",
    "content",
    "tool_calls",
    "invalid_tool_calls",
    "tool_call_chunks",
)
"""The parts of an answer that are bounded, the most informative first."""


@dataclass(slots=True)
class Answer:
    """One generation with everything LangChain says about it, as plain mappings and lists."""

    metadata: Mapping[str, Any]
    """`response_metadata`, completed from `generation_info` and `llm_output`."""
    usage: Mapping[str, Any] | None = None
    """`usage_metadata`."""
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    """`additional_kwargs`."""
    content: Any = ""
    message_id: str | None = None
    tool_calls: list[Any] = field(default_factory=list)
    invalid_tool_calls: list[Any] = field(default_factory=list)
    tool_call_chunks: list[Any] | None = None
    """Of a merged stream: the raw text of the arguments, before it was repaired."""
    is_chunk: bool = False
    """A stream's chunks, merged by addition: texts may be doubled, lists repeated."""
    is_protocol: bool = False
    """Put together from a protocol stream's events (v3): details and lists are those of the last chunk."""
    is_message: bool = True
    is_plain: bool = False
    """Holds plain JSON data only, and no more of it than may be kept: a copy needs no further check."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """HTTP response headers, names in lower case, of a call that raised or of an API's own answer. They identify who
    answered; what is kept of them is decided by `_reading.headers`."""
    api: str | None = None
    """What was called, where this is an API's own answer (`providers.raw`) and no integration has touched it."""
    row: str = ""
    """Of an API's own answer: the word of `Provider.dialects` whose reader reads it."""
    vendor: str | None = None
    """Of an API's own answer: the provider, where the SDK is one vendor's own."""
    url: str | None = None
    """Of an API's own answer: the address that was called, where its HTTP response tells it."""
    asked_schema: str | None = None
    """Of an API's own answer which repeats that structured output was asked for: the name of the schema, which may be empty."""
    is_unread: bool = False
    """Whether nothing of it could be recognized: then nothing is known of how it ended."""
    unsaid: frozenset[str] = frozenset()
    """Fields that whoever passed the answer on left out (`truncated`, `refused`): not seen, they are unknown, not false."""
    faults: list[str] = field(default_factory=list)
    """What was not of the expected shape."""

    compiled: Any = None
    """The compiled reader that read it, if one did."""
    is_bound: bool = True
    """Whether all parts are within bounds; readers of shapes that are within any bounds do not ask."""
    left: Budget | None = None
    """What may be read of the result that it belongs to, where it has several."""

    def bind(self) -> None:
        """Bring all parts within their bounds, unless that was done."""
        if not self.is_bound:
            self.is_bound = True
            self.bound(self.left or Budget.for_result())

    def parts(self) -> list[Any]:
        """The provider's parts, in the order of `_BOUND`."""
        return [
            self.metadata,
            self.usage,
            self.kwargs,
            self.content,
            self.tool_calls,
            self.invalid_tool_calls,
            self.tool_call_chunks,
        ]

    def bound(self, left: Budget | None = None) -> None:
        """Bring all parts within one budget and into plain shapes; record what was left out.

        Args:
            left: What may still be read of the result that the answer belongs to; it is used up.
        """
        left = left or Budget.for_reading()
        parts = self.parts()
        budget = left.for_next()
        values, chars = budget.values, budget.chars
        tame = is_tame(parts, budget)
        if not tame:
            self._tame(parts, budget)
        values, chars = values - budget.values, chars - budget.chars
        self.is_plain = tame and values <= MAX_KEPT and chars <= MAX_KEPT_CHARS
        left.values, left.chars = left.values - values, left.chars - chars

    def _tame(self, parts: list[Any], budget: Budget) -> None:
        parsed = self.kwargs.get("parsed")
        for name, value in zip(_BOUND, parts, strict=True):
            setattr(self, name, tamed(value, budget))
        if parsed is not None and self.kwargs.get("parsed") is not parsed:
            self.kwargs = {**self.kwargs, "parsed": parsed}  # only its type's name is kept
        if budget.cut:
            self.faults.append(
                f"the answer was not read whole: {budget.cut} places were too large, deep or odd"
            )

    @property
    def is_text(self) -> bool:
        """Whether a plain completion model gave text in place of a message."""
        return not self.is_message and self.content is not None
