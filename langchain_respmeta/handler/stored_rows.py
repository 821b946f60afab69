"""The straight way of stored rows: from the columns of a usual run to its priced drafts, without the steps between.

What a row of a bulk export, of a pulled file or of the API needs is known by its shape: plain columns, one answer of LangChain's,
a start that was seen before, and a compiled reader that fits the answer. Whatever is not so, the general way reads
(`stored_general`), which also teaches the compiled readers. The first row of each reader is read both ways: a reader whose
drafts differ is left to the general way for good.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.state import STATE, Part
from langchain_respmeta._reading.compiled.proof import is_same
from langchain_respmeta._reading.compiled.table import READERS
from langchain_respmeta._reading.starts import MAX_BYTES, KnownStart
from langchain_respmeta._reading.stream_repair import SILENT
from langchain_respmeta._runs.read_outcome import TELL_NO_END
from langchain_respmeta._runs.run_start import start_of
from langchain_respmeta._runs.traced_fields import CHUNK_EVENT, SOUND, seen_of, time_of, traced_fields_of
from langchain_respmeta._runs.traced_run import TracedRun, sounds_in
from langchain_respmeta.handler.pipeline import price_of, read_run, tell_times
from langchain_respmeta.handler.stored_general import StoredDrafts, read_generally, text_of_id
from langchain_respmeta.providers.engine.answers import is_langchains
from langchain_respmeta.providers.engine.run_start import NAMED
from langchain_respmeta.providers.engine.scratch import UNTIL_PRICED, drop_scratch
from langchain_respmeta.providers.registry import REGISTRY

if TYPE_CHECKING:
    from langchain_respmeta._reading.compiled.table import CompiledReader
    from langchain_respmeta.providers.engine.scratch import ReadDraft

MAX_STARTS: Final = 256
"""Starts that are known by their columns."""

_TYPES: Final = frozenset({"llm", "LLM", "chat_model", None})
_ENDED: Final = frozenset({"success", "SUCCESS", None})
_FORMAT: Final = "ls_structured_output_format"
_NOTHING: Final[dict[str, Any]] = {}
_AUDIO, _VIDEO = SOUND
_TEXTS: Final = frozenset({str, bytes})
_MAYBE_TEXT: Final = frozenset({str, type(None)})
_TIMES: Final = frozenset({datetime, str})
_LONGEST_S: Final = 1e9
"""Below this, seconds made of microseconds have six decimals as they are."""
_IDS: Final = frozenset({str, UUID})


class _General(Exception):  # noqa: N818 - not an error: the general way reads it
    """The row has something that only the general way reads."""


class _Common(NamedTuple):
    """What all drafts of one compiled reader have in common."""

    is_usual: bool
    """Whether the straight way may read them."""
    tells_end: bool
    """Whether they tell how the answer ended."""
    is_priced: bool
    """Whether the provider tells the cost."""
    may_tell_speed: bool
    """Whether they tell a time that gives the speed."""
    holds_scratch: bool
    """Whether they hold keys until they are priced."""


_UNUSUAL: Final = _Common(
    is_usual=False, tells_end=False, is_priced=False, may_tell_speed=False, holds_scratch=False
)


def _common_of(draft: ReadDraft) -> _Common:
    keys = draft.keys()
    return _Common(
        is_usual="langchain_cache_hit" not in keys,
        tells_end="role" not in keys or not keys.isdisjoint(("finish_reason", "native_finish_reason")),
        is_priced="cost.total" in keys,
        may_tell_speed=not keys.isdisjoint(("timing.completion_s", "timing.generation_s")),
        holds_scratch=not keys.isdisjoint(UNTIL_PRICED),
    )


class Rows:
    """Reads rows. Thread-safe: its table is bounded, and no entry changes."""

    def __init__(self) -> None:
        self._starts: Bounded[Any, KnownStart] = Bounded(MAX_STARTS)
        self._providers = REGISTRY.changes
        self._readers = STATE[READERS]

    def read(self, row: dict[str, Any], *, prices: bool) -> StoredDrafts:
        """Read a row, as `read_generally` does."""
        if self._providers != REGISTRY.changes:
            self._providers, self._starts = REGISTRY.changes, Bounded(MAX_STARTS)
        outputs: Any = row.get("outputs")
        extra: Any = row.get("extra")
        try:
            if outputs.__class__ in _TEXTS:
                outputs = orjson.loads(outputs)
            if extra.__class__ in _TEXTS:
                extra = orjson.loads(extra)
            metadata = _metadata(row, extra)
            reader, draft, common = self._read(row, outputs, extra, metadata, prices)
        except Exception:  # noqa: BLE001 - whatever is odd about a row, the general way reads it, or tells
            return read_generally({**row, "outputs": outputs, "extra": extra}, prices=prices)
        found = StoredDrafts([draft], None, metadata)
        if reader.of_drafts is None:
            general = read_generally({**row, "outputs": outputs, "extra": extra}, prices=prices)
            reader.of_drafts = common if is_same([*found], [*general]) else _UNUSUAL
            return general
        if self._readers.has_work:
            self._readers.work_off()
        return found

    def _read(
        self,
        row: dict[str, Any],
        outputs: dict[str, Any],
        extra: dict[str, Any],
        metadata: dict[str, Any],
        prices: bool,  # noqa: FBT001 - once a row
    ) -> tuple[CompiledReader, ReadDraft, _Common]:
        get = row.get
        if get("error") or get("run_type") not in _TYPES or get("status") not in _ENDED:
            raise _General
        start = self._start(row, outputs, extra, metadata)
        found = self._readers.read_result(outputs, start)
        if found is None:
            raise _General
        reader, draft, is_chunk = found
        common = reader.of_drafts or _common_of(draft)
        seen, first_chunk, first_token = _seen(get("events"), get("first_token_time"))
        streamed = seen or (is_chunk and (seen is None or start.integration in SILENT))
        if not common.is_usual or (
            streamed and not common.tells_end and start.integration not in TELL_NO_END
        ):
            raise _General
        draft["streamed"] = streamed
        began, ended = row["start_time"], row["end_time"]
        if began.__class__ is not datetime or began.tzinfo is not ended.tzinfo or not _is_utc(began.tzinfo):
            began, ended = _time(began), _time(ended)
        lasted = (ended - began).total_seconds()
        _identify(draft, get, ended if ended.tzinfo is UTC else ended.replace(tzinfo=UTC))
        draft["timing.latency_s"] = lasted if -_LONGEST_S < lasted < _LONGEST_S else round(lasted, 6)
        if first_chunk is not None or first_token is not None or common.may_tell_speed:
            tell_times(draft, lasted, _since(began, first_chunk), _since(began, first_token))
        if prices and not common.is_priced:
            plan = reader.plans.get(streamed)
            cost = None if plan is None else plan(draft)
            draft.update(price_of(draft, start, reader) if cost is None else cost)  # type: ignore[typeddict-item]
        if common.holds_scratch:
            drop_scratch(draft)
        return reader, draft, common

    def _start(
        self, row: dict[str, Any], outputs: dict[str, Any], extra: dict[str, Any], metadata: dict[str, Any]
    ) -> KnownStart:
        """What was known at the start of a row with a result of LangChain's."""
        key = _key_of(row, extra, metadata)
        start = self._starts.get(key)
        if start is None:
            if not is_langchains(outputs):
                raise _General
            shown = {**row, "outputs": outputs, "extra": extra, "metadata": metadata}
            fields = traced_fields_of(shown)
            made = start_of(TracedRun(fields, read_run), is_stored=True)
            if made.__class__ is not KnownStart or made.faults or made.provider is not None or fields.faults:
                raise _General
            start = made
            self._starts.keep(key, start)
        return start


