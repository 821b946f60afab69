"""Drafts as nested plain dicts: the shape in which a record leaves the hot path."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

Draft: TypeAlias = dict[str, Any]
"""A record in the making: dotted path → value; lists hold plain dicts; `provider_data` mirrors the source's nesting."""


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
