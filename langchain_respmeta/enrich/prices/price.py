"""What a call cost, from the provider's list prices: exact, or not at all.

Prices are genai-prices', with the user's own first. Where a price could be wrong there is none:
`cost.unpriced_reason` is the reason, one word of `UNPRICED_REASONS`.

Loading the price data takes up to a second, so `preload()` it early. On a thread that must not block (an event loop)
use `wait=False`: it returns None until the data is loaded; the same call returns the price later.

>>> cost = price("openai", "gpt-5-mini", {"input_tokens": 1000, "output_tokens": 200, "cache_read_tokens": 600})
>>> cost["cost.total"]
Decimal('0.000515000')
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, overload

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta.enrich.prices.offer import LOADER, USERS, Offer
from langchain_respmeta.enrich.prices.price_key import KeyParts
from langchain_respmeta.enrich.prices.result import UNPRICED_REASONS, PricedCost, UnpricedReason
from langchain_respmeta.enrich.prices.user import Dollars

__all__ = [
    "UNPRICED_REASONS",
    "PricedCost",
    "UnpricedReason",
    "look_up",
    "preload",
    "price",
    "reset_prices",
    "set_price",
]

_loader: Final = LOADER
_user: Final = USERS

_offers: Final = Bounded[KeyParts, Offer](4_096)
"""Names come from answers, so nothing else bounds them."""


@overload
def price(
    provider: str,
    model: str | None,
    usage: Mapping[str, int | None] | None,
    *,
    service_tier: str | None = None,
    at: datetime | None = None,
    requested_model: str | None = None,
    api_url: str | None = None,
    upstream: str | None = None,
    speed: str | None = None,
    inference_geo: str | None = None,
    billed: bool = False,
    region: str | None = None,
    latency: str | None = None,
    parts: bool = False,
    wait: Literal[True] = True,
) -> PricedCost: ...


@overload
def price(
    provider: str,
    model: str | None,
    usage: Mapping[str, int | None] | None,
    *,
    service_tier: str | None = None,
    at: datetime | None = None,
    requested_model: str | None = None,
    api_url: str | None = None,
    upstream: str | None = None,
    speed: str | None = None,
    inference_geo: str | None = None,
    billed: bool = False,
    region: str | None = None,
    latency: str | None = None,
    parts: bool = False,
    wait: bool,
) -> PricedCost | None: ...


def price(
    provider: str,
    model: str | None,
    usage: Mapping[str, int | None] | None,
    *,
    service_tier: str | None = None,
    at: datetime | None = None,
    requested_model: str | None = None,
    api_url: str | None = None,
    upstream: str | None = None,
    speed: str | None = None,
    inference_geo: str | None = None,
    billed: bool = False,
    region: str | None = None,
    latency: str | None = None,
    parts: bool = False,
    wait: bool = True,
) -> PricedCost | None:
    """What a call cost, as draft keys of the record. Never raises.

    Args:
        provider: Who was called, in the record's words (`openai`, `aws.bedrock`, …).
        model: As the answer names it.
        usage: Token counts by the names of `Usage`: `input_tokens` includes cache reads and writes,
            `output_tokens` includes reasoning. An absent detail counts as 0, except those of the output that a
            model bills at a rate of their own. `citation_tokens`, `cache_audio_read_tokens`, `cache_image_read_tokens` and
            `file_search_requests` count too, when known.
        service_tier: As in the answer.
        at: When the call was made (None: now); prices change by date, some by time of day.
        requested_model: Stands in where the answer names no model, but never for Azure's deployments.
        api_url: Address or host that was called: it identifies `unknown` providers, corrects `openai` where the host
            is another's, and gives the region where a region has its own price.
        upstream: Who answered behind a router, where the model's name does not include it.
        speed: Anthropic's `usage.speed`.
        inference_geo: Anthropic's `usage.inference_geo`.
        billed: Whether the counts are those of the bill (Cohere's `billed_units`). Only Cohere counts others too,
            and stays unpriced by them.
        region: The cloud's region or location (`us-gov-west-1`, `europe-west1`, `global`).
        latency: Bedrock's `performanceConfig.latency`.
        parts: Whether to tell what the cost is made of, too: `cost.tools` (fees of web and file searches, which are
            neither input nor output), `cost.cache_read`, `cost.cache_write`, `cost.input_audio` (parts of the input),
            `cost.reasoning`, `cost.output_audio` (of the output), and what the cache saved (`cost.cache_discount`, below 0
            where writing it added more); each only where it was used.
        wait: False returns None at once while the price data is not loaded, and starts loading it.

    Returns:
        `cost.total`, `cost.input`, `cost.output` (exact, US dollars), `cost.currency`, `cost.source` and
        `cost.price_version`; or `cost.unpriced_reason` alone; or None, only with `wait=False`.
    """
    offer = look_up(
        provider,
        model,
        service_tier=service_tier,
        requested_model=requested_model,
        api_url=api_url,
        upstream=upstream,
        speed=speed,
        inference_geo=inference_geo,
        billed=billed,
        region=region,
        latency=latency,
    )
    return offer.price(usage, at, parts=parts, wait=wait)


def look_up(
    provider: str,
    model: str | None,
    *,
    service_tier: str | None = None,
    requested_model: str | None = None,
    api_url: str | None = None,
    upstream: str | None = None,
    speed: str | None = None,
    inference_geo: str | None = None,
    billed: bool = False,
    region: str | None = None,
    latency: str | None = None,
) -> Offer:
    """What `price` looks up by these arguments. It may be kept: its prices are always those of now."""
    key = (
        provider,
        model,
        service_tier,
        requested_model,
        api_url,
        upstream,
        speed,
        inference_geo,
        billed,
        region,
        latency,
    )
    try:
        return _offers.get(key) or _keep(key)
    except TypeError:  # a list where a name should be
        return Offer(key)


def _keep(key: KeyParts) -> Offer:
    offer = Offer(key)
    _offers.keep(key, offer)
    return offer


def preload(*, wait: bool = False) -> None:
    """Load the price data: in the background, or with `wait=True` before returning. Again is cheap."""
    if wait:
        _loader.load()
    else:
        _loader.start()


def set_price(
    provider: str,
    model: str,
    *,
    input_mtok: Dollars,
    output_mtok: Dollars,
    cache_read_mtok: Dollars | None = None,
    cache_write_mtok: Dollars | None = None,
    cache_write_1h_mtok: Dollars | None = None,
    service_tier: str | None = None,
) -> None:
    """Set a model's price; it wins over every list and is recorded as price version `user`.

    Thread-safe; holds from the next call on, whatever its date.

    Args:
        provider: In the record's words, as on the records that should get this price.
        model: As the answer names it, or as it was requested (an Azure deployment's name).
        input_mtok: US dollars per million input tokens.
        output_mtok: US dollars per million output tokens, reasoning included.
        cache_read_mtok: For cached input; None bills it as input.
        cache_write_mtok: For input written to a cache; None bills it as input.
        cache_write_1h_mtok: For input cached for an hour; None bills it as `cache_write_mtok`.
        service_tier: The tier these prices are for; None is the standard one.

    Raises:
        ValueError: A price is negative or not a number.
    """
    rates: dict[str, Dollars | None] = {
        "input_tokens": input_mtok,
        "output_tokens": output_mtok,
        "cache_read_tokens": cache_read_mtok,
        "cache_write_tokens": cache_write_mtok,
        "cache_write_1h_tokens": cache_write_1h_mtok,
    }
    _user.set(provider, model, service_tier, rates)


def reset_prices() -> None:
    """Forget every price that `set_price` set."""
    _user.reset()
