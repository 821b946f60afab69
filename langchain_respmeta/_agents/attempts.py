"""Retries and fallbacks: which model call was tried again, and by which.

An attempt is a call with the same prompt, made after the other failed (or what used its answer did), below a run that the
other's failure did not reach. How far it went shows in the runs that failed with it: up to a `with_retry`, a
`with_fallbacks`, a middleware's or a graph's own loop. Steps of a `RunnableParallel` and other tasks of a graph are none.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta._agents.call_notes import notes_of
from langchain_respmeta._agents.graph_places import GraphPlace, parents_of, place_of
from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.state import Part

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Run

MAX_FAILED: Final = 1_024
"""Failed calls that may be tried again; when a provider refuses everything, that is each call under way."""
MAX_AGE_S: Final = 600.0
_MAP_TAG: Final = "map:key:"


class _Failed:
    """A failed call, and the runs below which another attempt may start."""

    __slots__ = ("failed_at", "parents", "prompt", "prompt_key", "run", "task")

    def __init__(self, run: Run, parents: frozenset[UUID], prompt: Any, task: str | None) -> None:
        self.run = run
        self.parents = parents
        self.prompt = prompt
        self.prompt_key = _prompt_key(prompt)
        self.task = task
        self.failed_at = perf_counter()


class Attempts:
    """Failed calls that may be tried again."""

    def __init__(self) -> None:
        self.failed: dict[UUID, _Failed] = {}
        """Failed calls by run, while the runs around them have neither ended nor failed."""
        self._by_parent: dict[UUID, dict[UUID, _Failed]] = {}
        """The same by parent."""
        self._top_of_chain: Bounded[UUID, UUID] = Bounded(4 * MAX_FAILED)
        """A chain that started below a parent → that parent."""
        self._lock = threading.Lock()

    def model_failed(self, run: Run, parent_id: UUID | None) -> None:
        """Note a failed call."""
        self._add(_Failed(run, parents_of(parent_id), run.prompt, _task_of(parent_id)))

    def answer_discarded(
        self, run: Run, prompt: Any, chain: GraphPlace | None, parent_id: UUID | None
    ) -> None:
        """Note an answered call whose answer `chain` (known or not) below `parent_id` failed with."""
        if run.id in self.failed:
            return
        parents = parents_of(parent_id)
        task = chain.ns if chain is not None else _task_of(parent_id)
        self._add(_Failed(run, parents - {chain.id} if chain is not None else parents, prompt, task))

    def _add(self, failed: _Failed) -> None:
        if failed.parents and failed.prompt is not None:
            with self._lock:
                self.failed[failed.run.id] = failed
                self._index(failed)
                if len(self.failed) > MAX_FAILED:
                    self._drop(next(iter(self.failed.values())))

    def _drop(self, failed: _Failed) -> None:
        self.failed.pop(failed.run.id, None)
        self._unindex(failed)

    def _index(self, failed: _Failed) -> None:
        for parent in failed.parents:
            self._by_parent.setdefault(parent, {})[failed.run.id] = failed

    def _unindex(self, failed: _Failed) -> None:
        for parent in failed.parents:
            below = self._by_parent.get(parent, {})
            below.pop(failed.run.id, None)
            if not below:
                self._by_parent.pop(parent, None)

    def chain_failed(self, run_id: UUID, parent_id: UUID | None) -> None:
        """Move the failures below a run one run further up."""
        with self._lock:
            for one in tuple(self._by_parent.get(run_id, {}).values()):
                self._unindex(one)
                one.parents = parents_of(parent_id) - {run_id}
                if one.parents:
                    self._index(one)
                else:
                    self._drop(one)
        self._top_of_chain.pop(run_id, None)

    def chain_ended(self, run_id: UUID) -> None:
        """Drop the failures below a run that has ended well."""
        with self._lock:
            for one in tuple(self._by_parent.get(run_id, {}).values()):
                self._drop(one)
        self._top_of_chain.pop(run_id, None)

    def chain_started(self, run_id: UUID, parent_id: UUID | None, tags: Sequence[str] | None) -> None:
        """Note a chain below a parent: perhaps the next attempt of a longer chain."""
        if _is_branch(tags):
            return
        for parent in parents_of(parent_id):
            top = self._top_of_chain.get(parent, parent)
            if top in self._by_parent:
                self._top_of_chain.keep(run_id, top)
                return

    def model_started(self, run: Run, parent_id: UUID | None, tags: Sequence[str] | None) -> None:
        """Link a call that starts to the failed call that it tries again, if any."""
        direct = parents_of(parent_id)
        tops = {self._top_of_chain[parent] for parent in direct if parent in self._top_of_chain}
        parents = tops if _is_branch(tags) else tops | direct
        task = _task_of(parent_id)
        with self._lock:
            self._forget_old()
            last = self._last_like(run, parents, task)
            if last is None:
                return
            self._drop(last)
        _link(run, last.run)

    def _last_like(self, run: Run, parents: frozenset[UUID] | set[UUID], task: str | None) -> _Failed | None:
        """Return the call that failed last below these parents, with the same prompt."""
        prompt_key = _prompt_key(run.prompt)
        fitting = {
            one.failed_at: one
            for parent in parents
            for one in tuple(self._by_parent.get(parent, {}).values())
            if one.prompt_key == prompt_key
            and one.task == task
            and one.run is not run
            and one.prompt == run.prompt
        }
        return fitting[max(fitting)] if fitting else None

    def _forget_old(self) -> None:
        """Drop all when nothing has failed for long; they hold prompts."""
        if self.failed and perf_counter() - next(reversed(self.failed.values())).failed_at > MAX_AGE_S:
            self.failed.clear()
            self._by_parent.clear()
            self._top_of_chain.clear()


def _prompt_key(prompt: Any) -> Hashable:
    """A cheap key that differs for most prompts, compared before the full prompt."""
    last = prompt[-1] if isinstance(prompt, list) and prompt else prompt
    content = getattr(last, "content", last)
    return content if isinstance(content, str) else None


def _link(run: Run, previous: Run) -> None:
    before, now = notes_of(previous), notes_of(run)
    before.attempt = before.attempt or 1
    before.supersede()
    now.attempt = before.attempt + 1
    now.previous = previous.id
    for keeper in previous.delivered:
        keeper.show_again(previous)


def _task_of(parent_id: UUID | None) -> str | None:
    """Return the graph's task around a call: a retried node keeps it, other nodes have others."""
    place = place_of(parent_id)
    return place.ns if place is not None else None


def _is_branch(tags: Sequence[str] | None) -> bool:
    return tags is not None and any(tag.startswith(_MAP_TAG) for tag in tags)


ATTEMPTS: Final = Part(Attempts)
