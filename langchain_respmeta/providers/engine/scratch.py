"""Keys of a draft that no record has: what tables and steps write for a later step to take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, TypedDict

from langchain_respmeta.record.draft import Draft


class Scratch(TypedDict, total=False):
    """Private keys: below each, who writes it, and who takes it out of the draft.

    They are in the draft itself, not in a second dict: a cell's destination is a field or one of these, and the walk,
    which every answer passes, writes both in the same way.
    """

    _annotations: list[object]
    """OpenAI's dialect, for `_reading.listed_citations`; so are all keys that hold sources."""
    _block_message: str
    """Gemini's words for a blocked prompt, for `_reading.refusal`."""
    _block_reason: str
    """Gemini's reason, for `_reading.refusal`."""
    _cohere_citations: list[object]
    """Cohere's."""
    _filter_text: str
    """Gemini's message to a finish reason, for `_reading.refusal`."""
    _from_gateways_cache: bool
    """Set by `_reading.headers` for the steps that make the cost: a gateway's cache answered."""
    _grounding: Mapping[str, Any]
    """Gemini's searches."""
    _guardrail_action: str
    """InvokeModel's, for Bedrock's own step."""
    _guardrail_reason: str
    """A guardrail's words, for `_reading.refusal`; empty where it gave none."""
    _headers: dict[str, str] | None
    """All headers of the response, for `_reading.headers`, which keeps a fixed list."""
    _incomplete_reason: str
    """Responses API, for its family's step."""
    _listed_citations: list[object]
    """Perplexity's and xAI's addresses."""
    _listed_results: list[object]
    """Perplexity's results."""
    _parsed: str
    """Type of the parsed output, for `_reading.read`."""
    _provider_data: dict[str, Any]
    """What steps keep in `provider_data`, for `_reading.read`."""
    _reasoning_item: object
    """Responses API (output_version "v0"), for `_reading.content`."""
    _reasoning_text: str
    """Reasoning outside of the content, for `_reading.content`."""
    _recited: list[object]
    """Gemini's recitations."""
    _refusal_category: str
    """See `_refusal_text`."""
    _refusal_text: str
    """Both of any vendor, for `_reading.refusal`."""
    _search_results: list[object]
    """What Groq's tools found."""
    _served_model: str
    """A router's name of the model that served, for `_reading.finish`."""
    _status: str
    """Responses API, for its family's step."""
    _stream_is_cut: bool
    """See `IS_CUT`."""
    _told_error: object
    """An error that the answer itself tells of, for `_reading.told_error`."""
    _told_finish_reason: str
    """The vendor's own word behind a router, for `_reading.finish_reason`."""
    _tool_outputs: list[object]
    """Responses API (output_version "v0"): blocks outside of the content, for `_reading.read`."""
    _uncached_input: int
    """Anthropic's and Bedrock's count of the input without the cache, for the step of Anthropic's family."""
    _usage_disagrees: bool
    """See `DISAGREES`."""
    _warnings: list[str]
    """What steps warn of, for `_reading.read`."""
    _writes_30m: int
    _writes_12h: int
    _writes_24h: int
    """Cache writes of lifetimes without a field, for `_reading.usage`."""


class ReadDraft(Draft, Scratch, total=False):
    """A draft while it is read, until its price is made."""


_UntilPriced: TypeAlias = Literal["_usage_disagrees", "_stream_is_cut"]
DISAGREES: Final = "_usage_disagrees"
"""Two counts of one thing disagree: no price is computed from them. The warning is for people, and may be cut."""
IS_CUT: Final = "_stream_is_cut"
"""A stream broke off without an exception: its counts are not the call's."""
UNTIL_PRICED: Final[frozenset[_UntilPriced]] = frozenset({DISAGREES, IS_CUT})
"""Keys that a draft holds until its price is made; no record has them."""


def drop_scratch(draft: ReadDraft) -> None:
    """The price is made: take its keys out of the draft."""
    for key in UNTIL_PRICED:
        draft.pop(key, None)
