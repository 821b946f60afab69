"""What the agents of one trace add to its root run: counts, and bounded lists of what was done."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta._agents.call_notes import CallNotes, notes_of
from langchain_respmeta._agents.graph_places import PLACES, GraphPlace
from langchain_respmeta._agents.human_in_the_loop import RESUMED
from langchain_respmeta._agents.structured_output import ParserRun
from langchain_respmeta._agents.tool_call import ToolRun, TrackedCall
from langchain_respmeta._agents.tool_call_table import CALLS
from langchain_respmeta._agents.tool_results import last_calls, messages_in
from langchain_respmeta._agents.trace_calls import TraceCalls, counted
from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.state import STATE, Part
from langchain_respmeta.providers.engine.values import compact

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Run, Watcher
    from langchain_respmeta.record.draft import Draft

MAX_TRACES: Final = 1_024
MAX_ENDED: Final = 64
"""Traces whose root was sent; a second tracer may send it once more."""
MAX_RUNS: Final = 128
"""Model runs of a trace that are remembered for its lists; earlier ones are only counted."""
MAX_LISTED: Final = 50
"""Items of each list on a root run; `…_trimmed` counts the rest."""


class Dropped:
    """The sums of the model runs that a trace no longer remembers."""

    __slots__ = ("superseded", "superseded_cost", "tried")

    def __init__(self) -> None:
        self.superseded = self.tried = 0
        self.superseded_cost = 0.0

    def supersede(self, cost: float) -> None:
        """Count one of them that was tried again."""
        self.superseded += 1
        self.superseded_cost += cost


class Trace:
    """What the model runs of one trace have beyond their records."""

    __slots__ = ("__weakref__", "dropped", "facts", "notes", "server_calls")

    def __init__(self) -> None:
        self.notes: dict[UUID, CallNotes] = {}
        self.facts: dict[UUID, dict[str, Any]] = {}
        """What a list of attempts shows of each: any of them may turn out to have been one."""
        self.server_calls = 0
        self.dropped = Dropped()

    def add(self, run: Run, draft: Draft) -> None:
        """Note a run that is sent, perhaps by several tracers."""
        if run.id not in self.notes:
            self.server_calls += sum(bool(one.get("server_side")) for one in draft.get("tool_calls", ()))
        self.facts[run.id] = _facts_of(run.id, draft)
        self.notes[run.id] = notes_of(run)
        if len(self.notes) > MAX_RUNS:
            self._drop(next(iter(self.notes)))

    def _drop(self, run_id: UUID) -> None:
        notes, cost = self.notes.pop(run_id), self.facts.pop(run_id).get("cost_usd", 0.0)
        self.dropped.tried += notes.was_tried_again
        if notes.superseded:
            self.dropped.supersede(cost)
        else:
            notes.when_superseded = partial(_superseded_late, weakref.ref(self), notes, cost)

    def attempts(self) -> list[dict[str, Any]]:
        """Return one row for each call that was tried more than once."""
        return [
            {**facts, **self.notes[run_id].attempt_facts()}
            for run_id, facts in self.facts.items()
            if self.notes[run_id].was_tried_again
        ]


def _superseded_late(trace: weakref.ref[Trace], notes: CallNotes, cost: float) -> None:
    """Count a call that was dropped before it was tried again, as when many calls fail at once."""
    if (known := trace()) is not None:
        with STATE[TRACES].lock:
            known.dropped.supersede(cost)
            known.dropped.tried += notes.previous is None


class Traces:
    """The traces under way, and those whose root was sent."""

    def __init__(self) -> None:
        self.live: Bounded[UUID, Trace] = Bounded(MAX_TRACES)
        self.ended: Bounded[UUID, Trace] = Bounded(MAX_ENDED)
        self.lock = threading.Lock()

    def get(self, trace_id: UUID) -> Trace | None:
        """Return the trace, live or ended."""
        return self.live.get(trace_id) or self.ended.get(trace_id)

    def end(self, trace_id: UUID, trace: Trace) -> None:
        """Note that its root is sent."""
        self.live.pop(trace_id, None)
        self.ended.keep(trace_id, trace)


TRACES: Final = Part(Traces)


def note_model_run(trace_id: UUID, run: Run, draft: Draft) -> None:
    """Note a model run of the trace that is sent."""
    if run.notes is None and "tool_calls" not in draft:
        return
    traces = STATE[TRACES]
    with traces.lock:
        trace = traces.get(trace_id)
        if trace is None:
            trace = Trace()
            traces.live.keep(trace_id, trace)
        trace.add(run, draft)
    for call in notes_of(run).calls:
        STATE[CALLS].add_to_trace(call, trace_id)


def note_other_run(trace_id: UUID, watched: ToolRun | ParserRun) -> None:
    """Note a tool's or a parser's run of the trace that is sent."""
    if isinstance(watched, ToolRun) and watched.call is not None:
        STATE[CALLS].add_to_trace(watched.call, trace_id)


def resuming_handlers(trace_id: UUID) -> Sequence[Watcher]:
    """Return the handlers of a trace that a person's answer resumed, if what the answer was about is known."""
    handlers = STATE[RESUMED].pop(trace_id, ()) if STATE[RESUMED] else ()
    return handlers if handlers and STATE[CALLS].trace_calls(trace_id) is not None else ()


