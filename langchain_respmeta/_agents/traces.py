"""What the agents of one trace add to its root run: counts, and bounded lists of what was done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta._agents.beside import Beside
from langchain_respmeta._agents.bounded import Bounded
from langchain_respmeta._agents.calls import CALLS, Call, Execution
from langchain_respmeta._agents.outputs import last_calls, messages_in
from langchain_respmeta._agents.places import PLACES, Place
from langchain_respmeta._agents.structured import Parsing
from langchain_respmeta.providers._parts import compact

if TYPE_CHECKING:
    from langchain_respmeta._runs import Run
    from langchain_respmeta.providers._table import Draft

MAX_TRACES: Final = 1_024
MAX_RUNS: Final = 256
"""Model runs of a trace that are remembered for its lists."""
MAX_LISTED: Final = 50
"""Items of each list on a root run; `…_trimmed` counts the rest."""


class Trace:
    """The calls of tools and models that one trace made."""

    __slots__ = ("calls", "runs", "server_calls")

    def __init__(self) -> None:
        self.runs: Bounded[UUID, Run] = Bounded(MAX_RUNS)
        self.calls: Bounded[int, Call] = Bounded(MAX_RUNS)
        self.server_calls: dict[UUID, int] = {}

    def all_calls(self, root: UUID) -> list[Call]:
        """Asked for, run, or answered by people; each once."""
        asked = [call for run in self.runs.values() if run.beside for call in run.beside.calls]
        found = {id(call): call for call in (*asked, *self.calls.values(), *CALLS.of_root(root))}
        return [call for call in found.values() if not call.is_answer]


TRACES: Final[Bounded[UUID, Trace]] = Bounded(MAX_TRACES)


def note_model_run(trace_id: UUID, run: Run, draft: Draft) -> None:
    """A model run of the trace was sent."""
    if run.beside is None and "tool_calls" not in draft:
        return
    trace = _trace(trace_id)
    trace.runs.keep(run.id, run)
    trace.server_calls[run.id] = sum(bool(one.get("server_side")) for one in draft.get("tool_calls", ()))


def note_watched(trace_id: UUID, watched: Execution | Parsing) -> None:
    """A tool's or a parser's run of the trace was sent."""
    if isinstance(watched, Execution) and watched.call is not None:
        _trace(trace_id).calls.keep(id(watched.call), watched.call)


def _trace(trace_id: UUID) -> Trace:
    trace = TRACES.get(trace_id)
    if trace is None:
        trace = Trace()
        TRACES.keep(trace_id, trace)
    return trace


def rollup_of(trace_id: UUID, *, ended_well: bool, state: Any = None) -> dict[str, Any]:
    """Scalars and lists for the root's roll-up; empty where the trace had no tools and no second attempts."""
    trace = TRACES.get(trace_id)
    if trace is None and not CALLS.of_root(trace_id):
        return {}
    trace = trace or Trace()
    if ended_well and (place := PLACES.get(trace_id)) is not None:
        graph_ended(place, state)
    calls = trace.all_calls(trace_id)
    if ended_well:
        _returned_unexecuted(calls)
    executions = [_without_texts(one) for call in calls for one in call.facts()]
    attempts = [told for run in trace.runs.values() if run.beside for told in _attempt(run, run.beside)]
    besides = [run.beside for run in trace.runs.values() if run.beside]
    state_keys = sorted({key for call in calls for key in call.state()})
    found = compact(
        tool_calls=(len(calls) + sum(trace.server_calls.values())) or None,
        tool_errors=sum(call.failed for call in calls) if calls else None,
        superseded_calls=sum(one.superseded for one in besides) or None,
        updated_session_state=dict.fromkeys(state_keys, "changed") or None,
        compression_stats=next((one.compression for one in reversed(besides) if one.compression), None),
    )
    return {**found, **_listed("tool_executions", executions), **_listed("attempts", attempts)}


def _returned_unexecuted(calls: Iterable[Call]) -> None:
    """Calls that a trace without graphs ended without; of graphs, `graph_ended` knows more."""
    for call in calls:
        asker = call.asker.beside if call.asker is not None else None
        if asker is not None and not asker.in_graph and not call.executions and not call.people:
            call.external = True


def graph_ended(place: Place, state: Any) -> None:
    """The same where a graph's end is seen by callbacks: its last message asks for tools, and nobody is waited for."""
    if place.parent is not None or place.first_step is None or place.paused:
        return
    for asked in last_calls(messages_in(state)[-1:]):
        if isinstance(asked.get("id"), str):
            call = CALLS.of(asked["id"], asked.get("name"), place.root, place.thread)
            if not call.executions and not call.people:
                call.external = True


def _attempt(run: Run, beside: Beside) -> list[dict[str, Any]]:
    """One row for each call that was tried more than once."""
    if not beside.superseded and beside.previous is None:
        return []
    draft = run.settle()[0]
    cost = draft.get("cost.total")
    return [
        compact(
            run_id=str(run.id),
            previous_run_id=str(beside.previous.id) if beside.previous else None,
            attempt=beside.attempt,
            superseded=beside.superseded,
            model=draft.get("model") or draft.get("requested_model"),
            error_type=draft.get("error.type"),
            error_status=draft.get("error.status_code"),
            cost_usd=float(cost) if cost is not None else None,
            latency_s=draft.get("timing.latency_s"),
        )
    ]


def _without_texts(execution: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in execution.items() if key not in {"tool_args", "result"}}


def _listed(name: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    if not items:
        return {}
    rest = len(items) - MAX_LISTED
    return {name: items[:MAX_LISTED], **({f"{name}_trimmed": rest} if rest > 0 else {})}
