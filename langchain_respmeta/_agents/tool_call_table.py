"""Tool calls and what became of them: joined by id, whoever is seen first.

An id alone is not enough: replayed and cached answers repeat theirs. So a call is looked for in its own trace first, then
in its checkpointer's thread (a resumed agent is a new trace, when the one that asked is over), and by the bare id only
where neither is known.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta._agents import tool_results
from langchain_respmeta._agents.calls_of_id import with_call
from langchain_respmeta._agents.graph_places import PLACES, Place, place_of
from langchain_respmeta._agents.tool_results import Outcome
from langchain_respmeta._agents.trace_calls import OfTrace
from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta.providers.engine.values import compact

if TYPE_CHECKING:
    from langchain_respmeta._agents.call_notes import Beside
    from langchain_respmeta._runs.run import Run
    from langchain_respmeta.handler.handler import RespMetaHandler
    from langchain_respmeta.providers.engine.table import Draft

MAX_LIVE: Final = 10_000
"""Tool runs under way."""
MAX_ENDED: Final = 2_048
"""Ended tool runs that a tracer may still have to send."""
MAX_IDS: Final = 4_096
MAX_ROOTS: Final = 2_048
MAX_TRIES: Final = 32
"""Executions kept of one call, and traces."""


class Execution:
    """One run of a tool."""

    __slots__ = (
        "args",
        "call",
        "child_run_id",
        "duration_s",
        "handlers",
        "id",
        "in_chain",
        "name",
        "outcome",
        "parent_id",
        "place",
        "presumed",
        "started",
    )

    def __init__(self, run_id: UUID, parent_id: UUID | None, name: str | None, args: Any) -> None:
        self.id = run_id
        self.parent_id = parent_id
        self.name = name
        self.args = args
        self.place = place_of(parent_id)
        self.in_chain = self.place is not None
        """Whether a chain around it was seen."""
        self.call: Call | None = None
        self.child_run_id: UUID | None = None
        self.started = perf_counter()
        self.duration_s: float | None = None
        self.outcome: Outcome | None = None
        self.presumed = False
        """Whether the outcome is another's word (a tracer's, the chain's around it), which gives way to its own."""
        self.handlers: tuple[RespMetaHandler, ...] = ()

    @property
    def is_unended(self) -> bool:
        """Whether its own callbacks have not told of its end."""
        return self.outcome is None or self.presumed

    def note_end(self, outcome: Outcome, *, presumed: bool = False) -> None:
        """The first end counts. Results are kept only where a handler may show them."""
        if not self.is_unended:
            return
        self.presumed = presumed
        if self.outcome is None or self.outcome.cancelled:  # of one that went on, the end counts
            self.duration_s = round(perf_counter() - self.started, 6)
        if not any(handler.include_content for handler in self.handlers):
            outcome.text = self.args = None
            outcome.state = {key: f"<{type(value).__name__}>" for key, value in outcome.state.items()}
        else:
            # Copies: what the graph goes on with may be large, and may change.
            self.args = args_of(self.args)
            outcome.state = tool_results.plain(outcome.state)
        self.outcome = outcome
        CALLS.join(self, outcome.tool_call_id)
        if self.place is not None:
            self.place.tools.pop(self.id, None)
            self.place = None

    def facts(self) -> dict[str, Any]:
        """Of the fields of a `ToolExecution`, those that this run knows."""
        outcome = self.outcome
        done = outcome is not None and not (outcome.paused or outcome.cancelled)
        return compact(
            tool_call_id=self.call.id if self.call else None,
            tool_name=self.name,
            tool_args=self.args if outcome is not None else args_of(self.args),
            result=outcome.text if outcome is not None and done else None,
            tool_call_error=outcome.failed if outcome is not None and done else None,
            cancelled=True if outcome is not None and outcome.cancelled else None,
            child_run_id=str(self.child_run_id) if self.child_run_id else None,
            duration_s=self.duration_s,
        )


