"""The model runs of this process, from their start to the moment when their record is on its way.

One table for all handlers: every handler's start comes before any handler's end, so whoever needs a run (a handler at
its end, the LangSmith seam at the run's patch) finds it here, in whatever order they come. Bounded in number and age.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import weakref
from asyncio import _get_running_loop
from collections.abc import Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta._agents.call_notes import Beside, settled
from langchain_respmeta._process.faults import guarded, report
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._runs.lookups import Facts, Later, with_facts
from langchain_respmeta._runs.prompt_sound import holds_sound
from langchain_respmeta.handler.ended_runs import Books, books_of
from langchain_respmeta.handler.pipeline import Failed, Outcome, read_run
from langchain_respmeta.providers.engine.answer import RunStart

if TYPE_CHECKING:
    from langchain_respmeta._reading.stream_repair import Passing
    from langchain_respmeta.handler.handler import RespMetaHandler
    from langchain_respmeta.providers.engine.table import Draft

logger: Final = logging.getLogger("langchain_respmeta")

MAX_LIVE: Final = 10_000
"""Runs under way; the oldest are given up."""

MAX_AGE_S: Final = 3600.0
"""A run that has not ended after this time never will."""

SWEEP_AT: Final = 128
"""So many live runs before it is looked whether some of them are over without having said so."""

MAX_ENDED: Final = 2_048
"""Ended runs that a tracer may still have to send."""


class Run:
    """One call of a model: what its start said, what was seen since, and how it ended.

    Reading the end takes longer than noting it. So the callback only notes it, and whoever needs the drafts first
    (the seam, somebody who looks at `handler.records`, or the background reader) has them read, once.
    """

    __slots__ = (
        "beside",
        "delivered",
        "drafts",
        "ended",
        "first_chunk",
        "first_token",
        "handlers",
        "id",
        "later",
        "lock",
        "loop",
        "metadata",
        "options",
        "outcome",
        "params",
        "parent_id",
        "passing",
        "presumed",
        "prompt",
        "received_at",
        "serialized",
        "started",
        "task",
        "tells_its_end",
        "thread",
        "told",
    )

    def __init__(
        self, run_id: UUID, serialized: Any, metadata: Any, params: Any, options: Any, parent_id: Any
    ) -> None:
        self.id = run_id
        self.serialized = serialized
        self.metadata = metadata
        self.params = params
        self.options = options
        self.parent_id = parent_id
        self.started = perf_counter()
        self.ended: float | None = None
        self.received_at: datetime | None = None
        self.outcome: Outcome | None = None
        self.first_chunk: float | None = None
        self.first_token: float | None = None
        self.passing: Passing | None = None
        self.handlers: tuple[RespMetaHandler, ...] = ()
        self.delivered: tuple[Books, ...] = ()
        self.drafts: list[Draft] | None = None
        self.prompt: Any = None
        """What the model was sent; until the end is both noted and read."""
        self.beside: Beside | None = None
        """What agents add; None for most runs."""
        task = task_here()
        self.task = None if task is None else weakref.ref(task)
        self.loop = None if task is None else weakref.ref(task.get_loop())
        self.thread = threading.get_ident()
        self.presumed = False
        """Whether the end was not seen but concluded."""
        self.told = False
        """Whether a callback told of the end."""
        self.tells_its_end = False
        """Whether it is an asyncio stream: these tell of their ends, and each of their chunks may have a task of its own."""
        self.later: tuple[Later, ...] = ()
        """What is looked up for it beyond its answer."""
        self.lock = threading.Lock()

    @property
    def streamed(self) -> bool:
        """Whether a token or event was seen."""
        return self.first_chunk is not None

    def start(self) -> RunStart:
        """What was known at the start, in the readers' shape."""
        start = RunStart.from_callback(self.serialized, self.metadata, self.params)
        if isinstance(self.options, Mapping) and self.options.get("ls_structured_output_format"):
            start.response_format = True
        self._listen(start)
        if start.provider is not None or any(books_of(handler).named for handler in self.handlers):
            self._name_provider(start)
        return start

    @guarded("looking for sound in a prompt")
    def _listen(self, start: RunStart) -> None:
        start.heard = holds_sound(self.prompt)

    @guarded("finding out whom the caller named")
    def _name_provider(self, start: RunStart) -> None:
        with loading:
            from langchain_respmeta.providers.named import tell_named

        tell_named(start, [books_of(handler).named for handler in self.handlers])

    def delivered_to(self, books: Books) -> bool:
        """Whether `books` already have this run's end; the first time it is noted. Some fire an error and an end."""
        if books in self.delivered:
            return True
        self.delivered = (*self.delivered, books)
        return False

    def saw_first_chunk(self) -> None:
        """A stream goes on; one that the caller himself reads gives its first chunk to the task that began it."""
        self.first_chunk = perf_counter()
        self.tells_its_end = self.task is not None and self.task() is task_here()

    def note_end(self, outcome: Outcome, *, presumed: bool = False) -> None:
        """The first end counts, but one that was only concluded gives way to one that was seen."""
        if self.ended is None or (self.presumed and not presumed):
            with self.lock:
                self.outcome = outcome
                self.presumed = presumed
                self.received_at = datetime.now(UTC)
                self.ended = perf_counter()
                self.drafts = None

    def is_over(self, *, task: asyncio.Task[Any] | None = None, thread: int | None = None) -> bool:
        """Whether no end can come any more: the asyncio task that made the call is done, or is `task`.

        A cancelled `ainvoke` fires neither an end nor an error. Whoever passes `task` or `thread` knows that it has left
        the call; then a stream is over too, though its end may be told later than that, when somebody closes it.
        """
        if self.task is None:
            return self.streamed and self.thread == thread
        started_by = self.task()
        is_over = started_by is None or started_by.done() or started_by is task
        return is_over and (task is not None or not self.tells_its_end or self._stands_still())

    def _stands_still(self) -> bool:
        """Whether its answer came whole, and the loop that could still close its stream does not run."""
        loop = None if self.loop is None else self.loop()
        is_whole = self.passing is not None and self.passing.has_told_all()
        return is_whole and (loop is None or not loop.is_running())

    def settle(self) -> list[Draft]:
        """The run's drafts, one for each candidate; what only reading them needed is let go."""
        with self.lock:
            if self.drafts is not None:
                return self.drafts
            drafts = self.drafts = self._read()
            self._let_go(drafts)
        for later in self.later:
            later.start()
        return drafts

    def _read(self) -> list[Draft]:
        try:
            drafts = read_run(self)
            settled(self, drafts)
        except Exception as fault:  # noqa: BLE001 - a fault of ours must cost neither the record nor the run's metadata
            report("reading an answer", fault)
            drafts = [self._unread(fault)]
        return drafts

    def _let_go(self, drafts: list[Draft]) -> None:
        """After the drafts are kept: a child forked between finds either them or all that reading them needs."""
        if self.presumed:
            _forget_when(drafts)
        else:
            self.serialized = self.metadata = self.params = None
            self.options = self.outcome = self.passing = None
            if self.delivered:
                self.prompt = None

    def renew_locks(self) -> None:
        """In a forked child: a thread of the parent may have held them, and it ends no look-up here."""
        self.lock = threading.Lock()
        for later in self.later:
            later.abandon()

    def _unread(self, fault: BaseException) -> Draft:
        return {
            "provider": "unknown",
            "run_id": str(self.id),
            "received_at": self.received_at,
            "warnings": [f"the answer could not be read: {type(fault).__name__}"],
        }

    def identify(self, ids: Mapping[str, str]) -> Draft:
        """Add ids that only a traced run knows; the first draft. New dicts: somebody may be reading the old ones."""
        drafts = self.settle()
        with self.lock:
            self.drafts = [{**ids, **draft} for draft in self.drafts or drafts]
            return self.drafts[0]

    def enrich(self, facts: Facts) -> tuple[Draft, Draft]:
        """Add what was looked up; the first draft before and after."""
        drafts = self.settle()
        with self.lock:
            before, *rest = self.drafts or drafts
            after = with_facts(before, facts)
            self.drafts = [after, *rest]
            return before, after

    def as_answered(self) -> list[Draft]:
        """The drafts without what was looked up since."""
        drafts = self.settle()
        return [self.later[0].before, *drafts[1:]] if self.later else drafts


