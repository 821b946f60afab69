"""What all model calls of a trace add up to: it goes on the root run, because the server carries nothing upwards.

Of a trace that another process began, it goes on the topmost run of this process (`_runs.continued_traces`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

import orjson

from langchain_respmeta._process.state import Part
from langchain_respmeta.langsmith.call_sums import Sums
from langchain_respmeta.langsmith.metadata import MAX_FLAT, MAX_RECORD_BYTES
from langchain_respmeta.record.draft import Draft
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Watcher

MAX_TRACES: Final = 10_000
"""Traces remembered. Those whose root was sent go first: only a second tracer could ask for their sums again."""

FEW_MODELS: Final = 20
"""So many can be told of one by one without looking at their size."""

_NONE: Final[Mapping[str, Rollup]] = {}
_NO_MORE: Final[Mapping[str, Any]] = {}


class Rollup:
    """Sums over the calls of one trace that handlers of one prefix watched. Each counts once, whoever sends it."""

    __slots__ = ("_projects", "_sums", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._sums = Sums()
        self._projects: set[str | None] = set()

    @property
    def calls(self) -> int:
        """How many calls ended."""
        return self._sums.calls

    def watch(self, project: str | None) -> None:
        """Something of a handler is in the trace; `project` is the only one that it watches, None for all."""
        with self.lock:
            self._projects.add(project)

    def is_for(self, project: str | None) -> bool:
        """Whether a handler that contributed watches this LangSmith project."""
        return None in self._projects or project in self._projects

    def add(self, run_id: UUID, draft: Draft, project: str | None, *, assumed: bool = False) -> None:
        """Count one call by its draft `without_content`; `project` is the only one that its handler watches, None for all.

        One whose end was only `assumed` gives way to what its own run says, if that comes before the root's.
        """
        with self.lock:
            self._projects.add(project)
            self._sums.add(run_id, draft, assumed=assumed)

    def flat(self, prefix: str, more: Mapping[str, Any] = _NO_MORE) -> dict[str, Any]:
        """Keys of the root run; `more` is what agents add."""
        with self.lock:
            sums = self._sums.flat()
        return _prefixed(prefix, sums, _numbers(more))

    def keys(self, prefix: str, more: Mapping[str, Any] = _NO_MORE) -> dict[str, Any]:
        """The same, and nested with a part for each model and the lists that agents add."""
        with self.lock:
            sums, by_model = self._sums.flat(), self._sums.by_model()
        numbers = _numbers(more)
        rollup = {**sums, **numbers, **more, "by_model": by_model}
        if more or len(by_model) > FEW_MODELS:
            rollup = _bounded(rollup)
        nested = {"schema_version": SCHEMA_VERSION, "rollup": rollup}
        return {prefix: nested, **_prefixed(prefix, sums, numbers)}


def _prefixed(prefix: str, sums: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    found = {**sums, **more} if more else sums
    return {f"{prefix}_{name}": value for name, value in found.items() if value is not None}


class _Only(NamedTuple):
    """The only call of a trace so far. Most traces have one call, which is their root itself and asks for no sums."""

    prefix: str
    project: str | None
    run_id: UUID
    draft: Draft
    """What of it is `READ`."""


def _bounded(rollup: dict[str, Any]) -> dict[str, Any]:
    """At most as large as a record may be: its longest parts lose the later half, of models the less called one."""
    while _size(rollup) > MAX_RECORD_BYTES:
        parts = {
            name: part for name, part in rollup.items() if isinstance(part, list | dict) and len(part) > 1
        }
        if not parts:
            break
        longest = max(parts, key=lambda name: _size(parts[name]))
        _halve(rollup, longest)
    return rollup


def _size(value: Any) -> int:
    return len(orjson.dumps(value, default=str))


def _halve(rollup: dict[str, Any], name: str) -> None:
    part = rollup[name]
    kept = len(part) // 2
    counted = f"{name}_trimmed"
    rollup[counted] = rollup.get(counted, 0) + len(part) - kept
    if name == "by_model":
        part = dict(sorted(part.items(), key=lambda item: item[1]["llm_calls"], reverse=True))
    rollup[name] = part[:kept] if isinstance(part, list) else dict(islice(part.items(), kept))


def _numbers(more: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in more.items() if isinstance(value, int | float)}


def _beside_calls(prefix: str, more: Mapping[str, Any]) -> dict[str, Any]:
    """What agents add, as flat keys."""
    return {f"{prefix}_{name}": value for name, value in _numbers(more).items()}


def _as_many_as_fit(sums: dict[str, Any], keys: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """No run has more flat keys than `MAX_FLAT`."""
    if len(sums) + len(keys) <= MAX_FLAT:
        return sums
    there = sum([key.startswith(f"{prefix}_") for key in keys])
    new = [key for key in sums if key not in keys]
    too_many = new[max(0, MAX_FLAT - there) :]
    return {key: value for key, value in sums.items() if key not in too_many}


class Rollups:
    """Roll-ups by trace id, bounded."""

    def __init__(self) -> None:
        self._traces: OrderedDict[int, dict[str, Rollup] | _Only] = OrderedDict()
        """By the id's number, which is hashed several times faster."""
        self._summed_up: OrderedDict[int, None] = OrderedDict()
        """Those of them whose root was sent."""
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._traces)

    def __contains__(self, trace_id: UUID) -> bool:
        return trace_id.int in self._traces

    def of(self, trace_id: UUID) -> Mapping[str, Rollup]:
        """The trace's roll-ups by prefix; empty where no watched model ran in it."""
        with self._lock:
            return self._of(trace_id.int)

    def _of(self, trace: int) -> Mapping[str, Rollup]:
        found = self._traces.get(trace, _NONE)
        if not isinstance(found, _Only):
            return found
        rollup = Rollup()
        rollup.add(found.run_id, found.draft, found.project)
        self._traces[trace] = rollups = {found.prefix: rollup}
        return rollups

    def add(
        self, trace_id: UUID, run_id: UUID, draft: Draft, handler: Watcher, *, assumed: bool = False
    ) -> None:
        """Count one call of a trace, watched by `handler`."""
        if not assumed and trace_id.int not in self._traces:
            only = _Only(handler.prefix, handler.project, run_id, draft)
            with self._lock:
                if self._traces.setdefault(trace_id.int, only) is only:
                    self._drop_oldest()
                    return
        self._opened(trace_id, handler).add(run_id, draft, handler.project, assumed=assumed)

    def open(self, trace_id: UUID, handler: Watcher) -> None:
        """`handler` watched something else of the trace: a tool, a parser."""
        self._opened(trace_id, handler).watch(handler.project)

    def _opened(self, trace_id: UUID, handler: Watcher) -> Rollup:
        with self._lock:
            rollups = self._of(trace_id.int)
            rollup = rollups.get(handler.prefix)
            if rollup is None:
                rollup = Rollup()
                self._traces[trace_id.int] = {**rollups, handler.prefix: rollup}
                self._drop_oldest()
            return rollup

    def _drop_oldest(self) -> None:
        if len(self._traces) > MAX_TRACES:
            oldest, _ = (self._summed_up or self._traces).popitem(last=False)
            self._traces.pop(oldest, None)

    def sum_up(
        self,
        trace_id: UUID,
        project: str | None,
        more: Mapping[str, Any],
        keys: dict[str, Any],
        *,
        is_model: bool,
    ) -> None:
        """Add the trace's sums to the keys of its topmost run, which is about to be sent.

        Args:
            trace_id: The trace.
            project: LangSmith project of the run.
            more: What agents add.
            keys: The run's own keys so far; they are added to.
            is_model: Whether the run is a model call: it keeps its own record, which sums of one call would repeat.
        """
        has_nothing_to_add = is_model and not more and isinstance(self._traces.get(trace_id.int), _Only)
        for prefix, rollup in () if has_nothing_to_add else self.of(trace_id).items():
            if not rollup.is_for(project):
                continue
            if is_model:
                sums = rollup.flat(prefix, more) if rollup.calls > 1 else _beside_calls(prefix, more)
                keys |= _as_many_as_fit(sums, keys, prefix)
            else:
                keys |= rollup.keys(prefix, more)
        with self._lock:
            if trace_id.int in self._traces:
                self._summed_up[trace_id.int] = None


ROLLUPS: Final = Part(Rollups)
