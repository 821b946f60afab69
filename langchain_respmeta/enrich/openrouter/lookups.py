"""Look-ups under way: a bounded queue, a few daemon threads, back-off and a rate limit."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Final, TypeAlias

from langchain_respmeta._delivery.pool import SenderPool, SenderThread
from langchain_respmeta._delivery.retry import CircuitBreaker, RateLimit, backoff
from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._process.warn_once import warn_once
from langchain_respmeta.enrich.openrouter.ask import QueryReply, QueryReplyKind
from langchain_respmeta.enrich.openrouter.pending import Pending, Query
from langchain_respmeta.errors import RecordError

logger: Final = logging.getLogger("langchain_respmeta")

THREADS: Final = 4
"""Most queries at once. The first thread works alone while it keeps up."""

_SWEEP_S: Final = 1.0
"""How often to give up queries that have waited for too long."""
_IDLE_S: Final = 5.0
_DENIED_S: Final = 60.0
"""How long no query is sent after the server refused the key."""

Ask: TypeAlias = Callable[[str], QueryReply]


@dataclass(frozen=True, slots=True)
class LookupSettings:
    """Bounds and waits."""

    max_wait_s: float
    max_pending: int
    requests_per_minute: int
    first_backoff_s: float

    def waits(self) -> DeliverySettings:
        """Return the waits in the form of feedback's delivery."""
        longest = max(self.first_backoff_s, min(15.0, self.max_wait_s))
        return DeliverySettings(first_backoff_s=self.first_backoff_s, max_backoff_s=longest)


@dataclass(frozen=True, slots=True)
class Lookups:
    """What became of an enricher's look-ups so far."""

    found: int = 0
    waiting: int = 0
    given_up: int = 0
    """Not there after `max_wait_s`, refused, or still under way at the exit."""
    dropped: int = 0
    """Never sent: too many were waiting."""