def task_here() -> asyncio.Task[Any] | None:
    """The asyncio task that runs this code, if any does."""
    loop = _get_running_loop()
    return None if loop is None else asyncio.current_task(loop)


def _forget_when(drafts: list[Draft]) -> None:
    """Nobody knows how long a call took whose end was not seen."""
    for draft in drafts:
        for path in ("timing.latency_s", "timing.tokens_per_second"):
            draft.pop(path, None)


class Runs:
    """Live and recently ended runs by id: by its number, because a UUID's own hash is computed in Python each time."""

    def __init__(self) -> None:
        self._live: dict[int, Run] = {}
        self._ended: dict[int, Run] = {}
        self._lock = threading.Lock()
        self._sweep_at = SWEEP_AT
        self.never_ended = 0
        """How many runs were given up because no end came."""

    def __len__(self) -> int:
        return len(self._live) + len(self._ended)

    def get(self, run_id: UUID) -> Run | None:
        """The run, live or recently ended."""
        key = run_id.int
        return self._live.get(key) or self._ended.get(key)

    def live(self, run_id: UUID) -> Run | None:
        """The run, if it has not ended."""
        return self._live.get(run_id.int)

    def has_live(self) -> bool:
        """Whether any run has not ended."""
        return bool(self._live)

    def open(self, run: Run, handler: RespMetaHandler) -> bool:
        """Mark a run as one that `handler` watches; several handlers share it. Whether it is new."""
        with self._lock:
            known = self._live.setdefault(run.id.int, run)
            if handler not in known.handlers:
                known.handlers = (*known.handlers, handler)
            outdated = self._outdated()
        for one in outdated:
            self.give_up(one)
        if len(self._live) > self._sweep_at:
            self.sweep()
        return known is run

    def end(self, run: Run) -> bool:
        """The run is over; it stays a while for the tracers that have not sent it yet. Whether it was live."""
        with self._lock:
            key = run.id.int
            if self._live.pop(key, None) is None:
                return False
            self._ended[key] = run
            if len(self._ended) > MAX_ENDED:
                del self._ended[next(iter(self._ended))]
            return True

    def told(self, run: Run) -> None:
        """The run's end was seen, the first time; it may have been given up before."""
        if not self.end(run):
            with self._lock:
                self.never_ended -= 1

    def sweep(self) -> None:
        """Give up the runs that are over without having said so."""
        with self._lock:
            over = [run for run in self._live.values() if run.is_over()]
        for run in over:
            self.give_up(run)
        self._sweep_at = max(SWEEP_AT, 2 * len(self._live))

    def give_up(self, run: Run) -> None:
        """Record a live run as cancelled: nobody waits for its answer any more."""
        run.note_end(Failed(asyncio.CancelledError(), None), presumed=True)
        if not self.end(run):
            return  # another thread swept as well, or its end came after all
        for handler in run.handlers:
            books_of(handler).keep(run)
        with self._lock:
            self.never_ended += 1
            is_first = self.never_ended == 1
        if is_first:
            logger.info(
                "A model run ended without saying so, as cancelled asyncio calls do; it is recorded as cancelled."
                " Later ones are only counted."
            )

    def _outdated(self) -> list[Run]:
        """The oldest runs, if they are too many or too old."""
        found: list[Run] = []
        for run in self._live.values():
            if len(self._live) - len(found) <= MAX_LIVE and perf_counter() - run.started <= MAX_AGE_S:
                break
            found.append(run)
        return found

    def clear(self) -> None:
        """Forget everything (after a fork, and between tests)."""
        self._live.clear()
        self._ended.clear()
        self._lock = threading.Lock()


RUNS: Final = Runs()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=RUNS.clear)