class Call:
    """One tool call: who asked, what people said, and each run of the tool."""

    __slots__ = (
        "asker",
        "executions",
        "external",
        "id",
        "is_answer",
        "name",
        "people",
        "roots",
        "thread",
        "was_asked",
    )

    def __init__(self, call_id: str | None, name: str | None, thread: str | None) -> None:
        self.id = call_id
        self.name = name
        self.roots: tuple[UUID, ...] = ()
        """The last traces that it was seen in; each has counted it."""
        self.thread = thread
        self.asker: Beside | None = None
        """Of the model run whose answer asked for it; not the run, whose record may be forgotten before."""
        self.executions: list[Execution] = []
        self.people: dict[str, bool] = {}
        """requires_confirmation, confirmed, requires_user_input, args_edited: as far as known."""
        self.was_asked = False
        """Whether a person was asked and has not answered yet."""
        self.external = False
        """It was returned to the caller unexecuted."""
        self.is_answer = False
        """It is the agent's structured answer in the shape of a call: no tool belongs to it."""

    @property
    def is_open(self) -> bool:
        """Whether another run of the tool would belong to it."""
        if not self.executions:
            return True
        last = self.executions[-1].outcome
        return last is None or last.paused or last.failed or last.cancelled

    @property
    def failed(self) -> bool:
        """Whether its last run failed."""
        last = self.executions[-1].outcome if self.executions else None
        return last is not None and last.failed

    @property
    def cancelled(self) -> bool:
        """Whether its last run was cancelled."""
        last = self.executions[-1].outcome if self.executions else None
        return last is not None and last.cancelled

    @property
    def waits(self) -> bool:
        """Whether it waits for a person."""
        last = self.executions[-1].outcome if self.executions else None
        return self.was_asked and (last is None or last.paused)

    def answered(self, people: dict[str, bool]) -> None:
        """A person answered."""
        self.people = people
        self.was_asked = False

    @property
    def is_told(self) -> bool:
        """Whether there is anything to tell beyond that it was asked for."""
        return bool(self.executions or self.people or self.external) and not self.is_answer

    def tries(self) -> list[Execution]:
        """The runs that count: a paused one gives way to the one that it became."""
        paused = [one for one in self.executions[:-1] if one.outcome is not None and one.outcome.paused]
        return [one for one in self.executions if one not in paused]

    def facts(self, *, with_ids: bool = False) -> list[dict[str, Any]]:
        """`ToolExecution` fields, one dict for each try; with the id of the tool's own run, if asked for."""
        if not self.is_told:
            return []
        people = {**self.people, **({"external_execution_required": True} if self.external else {})}
        tries = self.tries()
        if not tries:
            return [compact(tool_call_id=self.id, tool_name=self.name, **people)]
        told = [{**one.facts(), **people} for one in tries]
        if with_ids:
            told = [{**facts, "run_id": str(one.id)} for facts, one in zip(told, tries, strict=True)]
        for number, one in enumerate(told, 1):
            if len(told) > 1:
                one["attempt"] = number
        return told

    def state(self) -> dict[str, Any]:
        """Keys of the graph's state that its runs changed."""
        return {
            key: value for one in self.executions if one.outcome for key, value in one.outcome.state.items()
        }

    def media(self) -> list[dict[str, Any]]:
        """What its results held beside text."""
        return [item for one in self.executions if one.outcome for item in one.outcome.media]


def args_of(args: Any) -> Any:
    """Arguments as plain data; long texts in them are cut."""
    return tool_results.plain(args) if isinstance(args, Mapping) else None


