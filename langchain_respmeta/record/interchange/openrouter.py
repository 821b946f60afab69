"""OpenRouter's generation (`GET /generation?id=`): each of its fields and the record's field for it.

https://openrouter.ai/docs/api-reference/get-a-generation
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, NamedTuple

from langchain_respmeta.record.build import fields_of
from langchain_respmeta.record.draft import Draft, as_dict
from langchain_respmeta.record.exact import exact_sum
from langchain_respmeta.record.fields import RecordFields
from langchain_respmeta.record.finish_words import OPENAI_FINISH
from langchain_respmeta.record.interchange.kinds import (
    FLAG,
    ISO_TIME,
    LIST,
    MAPPING,
    MILLISECONDS,
    MONEY,
    TEXT,
    WHOLE,
    Kind,
    read,
    written,
    wrong,
)
from langchain_respmeta.record.interchange.rest import Shape
from langchain_respmeta.record.plain import as_mapping
from langchain_respmeta.record.vocabulary import RefusalSource

KEY: Final = "openrouter"
"""Key in `provider_data` for a generation's fields that the record lacks."""


class Row(NamedTuple):
    """One field of a generation."""

    path: str
    """Its path in the record."""
    kind: Kind
    wins: bool = True
    """Whether the generation wins over the answer where both report it. If not, it only fills gaps."""


PAGE: Final[Mapping[str, Row]] = {
    "id": Row("response_id", TEXT, wins=False),
    "upstream_id": Row("routing.upstream_id", TEXT),
    "total_cost": Row("cost.total", MONEY),
    "cache_discount": Row("cost.cache_discount", MONEY),
    "upstream_inference_cost": Row("cost.upstream_inference", MONEY),
    "created_at": Row("created_at", ISO_TIME),
    "model": Row("model", TEXT, wins=False),
    "app_id": Row("routing.app_id", WHOLE),
    "streamed": Row("streamed", FLAG),
    "cancelled": Row("cancelled", FLAG),
    "provider_name": Row("routing.upstream_provider", TEXT),
    "latency": Row("timing.provider_total_s", MILLISECONDS),
    "moderation_latency": Row("timing.moderation_s", MILLISECONDS),
    "generation_time": Row("timing.generation_s", MILLISECONDS),
    "finish_reason": Row("finish_reason", TEXT, wins=False),
    # Counted by one tokenizer for all models. An answer's own usage is the vendor's count, which is billed.
    "tokens_prompt": Row("usage.input_tokens", WHOLE, wins=False),
    "tokens_completion": Row("usage.output_tokens", WHOLE, wins=False),
    "native_tokens_prompt": Row("usage.native_input_tokens", WHOLE),
    "native_tokens_completion": Row("usage.native_output_tokens", WHOLE),
    "native_tokens_completion_images": Row("usage.native_output_image_tokens", WHOLE),
    "native_tokens_reasoning": Row("usage.native_reasoning_tokens", WHOLE),
    "native_tokens_cached": Row("usage.native_cached_tokens", WHOLE),
    "num_media_prompt": Row("usage.num_media_prompt", WHOLE),
    "num_media_completion": Row("usage.num_media_completion", WHOLE),
    "num_search_results": Row("usage.num_search_results", WHOLE),
    "origin": Row("routing.origin", TEXT),
    "usage": Row("cost.total", MONEY, wins=False),
    "is_byok": Row("routing.is_byok", FLAG),
    "native_finish_reason": Row("native_finish_reason", TEXT),
    "external_user": Row("routing.external_user", TEXT),
    "api_type": Row("api", TEXT, wins=False),
}
"""The documented fields, in the documentation's order; both `total_cost` and `usage` are the amount that was charged."""

MORE: Final[Mapping[str, Row]] = {
    "service_tier": Row("service_tier", TEXT),
    "request_id": Row("request_id", TEXT, wins=False),
}
"""Fields that the service added since. They are read, and written if they were present."""

ROWS: Final = {**PAGE, **MORE}

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")
"""`upstreamId` is `upstream_id`: how the TypeScript SDK spells them."""

SAYS_MORE: Final = frozenset({"refusal", "pause", "stop_sequence"})
"""Finish reasons that OpenRouter merges into coarser ones; the vendor's own word keeps the difference."""

_OWN_WORDS: Final = {"stop", "length", "tool_calls", "content_filter", "error"}
"""OpenRouter's finish reasons. The record has them all."""

_REFUSED_BY: Final[dict[str, RefusalSource]] = {"refusal": "stop_reason", "content_filter": "content_filter"}


