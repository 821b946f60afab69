"""What of a record goes on a run: flat scalars to filter and chart by, and the record itself, nested, once.

Keys carry no dot and one prefix: older deployments match flat pairs only, and dashboards group by a flat key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, cast

import orjson

from langchain_respmeta._delivery.dumps import dumped
from langchain_respmeta.record.allowed_facts import OWN_FACTS
from langchain_respmeta.record.content import key_name, without_content
from langchain_respmeta.record.draft import CountKey, Draft, nested
from langchain_respmeta.record.exact import exact_sum
from langchain_respmeta.record.flat_values import flat_of
from langchain_respmeta.record.secrets import value_without_secrets
from langchain_respmeta.record.usage_names import DETAILS
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION

MAX_RECORD_BYTES: Final = 16_384
"""The nested record on a run; its longest lists are trimmed to fit, and it says so."""

MAX_FLAT: Final = 40
"""Flat keys of one prefix on one run."""


def run_keys(
    draft: Draft, facts: Draft, prefix: str, *, include_content: bool, hidden: bool
) -> dict[str, Any]:
    """All keys of a model's run: the flat ones and, unless the client hides, the record.

    Args:
        draft: The record with its texts.
        facts: The same `without_content`.
        prefix: What each key begins with; the record's own key.
        include_content: Whether the record keeps its texts.
        hidden: Whether a client hides or masks anything.
    """
    keys = flat_of(facts, prefix)
    if not hidden:
        keys[prefix] = _fitted(draft if include_content else facts, MAX_RECORD_BYTES)
    return keys


def nested_record(draft: Draft, *, include_content: bool, limit: int = MAX_RECORD_BYTES) -> dict[str, Any]:
    """The record as plain JSON data of at most `limit` bytes, without texts unless asked for, without secrets."""
    return _fitted(draft if include_content else without_content(draft), limit)


def _fitted(draft: Draft, limit: int) -> dict[str, Any]:
    fields = {name: value for name, value in nested(draft).items() if name not in OWN_FACTS}
    fields["schema_version"] = SCHEMA_VERSION
    text = dumped(fields)
    if len(text) > limit:
        text = dumped(_trimmed(orjson.loads(text), limit))
    plain: dict[str, Any] = value_without_secrets(orjson.loads(text))
    # What stands in a secret's place may be longer than the secret.
    return plain if _size(plain) <= limit else _trimmed(plain, limit)


# --- size ------------------------------------------------------------------------------------------------------------

_TRIMMABLE: Final = ("citations", "safety", "tool_calls", "tool_executions", "media", "unmapped", "warnings")
_TEXT_LENGTHS: Final = (1_000, 100)
"""Characters that a text may have when the record is too large; the second when nothing else helps."""


def _trimmed(fields: dict[str, Any], limit: int) -> dict[str, Any]:
    """`fields` in at most `limit` bytes, and what was cut: the provider's leftovers, long texts, then the longest lists."""
    trimmed: dict[str, Any] = {**fields.get("trimmed", {})}
    fields = {**fields, "trimmed": trimmed}
    if "provider_data" in fields:
        trimmed["provider_data_bytes"] = _size(fields.pop("provider_data"))
    for length in _TEXT_LENGTHS:
        fields["trimmed"] = trimmed
        if _size(fields) > limit:
            fields = _with_short_texts(fields, length, trimmed)
        _halve_lists(fields, limit, trimmed)
    fits = _size(fields) <= limit
    return (
        fields
        if fits
        else {"schema_version": fields["schema_version"], "trimmed": {"record_bytes": _size(fields)}}
    )


def _size(value: Any) -> int:
    return len(orjson.dumps(value))


def _with_short_texts(fields: dict[str, Any], length: int, trimmed: dict[str, Any]) -> dict[str, Any]:
    """A copy whose texts have at most `length` characters; those that were longer are counted."""

    def short(value: Any) -> Any:
        if isinstance(value, dict):
            return {key[:length]: short(item) for key, item in value.items()}
        if isinstance(value, list):
            return [short(item) for item in value]
        if isinstance(value, str) and len(value) > length:
            trimmed["texts"] = trimmed.get("texts", 0) + 1
            return value[: length - 1] + "…"
        return value

    cut: dict[str, Any] = short(fields)
    cut["trimmed"] = trimmed
    return cut


