"""Retries and fallbacks: which model call was tried again, and by which.

An attempt is a call with the same prompt, made after the other failed (or what was made of its answer did), below a run
in which the other's failure went no further. How far it went is known from the runs that failed with it: up to a `with_retry`, a `with_fallbacks`, a
middleware's or a graph's own loop. Steps of a `RunnableParallel` and other tasks of a graph are not attempts.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta._agents.beside import beside_of
from langchain_respmeta._agents.bounded import Bounded
from langchain_respmeta._agents.places import Place, frames_of, place_of

if TYPE_CHECKING:
    from langchain_respmeta._runs import Run

MAX_FAILED: Final = 64
MAX_AGE_S: Final = 600.0
_MAP_TAG: Final = "map:key:"


class _Failed:
    """A failed call, and the runs below which another attempt may start."""

    __slots__ = ("at", "frames", "prompt", "run", "task")

    def __init__(self, run: Run, frames: frozenset[UUID], prompt: Any, task: str | None) -> None:
        self.run = run
        self.frames = frames
        self.prompt = prompt
        self.task = task
        self.at = perf_counter()


class Attempts:
    """Failed calls that may be tried again."""

    def __init__(self) -> None:
        self.failed: deque[_Failed] = deque(maxlen=MAX_FAILED)
        """Calls that failed, and that no run around them has got over or failed with."""
        self._inside: Bounded[UUID, UUID] = Bounded(4 * MAX_FAILED)
        """A chain that started below a frame → that frame."""
        self._lock = threading.Lock()

    def model_failed(self, run: Run, parent_id: UUID | None) -> None:
        """A call failed."""
        self._add(_Failed(run, frames_of(parent_id), run.prompt, _task_of(parent_id)))

    def discarded(self, run: Run, prompt: Any, chain: Place | None, parent_id: UUID | None) -> None:
        """A call was answered, but `chain` (known or not) below `parent_id` failed with the answer."""
        with self._lock:
            if any(one.run is run for one in self.failed):
                return
        frames = frames_of(parent_id)
        task = chain.ns if chain is not None else _task_of(parent_id)
        self._add(_Failed(run, frames - {chain.id} if chain is not None else frames, prompt, task))

    def _add(self, failed: _Failed) -> None:
        if failed.frames and failed.prompt is not None:
            with self._lock:
                self.failed.append(failed)

    def chain_failed(self, run_id: UUID, parent_id: UUID | None) -> None:
        """The failure goes one run further up."""
        with self._lock:
            for one in [one for one in self.failed if run_id in one.frames]:
                one.frames = frames_of(parent_id) - {run_id}
                if not one.frames:
                    self.failed.remove(one)
        self._inside.pop(run_id, None)

    def chain_ended(self, run_id: UUID) -> None:
        """The run got over its failed calls."""
        with self._lock:
            for one in [one for one in self.failed if run_id in one.frames]:
                self.failed.remove(one)
        self._inside.pop(run_id, None)

    def chain_started(self, run_id: UUID, parent_id: UUID | None, tags: Sequence[str] | None) -> None:
        """A chain below a frame: perhaps the next attempt of a longer chain."""
        if _is_branch(tags):
            return
        with self._lock:
            known = [one.frames for one in self.failed]
        for frame in frames_of(parent_id):
            top = self._inside.get(frame, frame)
            if any(top in frames for frames in known):
                self._inside.keep(run_id, top)
                return

    def model_started(self, run: Run, parent_id: UUID | None, tags: Sequence[str] | None) -> None:
        """A call starts: is it another attempt?"""
        direct = frames_of(parent_id)
        tops = {self._inside[frame] for frame in direct if frame in self._inside}
        frames = tops if _is_branch(tags) else tops | direct
        task = _task_of(parent_id)
        with self._lock:
            if self.failed and perf_counter() - self.failed[-1].at > MAX_AGE_S:
                self.failed.clear()
                self._inside.clear()
            fitting = [
                one
                for one in self.failed
                if one.frames & frames
                and one.task == task
                and one.run is not run
                and one.prompt == run.prompt
            ]
            if not fitting:
                return
            last = fitting[-1]
            self.failed.remove(last)
        _link(run, last.run)

    def clear(self) -> None:
        """Forget everything (after a fork, and between tests)."""
        self._lock = threading.Lock()
        self.failed.clear()
        self._inside.forget()


def _link(run: Run, previous: Run) -> None:
    before, now = beside_of(previous), beside_of(run)
    before.attempt = before.attempt or 1
    before.superseded = True
    now.attempt = before.attempt + 1
    now.previous = previous.id


def _task_of(parent_id: UUID | None) -> str | None:
    """The graph's task around a call: a retried node keeps it, other nodes have others."""
    place = place_of(parent_id)
    return place.ns if place is not None else None


def _is_branch(tags: Sequence[str] | None) -> bool:
    return tags is not None and any(tag.startswith(_MAP_TAG) for tag in tags)


ATTEMPTS: Final = Attempts()
