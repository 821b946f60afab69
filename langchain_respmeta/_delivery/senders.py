"""Threads that take rows from the outbox and bring them to their servers."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from langchain_respmeta._delivery.clients import Clients
from langchain_respmeta._delivery.counts import Tally
from langchain_respmeta._delivery.file_faults import file_trouble
from langchain_respmeta._delivery.gate import Gate, backoff
from langchain_respmeta._delivery.outbox import Outbox, Row
from langchain_respmeta._delivery.request import THREAD_NAME, Answer, Outcome, find_project, send
from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta.record.secrets import url_without_secrets

__all__ = ["Lanes"]

logger = logging.getLogger(__name__)

_CLAIM: Final = 10
_POLL_S: Final = 0.2
_LONG_S: Final = 1.0
_MOST_ABANDONED: Final = 4
_QUIET_S: Final = 600.0
_NEVER_MISSED: Final = (0, 0.0)
_HURRIED_S: Final = 1.0
"""While somebody waits for delivery a project that is not there yet is asked for this often."""


class _Lane(threading.Thread):
    """One thread with at most one request under way."""

    def __init__(self, lanes: Lanes, number: int) -> None:
        super().__init__(name=f"{THREAD_NAME}-lane-{number}", daemon=True)
        self._lanes = lanes
        self.number = number
        self.busy_since: float | None = None
        self.is_abandoned = False

    def run(self) -> None:
        self._lanes.work(self)

    def is_held(self, now: float) -> bool:
        """Whether a server takes its time."""
        since = self.busy_since
        return since is not None and now - since > _LONG_S


class Lanes:
    """All delivery threads of the process, what they share, and the watch over them."""

    def __init__(
        self, boxes: Sequence[Outbox], clients: Clients, tally: Tally, settings: DeliverySettings
    ) -> None:
        self._boxes = boxes
        self._clients = clients
        self._tally = tally
        self._settings = settings
        self._projects: weakref.WeakKeyDictionary[Any, dict[str, str]] = weakref.WeakKeyDictionary()
        """Ids of projects, by the client that found them and their place."""
        self._missing: dict[tuple[str, str], tuple[int, float]] = {}
        """For each project that is not there yet: how often it was asked for, and when it is asked for again."""
        self._missing_lock = threading.Lock()
        """Held while what is known of a project is changed *and* the rows that wait for it are put off or brought
        forward, by lanes only: a row that is put off by what was just overtaken would wait on with nobody to call it."""
        self._lanes: list[_Lane] = []
        self._abandoned: list[_Lane] = []
        self._next_number = 0
        self._lock = threading.Lock()
        self._changed = threading.Condition()
        self._is_stopped = False
        self._faults: set[str] = set()
        self._warn_at: dict[str, float] = {}
        self._hurried_by = 0
        self._must_hurry = False
        """Somebody began to wait, and what was put off is not brought forward yet."""
        self._stumbles: dict[str, str] = {}
        """What each server that fails now said last."""
        self._put_off: str | None = None
        """Why the last item that a server answered was put off."""

    # -- watched from outside

    def wake(self) -> None:
        """There may be work."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, timeout_s: float) -> None:
        """Until something changes, at most so long."""
        with self._changed:
            self._changed.wait(timeout_s)

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """Somebody waits: projects that were not there are asked for again now, and often."""
        with self._lock:
            self._hurried_by += 1
            self._must_hurry = True
        self.wake()
        try:
            yield
        finally:
            with self._lock:
                self._hurried_by -= 1

    def reason(self) -> str:
        """Why what waits still waits, as far as the lanes know."""
        for url in self._clients.urls():
            if self._clients.gate(url).failures and url in self._stumbles:
                wait = self._clients.wait_s(url)
                return (
                    f"LangSmith at {url} does not answer ({self._stumbles[url]}); asked again in {wait:.1f} s"
                )
        for (url, place), (times, _) in list(self._missing.items()):
            return f"LangSmith at {url} does not know {place!r} yet; asked {times} times"
        return self._put_off or "the server is still being asked"

    def watch(self) -> None:
        """Start the first lane, another when servers hold all there are; replace one that is held for too long."""
        now = time.monotonic()
        self._abandoned = [lane for lane in self._abandoned if lane.is_alive()]
        for lane in list(self._lanes):
            since = lane.busy_since
            if since is not None and now - since > self._settings.request_deadline_s:
                self._abandon(lane)
        lanes = list(self._lanes)
        if lanes:
            is_wanted = all(lane.is_held(now) for lane in lanes) and bool(self._clients.open_urls()[0])
        else:
            is_wanted = len(self._abandoned) < _MOST_ABANDONED
        if is_wanted:
            self._open_lane()

    def stop(self, timeout_s: float) -> None:
        """Let requests that are under way end, for at most so long."""
        self._is_stopped = True
        self.wake()
        until = time.monotonic() + timeout_s
        for lane in list(self._lanes):
            lane.join(max(0.0, until - time.monotonic()))

    def _abandon(self, lane: _Lane) -> None:
        lane.is_abandoned = True
        self._leave(lane)
        self._abandoned.append(lane)
        logger.warning(
            "A feedback request has been under way for more than %.0f s: another thread takes over",
            self._settings.request_deadline_s,
        )

    def _open_lane(self) -> None:
        with self._lock:
            if self._is_stopped or len(self._lanes) >= self._settings.lanes:
                return
            lane = _Lane(self, self._next_number)
            self._next_number += 1
            self._lanes.append(lane)  # before it starts: it looks for itself there
            try:
                lane.start()
            except RuntimeError:  # the interpreter is shutting down; the rest goes at the next start
                self._lanes.remove(lane)

    # -- on a lane's thread

    def work(self, lane: _Lane) -> None:
        """A lane's life."""
        try:
            while not (self._is_stopped or lane.is_abandoned):
                rows = self._claim(lane)
                if rows:
                    self._carry(lane, rows)
                elif not self._is_first(lane):
                    return
                else:
                    self._rest()
        finally:
            self._leave(lane)

    def _leave(self, lane: _Lane) -> None:
        with self._lock:
            if lane in self._lanes:
                self._lanes.remove(lane)

    def _is_first(self, lane: _Lane) -> bool:
        return bool(self._lanes) and self._lanes[0] is lane

    def _rest(self) -> None:
        opening = [wait for wait in map(self._clients.wait_s, self._clients.urls()) if wait]
        with self._changed:
            # Looked at under the lock: whoever adds a row calls `wake` afterwards, which must find this lane waiting.
            longest = _POLL_S if self._tally.waiting else self._settings.beat_s
            if not self._is_stopped:
                self._changed.wait(min([longest, *opening]))

    def _hurry(self) -> None:
        """Bring forward what waits for a project, on this thread: a file may be locked, and who waits has a bound."""
        with self._lock:
            self._must_hurry = False
        with self._missing_lock:
            soon = time.monotonic() + _HURRIED_S
            late = [(place, times) for place, (times, until) in self._missing.items() if until > soon]
            for place, times in late:
                self._missing[place] = (times, soon)
                self._bring_forward(place, _HURRIED_S)

    def _bring_forward(self, place: tuple[str, str], wait_s: float) -> None:
        for box in list(self._boxes):
            self._guarded(partial(box.bring_forward, *place, wait_s))

    def _claim(self, lane: _Lane) -> list[tuple[Outbox, Row]]:
        if self._must_hurry:
            self._hurry()
        well, ill = self._clients.open_urls()
        if not self._is_first(lane):
            ill = []  # one lane is enough to find out whether a server is back
        for box in list(self._boxes):
            rows = self._guarded(partial(_probe, box, ill)) or self._guarded(partial(_next, box, well))
            if rows:
                self._tally.add(accepted=sum(row.adopted for row in rows))
                if len(rows) == _CLAIM:
                    self._open_lane()
                return [(box, row) for row in rows]
        return []

    def _carry(self, lane: _Lane, rows: list[tuple[Outbox, Row]]) -> None:
        for box, row in rows:
            if self._is_put_off(lane, box, row):
                continue
            time.sleep(self._clients.pace(row.item.api_url).reserve())
            missed = self._missing.get((row.item.api_url, row.place), _NEVER_MISSED)
            lane.busy_since = time.monotonic()
            try:
                answer = self._ask(row)
            finally:
                lane.busy_since = None
            self._guarded(partial(self._settle, box, row, answer, missed))
            self.wake()

    def _is_put_off(self, lane: _Lane, box: Outbox, row: Row) -> bool:
        """Put a claimed row off unasked, if what was learnt since it was claimed says so."""
        with self._missing_lock:
            wait = self._must_wait(lane, row)
            if wait is not None:
                self._guarded(partial(box.later, row, wait, counts=False))
        return wait is not None

    def _must_wait(self, lane: _Lane, row: Row) -> float | None:
        """Seconds by which it is put off; None where it is asked now."""
        if self._is_stopped or lane.is_abandoned or not self._clients.gate(row.item.api_url).is_open():
            return 0.0
        _, until = self._missing.get((row.item.api_url, row.place), _NEVER_MISSED)
        left = until - time.monotonic()
        return left if left > 0 else None

    def _ask(self, row: Row) -> Answer | None:
        """The server's answer; None when the project is not there yet."""
        client = self._clients.twin_for(row.item.api_url, row.client)
        if client is None:
            return Answer(Outcome.REJECTED, "its row was dropped, and its client with it")
        session = self._session(client, row)
        if isinstance(session, Answer):
            return None if session.outcome is Outcome.NOT_FOUND else session
        answer = send(client, row.item, session)
        if answer.outcome is Outcome.NOT_FOUND:  # perhaps the project was deleted and made again
            self._projects.get(client, {}).pop(row.place, None)
        return answer

    def _session(self, client: Any, row: Row) -> Answer | str | None:
        item = row.item
        if item.address is not None or item.session_id is not None or item.project is None:
            return item.session_id
        projects = self._projects.setdefault(client, {})
        known = projects.get(row.place)
        if known is None:
            found = find_project(client, item.project)
            if isinstance(found, Answer):
                return found
            known = projects[row.place] = found
        self._note_there((item.api_url, row.place))
        return known

    def _note_there(self, place: tuple[str, str]) -> None:
        """A project that was missing is there: its rows wait no longer."""
        if place in self._missing:
            with self._missing_lock:
                if self._missing.pop(place, None) is not None:
                    self._bring_forward(place, 0.0)

    # -- what an answer means

    def _settle(
        self, box: Outbox, row: Row, answer: Answer | None, missed: tuple[int, float] = _NEVER_MISSED
    ) -> None:
        gate = self._clients.gate(row.item.api_url)
        if answer is None:
            self._answered(gate, row)
            self._await_project(box, row, missed)
        else:
            _SETTLERS[answer.outcome](self, box, row, answer, gate)

    def _await_project(self, box: Outbox, row: Row, missed: tuple[int, float]) -> None:
        """All the project's rows wait. `missed` is what was known when it was asked for.

        Several lanes ask at once: together that is one miss, else a slow server would have each doubling the wait.
        """
        place = (row.item.api_url, row.place)
        with self._missing_lock:
            times, until = self._missing.get(place, _NEVER_MISSED)
            if times == missed[0]:
                wait = backoff(self._settings, times + 1)
                wait = min(wait, _HURRIED_S) if self._hurried_by else wait
                times, until = times + 1, time.monotonic() + wait
                self._missing[place] = (times, until)
            left = max(0.0, until - time.monotonic())
            box.later(row, left, counts=False)
            box.postpone(*place, left)

    def _delivered(self, box: Outbox, row: Row, _: Answer, gate: Gate) -> None:
        self._answered(gate, row)
        self._tally.add(sent=int(box.delivered(row)))

    def _not_found(self, box: Outbox, row: Row, answer: Answer, gate: Gate) -> None:
        if row.attempts + 1 >= self._settings.not_found_attempts:
            self._rejected(box, row, answer, gate)
        else:
            self._answered(gate, row)
            self._put_off = f"LangSmith at {row.item.api_url} does not know the run yet ({answer.said})"
            box.later(row, backoff(self._settings, row.attempts + 1), answer.said)

    def _rejected(self, box: Outbox, row: Row, answer: Answer, gate: Gate) -> None:
        self._answered(gate, row)
        if not box.failed(row, answer.said or answer.outcome.name):
            return  # it was dropped meanwhile, and counted
        self._tally.add(failed=1)
        self._say_once(
            f"rejected {answer.said}",
            "LangSmith at %s refuses feedback %r (%s); it is kept: see `respmeta outbox status`",
            row.item.api_url,
            row.item.key,
            answer.said,
        )

    def _broken(self, box: Outbox, row: Row, answer: Answer, gate: Gate) -> None:
        self._stumbled(row, answer, gate)
        box.later(row, backoff(self._settings, row.attempts + 1), answer.said)

    def _unreached(self, box: Outbox, row: Row, answer: Answer, gate: Gate) -> None:
        self._stumbled(row, answer, gate)
        box.later(row, 0.0, answer.said, counts=False)

    def _answered(self, gate: Gate, row: Row) -> None:
        if gate.passed() > 1:
            logger.info("LangSmith at %s takes feedback again", url_without_secrets(row.item.api_url))

    def _stumbled(self, row: Row, answer: Answer, gate: Gate) -> None:
        url, now = row.item.api_url, time.monotonic()
        self._stumbles[url] = answer.said or answer.outcome.name
        if gate.failed(answer.retry_after_s) and now >= self._warn_at.get(url, 0.0):
            # A server that fails now and then is one piece of news, not one for each time.
            self._warn_at[url] = now + _QUIET_S
            logger.warning(
                "LangSmith at %s takes no feedback now (%s): it waits in the outbox and is sent when the server answers",
                url_without_secrets(url),
                answer.said,
            )

    # -- faults of our own

    def _guarded(self, step: Callable[[], Any]) -> Any:
        """Run a step on the outbox; a fault there costs a wait, not the thread."""
        try:
            return step()
        except (OSError, sqlite3.Error) as error:
            if not self._is_stopped:
                trouble = file_trouble(error)
                self._say_once(f"file {trouble}", "Feedback outbox: %s. Nothing is lost; trying on", trouble)
                time.sleep(_POLL_S)
            return None

    def _say_once(self, what: str, message: str, *values: object) -> None:
        if what not in self._faults and len(self._faults) < 100:
            self._faults.add(what)
            logger.warning(message, *values)


def _probe(box: Outbox, urls: Sequence[str]) -> list[Row]:
    """One row to find out with whether a server is back: another than those that failed, it may have choked on them.

    Any of the others: what is of one kind with those stands beside them.
    """
    return box.claim(urls, 1, untried=True, at_random=True) or box.claim(urls, 1)


def _next(box: Outbox, urls: Sequence[str]) -> list[Row]:
    """Rows for servers that answer. Those that failed before wait until the others had their turn."""
    return box.claim(urls, _CLAIM, untried=True) or box.claim(urls, _CLAIM)


_SETTLERS: Final[Mapping[Outcome, Callable[[Lanes, Outbox, Row, Answer, Gate], None]]] = {
    Outcome.DELIVERED: Lanes._delivered,  # noqa: SLF001 - the class's own table
    Outcome.NOT_FOUND: Lanes._not_found,  # noqa: SLF001
    Outcome.REJECTED: Lanes._rejected,  # noqa: SLF001
    Outcome.BROKEN: Lanes._broken,  # noqa: SLF001
    Outcome.LIMITED: Lanes._unreached,  # noqa: SLF001
    Outcome.UNREACHABLE: Lanes._unreached,  # noqa: SLF001
}
