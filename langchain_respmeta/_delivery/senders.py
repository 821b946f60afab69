"""Take rows from the outbox and send them to their servers."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final, TypeVar

from langchain_respmeta._delivery.clients import Clients
from langchain_respmeta._delivery.counts import DeliveryCounts
from langchain_respmeta._delivery.file_faults import file_trouble
from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.outbox_row import Row
from langchain_respmeta._delivery.pool import SenderPool, SenderThread
from langchain_respmeta._delivery.projects import NEVER_MISSED, Misses, Projects
from langchain_respmeta._delivery.request import THREAD_NAME, Reply, ReplyKind, send
from langchain_respmeta._delivery.retry import CircuitBreaker, backoff
from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._process.warn_once import warn_once
from langchain_respmeta.record.secrets import url_without_secrets

__all__ = ["Senders"]

logger = logging.getLogger(__name__)

_T = TypeVar("_T")
_CLAIM: Final = 10
_POLL_S: Final = 0.2
_MOST_ABANDONED: Final = 4
_QUIET_S: Final = 600.0


class Senders:
    """All sender threads of the process, what they share, and the watch over them."""

    def __init__(
        self, boxes: Sequence[Outbox], clients: Clients, counts: DeliveryCounts, settings: DeliverySettings
    ) -> None:
        self._boxes = boxes
        self._clients = clients
        self._counts = counts
        self._settings = settings
        self._pool = SenderPool(f"{THREAD_NAME}-sender", self._work)
        self._projects = Projects(boxes, settings, self._guarded)
        self._changed = threading.Condition()
        self._warn_at: dict[str, float] = {}
        self._failing: dict[str, str] = {}
        """Last reply of each server that fails now."""
        self._put_off: str | None = None
        """Why the last row that a server replied to was put off."""

    # -- called by other threads

    def wake(self) -> None:
        """There may be work."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, timeout_s: float) -> None:
        """Wait until something changes, at most so long."""
        with self._changed:
            self._changed.wait(timeout_s)

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """While a caller waits, ask for missing projects at once and often."""
        with self._projects.hurried():
            self.wake()
            yield

    def reason(self) -> str:
        """Why what waits still waits, as far as is known."""
        for url in self._clients.urls():
            if self._clients.breaker(url).failures and url in self._failing:
                wait = self._clients.wait_s(url)
                return (
                    f"LangSmith at {url} does not answer ({self._failing[url]}); asked again in {wait:.1f} s"
                )
        return self._projects.reason() or self._put_off or "the server is still being asked"

    def watch(self) -> None:
        """Start the first thread, another when servers hold all there are; replace one that is held for too long."""
        for _ in range(self._pool.abandon(self._settings.request_deadline_s)):
            logger.warning(
                "A feedback request has been under way for more than %.0f s: another thread takes over",
                self._settings.request_deadline_s,
            )
        threads = list(self._pool.threads)
        if threads:
            is_wanted = all(thread.is_held() for thread in threads) and bool(self._clients.open_urls()[0])
        else:
            is_wanted = len(self._pool.abandoned) < _MOST_ABANDONED
        if is_wanted:
            self._pool.open(self._settings.senders)

    def stop(self, timeout_s: float) -> None:
        """Let requests that are under way end, for at most so long."""
        self._pool.is_stopped = True
        self.wake()
        self._pool.join(timeout_s)

    # -- on a sender thread

    def _work(self, thread: SenderThread) -> None:
        while not self._is_over(thread):
            rows = self._claim(thread)
            if rows:
                self._send_all(thread, rows)
            elif not self._pool.is_first(thread):
                return
            else:
                self._rest()

    def _is_over(self, thread: SenderThread) -> bool:
        return self._pool.is_stopped or thread.is_abandoned

    def _rest(self) -> None:
        opening = [wait for wait in map(self._clients.wait_s, self._clients.urls()) if wait]
        with self._changed:
            # Read under the lock: who adds a row calls `wake` afterwards, which must find this thread waiting.
            longest = _POLL_S if self._counts.waiting else self._settings.beat_s
            if not self._pool.is_stopped:
                self._changed.wait(min([longest, *opening]))

    def _claim(self, thread: SenderThread) -> list[tuple[Outbox, Row]]:
        self._projects.hurry()
        well, ill = self._clients.open_urls()
        if not self._pool.is_first(thread):
            ill = []  # one thread is enough to find out whether a server is back
        for box in list(self._boxes):
            rows = self._guarded(partial(self._lease, _probe, box, ill)) or self._guarded(
                partial(self._lease, _next, box, well)
            )
            if rows:
                if len(rows) == _CLAIM:
                    self._pool.open(self._settings.senders)
                return [(box, row) for row in rows]
        return []

    def _lease(
        self, claim: Callable[[Outbox, Sequence[str]], list[Row]], box: Outbox, urls: Sequence[str]
    ) -> list[Row]:
        with self._counts.in_step:
            rows = claim(box, urls)
            self._counts.add(accepted=sum(row.adopted for row in rows))
        return rows

    def _send_all(self, thread: SenderThread, rows: list[tuple[Outbox, Row]]) -> None:
        for box, row in rows:
            if self._is_put_off(thread, box, row):
                continue
            time.sleep(self._clients.rate_limit(row.item.api_url).reserve())
            missed = self._projects.misses(row)
            thread.busy_since = time.monotonic()
            try:
                reply = self._send(row)
            finally:
                thread.busy_since = None
            self._guarded(partial(self._handle, box, row, reply, missed))
            self.wake()

    def _is_put_off(self, thread: SenderThread, box: Outbox, row: Row) -> bool:
        """Put a claimed row off unsent, where its server or project failed since it was claimed."""
        if self._is_over(thread) or not self._clients.breaker(row.item.api_url).is_open():
            self._guarded(partial(box.put_off, row, 0.0, counts=False))
            return True
        return self._projects.puts_off(box, row)

    def _send(self, row: Row) -> Reply | None:
        """The server's reply; None when the project is missing."""
        client = self._clients.twin_for(row.item.api_url, row.client)
        if client is None:
            return Reply(ReplyKind.REJECTED, "its row was dropped, and its client with it")
        project_id = self._projects.find(client, row)
        if isinstance(project_id, Reply):
            return None if project_id.kind is ReplyKind.NOT_FOUND else project_id
        reply = send(client, row.item, project_id)
        if reply.kind is ReplyKind.NOT_FOUND:
            self._projects.forget(client, row)
        return reply

    # -- what a reply means

    def _handle(self, box: Outbox, row: Row, reply: Reply | None, missed: Misses = NEVER_MISSED) -> None:
        breaker = self._clients.breaker(row.item.api_url)
        if reply is None:
            self._note_answer(breaker, row)
            self._projects.note_missing(box, row, missed)
        else:
            _ON_REPLY[reply.kind](self, box, row, reply, breaker)

    def _delivered(self, box: Outbox, row: Row, _: Reply, breaker: CircuitBreaker) -> None:
        self._note_answer(breaker, row)
        with self._counts.in_step:
            self._counts.add(sent=int(box.remove(row)))

    def _not_found(self, box: Outbox, row: Row, reply: Reply, breaker: CircuitBreaker) -> None:
        if row.attempts + 1 >= self._settings.not_found_attempts:
            self._rejected(box, row, reply, breaker)
        else:
            self._note_answer(breaker, row)
            self._put_off = f"LangSmith at {row.item.api_url} does not know the run yet ({reply.said})"
            box.put_off(row, backoff(self._settings, row.attempts + 1), reply.said)

    def _rejected(self, box: Outbox, row: Row, reply: Reply, breaker: CircuitBreaker) -> None:
        self._note_answer(breaker, row)
        with self._counts.in_step:
            is_kept = box.keep_failed(row, reply.said or reply.kind.name)
            self._counts.add(failed=int(is_kept))
        if not is_kept:
            return  # it was dropped meanwhile, and counted
        warn_once(
            logger,
            ("rejected", reply.said),
            "LangSmith at %s refuses feedback %r (%s); it is kept: see `respmeta outbox status`",
            row.item.api_url,
            row.item.key,
            reply.said,
        )

    def _broken(self, box: Outbox, row: Row, reply: Reply, breaker: CircuitBreaker) -> None:
        self._note_failure(row, reply, breaker)
        box.put_off(row, backoff(self._settings, row.attempts + 1), reply.said)

    def _unreached(self, box: Outbox, row: Row, reply: Reply, breaker: CircuitBreaker) -> None:
        self._note_failure(row, reply, breaker)
        box.put_off(row, 0.0, reply.said, counts=False)

    def _note_answer(self, breaker: CircuitBreaker, row: Row) -> None:
        if breaker.record_success() > 1:
            logger.info("LangSmith at %s takes feedback again", url_without_secrets(row.item.api_url))

    def _note_failure(self, row: Row, reply: Reply, breaker: CircuitBreaker) -> None:
        url, now = row.item.api_url, time.monotonic()
        self._failing[url] = reply.said or reply.kind.name
        if breaker.record_failure(reply.retry_after_s) and now >= self._warn_at.get(url, 0.0):
            # A server that fails now and then is one piece of news, not one for each time.
            self._warn_at[url] = now + _QUIET_S
            logger.warning(
                "LangSmith at %s takes no feedback now (%s): it waits in the outbox and is sent when the server answers",
                url_without_secrets(url),
                reply.said,
            )

    def _guarded(self, step: Callable[[], _T]) -> _T | None:
        """Run a step on the outbox; a fault there costs a wait, not the thread."""
        try:
            return step()
        except (OSError, sqlite3.Error) as error:
            if not self._pool.is_stopped:
                trouble = file_trouble(error)
                warn_once(
                    logger,
                    ("file to send from", trouble),
                    "Feedback outbox: %s. Nothing is lost; trying on",
                    trouble,
                )
                time.sleep(_POLL_S)
            return None


def _probe(box: Outbox, urls: Sequence[str]) -> list[Row]:
    """Claim one row to probe a server that failed; prefer a row that has not failed yet, in case the payload was the cause.

    Any of them: rows like those that failed lie next to them.
    """
    return box.claim(urls, 1, untried=True, at_random=True) or box.claim(urls, 1)


def _next(box: Outbox, urls: Sequence[str]) -> list[Row]:
    """Claim rows for servers that answer. Rows that failed before wait until the others had their turn."""
    return box.claim(urls, _CLAIM, untried=True) or box.claim(urls, _CLAIM)


_ON_REPLY: Final[Mapping[ReplyKind, Callable[[Senders, Outbox, Row, Reply, CircuitBreaker], None]]] = {
    ReplyKind.DELIVERED: Senders._delivered,  # noqa: SLF001 - the class's own table
    ReplyKind.NOT_FOUND: Senders._not_found,  # noqa: SLF001
    ReplyKind.REJECTED: Senders._rejected,  # noqa: SLF001
    ReplyKind.BROKEN: Senders._broken,  # noqa: SLF001
    ReplyKind.LIMITED: Senders._unreached,  # noqa: SLF001
    ReplyKind.UNREACHABLE: Senders._unreached,  # noqa: SLF001
}
