"""The one wrapper: around `langsmith.run_trees.RunTree.patch` and `post`.

A finished run cannot be changed, and whether a handler hears of a run's end before or after the tracer is a matter of
chance. What always holds: every run of `LangChainTracer` and of `@traceable` passes `RunTree.patch` with its outputs
(a chain whose inputs are deferred passes `post` instead, at its end). So the metadata is added there, just before the
run is sent, and rides its own payload. Runs that no handler watches pass at the cost of a dictionary look-up.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._agents import tool_run_facts as beside_models
from langchain_respmeta._agents import trace_summary
from langchain_respmeta._agents.call_notes import with_beside
from langchain_respmeta._process.faults import guarded
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._runs.continued_traces import (
    look_around,
    note_sent,
    note_taken_over,
    own_runs,
    top_of,
)
from langchain_respmeta._runs.lookups import Later, awaited
from langchain_respmeta._runs.run import RUNS, Run, task_here
from langchain_respmeta.handler.pipeline import Answered, TracedFailure
from langchain_respmeta.langsmith import metadata as on_run
from langchain_respmeta.langsmith.feedback.send import send_feedback
from langchain_respmeta.langsmith.replicas import telling
from langchain_respmeta.langsmith.rollup import ROLLUPS, beside_calls

if TYPE_CHECKING:
    from uuid import UUID

    from langsmith.run_trees import RunTree

    from langchain_respmeta.handler.handler import RespMetaHandler
    from langchain_respmeta.providers.engine.table import Draft

logger: Final = logging.getLogger("langchain_respmeta")

_MARK: Final = "__respmeta_seam__"
_NEEDED: Final = (
    "id",
    "trace_id",
    "parent_run_id",
    "extra",
    "outputs",
    "error",
    "end_time",
    "session_name",
    "start_time",
)
HIDING: Final = (
    "_hide_inputs",
    "_hide_outputs",
    "_hide_metadata",
    "_anonymizer",
    "_process_buffered_run_ops",
)
"""Where a client keeps that it hides or masks something, or lets somebody rewrite runs."""

_OFF: Final = (None, False)
_ABSENT: Final = object()

_lock = threading.Lock()
_problem: str | None = "not installed yet"


def install() -> str | None:
    """Put the wrapper in place, once a process; returns what keeps it from working, None when all is well.

    A future langsmith may look different: then nothing is wrapped, one warning says what is lost, and records and
    the handler's own summary go on.
    """
    global _problem  # noqa: PLW0603 - one seam a process
    with _lock:
        if _problem == "not installed yet":
            _problem = _attempt()
            if _problem:
                logger.warning(
                    "Nothing will be put on LangSmith runs, and no feedback sent: %s. Records stay available in "
                    "handler.records. Run `respmeta doctor` for details.",
                    _problem,
                )
    return _problem


def problem() -> str | None:
    """Why the wrapper does not work, or None."""
    return _problem


def _attempt() -> str | None:
    try:
        return _try_install()
    except Exception as fault:  # noqa: BLE001 - a future langsmith may differ in ways that nobody thinks of today
        return f"langsmith's RunTree is not what it was ({type(fault).__name__}: {fault})"


def _try_install() -> str | None:
    try:
        with loading:
            from langsmith.run_trees import RunTree
    except ImportError as fault:
        return f"langsmith cannot be imported ({fault})"
    fields = getattr(RunTree, "model_fields", None) or getattr(
        RunTree, "__fields__", {}
    )  # before 0.4: pydantic 1
    missing = [name for name in _NEEDED if name not in fields]
    if missing:
        return f"langsmith's RunTree has no {', '.join(missing)}"
    for name, watch in (("patch", _before_patch), ("post", _before_post)):
        method = getattr(RunTree, name, None)
        if not inspect.isfunction(method):
            return f"langsmith's RunTree has no method {name}"
        if not hasattr(method, _MARK):
            setattr(RunTree, name, _wrapped(method, watch))
    _check_client()
    _watch_headers(RunTree)
    return None


def _check_client() -> None:
    """Say at once, not at the first run, that langsmith's own client no longer tells whether it hides anything."""
    with loading:
        from langsmith import Client

    # A client's names are slots, so that the class shows them. Without slots only an instance does.
    if "__slots__" in vars(Client) and not all(hasattr(Client, name) for name in HIDING):
        _warn_of_unknown(Client)


def _wrapped(
    method: Callable[..., Any], watch: Callable[[RunTree, dict[str, Any]], None]
) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(self: RunTree, *args: Any, **kwargs: Any) -> Any:
        added: dict[str, Any] = {}
        watch(self, added)
        if not added or not getattr(self, "replicas", None):
            return method(self, *args, **kwargs)
        with telling(self, added):
            return method(self, *args, **kwargs)

    setattr(call, _MARK, True)
    return call


# --- traces that another process began ---------------------------------------------------------------------------------


