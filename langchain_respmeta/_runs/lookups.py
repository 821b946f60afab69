"""Look-ups after an answer: from the enricher that knows more to handlers and LangSmith.

A finished run cannot be changed. Facts that come in time (`wait_s`) are stamped on it with the rest of the record; later ones
go to the handlers' records and sinks, and to LangSmith as feedback.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from time import perf_counter
from typing import TYPE_CHECKING, Final

from langchain_respmeta._process.faults import guarded, report, user_code
from langchain_respmeta._runs.run import keeper_of
from langchain_respmeta.enrich.enricher import with_facts
from langchain_respmeta.record.typed import record_of

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import LookUp, Run, Watcher
    from langchain_respmeta.enrich.enricher import Enricher, Facts
    from langchain_respmeta.providers.engine.run_start import RunStart
    from langchain_respmeta.record.draft import Draft


class EnricherLookUp:
    """One look-up for one run."""

    __slots__ = ("_facts", "_lock", "_over", "_until", "_waiting", "before", "enricher", "run")

    def __init__(self, run: Run, enricher: Enricher, draft: Draft, ended: float) -> None:
        self.run = run
        self.enricher = enricher
        self.before = draft
        """The draft as read from the answer: what is counted first."""
        self._until = ended + float(enricher.wait_s)
        self._facts: Facts | None = None
        self._waiting: list[Callable[[Facts], None]] = []
        self._over = threading.Event()
        self._lock = threading.Lock()

    @property
    def is_over(self) -> bool:
        """Whether the facts are in the run's draft, or none will come."""
        return self._over.is_set()

    def start(self) -> None:
        """Start the look-up, on the thread that read the answer."""
        begun = False
        with user_code(_name(self.enricher)):
            self.enricher.look_up(self.before, self.arrived)
            begun = True
        if not begun:
            self.arrived(None)

    def wait(self) -> None:
        """Wait as long as the enricher asks for, counted from the run's end."""
        left = self._until - perf_counter()
        if left > 0:
            self._over.wait(left)

    def when_found(self, notify: Callable[[Facts], None]) -> None:
        """Call `notify` with the facts when they come: perhaps now, perhaps never."""
        with self._lock:
            if not self.is_over:
                self._waiting.append(notify)
                return
        if self._facts:
            notify(self._facts)

    @guarded("adding what was looked up")
    def arrived(self, facts: Facts | None) -> None:
        """Take the first result. Called on the enricher's thread."""
        with self._lock:
            if self.is_over:
                return
            try:
                change = self._change(facts)
            finally:
                self._over.set()
            waiting, self._waiting = self._waiting, []
        if change is None or self._facts is None:
            return
        for notify in waiting:
            notify(self._facts)
        for handler in self.run.handlers:
            if any(one is self.enricher for one in handler.enrichers):
                keeper_of(handler).learn(self.run, *change)

    def _change(self, facts: Facts | None) -> tuple[Draft, Draft] | None:
        """Add the facts to the run's draft; report and leave out facts that the record cannot take."""
        if not facts:
            return None
        try:
            fitting = _fitting(facts, self.before)
        except Exception as fault:  # noqa: BLE001 - a user's facts must not cost the record
            report(f"taking the facts of {_name(self.enricher)}", fault)
            return None
        change = self.run.enrich(fitting)
        self._facts = fitting
        return change

    def abandon(self) -> None:
        """End it in a forked child: the look-up is the parent's, and one of its threads may hold the lock."""
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._over.set()
        self._waiting = []


def lookups_of(run: Run, draft: Draft, start: RunStart, ended: float) -> tuple[EnricherLookUp, ...]:
    """Return the look-ups that the handlers of a run want; not started yet."""
    wanted = (_wanted(run, one, draft, start, ended) for one in _each_once(run.handlers).values())
    return tuple(look_up for look_up in wanted if look_up is not None)


def _each_once(handlers: Iterable[Watcher]) -> dict[int, Enricher]:
    """Compare by identity: a user's enricher need not be hashable, as a dataclass is not."""
    return {id(enricher): enricher for handler in handlers for enricher in handler.enrichers}


def _wanted(
    run: Run, enricher: Enricher, draft: Draft, start: RunStart, ended: float
) -> EnricherLookUp | None:
    found = None
    with user_code(_name(enricher)):
        if enricher.wants(draft, start):
            found = EnricherLookUp(run, enricher, draft, ended)
    return found


def _name(enricher: Enricher) -> str:
    return f"an enricher ({type(enricher).__name__})"


_MONEY: Final = frozenset({"cost.total", "cost.input", "cost.output"})
"""Paths of `Decimal`s: all other values of the record are what JSON holds."""


def _fitting(facts: Facts, draft: Draft) -> Facts:
    """Return the facts as the record takes them.

    Raises:
        Exception: Whatever building the record of such facts raises.
    """
    fitting = {
        path: Decimal(str(value)) if path in _MONEY and value is not None else value
        for path, value in facts.items()
    }
    counts = (value for path, value in fitting.items() if path.startswith("usage.") and value is not None)
    if not all(isinstance(count, int) for count in counts):
        raise TypeError("a count of tokens is no whole number")

    record_of(with_facts(draft, fitting), include_content=True)
    return fitting


def await_lookups(run: Run, handlers: Iterable[Watcher]) -> list[LookUp]:
    """Return the handlers' look-ups that are still under way, after waiting as long as their enrichers ask for."""
    wanted = _each_once(handlers)
    if not wanted:
        return []
    run.settle()
    found = [look_up for look_up in run.lookups if id(look_up.enricher) in wanted]
    for look_up in found:
        look_up.wait()
    return [look_up for look_up in found if not look_up.is_over]


def flush(enrichers: Sequence[Enricher], timeout: float) -> bool:
    """Wait for all of them, `timeout` seconds together at the most."""
    until = perf_counter() + timeout
    done = [_flushed(enricher, max(0.0, until - perf_counter())) for enricher in enrichers]
    return all(done)


def _flushed(enricher: Enricher, timeout: float) -> bool:
    with user_code(_name(enricher)):
        return bool(enricher.flush(timeout))
    return False
