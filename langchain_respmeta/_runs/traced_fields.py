"""What a tracer wrote of a run, wherever that is kept: a `RunTree`, either version of LangSmith's API, a row of an export."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from langchain_respmeta.providers.engine.values import is_whole, text_or_none
from langchain_respmeta.record.plain import as_mapping

_EMPTY: Final[Mapping[str, Any]] = {}

_NAMES: Final = (
    *("id", "trace_id", "parent_run_id", "parent_run_ids", "name", "run_type", "tags", "status", "error"),
    *("start_time", "end_time", "first_token_time", "dotted_order"),
    *("serialized", "manifest", "extra", "metadata", "inputs", "outputs", "events"),
)
"""The fields that are looked at. Version 2 of the API calls `serialized` the manifest, and gives all parents."""

_IN_JSON: Final = frozenset({"serialized", "manifest", "outputs", "extra", "metadata"})
"""Columns of an export that are parsed when they are text; `inputs` and `events` are, where they may be needed."""

SOUND: Final = ("audio", "video")
"""Without these words the inputs hold no sound, and need not be parsed."""

CHUNK_EVENT: Final = "new_token"
"""What the tracers call the coming of a chunk."""


@dataclass(slots=True)
class TracedFields:
    """The fields of one run, by the names of API version 1; None where the source lacks them."""

    id: Any = None
    trace_id: Any = None
    parent_run_id: Any = None
    name: str | None = None
    run_type: str | None = None
    """In lower case."""
    tags: Any = None
    status: str | None = None
    """In lower case; version 2's words."""
    serialized: Any = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    inputs: Any = None
    outputs: Any = None
    error: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    first_chunk_time: datetime | None = None
    first_token_time: datetime | None = None
    """When the first chunk with a token came, where its event says what it held: servers keep the time alone."""
    was_streamed: bool | None = None
    """None where nothing tells."""
    faults: list[str] = field(default_factory=list)
    """What could not be read."""
    is_run: bool = False
    """Whether the source looks like a run, of any type."""

    @property
    def has_ended(self) -> bool:
        """Whether it is over, as far as its fields tell."""
        if self.status == "pending":
            return False
        return bool(self.end_time or self.error or self.outputs) or self.status in ("success", "error")


RUNS_OWN: Final = frozenset({"run_type", "dotted_order", "parent_run_ids", "inputs", "outputs"})
"""Fields that nothing but a run has."""


def traced_fields_of(run: object) -> TracedFields:
    """The fields of a run.

    Raises:
        Exception: whatever a foreign object raises when it is read.
    """
    raw, faults = _raw_fields(run), list[str]()
    read = {name: _column(name, value, faults) for name, value in raw.items()}
    extra = as_mapping(read.get("extra")) or _EMPTY
    metadata = as_mapping(extra.get("metadata")) or _EMPTY
    parents = read.get("parent_run_ids")
    error = read.get("error")
    found = TracedFields(
        id=read.get("id"),
        trace_id=read.get("trace_id"),
        parent_run_id=read.get("parent_run_id")
        or (parents[-1] if isinstance(parents, list) and parents else None),
        name=text_or_none(read.get("name")),
        run_type=_word(read.get("run_type")),
        tags=read.get("tags"),
        status=_word(read.get("status")),
        serialized=read.get("serialized") or read.get("manifest"),
        extra=extra,
        metadata=metadata or as_mapping(read.get("metadata")) or _EMPTY,
        inputs=_prompting(read.get("inputs"), faults),
        outputs=read.get("outputs"),
        error=error if isinstance(error, str) and error else None,
        start_time=time_of(read.get("start_time")),
        end_time=time_of(read.get("end_time")),
        faults=faults,
        is_run=not RUNS_OWN.isdisjoint(raw),
    )
    found.was_streamed, found.first_chunk_time, found.first_token_time = seen_of(
        _events(read.get("events"), faults), time_of(read.get("first_token_time"))
    )
    return found