@guarded("looking where traces begin")
def _watch_headers(kind: type[RunTree]) -> None:
    """See which traces are gone on with; where that is not to be seen, sums stand on the roots of traces only."""
    for name, watched in (("from_headers", _noting_whose), ("from_runnable_config", _noting_own)):
        method = inspect.getattr_static(kind, name, None)
        if isinstance(method, classmethod) and not hasattr(method.__func__, _MARK):
            setattr(kind, name, classmethod(watched(method.__func__)))
    look_around(kind)


def _noting_whose(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def from_headers(*args: Any, **kwargs: Any) -> Any:
        tree = function(*args, **kwargs)
        _try_taken_over(tree)
        return tree

    setattr(from_headers, _MARK, True)
    return from_headers


_try_taken_over = guarded("looking where traces begin")(note_taken_over)


def _noting_own(function: Callable[..., Any]) -> Callable[..., Any]:
    """A `@traceable` function in a chain: langsmith makes a stand-in for the chain's run, in the way of headers."""

    @functools.wraps(function)
    def from_runnable_config(*args: Any, **kwargs: Any) -> Any:
        with own_runs():
            return function(*args, **kwargs)

    setattr(from_runnable_config, _MARK, True)
    return from_runnable_config


# --- what is done to a run ------------------------------------------------------------------------------------------


@guarded("adding metadata to a run")
def _before_patch(tree: RunTree, keys: dict[str, Any]) -> None:
    _stamp(tree, keys)


@guarded("adding metadata to a run")
def _before_post(tree: RunTree, keys: dict[str, Any]) -> None:
    note_sent(tree)
    if tree.end_time is not None:
        _stamp(tree, keys)


def _stamp(tree: RunTree, keys: dict[str, Any]) -> None:
    """Work out the keys, and put them on the run."""
    run = RUNS.get(tree.id)
    top = top_of(tree)
    draft = None
    if run is not None:
        draft = _stamp_model_run(tree, run, top, keys)
    else:
        if RUNS.has_live() or RUNS.never_ended:
            _give_up_children(tree, top, task_here())
        _try_watched(tree, top, keys)
    if tree.parent_run_id is None or top == tree.id:
        _try_top(tree, run, top, keys)
    if keys:
        _add(tree, keys, usage=draft)


@guarded("summing up a trace")
def _try_top(tree: RunTree, run: Run | None, top: UUID, keys: dict[str, Any]) -> None:
    _stamp_top(tree, run, top, keys)


@guarded("noting what an agent did")
def _try_watched(tree: RunTree, top: UUID, keys: dict[str, Any]) -> None:
    if (watched := beside_models.watched(tree)) is not None:
        _stamp_watched(tree, watched, top, keys)


def _stamp_model_run(tree: RunTree, run: Run, top: UUID, keys: dict[str, Any]) -> Draft | None:
    if run.ended is None or run.presumed:
        # The tracer heard of the end before the handler did: what it wrote down is read in place of the message.
        run.note_end(
            Answered(tree.outputs)
            if tree.error is None
            else TracedFailure(tree.error, sys.exc_info()[1], tree.outputs)
        )
    handlers = _of_project(run.handlers, tree)
    if not handlers:
        return None
    pending = awaited(run, handlers)
    draft = _identified(run, tree)
    hidden = hides(tree)
    _note_in_trace(top, run, draft)
    stamping = _stamping(handlers)
    for handler in stamping:
        _sum_up(top, run, draft, handler)
        keys |= _metadata_of(draft, handler, hidden=hidden)
    send_feedback(draft, tree, handlers, hides=hidden)
    if pending:
        _send_when_found(pending, tree, handlers)
    return draft if stamping else None


@guarded("noting what an agent did")
def _note_in_trace(top: UUID, run: Run, draft: Draft) -> None:
    trace_summary.note_model_run(top, run, draft)


@guarded("summing up a trace")
def _sum_up(top: UUID, run: Run, draft: Draft, handler: RespMetaHandler) -> None:
    ROLLUPS.add(top, run.id, draft, handler)


def _send_when_found(pending: Sequence[Later], tree: RunTree, handlers: Sequence[RespMetaHandler]) -> None:
    with loading:
        from langchain_respmeta.langsmith.feedback.late_facts import send_when_found

    send_when_found(pending, tree, handlers, hides=hides(tree))


def _stamp_watched(tree: RunTree, watched: beside_models.Watched, top: UUID, keys: dict[str, Any]) -> None:
    """A tool's run, or a parser's."""
    trace_summary.note_watched(top, watched)
    for handler in _stamping(_of_project(watched.handlers, tree)):
        ROLLUPS.open(top, handler)
        keys |= beside_models.keys_of(watched, handler, hidden=hides(tree))


def _of_project(handlers: Sequence[RespMetaHandler], tree: RunTree) -> list[RespMetaHandler]:
    """Those that watch the LangSmith project which the run is traced to."""
    return [one for one in handlers if one.project is None or one.project == tree.session_name]


def _stamping(handlers: Sequence[RespMetaHandler]) -> Sequence[RespMetaHandler]:
    """The first handler of each prefix that puts metadata on runs."""
    if len(handlers) == 1:
        return handlers if handlers[0].metadata else ()
    return [*{handler.prefix: handler for handler in reversed(handlers) if handler.metadata}.values()]


def _identified(run: Run, tree: RunTree) -> Draft:
    ids = {"trace_id": str(tree.trace_id)}
    if tree.parent_run_id is not None:
        ids["parent_run_id"] = str(tree.parent_run_id)
    draft = run.identify(ids)
    return with_beside(run, draft)


def _give_up_children(tree: RunTree, top: UUID, task: asyncio.Task[Any] | None) -> None:
    """A run that ends after a cancelled model call knows it, and nobody else does: no callback told of the call's end.

    A stream that nobody reads on tells it too late: after the run that read it, as do the chains between them.
    """
    for child in tree.child_runs:
        if child.end_time is not None:
            continue
        run = RUNS.get(child.id)
        if run is None:
            _give_up_children(child, top, task)
        elif run.presumed or (run.ended is None and run.is_over(task=task, thread=threading.get_ident())):
            _sum_up_concluded(tree, run, top)


def _sum_up_concluded(tree: RunTree, run: Run, top: UUID) -> None:
    if not run.presumed:
        RUNS.give_up(run)
    draft = run.identify({"trace_id": str(tree.trace_id)})
    for handler in _stamping(_of_project(run.handlers, tree)):
        ROLLUPS.add(top, run.id, draft, handler, concluded=True)


def _stamp_top(tree: RunTree, run: Run | None, top: UUID, keys: dict[str, Any]) -> None:
    for handler in _stamping(_of_project(trace_summary.resumed_by(tree.id), tree)):
        ROLLUPS.open(top, handler)
    rollups = ROLLUPS.of(top)
    if not rollups:
        return
    more = trace_summary.rollup_of(top, ended_well=tree.error is None, state=tree.outputs)
    if more and hides(tree):
        more = {key: value for key, value in more.items() if isinstance(value, int | float)}
    for prefix, rollup in rollups.items():
        if rollup.is_for(tree.session_name):
            if run is None:
                keys[prefix] = rollup.nested(more)
                keys |= rollup.flat(prefix, more)
            else:
                # A model call that is itself the root keeps its own record; sums of one call would only repeat it.
                sums = rollup.flat(prefix, more) if rollup.calls > 1 else beside_calls(prefix, more)
                keys |= _as_many_as_fit(sums, keys, prefix)
    ROLLUPS.summed_up(top)


def _as_many_as_fit(sums: dict[str, Any], keys: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """No run has more flat keys than `MAX_FLAT`."""
    if len(sums) + len(keys) <= on_run.MAX_FLAT:
        return sums
    there = sum([key.startswith(f"{prefix}_") for key in keys])
    new = [key for key in sums if key not in keys]
    too_many = new[max(0, on_run.MAX_FLAT - there) :]
    return {key: value for key, value in sums.items() if key not in too_many}


def _metadata_of(draft: Draft, handler: RespMetaHandler, *, hidden: bool) -> dict[str, Any]:
    keys = on_run.flat_keys(draft, handler.prefix)
    if not hidden:
        keys[handler.prefix] = on_run.nested_record(draft, include_content=handler.include_content)
    return keys


def hides(tree: RunTree) -> bool:
    """Whether a client that sends the run hides or masks anything: then only scalars from a fixed list leave."""
    # Without a client of its own the run is sent by the process's client, which the property gives.
    own = tree.ls_client
    if _hides(tree.client if own is None else own):
        return True
    copies = getattr(tree, "replicas", None) or ()
    others = [copy.get("client") for copy in copies if isinstance(copy, Mapping)]
    return any(_hides(client) for client in others if client is not None)


def _hides(client: Any) -> bool:
    """True also where nobody can tell: a client without these names may hide under others."""
    found = [getattr(client, name, _ABSENT) for name in HIDING]
    if _ABSENT in found:
        _warn_of_unknown(type(client))
        return True
    return any([value not in _OFF for value in found])  # noqa: C419 - a list is the faster one


_unknown: Final[set[str]] = set()
"""Kinds of clients that were warned of."""


def _warn_of_unknown(kind: type[Any]) -> None:
    """Once for each kind of client."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name in _unknown:
        return
    _unknown.add(name)
    logger.warning(
        "%s does not say whether it hides anything, so everything counts as hidden: runs get the flat keys only, "
        "feedback no comments. Run `respmeta doctor` for details.",
        name,
    )


def _add(tree: RunTree, keys: Mapping[str, Any], *, usage: Draft | None) -> None:
    """New dicts all the way: the prompts of one `generate()` share one metadata dict."""
    extra = tree.extra or {}
    old = extra.get("metadata") or {}
    new = {**old, **keys}
    if usage is not None:
        merged = on_run.usage_metadata(usage, old.get("usage_metadata"))
        if merged is not None:
            new["usage_metadata"] = merged
    tree.extra = {**extra, "metadata": new}


def _begin_again_after_fork() -> None:
    global _lock  # noqa: PLW0603 - in a forked child somebody may hold the parent's
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_again_after_fork)
