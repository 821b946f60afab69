"""What a handler does when it hears of a call. It is loaded with the first call, or before it on a thread of its own.

Each of these functions may raise: the handler's callbacks are the boundary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from langchain_respmeta._agents import callbacks
from langchain_respmeta._agents.chains import wants_chains
from langchain_respmeta._agents.contributor import AGENTS
from langchain_respmeta._process.faults import guarded, report
from langchain_respmeta._process.state import STATE
from langchain_respmeta._reading.compiled.table import READERS, WHEN_WORK_COMES
from langchain_respmeta._reading.read import is_repeat
from langchain_respmeta._reading.stream_notes import MAX_RECENT
from langchain_respmeta._runs import background
from langchain_respmeta._runs.continued_traces import ORIGINS
from langchain_respmeta._runs.contributors import contribute
from langchain_respmeta._runs.ids import id_of
from langchain_respmeta._runs.outcome import Answered, Failed, Outcome
from langchain_respmeta._runs.run import Run
from langchain_respmeta._runs.stream_watch import note_chunk, note_event
from langchain_respmeta._runs.table import RUNS
from langchain_respmeta.handler.live_calls import read_live
from langchain_respmeta.langsmith import seam

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Keeper, Watcher

__all__ = [
    "MAX_RECENT",
    "RUNS",
    "Answered",
    "Failed",
    "callbacks",
    "ended",
    "event_came",
    "is_repeat",
    "seam",
    "started",
    "token_came",
]


@guarded("compiling a reader")
def _learn() -> None:
    STATE[READERS].work_off()  # of this process and this test: the state may be another one by then


@guarded("waking the background reader")
def _rouse() -> None:
    background.BACKGROUND.rouse()


contribute(AGENTS)
background.SPARE[:] = [_learn]
WHEN_WORK_COMES[:] = [_rouse]


def started(
    handler: Watcher,
    serialized: Any,
    run_id: Any,
    parent_id: Any,
    metadata: Any,
    rest: dict[str, Any],
    prompt: Any,
) -> None:
    """A model was called."""
    known = run_id if type(run_id) is UUID else id_of(run_id)
    parent = None if parent_id is None else id_of(parent_id)
    get = rest.get
    params, options, name, tags = get("invocation_params"), get("options"), get("name"), get("tags")
    run = Run(known, serialized, metadata, params, options, parent, read_live, prompt, (handler,), name, tags)
    if STATE[RUNS].open(run, handler) and (parent is not None or wants_chains()):
        _note_start(run, tags)


def token_came(handler: Watcher, token: Any, chunk: Any, run_id: Any) -> None:
    """One of the first chunks of a stream came: later ones are only put on a list."""
    runs = STATE[RUNS]
    run = runs.live(id_of(run_id))
    if run is not None and run.handlers[0] is handler:  # each of several handlers gets each chunk
        note_chunk(run, token, chunk)
        if run.first_token is not None:
            runs.follow(run)


def event_came(handler: Watcher, event: Any, run_id: Any) -> None:
    """A protocol event of a stream came."""
    runs = STATE[RUNS]
    run = runs.live(run_id if type(run_id) is UUID else id_of(run_id))
    if run is not None and run.handlers[0] is handler:
        note_event(run, event)
        if runs.streams:
            runs.streams.pop(run.id.int, None)


def ended(handler: Watcher, keeper: Keeper, run_id: Any, outcome: Outcome) -> None:
    """The answer came, the call failed, or its stream was abandoned."""
    runs = STATE[RUNS]
    run = runs.get(run_id if type(run_id) is UUID else id_of(run_id))
    if run is None or handler not in run.handlers:
        return
    is_first = run.end_source is None
    run.end(outcome)
    if not run.end_was_reported:
        run.end_was_reported = True
        is_wanted = bool(handler.metadata or keeper.rules) and handler.project is None
        run.is_sent = is_first and is_wanted and run.id.int in STATE[ORIGINS].sent
        if run.notes is not None or run.drafts is not None or type(outcome) is Failed:
            _note_end(run, outcome)
        if not runs.retire(run):
            runs.came_after_all()
    keeper.keep(run)


def _note_start(run: Run, tags: Any) -> None:
    try:
        callbacks.model_started(run, run.parent_id, tags)
    except Exception as fault:  # noqa: BLE001 - a fault in agents' notes costs them alone
        report("noting what an agent did", fault)


def _note_end(run: Run, outcome: Outcome) -> None:
    try:
        if isinstance(outcome, Failed):
            callbacks.model_failed(run, outcome.error, run.parent_id)
        elif isinstance(outcome, Answered) and run.notes is not None:
            callbacks.model_ended(run, outcome.response)
        if run.drafts is not None:
            run.prompt = None
    except Exception as fault:  # noqa: BLE001 - a fault in agents' notes costs them alone
        report("noting what an agent did", fault)
