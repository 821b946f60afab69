"""The one wrapper: around `langsmith.run_trees.RunTree.patch` and `post`.

A finished run cannot be changed, and whether a handler hears of a run's end before or after the tracer is a matter of
chance. What always holds: every run of `LangChainTracer` and of `@traceable` passes `RunTree.patch` with its outputs
(a chain whose inputs are deferred passes `post` instead, at its end). So the metadata is added there, just before the
run is sent, and rides its own payload. Runs that no handler watches pass at the cost of a dictionary look-up.
"""

from __future__ import annotations

import functools
import inspect
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._agents import on_run as beside_models
from langchain_respmeta._agents import traces
from langchain_respmeta._enrich import Later, awaited
from langchain_respmeta._faults import guarded
from langchain_respmeta._reading import Answered, TracedFailure
from langchain_respmeta._runs import RUNS, Run, task_here
from langchain_respmeta.langsmith import metadata as on_run
from langchain_respmeta.langsmith.deliver import send_feedback
from langchain_respmeta.langsmith.rollup import ROLLUPS

if TYPE_CHECKING:
    from langsmith.run_trees import RunTree

    from langchain_respmeta.handler import RespMetaHandler
    from langchain_respmeta.providers._table import Draft

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
_HIDING: Final = (
    "_hide_inputs",
    "_hide_outputs",
    "_hide_metadata",
    "_anonymizer",
    "_process_buffered_run_ops",
)

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
    return None


def _wrapped(method: Callable[..., Any], watch: Callable[[RunTree], None]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(self: RunTree, *args: Any, **kwargs: Any) -> Any:
        watch(self)
        return method(self, *args, **kwargs)

    setattr(call, _MARK, True)
    return call


# --- what is done to a run ------------------------------------------------------------------------------------------


@guarded("adding metadata to a run")
def _before_patch(tree: RunTree) -> None:
    _stamp(tree)


@guarded("adding metadata to a run")
def _before_post(tree: RunTree) -> None:
    if tree.end_time is not None:
        _stamp(tree)


def _stamp(tree: RunTree) -> None:
    run = RUNS.get(tree.id)
    if run is not None:
        _stamp_model_run(tree, run)
    else:
        if RUNS.has_live():
            _give_up_children(tree)
        if (watched := beside_models.watched(tree)) is not None:
            _stamp_watched(tree, watched)
    if tree.parent_run_id is None:
        _stamp_root(tree, run)


def _stamp_model_run(tree: RunTree, run: Run) -> None:
    if run.ended is None or run.presumed:
        # The tracer heard of the end before the handler did: what it wrote down is read in place of the message.
        run.note_end(
            Answered(tree.outputs)
            if tree.error is None
            else TracedFailure(tree.error, sys.exc_info()[1], tree.outputs)
        )
    handlers = [handler for handler in run.handlers if handler.watches(tree.session_name)]
    if not handlers:
        return
    pending = awaited(run, handlers)
    draft = _identified(run, tree)
    traces.note_model_run(tree.trace_id, run, draft)
    for handler in _stamping(handlers):
        ROLLUPS.add(tree.trace_id, run.id, draft, handler)
        _add(tree, _metadata_of(draft, handler, tree), usage=draft)
    send_feedback(draft, tree, handlers, hides=hides(tree))
    if pending:
        _send_when_found(pending, tree, handlers)


def _send_when_found(pending: Sequence[Later], tree: RunTree, handlers: Sequence[RespMetaHandler]) -> None:
    from langchain_respmeta.langsmith.late import send_when_found

    send_when_found(pending, tree, handlers, hides=hides(tree))


def _stamp_watched(tree: RunTree, watched: beside_models.Watched) -> None:
    """A tool's run, or a parser's."""
    traces.note_watched(tree.trace_id, watched)
    for handler in _stamping(one for one in watched.handlers if one.watches(tree.session_name)):
        ROLLUPS.open(tree.trace_id, handler)
        _add(tree, beside_models.keys_of(watched, handler, hidden=hides(tree)))


def _stamping(handlers: Iterable[RespMetaHandler]) -> Iterable[RespMetaHandler]:
    """The first handler of each prefix that puts metadata on runs."""
    return {handler.prefix: handler for handler in reversed([*handlers]) if handler.metadata}.values()


def _identified(run: Run, tree: RunTree) -> Draft:
    ids = {"trace_id": str(tree.trace_id)}
    if tree.parent_run_id is not None:
        ids["parent_run_id"] = str(tree.parent_run_id)
    draft = run.identify(**ids)
    return draft if run.beside is None else run.beside.over(draft)


def _give_up_children(tree: RunTree) -> None:
    """A run that ends after a cancelled model call knows it, and nobody else does: no callback told of the call's end."""
    task = task_here()
    for child in tree.child_runs:
        run = RUNS.live(child.id) if child.end_time is None else None
        if run is not None and run.is_over(task=task):
            RUNS.give_up(run)
            draft = run.identify(trace_id=str(tree.trace_id))
            for handler in _stamping(one for one in run.handlers if one.watches(tree.session_name)):
                ROLLUPS.add(tree.trace_id, run.id, draft, handler)


def _stamp_root(tree: RunTree, run: Run | None) -> None:
    rollups = ROLLUPS.of(tree.trace_id)
    if not rollups:
        return
    more = traces.rollup_of(tree.trace_id, ended_well=tree.error is None, state=tree.outputs)
    if hides(tree):
        more = {key: value for key, value in more.items() if isinstance(value, int)}
    for prefix, rollup in rollups.items():
        if rollup.is_for(tree.session_name):
            keys = rollup.metadata(prefix, more)
            if run is not None:
                # A model call that is itself the root keeps its own record; the sums come beside it.
                del keys[prefix]
            _add(tree, keys)


def _metadata_of(draft: Draft, handler: RespMetaHandler, tree: RunTree) -> dict[str, Any]:
    keys = on_run.flat_keys(draft, handler.prefix)
    if not hides(tree):
        keys[handler.prefix] = on_run.nested_record(draft, include_content=handler.include_content)
    return keys


def hides(tree: RunTree) -> bool:
    """Whether a client that sends the run hides or masks anything: then only scalars from a fixed list leave."""
    copies = getattr(tree, "replicas", None) or ()
    clients = [tree.ls_client, *(copy.get("client") for copy in copies if isinstance(copy, Mapping))]
    return any(getattr(client, name, None) not in (None, False) for client in clients for name in _HIDING)


def _add(tree: RunTree, keys: Mapping[str, Any], *, usage: Draft | None = None) -> None:
    """New dicts all the way: the prompts of one `generate()` share one metadata dict."""
    extra = tree.extra or {}
    old = extra.get("metadata") or {}
    new = {**old, **keys}
    if usage is not None:
        merged = on_run.usage_metadata(usage, old.get("usage_metadata"))
        if merged is not None:
            new["usage_metadata"] = merged
    tree.extra = {**extra, "metadata": new}
