"""What is done to a run just before it is sent: its keys are worked out, and put on it in one write."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from langchain_respmeta._process.faults import report
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.state import STATE
from langchain_respmeta._runs.continued_traces import topmost_run
from langchain_respmeta._runs.contributors import CONTRIBUTORS
from langchain_respmeta._runs.lookups import await_lookups
from langchain_respmeta._runs.outcome import Answered, TracedFailure
from langchain_respmeta._runs.run import Run, allowed_of, keeper_of, task_here
from langchain_respmeta._runs.table import RUNS
from langchain_respmeta.langsmith.call_sums import read_of
from langchain_respmeta.langsmith.feedback.send import send_feedback
from langchain_respmeta.langsmith.hiding import hides
from langchain_respmeta.langsmith.keys_of_run import emitted
from langchain_respmeta.langsmith.rollup import ROLLUPS
from langchain_respmeta.langsmith.runs_of_others import adopted, note_around
from langchain_respmeta.langsmith.tool_run_keys import keys_of
from langchain_respmeta.record.content import without_content
from langchain_respmeta.record.own_facts import facts_of_tracer

if TYPE_CHECKING:
    from langsmith.run_trees import RunTree

    from langchain_respmeta._runs.contributors import OtherRun
    from langchain_respmeta._runs.run import LookUp, Watcher
    from langchain_respmeta.record.draft import Draft


def stamp(tree: RunTree, keys: dict[str, Any]) -> None:
    """Work out the keys, and put them on the run."""
    run = STATE[RUNS].get(tree.id) or adopted(tree)
    top = topmost_run(tree)
    usage = None
    if run is not None:
        note_around(tree)
        usage = _stamp_model_run(tree, run, top, keys)
    else:
        if STATE[RUNS].has_live() or STATE[RUNS].never_ended:
            _assume_children_cancelled(tree, top, task_here())
        _try_other(tree, top, keys)
    if tree.parent_run_id is None or top == tree.id:
        try:
            _stamp_top(tree, run, top, keys)
        except Exception as fault:  # noqa: BLE001 - a fault in the sums costs the sums alone
            report("summing up a trace", fault)
    if keys:
        _add(tree, keys, usage)


def _try_other(tree: RunTree, top: UUID, keys: dict[str, Any]) -> None:
    try:
        for contributor in CONTRIBUTORS:
            if (other := contributor.other_run(tree)) is not None:
                _stamp_other(tree, other, top, keys)
                return
    except Exception as fault:  # noqa: BLE001 - a fault in the agents' notes costs them alone
        report("noting what an agent did", fault)


def _stamp_model_run(tree: RunTree, run: Run, top: UUID, keys: dict[str, Any]) -> dict[str, Any] | None:
    """Add the run's keys; return its `usage_metadata`."""
    if not any([one.metadata or keeper_of(one).rules for one in run.handlers]):  # noqa: C419 - faster
        run.note_ids(_ids_of(tree, run))  # nothing of it leaves: it is read when its record is wanted
        return None
    if run.ended is None or run.end_is_assumed:
        # The tracer heard of the end before the handler did: what it wrote down is read in place of the message.
        run.end(
            Answered(tree.outputs)
            if tree.error is None
            else TracedFailure(tree.error, sys.exc_info()[1], tree.outputs)
        )
    handlers = _of_project(run.handlers, tree)
    if not handlers:
        return None
    pending = await_lookups(run, handlers) if any([one.enrichers for one in handlers]) else ()  # noqa: C419 - faster
    draft = _identified(run, tree)
    hidden = hides(tree)
    try:
        for contributor in CONTRIBUTORS:
            contributor.note_model_run(top, run, draft)
    except Exception as fault:  # noqa: BLE001 - a fault in the agents' notes costs them alone
        report("noting what an agent did", fault)
    usage = None
    for handler in _stamping(handlers):
        try:
            new, usage, facts = emitted(
                draft, handler, _traced_usage(tree), hidden=hidden, own_ids=_has_uuids(run)
            )
        except Exception:
            _sum_up(top, run, read_of(without_content(draft)), handler)
            raise
        keys |= new
        _sum_up(top, run, facts, handler)
    send_feedback(draft, tree, handlers, hides=hidden)
    if pending:
        _send_when_found(pending, tree, handlers)
    return usage


def _has_uuids(run: Run) -> bool:
    """Whether its ids are not the caller's own words: a trace's is always a UUID."""
    return type(run.id) is UUID and (run.parent_id is None or type(run.parent_id) is UUID)


def _traced_usage(tree: RunTree) -> Any:
    return ((tree.extra or {}).get("metadata") or {}).get("usage_metadata")


def _sum_up(top: UUID, run: Run, facts: Draft, handler: Watcher) -> None:
    try:
        STATE[ROLLUPS].add(top, run.id, facts, handler)
    except Exception as fault:  # noqa: BLE001 - as above
        report("summing up a trace", fault)