class Calls:
    """The calls and tool runs of this process, bounded."""

    def __init__(self) -> None:
        self.live: Bounded[UUID, Execution] = Bounded(MAX_LIVE)
        self.ended: Bounded[UUID, Execution] = Bounded(MAX_ENDED)
        self._by_id: Bounded[str, list[Call]] = Bounded(MAX_IDS)
        self._by_root: Bounded[UUID, OfTrace] = Bounded(MAX_ROOTS)
        self._lock = threading.Lock()

    def run(self, run_id: UUID) -> Execution | None:
        """A tool run, live or recently ended."""
        return self.live.get(run_id) or self.ended.get(run_id)

    # --- tool runs ---------------------------------------------------------------------------------------------------

    def start(self, execution: Execution, call_id: str | None, handler: RespMetaHandler) -> None:
        """A tool runs; `call_id` where core tells it (older ones do not)."""
        known = self.live.setdefault(execution.id, execution)
        if known is execution:
            self.live.keep(execution.id, execution)
            if execution.place is not None:
                execution.place.has_tool(execution)
            self.join(execution, call_id or _asked_by_node(execution))
        if handler not in known.handlers:
            known.handlers = (*known.handlers, handler)

    def unended(self, run_id: UUID) -> Execution | None:
        """A tool run whose own callbacks have not told of its end."""
        execution = self.run(run_id)
        return execution if execution is not None and execution.is_unended else None

    def end(self, execution: Execution, outcome: Outcome, *, presumed: bool = False) -> None:
        """A tool run is over, or `presumed` to be until its own callback says what became of it."""
        if self.live.pop(execution.id, None) is not None:
            self.ended.keep(execution.id, execution)
        execution.note_end(outcome, presumed=presumed)

    def join(self, execution: Execution, call_id: str | None) -> None:
        """Give a run of a tool to its call, once the id is known; a run that has none gets a call of its own."""
        if execution.call is not None or (call_id is None and execution.outcome is None):
            return
        place = execution.place
        root = place.root if place else execution.parent_id or execution.id
        thread = place.thread if place else None
        with self._lock:
            call = self._find(call_id, root, thread, open_only=True) if call_id is not None else None
            if call is None:
                call = self._make(call_id, execution.name, thread)
            self._place(call, root)
            call.executions = [*call.executions[-MAX_TRIES + 1 :], execution]
            execution.call = call
            if place is not None:
                call.external = False

    # --- calls -------------------------------------------------------------------------------------------------------

    def asked(self, run: Run, draft: Draft) -> tuple[Call, ...]:
        """The client tool calls of a model's answer, joined to what is known of them already."""
        beside = run.beside
        if beside is None:
            return ()
        root = beside.root or run.parent_id or run.id
        found = []
        with self._lock:
            for asked in draft.get("tool_calls", ()):
                call_id = asked.get("id")
                if asked.get("server_side") or not asked.get("valid", True) or not isinstance(call_id, str):
                    continue
                call = self._of_asker(call_id, beside) or self._unclaimed(call_id, root, run)
                if call is None:
                    call = self._make(call_id, asked.get("name"), beside.thread)
                self._place(call, root)
                call.asker, call.name = beside, call.name or asked.get("name")
                found.append(call)
        return tuple(dict.fromkeys(found))  # some servers give the calls of one answer the same id

    def of(self, call_id: str, name: str | None, root: UUID, thread: str | None) -> Call:
        """The call that people or a graph speak of."""
        with self._lock:
            call = self._find(call_id, root, thread, open_only=False)
            if call is None:
                call = self._make(call_id, name, thread)
            self._place(call, root)
            return call

    def also_in(self, call: Call, root: UUID) -> None:
        """A call goes on in another trace."""
        with self._lock:
            self._place(call, root)

    def twins(self, call: Call) -> list[Call]:
        """`call`, and further runs of its tool that no answer asked for anew."""
        same = [one for one in self._by_id.get(call.id or "", ()) if one.asker is None and one.executions]
        return [call, *(one for one in same if any(root in call.roots for root in one.roots))]

    def of_root(self, root: UUID) -> OfTrace | None:
        """The calls that were asked for, run, or answered in a trace."""
        return self._by_root.get(root)

    def _find(self, call_id: str, root: UUID, thread: str | None, *, open_only: bool) -> Call | None:
        calls = [call for call in self._by_id.get(call_id, ()) if call.is_open or not open_only]
        return _first(
            calls[::-1],
            lambda call: root in call.roots,
            lambda call: call.thread == thread is not None and not any(one in PLACES for one in call.roots),
            lambda call: _is_bare(call) or root not in PLACES,
        )

    def _of_asker(self, call_id: str, asker: Beside) -> Call | None:
        return next((call for call in self._by_id.get(call_id, ()) if call.asker is asker), None)

    def _unclaimed(self, call_id: str, root: UUID, run: Run) -> Call | None:
        """A call that was run, or spoken of, before the answer that asked for it was read."""
        thread = run.beside.thread if run.beside else None
        return _first(
            [call for call in self._by_id.get(call_id, ()) if call.asker is None],
            lambda call: root in call.roots,
            lambda call: call.thread == thread is not None and root not in PLACES,
            lambda call: _followed(call, run),
        )

    def _make(self, call_id: str | None, name: str | None, thread: str | None) -> Call:
        call = Call(call_id, name, thread)
        if call_id is not None:
            self._by_id[call_id] = with_call(self._by_id.get(call_id, ()), call)
            while len(self._by_id) > self._by_id.maximum:
                self._forget(self._by_id.pop(next(iter(self._by_id))))
        return call

    def _forget(self, calls: Sequence[Call]) -> None:
        for call in calls:
            for root in call.roots:
                if (of_trace := self._by_root.get(root)) is not None:
                    of_trace.drop(call)

    def _place(self, call: Call, root: UUID) -> None:
        if root in call.roots:
            return
        call.roots = (*call.roots[-MAX_TRIES + 1 :], root)
        of_trace = self._by_root.get(root)
        if of_trace is None:
            of_trace = OfTrace()
            self._by_root.keep(root, of_trace)
        of_trace.add(call)

    def clear(self) -> None:
        """Forget everything (after a fork, and between tests)."""
        self._lock = threading.Lock()
        for table in (self.live, self.ended, self._by_id, self._by_root):
            table.forget()


def _first(calls: Sequence[Call], *fits: Callable[[Call], bool]) -> Call | None:
    """The first call that fits best."""
    return next((call for fit in fits for call in calls if fit(call)), None)


def _is_bare(call: Call) -> bool:
    """Whether nobody knows more of it than its id: no chain around its model was seen."""
    asker = call.asker
    return asker is not None and asker.root is None


def _followed(call: Call, run: Run) -> bool:
    """The same before the answer is read: its tool ran after the model, and no chain around either was seen."""
    if not call.executions or (run.beside is not None and run.beside.root is not None):
        return False
    first = call.executions[0]
    return not first.in_chain and run.ended is not None and first.started >= run.ended


def _asked_by_node(execution: Execution) -> str | None:
    """The id of the only call of this name that the tool's node was given, where core does not tell it."""
    if execution.place is None:
        return None
    ids = {call.get("id") for call in calls_of_node(execution.place) if call.get("name") == execution.name}
    found = ids.pop() if len(ids) == 1 else None
    return found if isinstance(found, str) else None


def calls_of_node(place: Place) -> list[Mapping[str, Any]]:
    """The tool calls that a node was given: a list of them (`Send`), one in a wrapper, or a state with messages."""
    given = place.inputs
    if isinstance(given, list):
        return [one for one in given if isinstance(one, Mapping) and one.get("type") == "tool_call"]
    if isinstance(given, Mapping) and isinstance(given.get("tool_call"), Mapping):
        return [given["tool_call"]]
    return tool_results.last_calls(tool_results.messages_in(given))


CALLS: Final = Calls()
