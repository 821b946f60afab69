"""A draft's price: the bridge from what was read to `pricing`, which never holds up an event loop."""

from __future__ import annotations

import logging
from asyncio import _get_running_loop
from typing import Any, Final

from langchain_respmeta import pricing
from langchain_respmeta.answer import RunStart
from langchain_respmeta.providers._table import Draft

logger: Final = logging.getLogger("langchain_respmeta")

NOT_READY: Final = "prices_loading"
"""`cost.unpriced_reason` of calls that ended on an event loop before the price data was there (the first second)."""

_PREFIX: Final = len("usage.")
_MOST: Final = 10**12
"""No count is larger; infinity is none."""


def preload() -> None:
    """Start to load the price data on a thread of its own."""
    pricing.preload()


def price_draft(draft: Draft, start: RunStart) -> dict[str, Any]:
    """Draft keys of the cost. Waits for the data once a process, never where an event loop runs."""
    usage = {path[_PREFIX:]: count for path, count in draft.items() if path[:_PREFIX] == "usage."}
    kept = draft.get("provider_data", {})
    told = kept.get("usage") or {}
    billed = {} if usage else _counts(kept.get("billed_units"))
    provider = draft["provider"]
    cost = pricing.price(
        provider,
        draft.get("model"),
        usage or billed or None,
        service_tier=draft.get("service_tier"),
        at=draft.get("created_at") or draft.get("received_at"),
        requested_model=draft.get("requested_model"),
        api_url=start.base_url if provider == "unknown" else None,
        upstream=draft.get("routing.upstream_provider"),
        speed=told.get("speed") if isinstance(told, dict) else None,
        inference_geo=told.get("inference_geo") if isinstance(told, dict) else None,
        billed=bool(billed),
        wait=_get_running_loop() is None,
    )
    return {"cost.unpriced_reason": NOT_READY} if cost is None else dict(cost)


def _counts(units: Any) -> dict[str, int]:
    """The bill of Cohere's streams, which tell it in place of the tokens; their counts are floats."""
    if not isinstance(units, dict):
        return {}
    found = {name: units.get(name) for name in ("input_tokens", "output_tokens")}
    return {
        name: int(count)
        for name, count in found.items()
        if isinstance(count, int | float) and 0 <= count < _MOST
    }
