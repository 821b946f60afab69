"""Projects on their servers: their ids, and which are missing yet."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from langchain_respmeta._delivery.outbox import Outbox
from langchain_respmeta._delivery.outbox_row import Row
from langchain_respmeta._delivery.request import Reply, find_project
from langchain_respmeta._delivery.retry import backoff
from langchain_respmeta._delivery.settings import DeliverySettings

if TYPE_CHECKING:
    from langsmith import Client

__all__ = ["NEVER_MISSED", "Misses", "Projects"]

HURRIED_S: Final = 1.0
"""While a caller waits for delivery a missing project is asked for this often."""

_Project: TypeAlias = tuple[str, str]
"""A server's address, and the project's key in the outbox."""


class Misses(NamedTuple):
    """How often a missing project was asked for, and when it is asked for again."""

    times: int
    until: float


NEVER_MISSED: Final = Misses(0, 0.0)


class Projects:
    """The projects that rows wait for. Used by sender threads only, but for `hurried` and `reason`."""

    def __init__(
        self,
        boxes: Sequence[Outbox],
        settings: DeliverySettings,
        guarded: Callable[[Callable[[], object]], object],
    ) -> None:
        self._boxes = boxes
        self._settings = settings
        self._guarded = guarded
        self._ids: weakref.WeakKeyDictionary[Client, dict[str, str]] = weakref.WeakKeyDictionary()
        """By the client that found them, and the project's key."""
        self._missing: dict[_Project, Misses] = {}
        self._lock = threading.Lock()
        """Held while `_missing` is changed *and* the rows of the project are put off or brought forward: a row that is
        put off by what was just overtaken would wait on, and nothing would bring it forward."""
        self._hurried_by = 0
        self._must_hurry = False
        """A caller began to wait, and what was put off is not brought forward yet."""
        self._hurry_lock = threading.Lock()

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """While a caller waits, ask for missing projects at once and often."""
        with self._hurry_lock:
            self._hurried_by += 1
            self._must_hurry = True
        try:
            yield
        finally:
            with self._hurry_lock:
                self._hurried_by -= 1

    def reason(self) -> str | None:
        """Why rows wait for a project; None where none is missing."""
        for (url, project), (times, _) in list(self._missing.items()):
            return f"LangSmith at {url} does not know {project!r} yet; asked {times} times"
        return None

    def hurry(self) -> None:
        """Bring forward what waits, where a caller began to: on this thread, for the caller's wait has a bound."""
        if not self._must_hurry:
            return
        with self._hurry_lock:
            self._must_hurry = False
        with self._lock:
            soon = time.monotonic() + HURRIED_S
            late = [(project, times) for project, (times, until) in self._missing.items() if until > soon]
            for project, times in late:
                self._missing[project] = Misses(times, soon)
                self._bring_forward(project, HURRIED_S)

    def misses(self, row: Row) -> Misses:
        """What is known of the row's project now."""
        return self._missing.get((row.item.api_url, row.project), NEVER_MISSED)

    def puts_off(self, box: Outbox, row: Row) -> bool:
        """Put a claimed row off unsent, where its project was missed since it was claimed."""
        with self._lock:
            wait = self.misses(row).until - time.monotonic()
            if wait > 0:
                self._guarded(partial(box.put_off, row, wait, counts=False))
        return wait > 0

    def find(self, client: Client, row: Row) -> Reply | str | None:
        """The id of the row's project, or the server's reply where it has none; None where no id is needed."""
        item = row.item
        if item.address is not None or item.session_id is not None or item.project is None:
            return item.session_id
        ids = self._ids.setdefault(client, {})
        known = ids.get(row.project)
        if known is None:
            found = find_project(client, item.project)
            if isinstance(found, Reply):
                return found
            known = ids[row.project] = found
        self._note_found((item.api_url, row.project))
        return known

    def forget(self, client: Client, row: Row) -> None:
        """Ask for the project's id again: it may have been deleted and created anew."""
        self._ids.get(client, {}).pop(row.project, None)

    def _note_found(self, project: _Project) -> None:
        """Its rows wait no longer."""
        if project in self._missing:
            with self._lock:
                if self._missing.pop(project, None) is not None:
                    self._bring_forward(project, 0.0)

    def _bring_forward(self, project: _Project, wait_s: float) -> None:
        for box in list(self._boxes):
            self._guarded(partial(box.bring_forward, *project, wait_s))

    def note_missing(self, box: Outbox, row: Row, before: Misses) -> None:
        """Have all rows of the project wait. `before` is what was known when the project was asked for.

        Several threads ask at once: together that is one miss, else a slow server would have each doubling the wait.
        """
        project = (row.item.api_url, row.project)
        with self._lock:
            times, until = self.misses(row)
            if times == before.times:
                wait = backoff(self._settings, times + 1)
                wait = min(wait, HURRIED_S) if self._hurried_by else wait
                times, until = times + 1, time.monotonic() + wait
                self._missing[project] = Misses(times, until)
            left = max(0.0, until - time.monotonic())
            box.put_off(row, left, counts=False)
            box.put_off_project(*project, left)
