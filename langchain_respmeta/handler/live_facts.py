"""What the live record on a stored run knows beyond the run's own outputs: times, tools' results, headers, look-ups.

A run that `RespMetaHandler` saw carries its record as metadata. Its outputs are read anew all the same: the record on the run may be
trimmed or without texts, and a newer reader may know more. What only the live side could see is taken from the record.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._runs.read_outcome import ALONE
from langchain_respmeta.errors import RecordError
from langchain_respmeta.record.allowed_facts import OWN_FACTS

if TYPE_CHECKING:
    from langchain_respmeta.record.record import ResponseMetadata

KEPT: Final = OWN_FACTS | {"warnings", "unmapped", "provider_data", "run_id", "parent_run_id", "trace_id"}
"""Fields that are the new reading's own."""

MEASURED: Final = frozenset({"timing", "received_at"})
"""Fields of which the live value counts: the handler's clock is nearer to the call than the tracer's."""

WITHOUT_TEXT: Final = frozenset(
    {
        "timing",
        "received_at",
        "usage",
        "cost",
        "attempt",
        "superseded",
        "previous_run_id",
        "streamed",
        "refused",
    }
)
"""Fields that hold no text of the answer."""

_MARK: Final = re.compile(r"<.* characters>", re.DOTALL)
"""What replaces a text in a record without content."""


_VERSION: Final = "_schema_version"
"""Ends the flat key beside each record."""


def live_record(metadata: Mapping[str, Any]) -> ResponseMetadata | None:
    """The record that a handler put on the run, whatever its prefix; None where there is none that can be read."""
    data = live_data(metadata)
    if data is None:
        return None
    with loading:
        from langchain_respmeta.record.record import ResponseMetadata
    try:
        return ResponseMetadata.from_dict(data)
    except RecordError:
        return None


def live_data(metadata: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The same as it stands there."""
    for key in _keys_of_records(tuple(metadata)):
        value = metadata.get(key)
        if isinstance(value, Mapping) and "schema_version" in value:
            return value
    return None


@lru_cache(maxsize=256)
def _keys_of_records(keys: tuple[object, ...]) -> tuple[str, ...]:
    """Where records would be in metadata with these keys: most runs of a project have the same."""
    return tuple(
        key.removesuffix(_VERSION) for key in keys if isinstance(key, str) and key.endswith(_VERSION)
    )


def with_live_facts(
    record: ResponseMetadata, live: ResponseMetadata, *, include_content: bool, prices: bool
) -> ResponseMetadata:
    """The record with what the live one knows beyond it."""
    if not prices and live.cost is not None and live.cost.source == "computed":
        live = replace(live, cost=None)
    changed: dict[str, Any] = {}
    first = MEASURED
    if ALONE in record.warnings and not live.trimmed:  # the live side saw the events, too
        changed["warnings"] = tuple(one for one in record.warnings if one != ALONE)
        first = frozenset(each.name for each in fields(record))
    for each in fields(record):
        name = each.name
        if name in KEPT or not (include_content or name in WITHOUT_TEXT):
            continue
        ours, theirs = getattr(record, name), getattr(live, name)
        found = _filled(theirs, ours) if name in first else _filled(ours, theirs)
        if name == "cost" and _is_better(theirs, ours):
            found = theirs
        if found is not ours:
            changed[name] = found
    return replace(record, **changed) if changed else record


def _is_better(theirs: Any, ours: Any) -> bool:
    """Whether the live cost counts: the only one, or the provider's own, which a look-up found."""
    if theirs is None or theirs.total is None:
        return False
    return ours is None or ours.total is None or (theirs.source == "provider" and ours.source != "provider")


def _filled(first: Any, second: Any) -> Any:
    """`first`, with what is missing in it from `second`."""
    if is_nothing(first):
        return first if is_nothing(second) else second
    if not is_dataclass(first) or isinstance(first, type) or type(first) is not type(second):
        return first
    missing = {
        each.name: value
        for each in fields(first)
        if getattr(first, each.name) is None and not is_nothing(value := getattr(second, each.name))
    }
    return replace(first, **missing) if missing else first


def is_nothing(value: Any) -> bool:
    """Whether it tells nothing: not reported, empty, or a mark in a text's place."""
    return value is None or value in ((), {}) or (isinstance(value, str) and bool(_MARK.fullmatch(value)))
