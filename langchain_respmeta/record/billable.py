"""Which calls cost anything: only they can lack a price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from langchain_respmeta.record.draft import Draft
    from langchain_respmeta.record.fields import RecordFields

SIGNS_OF_BILLING: Final = (
    "timing.time_to_first_token_s",
    "usage.input_tokens",
    "usage.output_tokens",
    "usage.total_tokens",
)
"""Keys that a failed call has only if the model began to answer."""


def is_billable(draft: Draft) -> bool:
    """Whether the call may be billed: not if it failed before any token, nor if a cache answered it."""
    if draft.get("langchain_cache_hit"):
        return False
    return draft.get("event") != "error" or any(path in draft for path in SIGNS_OF_BILLING)


def may_be_billed(record: RecordFields) -> bool:
    """The same of a record."""
    if record.langchain_cache_hit:
        return False
    parts = {"timing": record.timing, "usage": record.usage}
    return record.event != "error" or any(
        getattr(parts[part], name, None) is not None
        for part, _, name in (path.partition(".") for path in SIGNS_OF_BILLING)
    )
