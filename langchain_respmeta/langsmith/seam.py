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
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.faults import guarded, report
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.locks import ProcessLock
from langchain_respmeta._runs.continued_traces import (
    local_stand_ins,
    note_current_run,
    note_sent,
    note_stand_in,
)
from langchain_respmeta.langsmith.hiding import check_class
from langchain_respmeta.langsmith.replicas import marked_copies
from langchain_respmeta.langsmith.stamp import stamp

if TYPE_CHECKING:
    from langsmith.run_trees import RunTree


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
_lock: Final = ProcessLock()
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
    for name, watch in (("patch", stamp), ("post", _before_post)):
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

    check_class(Client)


def _wrapped(
    method: Callable[..., Any], watch: Callable[[RunTree, dict[str, Any]], None]
) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(self: RunTree, *args: Any, **kwargs: Any) -> Any:
        added: dict[str, Any] = {}
        try:
            watch(self, added)
        except Exception as fault:  # noqa: BLE001 - the run is sent whatever happens to its keys
            report("adding metadata to a run", fault)
        if not added or not getattr(self, "replicas", None):
            return method(self, *args, **kwargs)
        with marked_copies(self, added):
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
    note_current_run(kind)


def _noting_whose(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def from_headers(*args: Any, **kwargs: Any) -> Any:
        tree = function(*args, **kwargs)
        _try_taken_over(tree)
        return tree

    setattr(from_headers, _MARK, True)
    return from_headers


_try_taken_over = guarded("looking where traces begin")(note_stand_in)


def _noting_own(function: Callable[..., Any]) -> Callable[..., Any]:
    """A `@traceable` function in a chain: langsmith makes a stand-in for the chain's run, in the way of headers."""

    @functools.wraps(function)
    def from_runnable_config(*args: Any, **kwargs: Any) -> Any:
        with local_stand_ins():
            return function(*args, **kwargs)

    setattr(from_runnable_config, _MARK, True)
    return from_runnable_config


# --- what is done to a run ------------------------------------------------------------------------------------------


def _before_post(tree: RunTree, keys: dict[str, Any]) -> None:
    note_sent(tree)
    if tree.end_time is not None:
        stamp(tree, keys)
