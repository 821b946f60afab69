"""A draft's price: the bridge from what was read to `pricing`, which never holds up an event loop."""

from __future__ import annotations

import logging
from asyncio import _get_running_loop
from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta import pricing
from langchain_respmeta._faults import report
from langchain_respmeta._settle import DISAGREES
from langchain_respmeta.answer import RunStart
from langchain_respmeta.pricing import UnpricedReason
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


_UNAVAILABLE: Final[UnpricedReason] = "prices_unavailable"


def price_draft(draft: Draft, start: RunStart) -> dict[str, Any]:
    """Draft keys of the cost. Waits for the data once a process, never where an event loop runs. Never raises."""
    try:
        return _priced(draft, start)
    except Exception as fault:  # noqa: BLE001 - what cannot be priced costs the price alone
        report("pricing a call", fault)
        return {"cost.unpriced_reason": _UNAVAILABLE}


def _priced(draft: Draft, start: RunStart) -> dict[str, Any]:
    usage = {path[_PREFIX:]: count for path, count in draft.items() if path[:_PREFIX] == "usage."}
    kept = draft.get("provider_data", {})
    told = kept.get("usage") or {}
    billed = _counts(kept.get("billed_units"))
    provider = draft["provider"]
    cost = pricing.price(
        provider,
        draft.get("model"),
        billed or usage or None,
        service_tier=draft.get("service_tier"),
        at=draft.get("created_at") or draft.get("received_at"),
        requested_model=draft.get("requested_model"),
        api_url=start.base_url if provider == "unknown" else None,
        upstream=draft.get("routing.upstream_provider"),
        speed=told.get("speed") if isinstance(told, dict) else None,
        inference_geo=told.get("inference_geo") if isinstance(told, dict) else None,
        billed=bool(billed),
        parts=True,
        wait=_get_running_loop() is None,
    )
    if cost is None:
        return {"cost.unpriced_reason": NOT_READY}
    reason = _left_out(draft, start) if cost.get("cost.price_version", _USERS) != _USERS else None
    return dict(cost) if reason is None else {"cost.unpriced_reason": reason}


_USERS: Final = "user"
"""The version of prices that the user set: they are taken as they are."""

_BILLED_BY_USE: Final[Mapping[str, UnpricedReason]] = {
    "web_search": "usage_incomplete",
    "x_search": "usage_incomplete",
    "file_search": "usage_incomplete",
    "code_interpreter": "part_not_priced",  # OpenAI bills the container
    "image_generation": "part_not_priced",  # by the tokens of another model
}
"""Tools of providers that cost beside the tokens: name → why there is no price if the usage does not count their runs
(https://openai.com/api/pricing, https://platform.claude.com/docs/en/about-claude/pricing#web-search-tool)."""

_SEARCHES: Final = frozenset({"web_search", "x_search"})
"""Those that `usage.web_search_requests` counts."""


def _left_out(draft: Draft, start: RunStart) -> UnpricedReason | None:
    """Why the price of the tokens is not that of the call: something dearer was used that the usage does not count."""
    if any(warning.startswith(DISAGREES) for warning in draft.get("warnings", ())):
        return "usage_inconsistent"
    if _hides_an_hour(draft, start):
        return "usage_incomplete"
    counted = draft.get("usage.web_search_requests") is not None
    grounding = draft.get("provider_data", {}).get("grounding_metadata")
    if not counted and isinstance(grounding, dict) and grounding.get("web_search_queries"):
        return "usage_incomplete"
    ran = {call.get("name") for call in draft.get("tool_calls", ()) if call.get("server_side")}
    if ran and draft["provider"] == "x_ai":
        return (
            "usage_incomplete"  # it bills each of its tools' calls, and reports them under names of their own
        )
    billed = ran - (_SEARCHES if counted else frozenset())
    # The table's order decides where several apply.
    return next((reason for name, reason in _BILLED_BY_USE.items() if name in billed), None)


_LIFETIMES: Final = ("usage.cache_write_5m_tokens", "usage.cache_write_1h_tokens")


def _hides_an_hour(draft: Draft, start: RunStart) -> bool:
    """Whether cache writes for an hour were asked for, and the stream lost how many of the writes they are."""
    written = draft.get("usage.cache_write_tokens")
    return bool(written) and not any(draft.get(name) for name in _LIFETIMES) and _asks_an_hour(start.params)


def _asks_an_hour(value: Any) -> bool:
    if isinstance(value, Mapping):
        return value.get("ttl") == "1h" or any(map(_asks_an_hour, value.values()))
    return isinstance(value, list | tuple) and any(map(_asks_an_hour, value))


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
