"""Price a draft, without ever blocking an event loop."""

from __future__ import annotations

import logging
from asyncio import _get_running_loop
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from langchain_respmeta._process.faults import report
from langchain_respmeta.enrich.prices import price
from langchain_respmeta.enrich.prices.complete import Facts, Told, gap, writes_may_be_lost
from langchain_respmeta.enrich.prices.gateways import PASSING_ON, vendor_key
from langchain_respmeta.enrich.prices.modes import lost_by
from langchain_respmeta.enrich.prices.passes import passes_of
from langchain_respmeta.enrich.prices.plan import Plan, plan_of
from langchain_respmeta.enrich.prices.price import PricedCost, UnpricedReason
from langchain_respmeta.enrich.prices.price_key import PriceKey
from langchain_respmeta.enrich.prices.rates import added
from langchain_respmeta.enrich.prices.requested import requested_options
from langchain_respmeta.providers.endpoints import UNKNOWN
from langchain_respmeta.providers.engine.hosts import host_of, is_private
from langchain_respmeta.providers.engine.run_start import OPENAI_CLASSES, RunStart
from langchain_respmeta.providers.registry import REGISTRY
from langchain_respmeta.record.draft import Draft

logger: Final = logging.getLogger("langchain_respmeta")

NOT_READY: Final = "prices_loading"
"""`cost.unpriced_reason` of calls that ended on an event loop before the price data was there (the first second)."""

DIALECTS: Final = OPENAI_CLASSES | {"ChatAnthropic"}
"""Classes that speak to LiteLLM's proxy; its own speaks to vendors."""

_PREFIX: Final = len("usage.")
_MOST: Final = 10**12
"""No count is larger; infinity is none."""


def preload() -> None:
    """Start to load the price data on a thread of its own."""
    price.preload()


_UNAVAILABLE: Final[UnpricedReason] = "prices_unavailable"


def price_draft(draft: Draft, start: RunStart) -> dict[str, object]:
    """Draft keys of the cost. Waits for the data once a process, never where an event loop runs. Never raises."""
    try:
        return _priced(draft, start, price.price)
    except Exception as fault:  # noqa: BLE001 - what cannot be priced costs the price alone
        report("pricing a call", fault)
        return {"cost.unpriced_reason": _UNAVAILABLE}


def plan_for(draft: Draft, start: RunStart) -> Plan | None:
    """A function that prices drafts which differ from this one in numbers and times only; None where that cannot be."""
    try:
        return plan_of(draft, lambda other, look_up: _priced(other, start, look_up))
    except Exception as fault:  # noqa: BLE001 - without it each call is priced by itself
        report("making a price plan", fault)
        return None


def _priced(draft: Draft, start: RunStart, look_up: LookUp) -> dict[str, object]:
    lost = lost_by(start.integration, start.llm_type, streamed=bool(draft.get("streamed")))
    asked = requested_options(start)
    facts = Facts(draft, asked, start.integration, lost, start.base_url, _seller(draft, start))
    told = facts.told()
    usage = {path[_PREFIX:]: count for path, count in draft.items() if path[:_PREFIX] == "usage."}
    billed = _counts(told.billed_units)
    pricing = _Pricing(facts, told, usage, look_up)
    cost = pricing.of_passes() if told.iterations else None
    if cost is None:
        cost = pricing.of_counts(draft.get("model"), billed or usage or None, billed=bool(billed))
    if cost is None:
        return {"cost.unpriced_reason": NOT_READY}
    if "cost.total" not in cost or cost.get("cost.price_version") == _USERS:
        return dict(cost)
    reason = gap(facts)
    if reason == "cache_not_told" and (billed or not pricing.matters("cache_read_tokens", cost)):
        reason = None
    if reason is None and writes_may_be_lost(facts) and pricing.matters("cache_write_tokens", cost):
        reason = "cache_not_told"
    if (
        start.heard
        and usage.get("input_audio_tokens") is None
        and pricing.matters("input_audio_tokens", cost)
    ):
        reason = reason or "usage_incomplete"
    return dict(cost) if reason is None else {"cost.unpriced_reason": reason}