def _send_when_found(pending: Sequence[LookUp], tree: RunTree, handlers: Sequence[Watcher]) -> None:
    with loading:
        from langchain_respmeta.langsmith.feedback.late_facts import send_when_found

    send_when_found(pending, tree, handlers, hides=hides(tree))


def _stamp_other(tree: RunTree, other: OtherRun, top: UUID, keys: dict[str, Any]) -> None:
    """A tool's run, or a parser's."""
    other.note_in_trace(top)
    stamping = _stamping(_of_project(other.handlers, tree))
    if not stamping:
        return
    draft, hidden = other.as_draft(), hides(tree)
    for handler in stamping:
        STATE[ROLLUPS].open(top, handler)
        keys |= keys_of(draft, handler, hidden=hidden)


def _of_project(handlers: Sequence[Watcher], tree: RunTree) -> Sequence[Watcher]:
    """Those that watch the LangSmith project which the run is traced to."""
    if len(handlers) == 1 and handlers[0].project is None:
        return handlers
    return [one for one in handlers if one.project is None or one.project == tree.session_name]


def _stamping(handlers: Sequence[Watcher]) -> Sequence[Watcher]:
    """The first handler of each prefix that puts metadata on runs."""
    if len(handlers) == 1:
        return handlers if handlers[0].metadata else ()
    return [*{handler.prefix: handler for handler in reversed(handlers) if handler.metadata}.values()]


def _identified(run: Run, tree: RunTree) -> Draft:
    draft = run.identify(_ids_of(tree, run))
    if run.notes is not None:
        for contributor in CONTRIBUTORS:
            draft = contributor.add_notes(run, draft)
    return draft


def _ids_of(tree: RunTree, run: Run) -> dict[str, Any]:
    """What only the traced run knows."""
    ids: dict[str, Any] = {"trace_id": str(tree.trace_id)}
    if tree.parent_run_id is not None:
        ids["parent_run_id"] = str(tree.parent_run_id)
    try:
        ids |= facts_of_tracer((tree.extra or {}).get("metadata"), tree.tags, allowed_of(run))
    except Exception as fault:  # noqa: BLE001 - a fault in a run's own facts costs them alone
        report("reading a run's own facts", fault)
    return ids


def _assume_children_cancelled(tree: RunTree, top: UUID, task: asyncio.Task[Any] | None) -> None:
    """A run that ends after a cancelled model call knows it, and nobody else does: no callback told of the call's end.

    A stream that nobody reads on tells it too late: after the run that read it, as do the chains between them.
    """
    for child in tree.child_runs:
        if child.end_time is not None:
            continue
        run = STATE[RUNS].get(child.id)
        if run is None:
            _assume_children_cancelled(child, top, task)
        elif run.end_is_assumed or (
            run.ended is None and run.is_abandoned(task=task, thread=threading.get_ident())
        ):
            _sum_up_cancelled(tree, run, top)


def _sum_up_cancelled(tree: RunTree, run: Run, top: UUID) -> None:
    if not run.end_is_assumed:
        STATE[RUNS].assume_cancelled(run)
    draft = without_content(run.identify({"trace_id": str(tree.trace_id)}))
    for handler in _stamping(_of_project(run.handlers, tree)):
        STATE[ROLLUPS].add(top, run.id, draft, handler, assumed=True)


def _stamp_top(tree: RunTree, run: Run | None, top: UUID, keys: dict[str, Any]) -> None:
    for contributor in CONTRIBUTORS:
        if resuming := contributor.resuming_handlers(tree.id):
            for handler in _stamping(_of_project(resuming, tree)):
                STATE[ROLLUPS].open(top, handler)
    if top not in STATE[ROLLUPS]:
        return
    more = _facts_of_trace(top, tree)
    if more and hides(tree):
        more = {key: value for key, value in more.items() if isinstance(value, int | float)}
    STATE[ROLLUPS].sum_up(top, tree.session_name, more, keys, is_model=run is not None)


def _facts_of_trace(top: UUID, tree: RunTree) -> dict[str, Any]:
    ended_well, state = tree.error is None, tree.outputs
    found: dict[str, Any] = {}
    for contributor in CONTRIBUTORS:
        found |= contributor.facts_of_trace(top, ended_well=ended_well, state=state)
    return found


def _add(tree: RunTree, keys: Mapping[str, Any], usage: dict[str, Any] | None) -> None:
    """New dicts all the way: the prompts of one `generate()` share one metadata dict."""
    extra = tree.extra or {}
    new = {**(extra.get("metadata") or {}), **keys}
    if usage is not None:
        new["usage_metadata"] = usage
    tree.extra = {**extra, "metadata": new}
