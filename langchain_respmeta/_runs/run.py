"""One model call, from its start to its record."""

from __future__ import annotations

import asyncio
import logging
import weakref
from asyncio import _get_running_loop, current_task
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock, get_ident
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias
from uuid import UUID

from langchain_respmeta._process.faults import report
from langchain_respmeta._runs.lifetime import EndSource, Lifetime
from langchain_respmeta._runs.outcome import Outcome
from langchain_respmeta.enrich.enricher import Facts, with_facts
from langchain_respmeta.record.allowed_facts import METADATA, NO_MORE, TAGS, Allowed, allowed
from langchain_respmeta.record.draft import Draft, as_dict, merged

if TYPE_CHECKING:
    from langsmith import Client

    from langchain_respmeta._reading.stream_notes import StreamNotes
    from langchain_respmeta.enrich.enricher import Enricher

logger: Final = logging.getLogger("langchain_respmeta")


class Watcher(Protocol):
    """A handler, as the rooms below it know it."""

    @property
    def metadata(self) -> bool:
        """Whether runs get the keys."""
        ...

    @property
    def prices(self) -> bool:
        """Whether costs are computed."""
        ...

    @property
    def include_content(self) -> bool:
        """Whether records and runs may contain texts."""
        ...

    @property
    def prefix(self) -> str:
        """Prefix of the keys on runs and of feedback keys."""
        ...

    @property
    def provider(self) -> Mapping[str, str] | None:
        """The providers that the user named."""
        ...

    @property
    def by(self) -> tuple[str, ...]:
        """Keys of runs' own metadata that its records carry."""
        ...

    @property
    def project(self) -> str | None:
        """The only LangSmith project whose runs are touched; None is all."""
        ...

    @property
    def extend_trace_retention(self) -> bool:
        """Whether feedback may move a trace to LangSmith's extended retention."""
        ...

    @property
    def client(self) -> Client | None:
        """LangSmith client of its feedback; None is each run's own."""
        ...

    @property
    def enrichers(self) -> Sequence[Enricher]:
        """Its enrichers."""
        ...

    @property
    def _keeper(self) -> Keeper: ...


class Keeper(Protocol):
    """Keeps a handler's ended runs."""

    @property
    def rules(self) -> Sequence[Any]:
        """Feedback rules, built-in or the user's."""
        ...

    @property
    def named(self) -> Sequence[tuple[str, str]]:
        """Pattern of a host, class or model → the provider that the user named."""
        ...

    def keep(self, run: Run, /) -> None:
        """Keep an ended run, once."""
        ...

    def learn(self, run: Run, before: Draft, after: Draft, /) -> None:
        """Count and show what was found out about a run after its answer."""
        ...

    def show_again(self, run: Run, /) -> None:
        """Show a run again whose call was tried again."""
        ...


class LookUp(Protocol):
    """A look-up for a run, beyond its answer."""

    before: Draft
    """The draft as read from the answer."""
    enricher: Enricher

    @property
    def is_over(self) -> bool:
        """Whether the facts are in the run's draft, or none will come."""
        ...

    def start(self) -> None:
        """Start the look-up."""
        ...

    def wait(self) -> None:
        """Wait as long as the enricher asks for, counted from the run's end."""
        ...

    def when_found(self, notify: Callable[[Facts], None]) -> None:
        """Call `notify` with the facts when they come: perhaps now, perhaps never."""
        ...

    def abandon(self) -> None:
        """End it in a forked child: the look-up is the parent's."""
        ...


class RunNotes(Protocol):
    """What agents know of a run, beyond its own answer."""

    def merged_into(self, draft: Draft, /) -> Draft:
        """Return a copy of `draft` with everything that is known by now."""
        ...


_ASSUMED: Final = EndSource.ASSUMED
"""Looked up once: an enumeration finds its members in Python."""

Pipeline: TypeAlias = "Callable[[Run], list[Draft]]"
"""Reads an ended run into its drafts, at least one."""


def keeper_of(watcher: Watcher) -> Keeper:
    """Return what keeps a handler's ended runs: the one place that reads it."""
    return watcher._keeper  # noqa: SLF001 - the door itself


def allowed_of(run: Run) -> Allowed:
    """What any of its handlers allows its record to carry; `Records` shows each handler its own part."""
    for handler in run.handlers:
        if handler.by:
            return allowed(*(name for watcher in run.handlers for name in watcher.by))
    return NO_MORE


