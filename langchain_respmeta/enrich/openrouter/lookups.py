"""Look-ups under way: a bounded queue, a few daemon threads, back-off and a rate limit."""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from time import monotonic, sleep
from typing import Final, TypeAlias

from langchain_respmeta._delivery.gate import Gate, Pace, backoff
from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta.enrich.openrouter.ask import Outcome, Reply
from langchain_respmeta.errors import RecordError

logger: Final = logging.getLogger("langchain_respmeta")

THREADS: Final = 4
"""Most questions under way at once. The first thread does it alone while it keeps up."""

_SWEEP_S: Final = 1.0
"""How often what has waited for too long is looked for."""
_IDLE_S: Final = 5.0
_DENIED_S: Final = 60.0
"""How long nothing is asked after the key was not taken."""

Ask: TypeAlias = Callable[[str], Reply]


@dataclass(frozen=True, slots=True)
class Settings:
    """Bounds and waits."""

    max_wait_s: float
    max_pending: int
    requests_per_minute: int
    first_backoff_s: float

    def for_gate(self) -> DeliverySettings:
        """As the waits of feedback's delivery are given."""
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
    """Never asked: too many were waiting."""


@dataclass(slots=True)
class LookUp:
    """One generation that is looked for."""

    response_id: str
    done: Callable[[Reply | None], None]
    until: float
    tries: int = 0


@dataclass(order=True, slots=True)
class _Entry:
    due: float
    number: int
    look_up: LookUp = field(compare=False)