def _halve_lists(fields: dict[str, Any], limit: int, trimmed: dict[str, Any]) -> None:
    while _size(fields) > limit:
        longest = max(_TRIMMABLE, key=lambda name: _size(fields.get(name) or []))
        items = fields.get(longest)
        if not items:
            return
        trimmed[longest] = trimmed.get(longest, 0) + len(items) - len(items) // 2
        fields[longest] = items[: len(items) // 2]


# --- LangSmith's own usage column ------------------------------------------------------------------------------------

COST_DETAILS: Final[Mapping[str, Mapping[str, str]]] = {
    "input_cost_details": {
        "cache_read": "cost.cache_read",
        "cache_creation": "cost.cache_write",
        "audio": "cost.input_audio",
    },
    "output_cost_details": {
        "reasoning": "cost.reasoning",
        "audio": "cost.output_audio",
        "tools": "cost.tools",
    },
}
"""LangSmith knows two sides only, and their sum is the total: fees of tools that the answer used go to the output."""
REST: Final = "text"
"""LangSmith's word for what is none of the details."""
MEDIA_COUNTS: Final[Mapping[str, Sequence[str]]] = {
    "input_cost_details": ("usage.input_image_tokens", "usage.input_video_tokens"),
    "output_cost_details": ("usage.output_image_tokens",),
}
"""What has no price of its own here: with any of it, what is left is not of texts only."""


def usage_metadata(draft: Draft, traced: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The run's `usage_metadata` with the record's counts and costs; None where nothing is known.

    The tracer adds up the usage of every candidate, and its details carry renamed keys with some tiers. Where no
    price is known its own details stay: LangSmith prices the renamed ones itself.
    """
    traced = _without_texts(traced) if traced else None
    by_path = cast("dict[str, Any]", draft)
    counts = {path[6:]: by_path[path] for path in COUNTS if path in draft}
    costs = _costs(draft)
    if len(counts) < len(COUNTS):
        return {**(traced or {}), **costs} or None
    usage: dict[str, Any] = dict(counts)
    for side, paths in DETAILS.items():
        details = {name: by_path[path] for name, path in paths.items() if path in draft}
        told = traced.get(side) if traced else None
        if isinstance(told, Mapping) and told:
            whole = f"{side.partition('_')[0]}_tokens"
            fits = traced is not None and _most(traced.get(whole)) <= counts[whole]
            details = _merged(details, told if fits else {}, draft) if costs else _named(details, told)
        if details:
            usage[side] = _disjoint(details)
    return {**usage, **costs}


def _without_texts(traced: Mapping[str, Any]) -> dict[str, Any]:
    """The tracer's details under names only: an integration may pass on a key of the provider's that is a text."""
    return {
        name: {key: count for key, count in told.items() if key in _RECORDED or key_name(key) == key}
        if isinstance(told, Mapping)
        else told
        for name, told in traced.items()
    }


_NOTHING: Final = Decimal(0)
COUNTS: Final[tuple[CountKey, ...]] = (
    "usage.input_tokens",
    "usage.output_tokens",
    "usage.total_tokens",
)
_TIERS: Final = ("flex", "priority")
"""Tiers whose name leads the tracer's details: the same tokens under another key, and the rest under the tier's own."""
_OVER: Final = "_over_200k"
"""Ends the name of the part of a detail that Google bills dearer; the detail itself is without it then."""


def _costs(draft: Draft) -> dict[str, Any]:
    """The total, and where both sides are known and make it up: they, and what each is made of, which adds up to it.

    A bill without parts is a total alone, as is one whose parts are something else.
    """
    total, paid_in, paid_out = draft.get("cost.total"), draft.get("cost.input"), draft.get("cost.output")
    if total is None:
        return {}
    costs: dict[str, Any] = {"total_cost": float(total)}
    if paid_in is None or paid_out is None:
        return costs
    paid_out = exact_sum(paid_out, draft.get("cost.tools", _NOTHING))
    if exact_sum(paid_in, paid_out) != total:
        return costs
    costs |= {"input_cost": float(paid_in), "output_cost": float(paid_out)}
    for side, whole in (("input_cost_details", paid_in), ("output_cost_details", paid_out)):
        if details := _cost_details(draft, side, whole):
            costs[side] = {name: float(cost) for name, cost in details.items()}
    return costs


def _cost_details(draft: Draft, side: str, whole: Decimal) -> dict[str, Decimal]:
    """What one side is made of, with what is left; nothing where its parts overlap, so that they are more than it."""
    by_path: Mapping[str, Any] = draft
    details = {name: by_path[path] for name, path in COST_DETAILS[side].items() if path in draft}
    rest = whole
    for cost in details.values():
        rest = exact_sum(rest, cost.copy_negate())
    if rest < 0:
        return {}
    if rest:
        media = any(draft.get(path) for path in MEDIA_COUNTS[side])
        details["other" if media else REST] = rest
    return details


def _merged(details: Mapping[str, int], told: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    """The record's details, and those of the tracer that neither double nor contradict them."""
    tiers = (*_TIERS, draft.get("service_tier"))
    found: dict[str, Any] = dict(details)
    for name, count in told.items():
        tier = name.partition("_")[0]
        if name in found or name in tiers or tier in tiers or (name in _RECORDED and not count):
            continue  # a 0 that the record does not tell was not reported
        found[name] = count
        part_of = name.removesuffix(_OVER)
        if part_of != name and _most(count) <= found.get(part_of, 0):
            found[part_of] -= count
    return found


def _named(details: Mapping[str, int], told: Mapping[str, Any]) -> dict[str, Any]:
    """The tracer's details, and what it has no name for."""
    return {**{name: details[name] for name in MEDIA if name in details}, **told}


_RECORDED: Final = frozenset(name for paths in DETAILS.values() for name in paths)
MEDIA: Final = ("image", "video")


def _most(count: Any) -> float:
    return count if isinstance(count, int | float) else float("inf")


def _disjoint(details: dict[str, Any]) -> dict[str, Any]:
    """Cache writes once: where the split by lifetime is known, LangSmith charges the parts."""
    if any(details.get(key) for key in ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")):
        return {**details, "cache_creation": 0}
    return details
