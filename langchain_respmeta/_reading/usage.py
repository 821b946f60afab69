"""Counts of tokens: missing sums are made, and counts that disagree are found."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any, Final

from langchain_respmeta.providers.engine.scratch import DISAGREES, ReadDraft
from langchain_respmeta.providers.engine.table import Leftovers
from langchain_respmeta.providers.families.langchain_usage import LIFETIMES, OTHER_LIFETIMES
from langchain_respmeta.record.draft import CountKey, as_dict

_NO_COUNT: Final = " for usage."
"""Part of the warning of a value that is no count (negative, a text)."""

_TOLD_TWICE: Final = frozenset({"usage.cache_read_tokens", "usage.cache_write_tokens"})
"""Counts that some vendors report under a second name, too: both must be equal."""

_PARTS: Final[Mapping[CountKey, tuple[tuple[CountKey, ...], ...]]] = {
    "usage.input_tokens": (
        ("usage.cache_read_tokens", "usage.cache_write_tokens"),
        ("usage.input_audio_tokens", "usage.input_image_tokens", "usage.input_video_tokens"),
        ("usage.tool_use_prompt_tokens",),
    ),
    "usage.output_tokens": (
        ("usage.reasoning_tokens",),
        ("usage.output_audio_tokens", "usage.output_image_tokens"),
        ("usage.accepted_prediction_tokens", "usage.rejected_prediction_tokens"),
    ),
    "usage.cache_write_tokens": (tuple(LIFETIMES.values()),),
}
"""Count → its parts, in groups of those that exclude each other: neither one of a group nor their sum exceeds it."""

_OUTSIDE: Final[tuple[tuple[CountKey, CountKey], ...]] = (
    ("usage.reasoning_tokens", "usage.output_tokens"),  # Vertex AI, xAI
    ("usage.input_audio_tokens", "usage.input_tokens"),  # Mistral
    ("usage.tool_use_prompt_tokens", "usage.input_tokens"),  # Gemini
    ("usage.cache_read_tokens", "usage.input_tokens"),  # Anthropic's counts under OpenAI's names
    ("usage.cache_write_tokens", "usage.input_tokens"),
)
"""Detail → its whole, where some providers count the detail in the total only."""


def take_spares(draft: ReadDraft, leftovers: Leftovers) -> None:
    """Use the spare values where no other path gave one; note which counts disagree, or are none."""
    by_path = as_dict(draft)
    for key, value in leftovers.spares.items():
        told = by_path.setdefault(key, value)
        if told != value and key in _TOLD_TWICE:
            draft[DISAGREES] = True
            leftovers.warnings.append(f"usage: {key[6:]} is told as {told} and as {value}")
    if any(_NO_COUNT in warning for warning in leftovers.warnings):
        draft[DISAGREES] = True


def check_usage(draft: ReadDraft, leftovers: Leftovers) -> None:
    """Make the missing sums; warn of counts that disagree, which are then not priced."""
    told: list[str] = []
    _check(draft, leftovers, told)
    if told:
        draft[DISAGREES] = True
        leftovers.warnings.extend(f"usage: {one}" for one in told)


def _check(draft: ReadDraft, leftovers: Leftovers, told: list[str]) -> None:
    """Make the missing sums, and list the counts that disagree."""
    lives = _other_lifetimes(draft, leftovers)
    _sum_cache_writes(draft, lives, told)
    total = draft.get("usage.total_tokens")
    given, made = draft.get("usage.input_tokens"), draft.get("usage.output_tokens")
    if total is not None and given is not None and made is not None:
        missing = total - given - made
        if missing and not (missing > 0 and _include(draft, missing)):
            told.append(f"input {given} + output {made} is not total {total}")
    for whole, groups in _PARTS.items():
        if whole in draft:
            for group in groups:
                _compare(draft, whole, [part for part in group if draft.get(part)], told)


def _compare(draft: Mapping[str, Any], whole: CountKey, parts: list[CountKey], told: list[str]) -> None:
    """List the parts that are more than their whole; if none is, their sum if that is."""
    above = [f"{part[6:]} {draft[part]}" for part in parts if draft[part] > draft[whole]]
    if not above and len(parts) > 1 and sum(draft[part] for part in parts) > draft[whole]:
        above = [" + ".join(f"{part[6:]} {draft[part]}" for part in parts)]
    told.extend(f"{part} is more than {whole[6:]} {draft[whole]}" for part in above)


def _include(draft: ReadDraft, missing: int) -> bool:
    """Add to their wholes the details that only the total includes: the sum proves which."""
    told = [(part, whole) for part, whole in _OUTSIDE if draft.get(part)]
    for size in range(1, len(told) + 1):
        for some in combinations(told, size):
            if sum(draft.get(part, 0) for part, _ in some) == missing:
                for part, whole in some:
                    draft[whole] = draft.get(whole, 0) + draft.get(part, 0)
                return True
    return False


def _other_lifetimes(draft: ReadDraft, leftovers: Leftovers) -> int:
    """Writes of lifetimes that have no field: a part of all writes, kept by their names."""
    told: dict[str, Any] = {life: draft.pop(key, 0) for life, key in OTHER_LIFETIMES.items() if key in draft}
    if told:
        leftovers.path.clear()
        leftovers.keep("cache_creation", told)
    return sum(told.values())


def _sum_cache_writes(draft: ReadDraft, others: int, told: list[str]) -> None:
    """LangChain sets `cache_creation` to 0 where it knows the split by lifetime; else the provider's whole counts."""
    parts = [count for key in LIFETIMES.values() if (count := draft.get(key)) is not None]
    split = sum(parts) + others
    if not split:
        return
    written = draft.get("usage.cache_write_tokens")
    if not written:
        draft["usage.cache_write_tokens"] = split
    elif split < written:
        # More than the whole is found by `_compare`.
        told.append(f"cache writes by lifetime {split} are not cache_write_tokens {written}")
