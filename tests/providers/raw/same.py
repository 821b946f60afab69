"""Whether two records of one answer say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from langchain_respmeta import ResponseMetadata
from langchain_respmeta.record.allowed_facts import OWN_FACTS

OF_A_RUN: Final = frozenset(
    {
        *OWN_FACTS,
        "cost",
        "integration",
        "received_at",
        "requested_model",
        "run_id",
        "streamed",
        "timing",
        "tool_executions",
    }
)
"""What only a call that was watched has."""


def facts(record: ResponseMetadata) -> dict[str, Any]:
    return {name: value for name, value in record.to_dict().items() if name not in OF_A_RUN}


def lacking(ours: object, theirs: object, place: str = "") -> list[str]:
    """Places where `ours` says something else than `theirs`, or less."""
    if isinstance(theirs, Mapping):
        known = ours if isinstance(ours, Mapping) else {}
        return [
            found
            for name, value in theirs.items()
            for found in lacking(known.get(name), value, f"{place}.{name}")
        ]
    if isinstance(theirs, list | tuple):
        known = list(ours) if isinstance(ours, list | tuple) else []
        known += [None] * len(theirs)
        return [
            found for at, value in enumerate(theirs) for found in lacking(known[at], value, f"{place}.{at}")
        ]
    return [] if theirs is None or ours == theirs else [f"{place}: {ours!r} is not {theirs!r}"]
