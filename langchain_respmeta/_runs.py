"""The model runs of this process, from their start to the moment when their record is on its way.

One table for all handlers: every handler's start comes before any handler's end, so whoever needs a run (a handler at
its end, the LangSmith seam at the run's patch) finds it here, in whatever order they come. Bounded in number and age.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta.answer import RunStart

if TYPE_CHECKING:
    from langchain_respmeta._reading import Outcome
    from langchain_respmeta._streams import Passing
    from langchain_respmeta.handler import RespMetaHandler
    from langchain_respmeta.providers._table import Draft

logger: Final = logging.getLogger("langchain_respmeta")

MAX_LIVE: Final = 10_000
"""Runs under way. An asyncio cancellation fires neither an end nor an error, so some never end."""

MAX_AGE_S: Final = 3600.0
"""A run that has not ended after this time never will."""

MAX_ENDED: Final = 2_048
"""Ended runs that a tracer may still have to send."""


class Run:
    """One call of a model: what its start said, what was seen since, and how it ended.

    Reading the end takes longer than noting it. So the callback only notes it, and whoever needs the drafts first
    (the seam, somebody who looks at `handler.records`, or the background reader) has them read, once.
    """

    __slots__ = (
        "delivered",
        "drafts",
        "ended",
        "first_chunk",
        "first_token",
        "handlers",
        "id",
        "lock",
        "metadata",
        "options",
        "outcome",
        "params",
        "parent_id",
        "passing",
        "received_at",
        "serialized",
        "started",
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
        self.delivered: tuple[RespMetaHandler, ...] = ()
        self.drafts: list[Draft] | None = None
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
        return start

    def delivered_to(self, handler: RespMetaHandler) -> bool:
        """Whether `handler` already had this run's end; the first time it is noted. Some fire an error and an end."""
        if handler in self.delivered:
            return True
        self.delivered = (*self.delivered, handler)
        return False

    def note_end(self, outcome: Outcome) -> None:
        """The first end counts."""
        if self.ended is None:
            self.outcome = outcome
            self.received_at = datetime.now(UTC)
            self.ended = perf_counter()

    def settle(self) -> list[Draft]:
        """The run's drafts, one for each candidate; what only reading them needed is let go."""
        with self.lock:
            if self.drafts is None:
                from langchain_respmeta._reading import read_run

                self.drafts = read_run(self)
                self.serialized = self.metadata = self.params = self.options = self.outcome = self.passing = (
                    None
                )
            return self.drafts


class Runs:
    """Live and recently ended runs by id."""

    def __init__(self) -> None:
        self._live: dict[UUID, Run] = {}
        self._ended: dict[UUID, Run] = {}
        self._lock = threading.Lock()
        self.never_ended = 0
        """How many runs were given up because no end came."""

    def __len__(self) -> int:
        return len(self._live) + len(self._ended)

    def get(self, run_id: UUID) -> Run | None:
        """The run, live or recently ended."""
        return self._live.get(run_id) or self._ended.get(run_id)

    def live(self, run_id: UUID) -> Run | None:
        """The run, if it has not ended."""
        return self._live.get(run_id)

    def open(self, run: Run, handler: RespMetaHandler) -> None:
        """Mark a run as one that `handler` watches; several handlers share it."""
        with self._lock:
            known = self._live.setdefault(run.id, run)
            if handler not in known.handlers:
                known.handlers = (*known.handlers, handler)
            self._evict()

    def end(self, run: Run) -> None:
        """The run is over; it stays a while for the tracers that have not sent it yet."""
        with self._lock:
            if self._live.pop(run.id, None) is not None:
                self._ended[run.id] = run
                if len(self._ended) > MAX_ENDED:
                    del self._ended[next(iter(self._ended))]

    def _evict(self) -> None:
        oldest = next(iter(self._live.values()))
        while len(self._live) > MAX_LIVE or perf_counter() - oldest.started > MAX_AGE_S:
            del self._live[oldest.id]
            self.never_ended += 1
            if self.never_ended == 1:
                logger.warning(
                    "A model run never ended (cancelled?); its state was dropped. Later ones are only counted."
                )
            if not self._live:
                return
            oldest = next(iter(self._live.values()))

    def clear(self) -> None:
        """Forget everything (after a fork, and between tests)."""
        self._live.clear()
        self._ended.clear()
        self._lock = threading.Lock()


RUNS: Final = Runs()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=RUNS.clear)