ROWS: Final = Part(Rows)
"""What this process knows of rows; a forked child begins anew."""


def _key_of(row: dict[str, Any], extra: dict[str, Any], metadata: dict[str, Any]) -> tuple[Any, ...]:
    """All that a start is made of, as the columns tell it."""
    get, told = row.get, metadata.get
    manifest, name, options = get("serialized") or get("manifest"), get("name"), extra.get("options")
    if manifest.__class__ is dict:
        manifest = marshal.dumps(manifest, 0)
    asked = marshal.dumps(extra.get("invocation_params") or told("ls_invocation_params"), 0)
    if (
        name.__class__ not in _MAYBE_TEXT
        or (manifest is not None and (manifest.__class__ not in _TEXTS or len(manifest) > MAX_BYTES))
        or len(asked) > MAX_BYTES
        or (options and options.__class__ is not dict)
    ):
        raise _General
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
    raise _General


def _metadata(row: dict[str, Any], extra: Any) -> dict[str, Any]:
    """The run's metadata, which version 2 of the API keeps beside the rest of `extra`."""
    beside = row.get("metadata")
    if beside.__class__ in _TEXTS:
        beside = orjson.loads(beside)
    metadata = (None if extra is None else extra.get("metadata")) or beside or _NOTHING
    if metadata.__class__ is not dict or NAMED in metadata:
        raise _General
    found: dict[str, Any] = metadata
    return found


def _seen(events: Any, first: Any) -> tuple[bool | None, datetime | None, datetime | None]:
    """See `traced_fields.seen_of`."""
    first = None if first is None else _time(first)
    if events.__class__ is str:
        if CHUNK_EVENT not in events:
            return first is not None, first, None
        events = orjson.loads(events)
    elif events is not None and events.__class__ is not list:
        raise _General
    return seen_of(events, first)


def _time(value: Any) -> datetime:
    """A time in UTC, as `time_of` gives it."""
    found = time_of(value) if value.__class__ in _TIMES else None
    if found is None:
        raise _General
    return found


def _is_utc(zone: Any) -> bool:
    """Whether it is UTC, as Python or as Arrow has it."""
    return zone is UTC or (zone.__class__ is ZoneInfo and zone.key == "UTC")


def _since(began: datetime, then: datetime | None) -> float | None:
    return None if then is None else (then - began).total_seconds()


def _identify(draft: ReadDraft, get: Callable[[str], Any], ended: datetime) -> None:
    """Add ids, and when the end came; see `stored_general`."""
    run_id, trace_id, parent_id = get("id"), get("trace_id"), get("parent_run_id")
    if not parent_id:
        parents = get("parent_run_ids")
        parent_id = parents[-1] if parents.__class__ is list and parents else None
    if run_id is not None:
        draft["run_id"] = _id(run_id)
    if parent_id is not None:
        draft["parent_run_id"] = _id(parent_id)
    if trace_id is not None:
        draft["trace_id"] = _id(trace_id)
    draft["received_at"] = ended


def _id(given: Any) -> str:
    if given.__class__ not in _IDS:
        raise _General
    return text_of_id(given)
