"""The provider's own charge, where it reports one."""

from __future__ import annotations

from decimal import Decimal

from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.record.draft import drop_groups
from langchain_respmeta.record.exact import exact_sum


def settle_cost(draft: ReadDraft) -> None:
    """Make the provider's charge the cost: nothing for a gateway's cached answer, with the vendor's on the user's own key."""
    if draft.pop("_from_gateways_cache", False):
        bill_nothing(draft)
        return
    total = draft.get("cost.total")
    if total is not None and _is_on_own_key(draft, total):
        _pay_the_vendor(draft, total)
    if "cost.total" in draft:
        draft["cost.currency"], draft["cost.source"] = "USD", "provider"


def bill_nothing(draft: ReadDraft) -> None:
    """The cost of an answer out of a cache, in place of what the provider took for the first one."""
    drop_groups(draft, "cost.")
    draft["cost.total"], draft["cost.currency"], draft["cost.source"] = Decimal(0), "USD", "computed"


def _is_on_own_key(draft: ReadDraft, total: Decimal) -> bool:
    """Whether the call ran on a key of the user's own.

    ChatOpenRouter drops the word for it: there the vendor's charge, which the router never undercuts, shows it.
    """
    told = draft.get("routing.is_byok")
    return bool(draft.get("cost.upstream_inference", 0) > total if told is None else told)


def _pay_the_vendor(draft: ReadDraft, total: Decimal) -> None:
    """On a key of the user's own the router's number is its fee: the vendor's charge comes on top of it.

    https://openrouter.ai/docs/guides/overview/auth/byok
    """
    charged = draft.get("cost.upstream_inference")
    if charged is None:
        del draft["cost.total"]
    else:
        draft["cost.total"] = exact_sum(total, charged)
