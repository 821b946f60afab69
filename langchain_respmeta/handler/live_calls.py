"""The straight way of a live call: from its result to its priced draft, without the steps between.

It is for what most calls are: one message of core's, whole or merged of chunks that lost nothing, a start that was seen
before, a compiled reader that fits, and no look-ups. Whatever is not so, `handler.pipeline` reads. The first answer of each
reader is read both ways: a reader whose drafts differ is left to the pipeline for good. `handler.stored_rows` does the same
for stored runs.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, cast

from langchain_respmeta._agents.call_notes import join_answer
from langchain_respmeta._process.faults import report
from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading.compiled.proof import is_same
from langchain_respmeta._reading.compiled.table import READERS
from langchain_respmeta._reading.starts import KnownStart
from langchain_respmeta._runs.outcome import Answered
from langchain_respmeta._runs.run import allowed_of
from langchain_respmeta._runs.run_start import start_of
from langchain_respmeta.handler.common_facts import UNUSUAL, common_of
from langchain_respmeta.handler.pipeline import JOIN, PIPELINE, class_of, price_of, read_by, tell_times_of
from langchain_respmeta.providers.engine.scratch import drop_scratch
from langchain_respmeta.record.own_facts import own_facts

if TYPE_CHECKING:
    from langchain_respmeta._reading.compiled.table import CompiledReader
    from langchain_respmeta._runs.run import Run
    from langchain_respmeta.handler.common_facts import CommonFacts
    from langchain_respmeta.providers.engine.run_start import RunStart
    from langchain_respmeta.providers.engine.scratch import ReadDraft
    from langchain_respmeta.record.draft import Draft

_UNJOINED: Final = tuple(step for step in PIPELINE if step is not JOIN)


def read_live(run: Run) -> list[Draft]:
    """Read an ended run of this process into its drafts, as `read_run` does.

    Raises:
        Exception: as `read_run`.
    """
    if run.stream is not None:
        run.stream.look()
    start, ended = start_of(run), perf_counter() if run.ended is None else run.ended
    draft = _straight(run, start, ended)
    if draft is None:
        return read_by(PIPELINE, run, start, ended)
    if run.notes is not None or "tool_calls" in draft:
        try:
            join_answer(run, [draft])
        except Exception as fault:  # noqa: BLE001 - a fault in one step costs that step alone
            report(JOIN[0], fault)
    return [draft]


def _straight(run: Run, start: RunStart, ended: float) -> ReadDraft | None:
    """The draft before it is joined to its tools; None where only the pipeline will do."""
    outcome = run.outcome
    if (
        not isinstance(outcome, Answered)
        or not isinstance(start, KnownStart)
        or (run.stream is None) is not (run.first_chunk is None)
        or any([handler.enrichers for handler in run.handlers])  # noqa: C419 - faster
    ):
        return None
    try:
        found = STATE[READERS].read_live(outcome.response, start, run.stream)
        if found is None:
            return None
        reader, draft = found
        common: CommonFacts = reader.of_live or common_of(draft)
        if not common.is_usual or (run.stream is not None and not common.tells_end):
            return None
        _finish(run, start, ended, reader, draft, common)
        if reader.of_live is None:
            general = read_by(_UNJOINED, run, start, ended)
            reader.of_live = common if is_same([draft], general) else UNUSUAL
            return cast("ReadDraft", general[0]) if len(general) == 1 else None
    except Exception:  # noqa: BLE001 - whatever is odd about a call, the pipeline reads it, or tells
        return None
    return draft


def _finish(
    run: Run, start: RunStart, ended: float, reader: CompiledReader, draft: Any, common: CommonFacts
) -> None:
    """Add to a draft what the pipeline's steps add, in their order."""
    latency, streamed = ended - run.started, run.stream is not None
    draft["streamed"] = streamed
    draft["run_id"] = str(run.id)
    if run.parent_id is not None:
        draft["parent_run_id"] = str(run.parent_id)
    if run.received_at is not None:
        draft["received_at"] = run.received_at
    draft["timing.latency_s"] = round(latency, 6)
    name = run.name or class_of(run.serialized)
    draft.update(own_facts(name, run.metadata, run.tags, allowed_of(run)))
    if streamed or common.may_tell_speed:
        tell_times_of(run, draft, ended)
    if not common.is_priced:
        for handler in run.handlers:
            if handler.prices:
                plan = reader.plans.get(streamed)
                cost = None if plan is None else plan(draft)
                draft.update(price_of(draft, start, reader) if cost is None else cost)
                break
    if common.holds_scratch:
        drop_scratch(draft)
