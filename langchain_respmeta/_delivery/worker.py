"""The worker: the writer thread, which never waits for a server, and the senders, which do."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, TypeAlias

from langchain_respmeta._delivery.clients import Clients
from langchain_respmeta._delivery.counts import Delivery, DeliveryCounts
from langchain_respmeta._delivery.file_faults import file_trouble
from langchain_respmeta._delivery.item import FeedbackItem
from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.request import THREAD_NAME, silence_sdk
from langchain_respmeta._delivery.senders import Senders
from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._delivery.state_dir import outbox_path
from langchain_respmeta._delivery.twin import is_sampled
from langchain_respmeta._process.faults import report
from langchain_respmeta._process.warn_once import warn_once

if TYPE_CHECKING:
    from langsmith import Client

__all__ = ["Worker"]

logger = logging.getLogger(__name__)

Items: TypeAlias = Sequence[FeedbackItem] | Callable[[], Sequence[FeedbackItem]]
_Batch: TypeAlias = "tuple[Items, Client] | threading.Event"
_MOST_AT_ONCE: Final = 500
_WATCH_S: Final = 1.0
_NOT_STORED: Final = "they are on their way to the outbox"
_STILL_S: Final = 4.0
"""A writer that stored nothing for so long is blocked: a batch takes milliseconds."""


class Worker:
    """The writer thread, the senders, and what callers ask of them."""

    def __init__(self, settings: DeliverySettings) -> None:
        self.settings = settings
        self.counts = DeliveryCounts()
        self._handover: SimpleQueue[_Batch] = SimpleQueue()
        self._clients = Clients(settings)
        self._boxes: list[Outbox] = []
        self._senders = Senders(self._boxes, self._clients, self.counts, settings)
        self._is_stopped = False
        self._stored = 0
        """Submissions that the writer is done with: it grows while the writer makes progress."""
        self._beat_at = 0.0
        self._writer = threading.Thread(target=self._keep, name=f"{THREAD_NAME}-writer", daemon=True)

    def start(self) -> None:
        """Start the writer, which opens the outbox and starts the senders."""
        silence_sdk()
        with suppress(RuntimeError):  # the interpreter is shutting down: `close` stores what was submitted
            self._writer.start()

    # -- on the caller's thread

    def submit(self, items: Items, client: Client) -> None:
        """Hand items over without waiting. When the hand-over is full, count them as dropped."""
        if self._handover.qsize() >= self.settings.handover:
            # What was never made counts as one.
            self.counts.add(dropped=1 if callable(items) else len(items))
        else:
            self._handover.put((items, client))

    def delivery(self) -> Delivery:
        """Return the counts so far."""
        found = self.counts.delivery(self._handover.qsize())
        if found.waiting > 0:
            return replace(found, reason=self._senders.reason())
        return replace(found, reason=_NOT_STORED) if found.queued else found

    @property
    def is_durable(self) -> bool:
        """Whether all that was submitted and is not delivered is in a file."""
        return all(box.durable for box in self._boxes)

    def persist(self, timeout_s: float) -> bool:
        """Wait until everything submitted so far is in the outbox. False when that took too long."""
        mark = threading.Event()
        self._handover.put(mark)
        return self._writer.is_alive() and mark.wait(timeout_s)

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything submitted so far is delivered, or refused for good.

        False when that took too long; the reason is logged once, and in `Delivery.reason`.
        """
        until = time.monotonic() + timeout_s
        with self._senders.hurried():
            is_done = self.persist(timeout_s)
            while is_done and self.counts.waiting > 0:
                if time.monotonic() >= until:
                    is_done = False
                self._senders.wait(min(0.05, max(0.0, until - time.monotonic())))
        delivery = self.delivery()
        if (
            not is_done and delivery.reason and not self._clients.are_all_failing()
        ):  # the senders log an outage
            warn_once(
                logger,
                ("flush", delivery.reason.partition(";")[0]),
                f"Feedback: {delivery.waiting + delivery.queued} items wait after flush({timeout_s:g}):"
                f" {delivery.reason}",
            )
        return is_done

    def drain(self, timeout_s: float) -> None:
        """Deliver what can be delivered within the bound; leave the rest to an outbox on disk."""
        until = time.monotonic() + timeout_s
        self.persist(timeout_s)
        while self.counts.waiting > 0 and time.monotonic() < until and not self._may_wait_for_next_start():
            self._senders.wait(0.05)

    def _may_wait_for_next_start(self) -> bool:
        return self.is_durable and self._clients.are_all_failing()

    def close(self, timeout_s: float) -> None:
        """Drain, stop the threads, and release the rows to the next process."""
        if self._writer.ident is None:
            self._boxes.append(self._open())
            timeout_s = 0.0
        until = time.monotonic() + timeout_s
        self.drain(timeout_s)
        self._is_stopped = True
        self._handover.put(threading.Event())
        if self._writer.ident is not None and not self._has_ended(until):
            return
        # A request under way may have succeeded: a moment more saves sending it again.
        self._senders.stop(max(0.2, until - time.monotonic()))
        while taken := self._taken():  # of a writer that never ran, and what was submitted since it ended
            self._store(taken)
        lost = self.counts.waiting if any(not box.durable for box in self._boxes) else 0
        for box in self._boxes:
            box.close()
        if lost > 0:
            logger.warning(
                "%d feedback items could not be delivered and are lost: there was no outbox file", lost
            )

    def _has_ended(self, until: float) -> bool:
        """Wait for the writer to store what is left, as long as it makes progress.

        A slow machine may take its time; a locked file, where nothing progresses, must not block the exit.
        """
        stored = -1
        while self._writer.is_alive() and (stored != self._stored or time.monotonic() < until):
            stored = self._stored
            self._writer.join(max(_STILL_S, until - time.monotonic()))
        if left := self._writer.is_alive():
            logger.warning(
                "The feedback outbox %s is held by another program: %d submissions are not stored yet and are lost if"
                " this process ends now",
                self._boxes[-1].path if self._boxes else "",
                self._handover.qsize(),
            )
        return not left

    # -- on the writer's thread

    def _keep(self) -> None:
        self._boxes.append(self._open())
        while not self._is_stopped:
            try:
                self._care()
                self._store(self._taken(wait_s=self._pause()))
            except (OSError, sqlite3.Error) as error:
                trouble = file_trouble(error)
                warn_once(
                    logger,
                    ("file to write", trouble),
                    f"Feedback outbox: {trouble}. What was stored is safe, new feedback is kept in memory; trying on",
                )
                time.sleep(_WATCH_S)
            except Exception as fault:  # noqa: BLE001 - the thread's own fault boundary
                report("the feedback worker", fault)
                time.sleep(_WATCH_S)
        while taken := self._taken():  # also by a writer that `close` gave up on
            self._store(taken)

    def _pause(self) -> float:
        busy = self.counts.waiting > 0
        return _WATCH_S if busy else self.settings.beat_s

    def _taken(self, wait_s: float = 0.0) -> list[_Batch]:
        """Take what was submitted, up to a batch; wait for the first."""
        taken: list[_Batch] = []
        try:
            taken.append(self._handover.get(timeout=wait_s) if wait_s else self._handover.get_nowait())
            while len(taken) < _MOST_AT_ONCE:
                taken.append(self._handover.get_nowait())
        except Empty:
            pass
        return taken

    def _store(self, taken: list[_Batch]) -> None:
        rows = [
            row for batch in taken if not isinstance(batch, threading.Event) for row in self._rows(*batch)
        ]
        if rows:
            self._put(rows)
        if taken:
            self._senders.watch()
            self._senders.wake()
        self._stored += len(taken)
        for batch in taken:
            if isinstance(batch, threading.Event):
                batch.set()

    def _rows(self, made: Items, client: Client) -> list[tuple[FeedbackItem, int]]:
        """The fault boundary around one run's feedback and a user's own client."""
        try:
            items = made() if callable(made) else made
            number = self._clients.number(client)
            if number is not None and (not items or is_sampled(client, items[0].trace_id)):
                return [(item, number) for item in items]
            self.counts.add(skipped=len(items))
        except Exception as fault:  # noqa: BLE001 - whatever it is, the other runs' feedback goes on
            self.counts.add(dropped=1 if callable(made) else len(made))
            warn_once(
                logger,
                "made",
                f"Feedback of a run could not be worked out and is left out ({type(fault).__name__})",
            )
        return []

    def _put(self, rows: list[tuple[FeedbackItem, int]]) -> None:
        with self.counts.in_step:
            try:
                stored = self._boxes[-1].put(rows)
            except (OSError, sqlite3.Error) as error:
                self._fall_back(error)
                stored = self._boxes[-1].put(rows)
            self.counts.add(accepted=stored.new, dropped_waiting=stored.evicted_own)
        self.counts.add(dropped=stored.evicted_other + stored.refused)
        if stored.evicted_own or stored.evicted_other:
            warn_once(
                logger,
                "full",
                "Feedback outbox is full: the oldest items are dropped, routine ones first; see `.delivery`",
            )
        if stored.refused:
            warn_once(
                logger, "large", f"Feedback items above {self.settings.max_item_bytes} bytes are dropped"
            )

    def _care(self) -> None:
        now = time.monotonic()
        delivery = self.delivery()
        if self._handover.qsize() >= self.settings.handover:
            warn_once(
                logger,
                "handover",
                f"Feedback comes faster than it can be stored: {delivery.dropped} were dropped",
            )
        self._senders.watch()
        if now < self._beat_at:
            return
        self._beat_at = now + self.settings.beat_s
        for box in list(self._boxes):
            self.counts.add(dropped_waiting=box.beat())
        self._reconcile()
        if gone := self._clients.gone():
            self._clients.let_go(gone.difference(*[box.own_clients() for box in self._boxes]))
        for box in list(self._boxes):
            for url in box.waiting_urls():
                self._clients.try_environment(url)
        self._senders.wake()

    def _reconcile(self) -> None:
        """Forget rows that others purged or took over, so that no caller waits for them."""
        with self.counts.in_step:
            missing = self.counts.waiting - sum(box.own_waiting() for box in self._boxes)
            self.counts.add(gone=max(0, missing))

    def _open(self) -> Outbox:
        try:
            return Outbox(outbox_path(self.settings.state_dir), self.settings)
        except (OSError, sqlite3.Error) as error:
            return self._in_memory(error)

    def _fall_back(self, error: OSError | sqlite3.Error) -> None:
        """Store new items in memory; those in the file are still delivered from there."""
        if not self._boxes[-1].durable:
            raise error
        self._boxes.append(self._in_memory(error))

    def _in_memory(self, error: OSError | sqlite3.Error) -> Outbox:
        logger.warning(
            "No feedback outbox can be written (%s): feedback is kept in memory and lost if this process ends before"
            " it is delivered",
            file_trouble(error),
        )
        return Outbox(None, self.settings)