_USERS: Final = "user"
"""The version of prices that the user set: nothing is checked for them."""


LookUp: TypeAlias = "Callable[..., PricedCost | None]"
"""Looks up a price: `price.price`, or what notes the call of it."""


class _Pricing(NamedTuple):
    """Prices the counts of one call."""

    facts: Facts
    told: Told
    usage: Mapping[str, Any]
    look_up: LookUp

    def of_counts(
        self, model: str | None, usage: Mapping[str, Any] | None, *, billed: bool = False
    ) -> PricedCost | None:
        """The price of these counts; None while the price data is not loaded."""
        draft, told = self.facts.draft, self.told
        return self.look_up(
            draft["provider"],
            model,
            usage,
            service_tier=told.service_tier,
            at=draft.get("created_at") or draft.get("received_at"),
            requested_model=draft.get("requested_model"),
            api_url=_address(self.facts),
            upstream=_upstream(draft),
            speed=told.speed,
            inference_geo=told.inference_geo,
            billed=billed,
            region=self.facts.requested.region,
            latency=told.latency,
            parts=True,
            wait=_get_running_loop() is None,
        )

    def of_passes(self) -> PricedCost | None:
        """The sum over all passes of an answer; None where the counts of the answer are all of it."""
        passes = passes_of(self.told.iterations)
        if passes is None:
            return {"cost.unpriced_reason": "passes_not_told"}
        if not passes:
            return None
        own = self.facts.draft.get("model")
        whole: PricedCost = {}
        for one in passes:
            cost = self.of_counts(one.model or own, one.usage)
            if cost is None or "cost.total" not in cost:
                return cost
            whole = added(whole, cost)
        searches = self.usage.get("web_search_requests")
        if searches:
            searched = self.of_counts(own, {**passes[-1].usage, "web_search_requests": searches})
            if searched is None or "cost.tools" not in searched:
                return {"cost.unpriced_reason": "part_not_priced"}
            whole = added(whole, {"cost.tools": searched["cost.tools"], "cost.total": searched["cost.tools"]})
        return whole

    def matters(self, part: str, cost: PricedCost) -> bool:
        """Whether the input would have cost something else if all of it were `part`."""
        other = self.of_counts(
            self.facts.draft.get("model"), {**self.usage, part: self.usage.get("input_tokens")}
        )
        return other is None or other.get("cost.total") != cost.get("cost.total")


def _upstream(draft: Mapping[str, Any]) -> str | None:
    """Who really served it: behind a gateway in the record's word, if there is one for it."""
    provider, word = draft["provider"], draft.get("routing.upstream_provider")
    if word is None or provider not in PASSING_ON:
        return word
    return REGISTRY.name_of(word) or (word if provider == "litellm" else None)


def _seller(draft: Mapping[str, Any], start: RunStart) -> str:
    provider = str(draft["provider"])
    if provider not in PASSING_ON:
        return provider
    asked, model = draft.get("requested_model"), draft.get("model")
    found = vendor_key(
        PriceKey(provider, model, requested_model=asked, api_url=start.base_url, upstream=_upstream(draft))
    )
    return provider if isinstance(found, str) else found.provider


def _address(facts: Facts) -> str | None:
    """The address that was called, but no private one: there a proxy or a test answers, and the answer identifies it."""
    host = host_of(facts.api_url)
    provider = facts.draft["provider"]
    unsaid = provider == UNKNOWN or (provider == "litellm" and facts.integration in DIALECTS)
    return facts.api_url if host and (unsaid or not is_private(host)) else None


def _counts(units: object) -> dict[str, int]:
    """The bill in Cohere's streams, which report it in place of the tokens; its counts are floats."""
    if not isinstance(units, dict):
        return {}
    found = {name: units.get(name) for name in ("input_tokens", "output_tokens")}
    return {
        name: int(count)
        for name, count in found.items()
        if isinstance(count, int | float) and 0 <= count < _MOST
    }
