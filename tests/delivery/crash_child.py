"""What the crash tests run in processes of their own. Nothing here is cleaned up: that is the point."""

from __future__ import annotations

import threading
from multiprocessing.connection import Connection
from pathlib import Path

from langchain_respmeta._delivery import service
from tests.delivery.feedback_cases import client, item, items, quick
from tests.waiting import CEILING_S


def submit_and_report(url: str, state_dir: Path, first: int, last: int, report: Connection) -> None:
    """Submit in fives; after each report the last accepted number. Then wait to be killed."""
    service.configure(quick(state_dir))
    ours = client(url)
    service.resume(ours)
    for start in range(first, last, 5):
        for number in range(start, min(start + 5, last)):
            service.submit([item(number, url)], ours)
        service.persist(CEILING_S)
        report.send(min(start + 5, last))
    threading.Event().wait()


def finish(url: str, state_dir: Path, first: int, last: int, report: Connection) -> None:
    """Submit the rest and deliver everything, also what others left."""
    service.configure(quick(state_dir))
    ours = client(url)
    service.resume(ours)
    service.submit(items(range(first, last), url), ours)
    report.send(service.flush(CEILING_S))
    report.recv()
    service.close(5)


def submit_and_leave(url: str, state_dir: Path, first: int, last: int) -> None:
    """End at once, as a child of multiprocessing does: without atexit."""
    service.configure(quick(state_dir, drain_s=CEILING_S))
    service.submit(items(range(first, last), url), client(url))