class LookupQueue:
    """Queries that wait, and the threads that send them."""

    def __init__(self, settings: LookupSettings, ask: Ask) -> None:
        self._settings = settings
        self._ask = ask
        self._waits = settings.waits()
        self._breaker = CircuitBreaker(self._waits)
        self._rate_limit = RateLimit(settings.requests_per_minute)
        self._pool = SenderPool("respmeta-openrouter", self._work)
        self._changed = threading.Condition()
        self._pending = Pending()
        self._under_way = 0
        self._is_closed = False
        self._found = self._given_up = self._dropped = 0

    # -- on any thread

    def put(self, response_id: str, done: Callable[[QueryReply | None], None]) -> bool:
        """Look a generation up; False when there is no room. Never waits for a server."""
        with self._changed:
            if self._is_closed or self._waiting() >= self._settings.max_pending:
                self._dropped += 1
                is_full = not self._is_closed
            else:
                self._push(Query(response_id, done, monotonic() + self._settings.max_wait_s), 0.0)
                return True
        if is_full:
            warn_once(
                logger,
                "OpenRouter: full",
                "OpenRouter look-ups come faster than they are answered: new ones are left out",
            )
        return False

    def counts(self) -> Lookups:
        """Return the counts so far."""
        with self._changed:
            return Lookups(self._found, self._waiting(), self._given_up, self._dropped)

    def flush(self, timeout_s: float) -> bool:
        """Wait until nothing waits any more; False when that took longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting(), timeout_s)

    def close(self) -> None:
        """Take nothing more, and give up what waits."""
        with self._changed:
            self._is_closed = True
            left = self._pending.take_all()
            self._given_up += len(left)
            self._changed.notify_all()
        for query in left:
            query.done(None)

    def _waiting(self) -> int:
        return len(self._pending) + self._under_way

    def _push(self, query: Query, wait_s: float) -> None:
        self._pending.push(query, wait_s)
        self._open_thread()
        self._changed.notify_all()  # also callers of `flush` wait for it

    def _open_thread(self) -> None:
        """Start one more where all are busy. One is enough to find out whether a server is back."""
        if self._under_way >= len(self._pool.threads):
            self._pool.open(1 if self._breaker.failures else THREADS)

    # -- on our own threads

    def _work(self, thread: SenderThread) -> None:
        while (query := self._next(thread)) is not None:
            self._handle(query, self._reply_to(query))

    def _next(self, thread: SenderThread) -> Query | None:
        """The next one that is due; None where this thread is not needed any more."""
        while True:
            with self._changed:
                now = monotonic()
                expired = self._pending.take_expired(now)
                self._under_way += len(expired)  # until they are told
                wait = self._wait_s(now)
                if not expired and wait == 0.0:
                    return self._pop()
                if not expired and self._is_idle(wait):
                    # Under the lock: the next `put` starts another thread.
                    self._pool.leave(thread)
                    return None
            for query in expired:
                self._give_up(query, "not there")

    def _pop(self) -> Query:
        query = self._pending.pop()
        self._under_way += 1
        if self._pending:
            self._open_thread()
        return query

    def _is_idle(self, wait_s: float) -> bool:
        """Whether there is nothing to do, even after a wait. A thread that went on would keep its enricher alive."""
        is_told = self._changed.wait(wait_s)
        return self._is_closed or not (is_told or self._pending)

    def _wait_s(self, now: float) -> float:
        if not self._pending:
            return _IDLE_S
        return min(_SWEEP_S, max(0.0, self._pending.wait_s(now), self._breaker.wait_s()))

    def _reply_to(self, query: Query) -> QueryReply:
        wait = self._rate_limit.reserve()
        if wait:
            sleep(wait)
        query.tries += 1
        try:
            return self._ask(query.response_id)
        except Exception as fault:  # noqa: BLE001 - the thread's own fault boundary; the text may quote a header
            return QueryReply(QueryReplyKind.BROKEN, type(fault).__name__)

    # -- what a reply means

    def _handle(self, query: Query, reply: QueryReply) -> None:
        if reply.kind not in _FAILING:
            self._breaker.record_success()
        _ON_REPLY[reply.kind](self, query, reply)

    def _take(self, query: Query, reply: QueryReply) -> None:
        self._end(query, reply)

    def _try_again(self, query: Query, reply: QueryReply) -> None:
        wait = backoff(self._waits, query.tries)
        with self._changed:
            late = self._is_closed or monotonic() + wait >= query.until
            if not late:
                self._under_way -= 1
                self._push(query, wait)
        if late:
            self._give_up(query, reply.said)

    def _back_off(self, query: Query, reply: QueryReply) -> None:
        self._breaker.record_failure(reply.retry_after_s)
        self._try_again(query, reply)

    def _wait_for_turn(self, query: Query, reply: QueryReply) -> None:
        """Send it first when the limit is over; it does not count as a try."""
        self._breaker.record_failure(reply.retry_after_s)
        query.tries = 0
        self._try_again(query, reply)

    def _denied(self, query: Query, reply: QueryReply) -> None:
        self._breaker.record_failure(_DENIED_S)
        warn_once(
            logger,
            "OpenRouter: denied",
            "OpenRouter does not take the key for look-ups (%s): they are tried again from time to time. Check "
            "OPENROUTER_API_KEY, or api_key of OpenRouterEnricher",
            reply.said,
        )
        self._end(query, None)

    def _refused(self, query: Query, reply: QueryReply) -> None:
        self._give_up(query, reply.said)

    def _give_up(self, query: Query, said: str) -> None:
        warn_once(
            logger,
            ("OpenRouter: given up", said),
            "An OpenRouter generation could not be looked up (%s): its record stays as the answer told it. "
            "Later ones are only counted",
            said,
        )
        self._end(query, None)

    def _end(self, query: Query, reply: QueryReply | None) -> None:
        """Tell, then count: a caller that waits for the count finds the record enriched."""
        is_found = False
        try:
            query.done(reply)
            is_found = reply is not None
        except Exception as fault:  # noqa: BLE001 - a generation of another kind than documented
            # A RecordError names the field and the kind of its value; of others the text may hold anything.
            said = fault if isinstance(fault, RecordError) else type(fault).__name__
            warn_once(logger, "OpenRouter: shape", "An OpenRouter generation could not be read (%s)", said)
            query.done(None)
        with self._changed:
            self._under_way -= 1
            self._found += is_found
            self._given_up += not is_found
            self._changed.notify_all()


_FAILING: Final = frozenset({QueryReplyKind.LIMITED, QueryReplyKind.BROKEN, QueryReplyKind.DENIED})

_ON_REPLY: Final[Mapping[QueryReplyKind, Callable[[LookupQueue, Query, QueryReply], None]]] = {
    QueryReplyKind.FOUND: LookupQueue._take,  # noqa: SLF001 - the class's own table
    QueryReplyKind.NOT_YET: LookupQueue._try_again,  # noqa: SLF001
    QueryReplyKind.ODD: LookupQueue._try_again,  # noqa: SLF001
    QueryReplyKind.LIMITED: LookupQueue._wait_for_turn,  # noqa: SLF001
    QueryReplyKind.BROKEN: LookupQueue._back_off,  # noqa: SLF001
    QueryReplyKind.DENIED: LookupQueue._denied,  # noqa: SLF001
    QueryReplyKind.REFUSED: LookupQueue._refused,  # noqa: SLF001
}
