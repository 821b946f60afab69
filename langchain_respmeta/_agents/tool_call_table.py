"""Tool calls and what became of them: joined by id, in whichever order call and tool run are seen.

An id alone is not enough: replayed and cached answers repeat theirs. So a call is looked for in its own trace first, then
in its checkpointer's thread (a resumed agent is a new trace, after the one that asked is over), and by the bare id only if
neither is known.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta._agents import tool_results
from langchain_respmeta._agents.graph_places import PLACES, GraphPlace
from langchain_respmeta._agents.same_id_calls import with_same_id
from langchain_respmeta._agents.tool_call import Asker, ToolRun, TrackedCall
from langchain_respmeta._agents.tool_results import ToolResult
from langchain_respmeta._agents.trace_calls import TraceCalls
from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.state import STATE, Part
from langchain_respmeta._runs.lifetime import EndSource

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Run, Watcher
    from langchain_respmeta.record.draft import Draft

MAX_LIVE: Final = 10_000
"""Tool runs under way."""
MAX_ENDED: Final = 2_048
"""Ended tool runs that a tracer may still have to send."""
MAX_IDS: Final = 4_096
MAX_ROOTS: Final = 2_048
MAX_TRIES: Final = 32
"""Runs kept of one call, and traces."""


class TrackedCalls:
    """The calls and tool runs of this process, bounded."""

    def __init__(self) -> None:
        self.live: Bounded[UUID, ToolRun] = Bounded(MAX_LIVE)
        self.ended: Bounded[UUID, ToolRun] = Bounded(MAX_ENDED)
        self._by_id: Bounded[str, list[TrackedCall]] = Bounded(MAX_IDS)
        self._by_root: Bounded[UUID, TraceCalls] = Bounded(MAX_ROOTS)
        self._lock = threading.Lock()

    def run(self, run_id: UUID) -> ToolRun | None:
        """Return a tool run, live or recently ended."""
        if not (self.live or self.ended):  # an id's hash is computed in Python each time
            return None
        return self.live.get(run_id) or self.ended.get(run_id)

    # --- tool runs ---------------------------------------------------------------------------------------------------

    def start(self, tool_run: ToolRun, call_id: str | None, handler: Watcher) -> None:
        """Note a tool that starts; `call_id` if core passes it (older ones do not)."""
        known = self.live.setdefault(tool_run.id, tool_run)
        if known is tool_run:
            self.live.keep(tool_run.id, tool_run)
            if tool_run.place is not None:
                tool_run.place.add_tool(tool_run.id)
            self.join(tool_run, call_id or _asked_by_node(tool_run))
        if handler not in known.handlers:
            known.handlers = (*known.handlers, handler)

    def unended(self, run_id: UUID) -> ToolRun | None:
        """Return a tool run whose own callback has not reported its end."""
        tool_run = self.run(run_id)
        return tool_run if tool_run is not None and tool_run.end_source is not EndSource.COMPLETE else None

    def end(self, tool_run: ToolRun, outcome: ToolResult, source: EndSource = EndSource.COMPLETE) -> None:
        """End a tool run."""
        if self.live.pop(tool_run.id, None) is not None:
            self.ended.keep(tool_run.id, tool_run)
        self.note_end(tool_run, outcome, source)

    def note_end(self, tool_run: ToolRun, outcome: ToolResult, source: EndSource) -> None:
        """Keep what became of a tool run, and join it to its call: a result may name the call."""
        if tool_run.end(outcome, source):
            self.join(tool_run, outcome.tool_call_id)
            tool_run.leave_place()

    def join(self, tool_run: ToolRun, call_id: str | None) -> None:
        """Give a tool run to its call, once the id is known; a run without id gets a call of its own."""
        if tool_run.call is not None or (call_id is None and tool_run.outcome is None):
            return
        place = tool_run.place
        root = place.root if place else tool_run.parent_id or tool_run.id
        thread = place.thread if place else None
        with self._lock:
            call = self._find(call_id, root, thread, open_only=True) if call_id is not None else None
            if call is None:
                call = self._make(call_id, tool_run.name, thread)
            self._place(call, root)
            call.runs = [*call.runs[-MAX_TRIES + 1 :], tool_run]
            tool_run.call = call
            if place is not None:
                call.external = False

    # --- calls -------------------------------------------------------------------------------------------------------

    def join_asked(self, run: Run, asker: Asker, draft: Draft) -> tuple[TrackedCall, ...]:
        """Join the client tool calls of a model's answer to what is known of them already."""
        root = asker.root or run.parent_id or run.id
        found = []
        with self._lock:
            for asked in draft.get("tool_calls", ()):
                call_id = asked.get("id")
                if asked.get("server_side") or not asked.get("valid", True) or not isinstance(call_id, str):
                    continue
                call = self._asked_by(call_id, asker) or self._unclaimed(call_id, root, run, asker)
                if call is None:
                    call = self._make(call_id, asked.get("name"), asker.thread)
                self._place(call, root)
                call.asker, call.name = asker, call.name or asked.get("name")
                found.append(call)
        return tuple(dict.fromkeys(found))  # some servers give the calls of one answer the same id

    def find_or_make(self, call_id: str, name: str | None, root: UUID, thread: str | None) -> TrackedCall:
        """Return the call that people or a graph refer to."""
        with self._lock:
            call = self._find(call_id, root, thread, open_only=False)
            if call is None:
                call = self._make(call_id, name, thread)
            self._place(call, root)
            return call

    def add_to_trace(self, call: TrackedCall, root: UUID) -> None:
        """Note that a call continues in another trace."""
        with self._lock:
            self._place(call, root)

    def with_reruns(self, call: TrackedCall) -> list[TrackedCall]:
        """Return `call`, and further runs of its tool that no answer asked for again."""
        same = [one for one in self._by_id.get(call.id or "", ()) if one.asker is None and one.runs]
        return [call, *(one for one in same if any(root in call.roots for root in one.roots))]

    @property
    def has_traces(self) -> bool:
        """Whether any trace had calls."""
        return bool(self._by_root)

    def trace_calls(self, root: UUID) -> TraceCalls | None:
        """Return the calls that were asked for, run, or answered in a trace."""
        return self._by_root.get(root)

    def _find(self, call_id: str, root: UUID, thread: str | None, *, open_only: bool) -> TrackedCall | None:
        calls = [call for call in self._by_id.get(call_id, ()) if call.is_open or not open_only]
        return _first(
            calls[::-1],
            lambda call: root in call.roots,
            lambda call: (
                call.thread == thread is not None and not any(one in STATE[PLACES] for one in call.roots)
            ),
            lambda call: _is_bare(call) or root not in STATE[PLACES],
        )

    def _asked_by(self, call_id: str, asker: Asker) -> TrackedCall | None:
        return next((call for call in self._by_id.get(call_id, ()) if call.asker is asker), None)

    def _unclaimed(self, call_id: str, root: UUID, run: Run, asker: Asker) -> TrackedCall | None:
        """Return a call that was run, or referred to, before the answer that asked for it was read."""
        thread = asker.thread
        return _first(
            [call for call in self._by_id.get(call_id, ()) if call.asker is None],
            lambda call: root in call.roots,
            lambda call: call.thread == thread is not None and root not in STATE[PLACES],
            lambda call: _followed(call, run, asker),
        )

    def _make(self, call_id: str | None, name: str | None, thread: str | None) -> TrackedCall:
        call = TrackedCall(call_id, name, thread)
        if call_id is not None:
            self._by_id[call_id] = with_same_id(self._by_id.get(call_id, ()), call)
            while len(self._by_id) > self._by_id.maximum:
                self._forget(self._by_id.pop(next(iter(self._by_id))))
        return call

    def _forget(self, calls: Sequence[TrackedCall]) -> None:
        for call in calls:
            for root in call.roots:
                if (trace_calls := self._by_root.get(root)) is not None:
                    trace_calls.drop(call)

    def _place(self, call: TrackedCall, root: UUID) -> None:
        if root in call.roots:
            return
        call.roots = (*call.roots[-MAX_TRIES + 1 :], root)
        trace_calls = self._by_root.get(root)
        if trace_calls is None:
            trace_calls = TraceCalls()
            self._by_root.keep(root, trace_calls)
        trace_calls.add(call)


