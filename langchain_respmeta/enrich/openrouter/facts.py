"""Compare a generation with the record of its answer: what it adds, and where it differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta.enrich.prices.units import PARTS
from langchain_respmeta.record.interchange.kinds import read
from langchain_respmeta.record.interchange.openrouter import (
    FEE_ONLY,
    KEY,
    ROWS,
    SAYS_MORE,
    finish_of,
    in_all,
    tries_of,
)
from langchain_respmeta.record.interchange.rest import plain

_END: Final = frozenset({"finish_reason", "native_finish_reason"})
_COMPUTED: Final = (
    *("cost.input", "cost.output", "cost.tools", "cost.cache_discount", *(key for key, _ in PARTS)),
    *("cost.price_version", "cost.unpriced_reason"),
)
"""Fields of a computed cost, which the provider's own replaces."""


def facts_for(draft: Mapping[str, Any], generation: Mapping[str, Any]) -> dict[str, Any]:
    """Return a generation's facts, by path in the record.

    Where the answer's value is kept (see `Row.wins`), the generation's goes to `provider_data["openrouter"]`; so does what
    the record has no field for.

    Raises:
        RecordError: a field is not of its kind; `.field` is `data.<its name>`.
    """
    facts: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for name, value in {**dict.fromkeys(ROWS), **generation}.items():
        if value is None or name in _END:
            continue
        row = ROWS.get(name)
        if row is None:
            rest[name] = plain(value)
            continue
        fact = read(row.kind, value, f"data.{name}")
        known = facts.get(row.path, None if row.wins else draft.get(row.path))
        if known is None or fact == known:
            facts[row.path] = fact
        else:
            rest[name] = plain(value)
    _end(draft, generation, facts, rest)
    _cost(draft, facts, generation)
    _rest(draft, generation, facts)
    if rest:
        facts["provider_data"] = {KEY: rest}
    return facts


def _end(
    draft: Mapping[str, Any], generation: Mapping[str, Any], facts: dict[str, Any], rest: dict[str, Any]
) -> None:
    said = {name: read(ROWS[name].kind, generation.get(name), f"data.{name}") for name in sorted(_END)}
    if said["native_finish_reason"] is not None:
        facts["native_finish_reason"] = said["native_finish_reason"]
    end = finish_of({**said, "cancelled": facts.get("cancelled")})
    word, known = end.get("finish_reason"), draft.get("finish_reason")
    if word is None:
        return
    if word == known:
        facts["finish_reason"] = word
    elif known in {None, "unknown"} or word in SAYS_MORE:
        facts.update(end)
        if "unmapped" in end:
            facts["unmapped"] = [*draft.get("unmapped", ()), *end["unmapped"]]
    elif said["finish_reason"] is not None:
        rest["finish_reason"] = said["finish_reason"]


def _cost(draft: Mapping[str, Any], facts: dict[str, Any], generation: Mapping[str, Any]) -> None:
    total, known = facts.get("cost.total"), draft.get("cost.total")
    if total is None:
        return
    if facts.get("routing.is_byok", draft.get("routing.is_byok")):
        charged = facts.get("cost.upstream_inference", draft.get("cost.upstream_inference"))
        total = facts["cost.total"] = in_all(generation, total, charged)
    if draft.get("cost.source") != "provider":
        facts.update({path: None for path in _COMPUTED if path in draft and path not in facts})
    elif known is not None and known != total:
        facts["warnings"] = [
            *draft.get("warnings", ()),
            f"cost: the answer said {known}, OpenRouter later {total}",
        ]
    if total is None:
        facts.update({"cost.unpriced_reason": FEE_ONLY, "cost.source": None, "cost.currency": None})
    else:
        facts.update({"cost.source": "provider", "cost.currency": "USD"})


def _rest(draft: Mapping[str, Any], generation: Mapping[str, Any], facts: dict[str, Any]) -> None:
    if draft.get("provider") != "openrouter":
        facts["provider"] = "openrouter"
    if "model" in facts and "model" not in draft:
        facts["model_source"] = "response"
    if tries := tries_of(generation):
        facts["routing.attempts"] = tries
    seconds, tokens = facts.get("timing.generation_s"), draft.get("usage.output_tokens")
    if seconds and tokens and "timing.tokens_per_second" not in draft:
        facts["timing.tokens_per_second"] = round(tokens / seconds, 3)
