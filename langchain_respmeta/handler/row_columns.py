"""The columns of a stored row, as the straight way takes them: what is odd about one raises `OddRow`.

Each gives what `traced_fields` and `stored_general` make of the column, for the values that exports, pulled files and the API have.
"""

from __future__ import annotations

import marshal
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

import orjson

from langchain_respmeta._reading.starts import MAX_BYTES
from langchain_respmeta._runs.traced_fields import CHUNK_EVENT, SOUND, seen_of, time_of
from langchain_respmeta._runs.traced_run import sounds_in
from langchain_respmeta.handler.stored_general import UUIDS_LENGTH, text_of_id
from langchain_respmeta.providers.engine.run_start import NAMED

if TYPE_CHECKING:
    from langchain_respmeta.providers.engine.scratch import ReadDraft

TEXTS: Final = frozenset({str, bytes})
"""Classes of columns that hold JSON in text."""

_FORMAT: Final = "ls_structured_output_format"
_NOTHING: Final[dict[str, Any]] = {}
_AUDIO, _VIDEO = SOUND
_MAYBE_TEXT: Final = frozenset({str, type(None)})
_TIMES: Final = frozenset({datetime, str})
_LONGEST_S: Final = 1e9
"""Below this, seconds made of microseconds have six decimals as they are."""
_IDS: Final = frozenset({str, UUID})


class OddRow(Exception):  # noqa: N818 - not an error: the general way reads it
    """The row has something that only the general way reads."""


def key_of_start(row: dict[str, Any], extra: dict[str, Any], metadata: dict[str, Any]) -> tuple[Any, ...]:
    """All that a start is made of, as the columns tell it."""
    get, told = row.get, metadata.get
    manifest, name, options = get("serialized") or get("manifest"), get("name"), extra.get("options")
    if manifest.__class__ is dict:
        manifest = marshal.dumps(manifest, 0)
    asked = marshal.dumps(extra.get("invocation_params") or told("ls_invocation_params"), 0)
    if (
        name.__class__ not in _MAYBE_TEXT
        or (manifest is not None and (manifest.__class__ not in TEXTS or len(manifest) > MAX_BYTES))
        or len(asked) > MAX_BYTES
        or (options and options.__class__ is not dict)
    ):
        raise OddRow
    return (
        manifest,
        name,
        asked,
        told("ls_provider"),
        told("ls_model_name"),
        bool(told(_FORMAT)),
        bool(options and options.get(_FORMAT)),
        _sounds(get("inputs")),
    )


def _sounds(inputs: Any) -> bool:
    """Whether the prompt holds sound. Of a text only its words are looked at."""
    if inputs is None:
        return False
    if inputs.__class__ is dict:
        return sounds_in(inputs)
    if inputs.__class__ is str and _AUDIO not in inputs and _VIDEO not in inputs:
        return False
    raise OddRow


def metadata_of(row: dict[str, Any], extra: Any) -> dict[str, Any]:
    """The run's metadata, which version 2 of the API keeps beside the rest of `extra`."""
    beside: Any = row.get("metadata")
    if beside.__class__ in TEXTS:
        beside = orjson.loads(cast("str | bytes", beside))
    metadata = (None if extra is None else extra.get("metadata")) or beside or _NOTHING
    if metadata.__class__ is not dict or NAMED in metadata:
        raise OddRow
    found: dict[str, Any] = metadata
    return found


def chunks_seen(events: Any, first: Any) -> tuple[bool | None, datetime | None, datetime | None]:
    """See `traced_fields.seen_of`."""
    first = None if first is None else _time(first)
    if events.__class__ is str:
        if CHUNK_EVENT not in events:
            return first is not None, first, None
        events = orjson.loads(events)
    elif events is not None and events.__class__ is not list:
        raise OddRow
    return seen_of(events, first)


def _time(value: Any) -> datetime:
    """A time in UTC, as `time_of` gives it."""
    found = time_of(value) if value.__class__ in _TIMES else None
    if found is None:
        raise OddRow
    return found


def since(began: datetime, then: datetime | None) -> float | None:
    """Seconds from the start to a time."""
    return None if then is None else (then - began).total_seconds()


def identify(draft: ReadDraft, row: dict[str, Any]) -> tuple[datetime, float]:
    """Add ids, when the end came, and how long it took; see `stored_general`. Return the start and the seconds from it."""
    get = row.get
    run_id, trace_id, parent_id = get("id"), get("trace_id"), get("parent_run_id")
    if not parent_id:
        parents = get("parent_run_ids")
        parent_id = parents[-1] if parents.__class__ is list and parents else None
    if run_id is not None:
        draft["run_id"] = run_id if run_id.__class__ is str and len(run_id) == UUIDS_LENGTH else _id(run_id)
    if parent_id is not None:
        is_usual = parent_id.__class__ is str and len(parent_id) == UUIDS_LENGTH
        draft["parent_run_id"] = parent_id if is_usual else _id(parent_id)
    if trace_id is not None:
        is_usual = trace_id.__class__ is str and len(trace_id) == UUIDS_LENGTH
        draft["trace_id"] = trace_id if is_usual else _id(trace_id)
    began, ended = row["start_time"], row["end_time"]
    if (
        began.__class__ is not datetime
        or ended.__class__ is not datetime
        or not (began.tzinfo is ended.tzinfo is UTC)
    ):
        began, ended = _time(began), _time(ended)
    lasted = (ended - began).total_seconds()
    draft["received_at"] = ended
    draft["timing.latency_s"] = lasted if -_LONGEST_S < lasted < _LONGEST_S else round(lasted, 6)
    return began, lasted


def _id(given: Any) -> str:
    if given.__class__ not in _IDS:
        raise OddRow
    return text_of_id(given)