class Run(Lifetime["Outcome"]):
    """One call of a model: what its start said, what was seen since, and how it ended.

    Reading the end takes longer than noting it. So the callback only notes it, and whichever needs the drafts first (the
    seam, `handler.records` or the background reader) reads them, once.
    """

    __slots__ = (
        "delivered",
        "drafts",
        "end_was_reported",
        "ended",
        "first_chunk",
        "first_token",
        "handlers",
        "id",
        "ids",
        "is_sent",
        "lock",
        "lookups",
        "loop",
        "metadata",
        "name",
        "notes",
        "options",
        "params",
        "parent_id",
        "pipeline",
        "prompt",
        "received_at",
        "reports_its_end",
        "serialized",
        "stream",
        "tags",
        "task",
        "thread",
    )

    def __init__(
        self,
        run_id: UUID,
        serialized: Any,
        metadata: Any,
        params: Any,
        options: Any,
        parent_id: UUID | None,
        pipeline: Pipeline,
        prompt: Any = None,
        handlers: tuple[Watcher, ...] = (),
        name: Any = None,
        tags: Any = None,
    ) -> None:
        # What `Lifetime` sets is set here, too: one call less for each call of a model.
        self.started = perf_counter()
        self.outcome = self.end_source = None
        self.end_is_assumed = False
        self.id = run_id
        self.serialized = serialized
        self.metadata = metadata
        self.params = params
        self.options = options
        self.name = name
        """What the caller calls it."""
        self.tags = tags
        self.parent_id = parent_id
        self.pipeline: Final = pipeline
        self.ended: float | None = None
        self.received_at: datetime | None = None
        self.first_chunk: float | None = None
        self.first_token: float | None = None
        self.stream: StreamNotes | None = None
        self.handlers = handlers
        self.delivered: tuple[Keeper, ...] = ()
        self.drafts: list[Draft] | None = None
        self.prompt = prompt
        """What the model was sent, until the end is both noted and read."""
        self.notes: RunNotes | None = None
        """What agents add; None for most runs."""
        loop = _get_running_loop()
        task = None if loop is None else current_task(loop)
        self.task = None if task is None else weakref.ref(task)
        self.loop = None if task is None else weakref.ref(task.get_loop())
        self.thread = get_ident()
        self.end_was_reported = False
        """Whether a callback reported the end."""
        self.is_sent = False
        """Whether a tracer had sent its start when its end was reported, and not its end: then the seam reads it at once."""
        self.reports_its_end = False
        """Whether it is an asyncio stream: these report their ends, and each of their chunks may have a task of its own."""
        self.ids: Mapping[str, Any] | None = None
        """Ids and facts that only a traced run knows, where nobody needed its drafts when they came."""
        self.lookups: tuple[LookUp, ...] = ()
        """Look-ups for it, beyond its answer."""
        self.lock = Lock()

    def note_first_chunk(self) -> None:
        """Note the first chunk; a stream that the caller reads himself has it in the task that began it."""
        self.first_chunk = perf_counter()
        self.reports_its_end = self.task is not None and self.task() is task_here()

    @property
    def is_streamed(self) -> bool | None:
        """Whether chunks of its answer came; None where nobody could see that."""
        return self.first_chunk is not None

    def _keep_end(self, outcome: Outcome, source: EndSource) -> None:
        with self.lock:
            self.outcome = outcome
            self.end_source = source
            self.end_is_assumed = source is _ASSUMED
            self.received_at = datetime.now(UTC)
            self.ended = perf_counter()
            self.drafts = None

    def is_abandoned(self, *, task: asyncio.Task[Any] | None = None, thread: int | None = None) -> bool:
        """Whether no end can come any more: the asyncio task that made the call is done, or is `task`.

        A cancelled `ainvoke` fires neither an end nor an error. A caller that passes `task` or `thread` knows that it has left
        the call; then a stream is abandoned too, though its end may be reported later, when it is closed.
        """
        if self.task is None:
            return self.first_chunk is not None and self.thread == thread
        started_by = self.task()
        is_done = started_by is None or started_by.done() or started_by is task
        return is_done and (task is not None or not self.reports_its_end or self._cannot_close())

    def _cannot_close(self) -> bool:
        """Whether its answer came whole, and the loop that could close its stream does not run."""
        loop = None if self.loop is None else self.loop()
        is_whole = self.stream is not None and self.stream.is_whole()
        return is_whole and (loop is None or not loop.is_running())

    def settle(self, ids: Mapping[str, Any] | None = None) -> list[Draft]:
        """Return the run's drafts, one for each candidate; release what only reading them needed.

        Drafts that are read just now get `ids`: nobody else has them yet.
        """
        if self.drafts is not None:
            return self.drafts
        with self.lock:
            if self.drafts is not None:
                return self.drafts
            drafts = self._read()
            if ids is None:
                ids = self.ids
            if ids is not None and self.lookups:  # which have the first draft already
                drafts = [_told_of(draft, ids) for draft in drafts]
            elif ids is not None:
                for draft in map(as_dict, drafts):
                    for path, value in ids.items():
                        if path in _TRACERS:
                            draft[path] = value
                        else:
                            draft.setdefault(path, value)
            self.drafts = drafts
            self._let_go(drafts)
        for look_up in self.lookups:
            look_up.start()
        return drafts

    def _read(self) -> list[Draft]:
        try:
            drafts = self.pipeline(self)
        except Exception as fault:  # noqa: BLE001 - a fault of ours must cost neither the record nor the run's metadata
            report("reading an answer", fault)
            drafts = [self._unread(fault)]
        return drafts

    def _let_go(self, drafts: list[Draft]) -> None:
        """Release what reading needed, after the drafts are kept: a child forked between the two finds one or the other."""
        if self.end_is_assumed:
            _forget_when(drafts)
        else:
            self.serialized = self.metadata = self.params = None
            self.options = self.outcome = self.stream = self.tags = None
            if self.delivered:
                self.prompt = None

    def renew_locks(self) -> None:
        """Renew locks in a forked child: a thread of the parent may hold them, and ends no look-up here."""
        self.lock = Lock()
        for look_up in self.lookups:
            look_up.abandon()

    def _unread(self, fault: BaseException) -> Draft:
        draft: Draft = {
            "provider": "unknown",
            "run_id": str(self.id),
            "warnings": [f"the answer could not be read: {type(fault).__name__}"],
        }
        if self.received_at is not None:
            draft["received_at"] = self.received_at
        return draft

    def identify(self, ids: Mapping[str, Any]) -> Draft:
        """Add ids and facts that only a traced run knows; return the first draft. Make new dicts: other threads may read the old ones."""
        drafts = self.settle(ids)
        first = as_dict(drafts[0])
        if ids.keys() <= first.keys() and all(ids[path] == first[path] for path in _TRACERS & ids.keys()):
            return drafts[0]
        with self.lock:
            drafts = self.drafts = [_told_of(draft, ids) for draft in self.drafts or drafts]
            return drafts[0]

    def note_ids(self, ids: Mapping[str, Any]) -> None:
        """Note ids and facts that only a traced run knows, for whoever reads the run's end, or has read it."""
        with self.lock:
            self.ids = ids
            if self.drafts is not None:
                self.drafts = [_told_of(draft, ids) for draft in self.drafts]

    def enrich(self, facts: Facts) -> tuple[Draft, Draft]:
        """Add what was looked up; return the first draft before and after."""
        drafts = self.settle()
        with self.lock:
            before, *rest = self.drafts or drafts
            after = with_facts(before, facts)
            self.drafts = [after, *rest]
            return before, after

    def drafts_before_lookups(self) -> list[Draft]:
        """Return the drafts without what was looked up since."""
        drafts = self.settle()
        return [self.lookups[0].before, *drafts[1:]] if self.lookups else drafts


_TRACERS: Final = frozenset({METADATA, TAGS})
"""Of these a tracer knows all that callbacks are told, and perhaps more."""


def _told_of(draft: Draft, ids: Mapping[str, Any]) -> Draft:
    """A draft with what a traced run knows of its own."""
    return merged(ids, draft, {path: ids[path] for path in _TRACERS & ids.keys()})


def task_here() -> asyncio.Task[Any] | None:
    """Return the asyncio task that runs this code, if any."""
    loop = _get_running_loop()
    return None if loop is None else current_task(loop)


def _forget_when(drafts: list[Draft]) -> None:
    """Drop the durations: an assumed end has no time."""
    for draft in drafts:
        draft.pop("timing.latency_s", None)
        draft.pop("timing.tokens_per_second", None)