def rollup_of(trace_id: UUID, *, ended_well: bool, state: Any = None) -> dict[str, Any]:
    """Return scalars and lists for the root's roll-up; nothing if the trace had no tools and no second attempts."""
    traces, calls = STATE[TRACES], STATE[CALLS]
    if not (traces.live or traces.ended or calls.has_traces):
        return {}
    trace = traces.get(trace_id)
    if trace is None and calls.trace_calls(trace_id) is None:
        return {}
    trace = trace or Trace()
    traces.end(trace_id, trace)
    if ended_well and (place := STATE[PLACES].get(trace_id)) is not None:
        graph_ended(place, state)
    with traces.lock:
        return {**_call_facts(trace_id, trace, ended_well=ended_well), **_run_facts(trace)}


def _call_facts(trace_id: UUID, trace: Trace, *, ended_well: bool) -> dict[str, Any]:
    seen = STATE[CALLS].trace_calls(trace_id) or TraceCalls()
    calls = [call for call in seen.known() if not call.is_answer]
    if ended_well:
        _returned_unexecuted(calls)
    executions = [_without_texts(one) for call in calls for one in call.facts(with_ids=True)]
    state = sorted({key for call in calls for key in call.state()})
    counts = seen.counts.copy()
    for call in calls:
        counts.update(counted(call))
    found = compact(
        tool_calls=(len(calls) + seen.dropped + trace.server_calls) or None,
        tool_errors=counts["tool_errors"] if calls else None,
        cancelled_tools=counts["cancelled_tools"] or None,
        waiting_calls=counts["waiting_calls"] or None,
        rejected_calls=counts["rejected_calls"] or None,
        external_calls=counts["external_calls"] or None,
        updated_session_state=dict.fromkeys(state, "changed") or None,
    )
    return {**found, **_listed("tool_executions", executions, seen.dropped)}


def _run_facts(trace: Trace) -> dict[str, Any]:
    notes = [*trace.notes.values()]
    superseded = sum(one.superseded for one in notes) + trace.dropped.superseded
    attempts = trace.attempts()
    spent = sum(one.get("cost_usd", 0.0) for one in attempts if one["superseded"])
    spent += trace.dropped.superseded_cost
    found = compact(
        superseded_calls=superseded or None,
        superseded_cost_usd=spent if superseded else None,
        compression_stats=next((one.compression for one in reversed(notes) if one.compression), None),
    )
    return {**found, **_listed("attempts", attempts, trace.dropped.tried)}


def _returned_unexecuted(calls: Iterable[TrackedCall]) -> None:
    """Mark calls that a trace without graphs returned unexecuted; of graphs, `graph_ended` knows more."""
    for call in calls:
        asker = call.asker
        if asker is not None and not asker.in_graph and not call.runs and not call.people:
            call.external = True


def graph_ended(place: GraphPlace, state: Any) -> None:
    """Mark them where callbacks report a graph's end: its last message asks for tools, and nothing waits for people."""
    if place.parent is not None or place.first_step is None or place.paused:
        return
    for asked in last_calls(messages_in(state)[-1:]):
        if isinstance(asked.get("id"), str):
            call = STATE[CALLS].find_or_make(asked["id"], asked.get("name"), place.root, place.thread)
            if not call.runs and not call.people:
                call.external = True


def _facts_of(run_id: UUID, draft: Draft) -> dict[str, Any]:
    cost = draft.get("cost.total")
    return compact(
        run_id=str(run_id),
        model=draft.get("model") or draft.get("requested_model"),
        finish_reason=draft.get("finish_reason"),
        error_type=draft.get("error.type"),
        error_status=draft.get("error.status_code"),
        cost_usd=float(cost) if cost is not None else None,
        latency_s=draft.get("timing.latency_s"),
    )


def _without_texts(tool_run: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in tool_run.items() if key not in {"tool_args", "result"}}


def _listed(name: str, items: list[dict[str, Any]], dropped: int = 0) -> dict[str, Any]:
    if not items:
        return {}
    rest = max(0, len(items) - MAX_LISTED) + dropped
    return {name: items[:MAX_LISTED], **({f"{name}_trimmed": rest} if rest else {})}