def _raw_fields(run: object) -> dict[str, Any]:
    """Those of our fields that the source has."""
    is_mapping, found = isinstance(run, Mapping), dict[str, Any]()
    for name in _NAMES:
        value = run.get(name) if is_mapping else getattr(run, name, None)  # type: ignore[attr-defined]
        if value is not None and (value.__class__ in _USUAL or not _is_missing(value)):
            found[name] = value
    return found


_USUAL: Final = frozenset({str, dict, list, datetime, UUID})


def _is_missing(value: Any) -> bool:
    """Whether it is what tables of pandas hold where there is nothing."""
    return (isinstance(value, float) and math.isnan(value)) or type(value).__name__ in ("NaTType", "NAType")


def _column(name: str, value: Any, faults: list[str]) -> Any:
    return _parsed(name, value, faults) if name in _IN_JSON and isinstance(value, str | bytes) else value


def _parsed(name: str, text: str | bytes, faults: list[str]) -> Any:
    if not text.strip():
        return None
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    try:
        return json.loads(text)  # which takes NaN, too
    except (ValueError, RecursionError):
        faults.append(f"{name} is text that is no JSON")
        return None


def _prompting(inputs: Any, faults: list[str]) -> Any:
    """The inputs, as far as the reading may need them: a prompt is long, and looked at for sound alone."""
    if not isinstance(inputs, str | bytes):
        return inputs
    text = inputs if isinstance(inputs, str) else inputs.decode("utf-8", "replace")
    return _parsed("inputs", text, faults) if any(word in text for word in SOUND) else None


def _events(events: Any, faults: list[str]) -> Any:
    if not isinstance(events, str | bytes):
        return events
    text = events if isinstance(events, str) else events.decode("utf-8", "replace")
    return _parsed("events", text, faults) if CHUNK_EVENT in text else [text]


def seen_of(events: Any, first: datetime | None) -> tuple[bool | None, datetime | None, datetime | None]:
    """Whether it was streamed, and when its first chunk and its first token came: the tracer notes the first chunk only.

    Args:
        events: The run's events.
        first: When the first chunk came, as the run itself tells.
    """
    if not isinstance(events, list | tuple):
        return True if first is not None else None, first, None
    tokens = [fields for event in events if (fields := _event(event)).get("name") == CHUNK_EVENT]
    if not tokens:
        return (True if first is not None else False if events else None), first, None
    return (
        True,
        time_of(tokens[0].get("time")) or first,
        next(
            (
                time_of(one.get("time"))
                for one in tokens
                if _is_output((as_mapping(one.get("kwargs")) or _EMPTY).get("token"))
            ),
            None,
        ),
    )


def _is_output(token: object) -> bool:
    """Whether a token holds some of the answer: LangSmith's wrappers put a chunk of any content there, as an object."""
    return isinstance(token, str | list) and bool(token)


def _event(event: object) -> Mapping[str, Any]:
    return as_mapping(event) or _EMPTY


def _word(value: Any) -> str | None:
    word = getattr(value, "value", value)  # of an enumeration
    return word.lower() if isinstance(word, str) and word else None


# --- times ---------------------------------------------------------------------------------------------------------

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS: Final = ((10**17, 1e9), (10**14, 1e6), (10**11, 1e3))
"""A number of seconds, milliseconds (JavaScript's), microseconds or nanoseconds: its size shows which."""


def time_of(value: object) -> datetime | None:
    """A time with its zone, UTC where it has none: servers write so; None for what is no time."""
    try:
        if type(value).__name__ == "datetime64":  # of numpy
            value = str(value)
        if isinstance(value, str):
            value = datetime.fromisoformat(value.strip())
        elif (is_whole(value) or isinstance(value, float)) and value > 0:
            unit = next((unit for least, unit in _DIGITS if value >= least), 1)
            value = _EPOCH + timedelta(seconds=value / unit)
        if not isinstance(value, datetime):
            return None
        if type(value) is not datetime:  # a table's own class of times
            clock = value.timetuple()[:6]
            value = datetime(*clock, value.microsecond, value.tzinfo)  # noqa: DTZ001 - its own zone, or none
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