class Queue:
    """What waits to be asked, when, and by whom."""

    def __init__(self, settings: Settings, ask: Ask) -> None:
        self._settings = settings
        self._ask = ask
        self._waits = settings.for_gate()
        self._gate = Gate(self._waits)
        self._pace = Pace(settings.requests_per_minute)
        self._changed = threading.Condition()
        self._entries: list[_Entry] = []
        self._numbers = count()
        self._threads: set[threading.Thread] = set()
        self._under_way = 0
        self._is_closed = False
        self._said: set[str] = set()
        self._found = self._given_up = self._dropped = 0

    # -- on anybody's thread

    def put(self, response_id: str, done: Callable[[Reply | None], None]) -> bool:
        """Have a generation looked for; False when there is no room. Never waits for a server."""
        with self._changed:
            if self._is_closed or self._waiting() >= self._settings.max_pending:
                self._dropped += 1
                is_full = not self._is_closed
            else:
                self._push(LookUp(response_id, done, monotonic() + self._settings.max_wait_s), 0.0)
                return True
        if is_full:
            self._say_once(
                "full", "OpenRouter look-ups come faster than they are answered: new ones are left out"
            )
        return False

    def counts(self) -> Lookups:
        """The counts so far."""
        with self._changed:
            return Lookups(self._found, self._waiting(), self._given_up, self._dropped)

    def flush(self, timeout_s: float) -> bool:
        """Wait until nothing waits any more; False when that took longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting(), timeout_s)

    def close(self) -> None:
        """Take nothing more; what waits is given up."""
        with self._changed:
            self._is_closed = True
            left = self._entries
            self._entries = []
            self._given_up += len(left)
            self._changed.notify_all()
        for entry in left:
            entry.look_up.done(None)

    def _waiting(self) -> int:
        return len(self._entries) + self._under_way

    def _push(self, look_up: LookUp, wait_s: float) -> None:
        heapq.heappush(self._entries, _Entry(monotonic() + wait_s, next(self._numbers), look_up))
        self._need_thread()
        self._changed.notify_all()  # also whoever waits in `flush` listens

    def _need_thread(self) -> None:
        """Start one more where all are busy. One is enough to find out whether a server is back."""
        most = 1 if self._gate.failures else THREADS
        if self._under_way < len(self._threads) or len(self._threads) >= most:
            return
        thread = threading.Thread(
            target=self._work, name=f"respmeta-openrouter-{len(self._threads)}", daemon=True
        )
        self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError:  # the interpreter is shutting down
            self._threads.discard(thread)

    # -- on our own threads

    def _work(self) -> None:
        try:
            while (look_up := self._next()) is not None:
                self._settle(look_up, self._asked(look_up))
        finally:
            with self._changed:
                self._threads.discard(threading.current_thread())

    def _next(self) -> LookUp | None:
        """The next one whose time has come; None where this thread is not needed any more."""
        while True:
            with self._changed:
                now = monotonic()
                expired = self._expired(now)
                wait = self._wait_s(now)
                if not expired and wait == 0.0:
                    return self._popped()
                if not expired and self._is_idle(wait):
                    # Under the lock: who puts something in from now on starts another thread.
                    self._threads.discard(threading.current_thread())
                    return None
            for look_up in expired:
                self._give_up(look_up, "not there")

    def _popped(self) -> LookUp:
        look_up = heapq.heappop(self._entries).look_up
        self._under_way += 1
        if self._entries:
            self._need_thread()
        return look_up

    def _is_idle(self, wait_s: float) -> bool:
        """Whether there is nothing to do, also after a wait. A thread that lived on would keep its enricher alive."""
        is_told = self._changed.wait(wait_s)
        return self._is_closed or not (is_told or self._entries)

    def _wait_s(self, now: float) -> float:
        if not self._entries:
            return _IDLE_S
        return min(_SWEEP_S, max(0.0, self._entries[0].due - now, self._gate.wait_s()))

    def _expired(self, now: float) -> list[LookUp]:
        """Takes out those that have waited for too long; they count as under way until they are told."""
        old = [entry for entry in self._entries if entry.look_up.until <= now]
        if old:
            self._entries = [entry for entry in self._entries if entry.look_up.until > now]
            heapq.heapify(self._entries)
            self._under_way += len(old)
        return [entry.look_up for entry in old]

    def _asked(self, look_up: LookUp) -> Reply:
        wait = self._pace.reserve()
        if wait:
            sleep(wait)
        look_up.tries += 1
        try:
            return self._ask(look_up.response_id)
        except Exception as fault:  # noqa: BLE001 - the thread's own fault boundary; the text may quote a header
            return Reply(Outcome.BROKEN, type(fault).__name__)

    def _settle(self, look_up: LookUp, reply: Reply) -> None:
        if reply.outcome not in _FAILING:
            self._gate.passed()
        _SETTLERS[reply.outcome](self, look_up, reply)

    def _take(self, look_up: LookUp, reply: Reply) -> None:
        self._end(look_up, reply)

    def _try_again(self, look_up: LookUp, reply: Reply) -> None:
        wait = backoff(self._waits, look_up.tries)
        with self._changed:
            late = self._is_closed or monotonic() + wait >= look_up.until
            if not late:
                self._under_way -= 1
                self._push(look_up, wait)
        if late:
            self._give_up(look_up, reply.said)

    def _back_off(self, look_up: LookUp, reply: Reply) -> None:
        self._gate.failed(reply.retry_after_s)
        self._try_again(look_up, reply)

    def _wait_for_turn(self, look_up: LookUp, reply: Reply) -> None:
        """It was not its fault: it does not count as a try, and is asked first when the limit is over."""
        self._gate.failed(reply.retry_after_s)
        look_up.tries = 0
        self._try_again(look_up, reply)

    def _denied(self, look_up: LookUp, reply: Reply) -> None:
        self._gate.failed(_DENIED_S)
        self._say_once(
            "denied",
            "OpenRouter does not take the key for look-ups (%s): they are tried again from time to time. Check "
            "OPENROUTER_API_KEY, or api_key of OpenRouterEnricher",
            reply.said,
        )
        self._end(look_up, None)

    def _refused(self, look_up: LookUp, reply: Reply) -> None:
        self._give_up(look_up, reply.said)

    def _give_up(self, look_up: LookUp, said: str) -> None:
        self._say_once(
            f"given up {said}",
            "An OpenRouter generation could not be looked up (%s): its record stays as the answer told it. "
            "Later ones are only counted",
            said,
        )
        self._end(look_up, None)

    def _end(self, look_up: LookUp, reply: Reply | None) -> None:
        """Tell, then count: whoever waits for the count finds the record enriched."""
        is_found = False
        try:
            look_up.done(reply)
            is_found = reply is not None
        except Exception as fault:  # noqa: BLE001 - a generation of another kind than documented
            # A RecordError names the field and the kind of its value; of others the text may hold anything.
            said = fault if isinstance(fault, RecordError) else type(fault).__name__
            self._say_once("shape", "An OpenRouter generation could not be read (%s)", said)
            look_up.done(None)
        with self._changed:
            self._under_way -= 1
            self._found += is_found
            self._given_up += not is_found
            self._changed.notify_all()

    def _say_once(self, what: str, message: str, *values: object) -> None:
        if what not in self._said and len(self._said) < 50:
            self._said.add(what)
            logger.warning(message, *values)


_FAILING: Final = frozenset({Outcome.LIMITED, Outcome.BROKEN, Outcome.DENIED})

_SETTLERS: Final[Mapping[Outcome, Callable[[Queue, LookUp, Reply], None]]] = {
    Outcome.FOUND: Queue._take,  # noqa: SLF001 - the class's own table
    Outcome.NOT_YET: Queue._try_again,  # noqa: SLF001
    Outcome.ODD: Queue._try_again,  # noqa: SLF001
    Outcome.LIMITED: Queue._wait_for_turn,  # noqa: SLF001
    Outcome.BROKEN: Queue._back_off,  # noqa: SLF001
    Outcome.DENIED: Queue._denied,  # noqa: SLF001
    Outcome.REFUSED: Queue._refused,  # noqa: SLF001
}
