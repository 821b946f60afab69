"""Watch what the process sends to LangSmith, whoever sends it: LangSmith's wrappers, `@traceable` functions, LangChain."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.locks import ProcessLock
from langchain_respmeta._process.state import STATE
from langchain_respmeta.handler.first_run import before_first_run
from langchain_respmeta.handler.handler import RespMetaHandler, prepare

if TYPE_CHECKING:
    from langsmith.run_trees import RunTree

    from langchain_respmeta._runs.run import Run


class LangSmithWatch:
    """A handler that watches what LangSmith is sent, until `close()`; as a context manager, until the block ends.

    Attributes:
        handler: Its `records`, `summary()` and `flush()` tell what was seen.
    """

    def __init__(self, handler: RespMetaHandler) -> None:
        self.handler: Final = handler

    def close(self) -> None:
        """Watch no longer. The handler keeps its records."""
        with _WATCHES.lock:
            _WATCHES.open = tuple(one for one in _WATCHES.open if one is not self)

    def __enter__(self) -> RespMetaHandler:
        return self.handler

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Watches:
    """Who watches, once a process."""

    def __init__(self) -> None:
        self.lock = ProcessLock()
        self.open: tuple[LangSmithWatch, ...] = ()
        self.is_waiting = False
        """Whether the seam is put in place, or will be with the first run."""
        self.enabled: Callable[[], RespMetaHandler | None] | None = None
        """Gives the handler of `RESPMETA_ENABLED`, which watches, too."""


_WATCHES: Final = _Watches()


def watch_langsmith(handler: RespMetaHandler | None = None) -> LangSmithWatch:
    """Have a handler watch every model call of this process that is traced to LangSmith.

    Also those that no LangChain callback tells of: calls through `wrap_openai`, `wrap_anthropic` and `wrap_gemini`, and
    functions under `@traceable(run_type="llm")`. Their runs get the same metadata, sums and feedback. A call that a
    `RespMetaHandler` watches already is left to that one. `RESPMETA_ENABLED=true` does the same without a line of code.

    Args:
        handler: The handler to use. Default: a new `RespMetaHandler()`.

    Returns:
        The watch: `close()` ends it, and so does the end of a `with` block, which it gives the handler.

    Raises:
        SettingsError: A `RESPMETA_…` variable cannot be used.

    Example:
        watch_langsmith()
        client = wrap_openai(OpenAI())
    """
    watch = LangSmithWatch(RespMetaHandler() if handler is None else handler)
    with _WATCHES.lock:
        _WATCHES.open = (*_WATCHES.open, watch)
    _await_first_run()
    return watch


def watch_by_environment(enabled: Callable[[], RespMetaHandler | None]) -> None:
    """Have the handler of `RESPMETA_ENABLED` watch, too; `enabled` gives it, once it is needed."""
    _WATCHES.enabled = enabled
    _await_first_run()


def watches() -> int:
    """How many watches are open, that of the environment not counted."""
    return len(_WATCHES.open)


def _await_first_run() -> None:
    with _WATCHES.lock:
        if _WATCHES.is_waiting:
            return
        _WATCHES.is_waiting = True
    before_first_run(_begin)


def _begin() -> None:
    """Put the seam in place, and let it ask for runs of others."""
    with loading:
        from langchain_respmeta.langsmith import runs_of_others, seam

    runs_of_others.ADOPT[:] = [_adopt]
    seam.install()
    for handler in _watching():
        prepare(handler)


def _watching(tree: RunTree | None = None) -> tuple[RespMetaHandler, ...]:
    """The handlers that watch a run, each once. LangChain's own runs are known to the handler of the environment already."""
    found = [watch.handler for watch in _WATCHES.open]
    if _WATCHES.enabled is not None and not (tree is not None and _is_langchains(tree)):
        enabled = _WATCHES.enabled()
        if enabled is not None:
            found.append(enabled)
    return tuple(dict.fromkeys(found))


def _is_langchains(tree: RunTree) -> bool:
    """Whether LangChain's tracer sends it."""
    return not _OF_TRACER.isdisjoint(tree.extra or ())


_OF_TRACER: Final = frozenset({"invocation_params", "batch_size"})


def _adopt(tree: RunTree) -> Run | None:
    handlers = _watching(tree)
    if not handlers:
        return None
    with loading:
        from langchain_respmeta._runs.outcome import TracedFailure
        from langchain_respmeta._runs.run import keeper_of
        from langchain_respmeta._runs.table import RUNS
        from langchain_respmeta._runs.traced_run import run_of
        from langchain_respmeta.handler.pipeline import read_run

    for handler in handlers:
        prepare(handler)
    run = run_of(tree, read_run, handlers)
    if run is None:
        return None
    if isinstance(run.outcome, TracedFailure) and run.outcome.live is None:
        run.outcome.live = _raised()
    run.is_sent = run.end_was_reported = True
    STATE[RUNS].add_ended(run)
    for handler in handlers:
        keeper_of(handler).keep(run)
    return run


_ENDING: Final = "_container_end"
"""What ends a run in langsmith: of async code on a thread of its own, where no exception is being handled."""
_DEPTH: Final = 12


def _raised() -> BaseException | None:
    """The exception that langsmith ends the run with; None where it cannot be seen: then its text is read."""
    frame: Any = sys._getframe(1)  # noqa: SLF001 - there is no other way to the caller
    for _ in range(_DEPTH):
        if frame is None:
            return None
        if frame.f_code.co_name == _ENDING:
            error = frame.f_locals.get("error")
            return error if isinstance(error, BaseException) else None
        frame = frame.f_back
    return None
