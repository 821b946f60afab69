"""A record in the making: `Draft`, and the shape in which it leaves the hot path.

Keys are dotted paths, lists hold plain dicts, and `provider_data` mirrors the source's nesting.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from langchain_respmeta.record.draft_keys import CountKey, Draft, Item

__all__ = ["CountKey", "Draft", "Item", "as_dict", "drop_groups", "merged", "nested"]


def as_dict(draft: Draft) -> dict[str, Any]:
    """The same draft for keys that only data name: a table's destinations, the fields of a summary."""
    fields: Any = draft
    return fields  # type: ignore[no-any-return]


def merged(*parts: Mapping[str, Any]) -> Draft:
    """A new draft of other drafts and of facts by their paths; of several values the last counts."""
    found: dict[str, Any] = {}
    for part in parts:
        found.update(part)
    return cast("Draft", found)


def drop_groups(draft: Draft, *groups: str) -> None:
    """Take out all keys that begin so (`"cost."`)."""
    fields = as_dict(draft)
    for path in [path for path in fields if path.startswith(groups)]:
        del fields[path]


def nested(draft: Draft) -> dict[str, Any]:
    """`{"usage.input_tokens": 1}` → `{"usage": {"input_tokens": 1}}`."""
    fields: dict[str, Any] = {}
    for path, value in draft.items():
        group, name = _split(path)
        if name is None:
            fields[group] = value
        elif group in fields:
            fields[group][name] = value
        else:
            fields[group] = {name: value}
    return fields


@cache
def _split(path: str) -> tuple[str, str | None]:
    """Paths come from tables, so there are a few hundred at most."""
    group, dot, name = path.partition(".")
    return group, name if dot else None