def _first(calls: Sequence[TrackedCall], *fits: Callable[[TrackedCall], bool]) -> TrackedCall | None:
    """Return the first call that fits best."""
    return next((call for fit in fits for call in calls if fit(call)), None)


def _is_bare(call: TrackedCall) -> bool:
    """Whether only its id is known: no chain around its model was seen."""
    asker = call.asker
    return asker is not None and asker.root is None


def _followed(call: TrackedCall, run: Run, asker: Asker) -> bool:
    """Whether a tool ran after a model whose answer is not read yet, and no chain around either was seen."""
    if not call.runs or asker.root is not None:
        return False
    first = call.runs[0]
    return not first.in_chain and run.ended is not None and first.started >= run.ended


def _asked_by_node(tool_run: ToolRun) -> str | None:
    """Return the id of the only call of this name that the tool's node got, if core does not pass it."""
    if tool_run.place is None:
        return None
    ids = {call.get("id") for call in calls_of_node(tool_run.place) if call.get("name") == tool_run.name}
    found = ids.pop() if len(ids) == 1 else None
    return found if isinstance(found, str) else None


def calls_of_node(place: GraphPlace) -> list[Mapping[str, Any]]:
    """Return the tool calls that a node got: a list of them (`Send`), one in a wrapper, or a state with messages."""
    given = place.inputs
    if isinstance(given, list):
        return [one for one in given if isinstance(one, Mapping) and one.get("type") == "tool_call"]
    if isinstance(given, Mapping) and isinstance(given.get("tool_call"), Mapping):
        return [given["tool_call"]]
    return tool_results.last_calls(tool_results.messages_in(given))


CALLS: Final = Part(TrackedCalls)