# --- reading -----------------------------------------------------------------------------------------------------------


def generation_of(told: Any) -> Mapping[str, Any]:
    """The fields of `{"data": {…}}` by their snake_case names.

    Raises:
        RecordError: it is not that; `.field` is `data`.
    """
    outer = as_mapping(told)
    if outer is None:
        raise wrong("data", 'an object {"data": {…}}', told)
    inner = as_mapping(outer.get("data"))
    if inner is None:
        raise wrong("data", MAPPING.expected, outer.get("data"))
    return {_CAMEL.sub(r"_\1", name).lower(): value for name, value in inner.items()}


def facts_of(generation: Mapping[str, Any]) -> Draft:
    """A generation's fields by their paths in the record.

    Raises:
        RecordError: a field is not of its kind; `.field` is `data.<its name>`.
    """
    facts: Draft = {}
    for name, row in ROWS.items():
        value = read(row.kind, generation.get(name), f"data.{name}")
        if value is not None:
            as_dict(facts).setdefault(row.path, value)
    if tries := tries_of(generation):
        facts["routing.attempts"] = tries
    if "cost.total" in facts and facts.get("routing.is_byok"):
        total = in_all(generation, facts["cost.total"], facts.get("cost.upstream_inference"))
        facts |= {"cost.unpriced_reason": FEE_ONLY} if total is None else {"cost.total": total}
        if total is None:
            del facts["cost.total"]
    if "cost.total" in facts:
        facts["cost.source"] = "provider"
    return facts


FEE_ONLY: Final = "key_fee_only"


def in_all(generation: Mapping[str, Any], total: Decimal, charged: Decimal | None) -> Decimal | None:
    """The cost of a call with the user's own key: the router's fee and the vendor's charge; None without the latter.

    The fee is `usage`, else `total_cost`. https://openrouter.ai/docs/guides/overview/auth/byok
    """
    fee = read(MONEY, generation.get("usage"), "data.usage")
    return None if charged is None else exact_sum(total if fee is None else fee, charged)


def _fee(record: RecordFields) -> Decimal | None:
    """The router's charge: the cost without the vendor's charge to the user's own key; None if that is unknown."""
    if record.cost is None:
        return None
    total, charged = record.cost.total, record.cost.upstream_inference
    on_own_key = record.routing is not None and record.routing.is_byok
    if not on_own_key or total is None:
        return total
    if charged is None or charged > total:
        return None
    return exact_sum(total, charged.copy_negate())


def tries_of(generation: Mapping[str, Any]) -> int | None:
    """How many vendors were tried; None if not reported."""
    tries = read(LIST, generation.get("provider_responses"), "data.provider_responses")
    return len(tries) if tries else None


def finish_of(facts: Mapping[str, Any]) -> Draft:
    """The end of the answer in the record's fields: finish_reason, truncated, refused, refusal, unmapped."""
    told, native = facts.get("finish_reason"), facts.get("native_finish_reason")
    known = None if told is None else OPENAI_FINISH.get(told.casefold(), "unknown")
    said = None if native is None else OPENAI_FINISH.get(native.casefold())
    word = said if said in SAYS_MORE else known
    if word is None and facts.get("cancelled"):
        word = "cancelled"
    end: Draft = {} if word is None else {"finish_reason": word}
    if known == "unknown":
        end["unmapped"] = [f"finish_reason={told}"]
    if word in _REFUSED_BY:
        end["refusal.source"] = _REFUSED_BY[word]
    end["truncated"], end["refused"] = word == "length", word in _REFUSED_BY
    return end


def _read(told: Mapping[str, Any]) -> dict[str, Any]:
    facts = facts_of(told)
    if "model" in facts:
        facts["model_source"] = "response"
    end = finish_of(facts)
    facts.pop("finish_reason", None)
    return fields_of({**facts, **end, "provider": "openrouter"})


# --- writing -----------------------------------------------------------------------------------------------------------


def _write(record: RecordFields) -> dict[str, Any]:
    return {name: _told(record, name, row) for name, row in PAGE.items()}


def _told(record: RecordFields, name: str, row: Row) -> Any:
    if name == "finish_reason":
        return record.finish_reason if record.finish_reason in _OWN_WORDS else None
    if row.path == "cost.total":
        fee = _fee(record)
        return None if fee is None else written(row.kind, fee)
    group, _, field = row.path.rpartition(".")
    part = attrgetter(group)(record) if group else record
    return None if part is None else written(row.kind, getattr(part, field))


SHAPE: Final = Shape(KEY, _read, _write)
