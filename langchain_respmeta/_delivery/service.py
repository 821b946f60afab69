"""Delivery of feedback: one worker for the whole process, never on the caller's thread.

    submit ──► hand-over (memory) ──► writer thread ──► outbox (SQLite: accepted) ──► senders ──► LangSmith

`submit` puts a reference into a bounded queue and returns: no file, no network, no lock that is held during either.
The writer stores items whatever the servers do, so an outage of hours costs disk space only. Senders (one
thread; up to four during a backlog or while a server is slow) send rows to their servers through the run's own client,
each by one thread at a time, with back-off, rate limit and a bound on every wait. Sending a row twice does no harm: ids
are deterministic, and "it is there already" counts as delivered.

Replicas: feedback goes to the copy that keeps the run's id (`langsmith.destination`).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from langchain_respmeta._delivery.counts import Delivery
from langchain_respmeta._delivery.item import FeedbackItem
from langchain_respmeta._delivery.settings import DeliverySettings
from langchain_respmeta._delivery.state_dir import outbox_path
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.lifecycle import Child, Exit, at_exit, in_child
from langchain_respmeta._process.locks import ProcessLock
from langchain_respmeta.errors import SettingsError

if TYPE_CHECKING:
    from langsmith import Client

    from langchain_respmeta._delivery.worker import Worker

__all__ = [
    "Delivery",
    "DeliverySettings",
    "close",
    "configure",
    "delivery",
    "flush",
    "persist",
    "resume",
    "submit",
]

logger = logging.getLogger(__name__)


class _Service:
    """The one worker of the process, and how the next one starts."""

    def __init__(self) -> None:
        self.lock = ProcessLock()
        self.worker: Worker | None = None
        self.settings: DeliverySettings | None = None
        self.is_exiting = False
        """After this module's step of the interpreter's exit: what still comes is stored at once, for the next start."""
        self.of_parents: list[Worker] = []
        """Workers inherited by fork: never used, never freed, for freeing would close the parent's connections."""


_SERVICE: Final = _Service()


def configure(settings: DeliverySettings | None) -> None:
    """Set bounds and waits of the next worker. None returns to the environment's."""
    _SERVICE.settings = settings


def submit(items: Sequence[FeedbackItem] | Callable[[], Sequence[FeedbackItem]], client: Client) -> None:
    """Hand feedback over for delivery through `client`. Never blocks, and raises neither without space nor without a server.

    Args:
        items: The feedback, or a callable that makes it: called once, on the worker's thread.
        client: The run's own client. It is not changed, and not kept alive.
    """
    if items:
        (_SERVICE.worker or _started()).submit(items, client)
        if _SERVICE.is_exiting:
            close(0)


def resume(client: Client | None = None) -> None:
    """Deliver what an earlier process left in the outbox; start nothing where it left nothing.

    Args:
        client: A client of this process; rows for its address go through it. Without one a client is created from the
            environment, if its address is the rows'.
    """
    try:
        left = outbox_path(_SERVICE.settings.state_dir if _SERVICE.settings else None).exists()
    except OSError:
        left = False
    if _SERVICE.worker is not None or left:
        worker = _SERVICE.worker or _started()
        if client is not None:
            worker.submit((), client)


def flush(timeout: float = 30.0) -> bool:
    """Wait until what was submitted is delivered or refused for good. False when `timeout` seconds were too short."""
    return True if _SERVICE.worker is None else _SERVICE.worker.flush(timeout)


def persist(timeout: float = 30.0) -> bool:
    """Wait until what was submitted is in the outbox, where a crash cannot lose it."""
    return True if _SERVICE.worker is None else _SERVICE.worker.persist(timeout)


def close(timeout: float | None = None) -> None:
    """Drain within `timeout` seconds and stop. A later `submit` starts another worker."""
    with _SERVICE.lock:
        worker, _SERVICE.worker = _SERVICE.worker, None
    if worker is not None:
        worker.close(worker.settings.drain_s if timeout is None else timeout)


def delivery() -> Delivery:
    """Return what became of the feedback of this process so far."""
    return Delivery() if _SERVICE.worker is None else _SERVICE.worker.delivery()


def _started() -> Worker:
    # It imports the SDK, half a second; where feedback is given it is loaded already.
    with loading:
        from langchain_respmeta._delivery.worker import Worker

    with _SERVICE.lock:
        if _SERVICE.worker is None:
            _SERVICE.worker = Worker(_SERVICE.settings or _environment_settings())
            _SERVICE.worker.start()
            _drain_in_children()
        return _SERVICE.worker


def _environment_settings() -> DeliverySettings:
    try:
        return DeliverySettings.from_environment()
    except SettingsError as error:
        logger.warning("%s; the defaults are used", error)
        return DeliverySettings()


def _drain_in_children() -> None:
    """A child of multiprocessing ends by `os._exit`, without atexit; its own finalizers do run."""
    util = sys.modules.get("multiprocessing.util")
    process = sys.modules.get("multiprocessing.process")
    if util is not None and process is not None and process.parent_process() is not None:
        util.Finalize(None, close, exitpriority=10)


def _begin_again_after_fork() -> None:
    if _SERVICE.worker is not None:
        _SERVICE.of_parents.append(_SERVICE.worker)
    _SERVICE.worker = None


def _exit() -> None:
    close()
    _SERVICE.is_exiting = True


at_exit(Exit.DELIVER, _exit)
in_child(Child.DELIVERY, _begin_again_after_fork)
