"""The straight way of stored rows: from the columns of a usual run to its priced drafts, without the steps between.

What a row of a bulk export, of a pulled file or of the API needs is known by its shape: plain columns, one answer of LangChain's,
a start that was seen before, and a compiled reader that fits the answer. Whatever is not so, the general way reads
(`stored_general`), which also teaches the compiled readers. The first row of each reader is read both ways: a reader whose
drafts differ is left to the general way for good.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, Any, Final, cast

import orjson

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.state import STATE, Part
from langchain_respmeta._reading.compiled.proof import is_same
from langchain_respmeta._reading.compiled.table import READERS
from langchain_respmeta._reading.starts import KnownStart
from langchain_respmeta._reading.stream_repair import SILENT
from langchain_respmeta._runs.read_outcome import TELL_NO_END, tell_alone
from langchain_respmeta._runs.run_start import start_of
from langchain_respmeta._runs.traced_fields import traced_fields_of
from langchain_respmeta._runs.traced_run import TracedRun
from langchain_respmeta.handler.common_facts import UNUSUAL, CommonFacts, common_of
from langchain_respmeta.handler.pipeline import price_of, read_run, tell_times, tell_unpriced
from langchain_respmeta.handler.row_columns import (
    TEXTS,
    OddRow,
    chunks_seen,
    identify,
    key_of_start,
    metadata_of,
    since,
)
from langchain_respmeta.handler.stored_general import StoredDrafts, read_generally, tell_own_facts
from langchain_respmeta.providers.engine.answers import is_langchains
from langchain_respmeta.providers.engine.scratch import drop_scratch
from langchain_respmeta.providers.registry import REGISTRY
from langchain_respmeta.record.allowed_facts import NO_MORE, OWN_FACTS, Allowed

if TYPE_CHECKING:
    from langchain_respmeta._reading.compiled.table import CompiledReader
    from langchain_respmeta.providers.engine.scratch import ReadDraft

MAX_STARTS: Final = 256
"""Starts that are known by their columns."""

_TYPES: Final = frozenset({"llm", "LLM", "chat_model", None})
_ENDED: Final = frozenset({"success", "SUCCESS", None})
_FAILED: Final = frozenset({"error", "ERROR", None})
_OF_THE_RUN: Final = frozenset(
    {
        *("streamed", "run_id", "parent_run_id", "trace_id", "received_at", "timing.latency_s"),
        *("timing.time_to_first_chunk_s", "timing.time_to_first_token_s"),
        *OWN_FACTS,
    }
)
"""What each run has of its own, that failed without an answer."""
_MEASURED: Final = ("usage.", "cost.", "timing.")
MAX_FAILURES: Final = 256
"""Failures that are known by their words."""
_LONGEST_ERROR: Final = 8_192


class Rows:
    """Reads rows. Thread-safe: its table is bounded, and no entry changes."""

    def __init__(self) -> None:
        self._starts: Bounded[Any, KnownStart] = Bounded(MAX_STARTS)
        self._failures: Bounded[Any, bytes] = Bounded(MAX_FAILURES)
        self._providers = REGISTRY.changes
        self._readers = STATE[READERS]

    def read(self, row: dict[str, Any], *, prices: bool, more: Allowed = NO_MORE) -> StoredDrafts:
        """Read a row, as `read_generally` does."""
        if self._providers != REGISTRY.changes:
            self._providers = REGISTRY.changes
            self._starts, self._failures = Bounded(MAX_STARTS), Bounded(MAX_FAILURES)
        outputs: Any = row.get("outputs")
        extra: Any = row.get("extra")
        try:
            if outputs.__class__ in TEXTS:
                outputs = orjson.loads(outputs)
            if extra.__class__ in TEXTS:
                extra = orjson.loads(extra)
            metadata = metadata_of(row, extra)
            if outputs is None and row["error"]:
                return self._failure(row, extra, metadata, prices, more)
            reader, draft, common = self._read(row, cast("Any", outputs), extra, metadata, prices)
            found = StoredDrafts([draft], None, metadata)
            tell_own_facts(found.drafts, row.get("name"), metadata, row.get("tags"), more)
        except Exception:  # noqa: BLE001 - whatever is odd about a row, the general way reads it, or tells
            return read_generally(_with(row, outputs, extra), prices=prices, more=more)
        if reader.of_drafts is None:
            general = read_generally(_with(row, outputs, extra), prices=prices, more=more)
            reader.of_drafts = common if is_same([*found], [*general]) else UNUSUAL
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
    ) -> tuple[CompiledReader, ReadDraft, CommonFacts]:
        get = row.get
        if get("error") or get("run_type") not in _TYPES or get("status") not in _ENDED:
            raise OddRow
        start = self._start(row, outputs, extra, metadata)
        found = self._readers.read_stored(outputs, start)
        if found is None:
            raise OddRow
        reader, draft, is_chunk, is_protocol = found
        common = reader.of_drafts or common_of(draft)
        seen, first_chunk, first_token = chunks_seen(get("events"), get("first_token_time"))
        streamed = seen or is_protocol or (is_chunk and (seen is None or start.integration in SILENT))
        if not common.is_usual or (
            streamed and not common.tells_end and start.integration not in TELL_NO_END
        ):
            raise OddRow
        draft["streamed"] = streamed
        began, lasted = identify(draft, row)
        if first_chunk is not None or first_token is not None or common.may_tell_speed:
            tell_times(draft, lasted, since(began, first_chunk), since(began, first_token))
        if is_protocol:
            tell_alone(draft)
            if prices and not common.is_priced:
                tell_unpriced(draft)
        elif prices and not common.is_priced:
            plan = reader.plans.get(streamed)
            cost = None if plan is None else plan(draft)
            draft.update(price_of(draft, start, reader) if cost is None else cost)  # type: ignore[typeddict-item]
        if is_protocol or common.holds_scratch:
            drop_scratch(draft)
        return reader, draft, common

    def _failure(
        self,
        row: dict[str, Any],
        extra: dict[str, Any],
        metadata: dict[str, Any],
        prices: bool,  # noqa: FBT001 - once a row
        more: Allowed,
    ) -> StoredDrafts:
        """A run that failed without outputs: many fail with the same words, of which the facts are known then."""
        error = row["error"]
        if (
            error.__class__ is not str
            or row.get("run_type") not in _TYPES
            or row.get("status") not in _FAILED
        ):
            raise OddRow
        key = (key_of_start(row, extra, metadata), "batch_size" in extra, error)
        facts = self._failures.get(key)
        if facts is None:
            found = read_generally(_with(row, None, extra), prices=prices, more=more)
            if len(error) <= _LONGEST_ERROR and (facts := _facts_of(found)) is not None:
                self._failures.keep(key, facts)
            return found
        seen, first_chunk, first_token = chunks_seen(row.get("events"), row.get("first_token_time"))
        draft = marshal.loads(facts)  # noqa: S302 - our own, of this process
        draft["streamed"] = bool(seen)
        began, lasted = identify(draft, row)
        tell_times(draft, lasted, since(began, first_chunk), since(began, first_token))
        tell_own_facts([draft], row.get("name"), metadata, row.get("tags"), more)
        return StoredDrafts([draft], None, metadata)

    def _start(
        self, row: dict[str, Any], outputs: dict[str, Any], extra: dict[str, Any], metadata: dict[str, Any]
    ) -> KnownStart:
        """What was known at the start of a row with a result of LangChain's."""
        key = key_of_start(row, extra, metadata)
        start = self._starts.get(key)
        if start is None:
            if not is_langchains(outputs):
                raise OddRow
            shown = {**row, "outputs": outputs, "extra": extra, "metadata": metadata}
            fields = traced_fields_of(shown)
            made = start_of(TracedRun(fields, read_run), is_stored=True)
            if not isinstance(made, KnownStart) or made.faults or made.provider is not None or fields.faults:
                raise OddRow
            start = made
            self._starts.keep(key, start)
        return start


ROWS: Final = Part(Rows)
"""What this process knows of rows; a forked child begins anew."""


def _facts_of(found: StoredDrafts) -> bytes | None:
    """What all runs that fail so have in common; None where it is not so simple."""
    (draft,) = found.drafts if len(found.drafts) == 1 else ({},)
    facts = {key: value for key, value in draft.items() if key not in _OF_THE_RUN}
    is_simple = found.problem is None and facts.get("event") == "error"
    if not is_simple or any(key.startswith(_MEASURED) for key in facts):
        return None
    try:
        return marshal.dumps(facts)
    except ValueError:  # something that is no plain data
        return None


def _with(row: dict[str, Any], outputs: Any, extra: Any) -> dict[str, Any]:
    """The row with the columns that were parsed."""
    parsed = {"outputs": outputs, "extra": extra}
    return {**row, **{name: value for name, value in parsed.items() if value is not None}}
