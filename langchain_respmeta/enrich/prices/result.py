"""What pricing a call gives: draft keys of the record's `cost`, or the reason why there is no number."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal, TypeAlias, TypedDict, get_args

UnpricedReason: TypeAlias = Literal[
    "no_model",
    "opaque_model",
    "unknown_model",
    "unknown_provider",
    "local_model",
    "no_usage",
    "usage_incomplete",
    "usage_inconsistent",
    "tier_not_priced",
    "region_not_priced",
    "part_not_priced",
    "modifier_not_priced",
    "tier_not_told",
    "region_not_told",
    "cache_not_told",
    "passes_not_told",
    "key_fee_only",
    "name_moves",
    "price_outdated",
    "not_per_token",
    "prices_unavailable",
]

UNPRICED_REASONS: Final[dict[UnpricedReason, str]] = {
    "no_model": "The answer does not name its model (an Azure deployment name is not a model).",
    "opaque_model": "The model is named by an id of the account (a profile's or an endpoint's) that hides which it is.",
    "unknown_model": "The price list of this provider has no price for this model.",
    "unknown_provider": "There is no price list for who answered, or a router does not say who did.",
    "local_model": "It ran on the user's own machines: no list price exists, and 0 would be a lie.",
    "no_usage": "The answer tells no token counts.",
    "usage_incomplete": "A count that the price depends on is missing.",
    "usage_inconsistent": "The counts cannot all be true: a part above its whole, a sum that does not add up, "
    "a negative number, or something that is not an integer.",
    "tier_not_priced": "The service tier has no published price for this model.",
    "region_not_priced": "The region that served the call has a surcharge whose size is not known.",
    "part_not_priced": "Something was used that the price list of this model leaves out (audio, a one-hour cache, "
    "web searches), so the sum would be too low.",
    "modifier_not_priced": "The call asked for something that changes the price by an amount that no list tells: "
    "latency-optimized inference, a router's plugin, a search beside the tokens.",
    "tier_not_told": "The call asked for a service tier, and nothing that came back says which one served.",
    "region_not_told": "The model costs more in some regions, and nothing says in which one it ran.",
    "cache_not_told": "The vendor bills cached input at another rate, and the integration drops its count here.",
    "passes_not_told": "The call was answered in several passes that are all billed (compaction, an advisor), and "
    "the counts of some of them are not told.",
    "key_fee_only": "It ran on a key of the user's own: the router tells its fee and not what the vendor charged.",
    "name_moves": "The model's name stands for whichever is the newest, and the list's price of it is an older one's.",
    "price_outdated": "The list has only a price of this model that is no longer the provider's.",
    "not_per_token": "The model is also, or only, billed by the hour, request, page or character.",
    "prices_unavailable": "genai-prices could not be imported; the log says why.",
}
"""Every word of `cost.unpriced_reason` with its meaning."""

if set(UNPRICED_REASONS) != set(get_args(UnpricedReason)):  # pragma: no cover
    raise AssertionError("UNPRICED_REASONS and UnpricedReason differ")

PricedCost = TypedDict(
    "PricedCost",
    {
        "cost.total": Decimal,
        "cost.input": Decimal,
        "cost.output": Decimal,
        "cost.tools": Decimal,
        "cost.cache_read": Decimal,
        "cost.cache_write": Decimal,
        "cost.input_audio": Decimal,
        "cost.reasoning": Decimal,
        "cost.output_audio": Decimal,
        "cost.cache_discount": Decimal,
        "cost.currency": str,
        "cost.source": Literal["computed"],
        "cost.price_version": str,
        "cost.unpriced_reason": UnpricedReason,
    },
    total=False,
)
"""Draft keys: either `cost.unpriced_reason` alone, or all that are no parts (US dollars, exact): `total` is `input` and
`output` and the fees of tools. Those (`tools`) and what the sides are made of come only when asked for, as far as used."""
