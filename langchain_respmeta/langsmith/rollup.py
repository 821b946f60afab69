"""What all model calls of a trace add up to: it goes on the root run, because the server carries nothing upwards.

Of a trace that another process began, it goes on the topmost run of this process (`_runs.continued_traces`).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import UUID

import orjson

from langchain_respmeta._process.state import Part
from langchain_respmeta._runs.ids import id_of
from langchain_respmeta.langsmith.metadata import MAX_FLAT, MAX_RECORD_BYTES, MAX_TEXT
from langchain_respmeta.record.billable import is_billable
from langchain_respmeta.record.draft import Draft
from langchain_respmeta.record.exact import exact_sum
from langchain_respmeta.record.secrets import text_without_secrets
from langchain_respmeta.record.usage_names import SUMMED
from langchain_respmeta.record.vocabulary import SCHEMA_VERSION, SEVERITY

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Watcher

MAX_TRACES: Final = 10_000
"""Traces remembered. Those whose root was sent go first: only a second tracer could ask for their sums again."""

MAX_SEEN: Final = 10_000
"""Last calls of a trace that are known as counted. A call that comes again, by a second tracer, comes at once."""

FEW_MODELS: Final = 20
"""So many can be told of one by one without looking at their size."""

_PATHS: Final = tuple((name, f"usage.{name}") for name in SUMMED)
_NONE: Final[Mapping[str, Rollup]] = {}
_NO_MORE: Final[Mapping[str, Any]] = {}
READ: Final = frozenset(
    {
        *(
            "cost.total",
            "event",
            "finish_reason",
            "langchain_cache_hit",
            "model",
            "previous_run_id",
            "provider",
        ),
        *("refused", "requested_model", "timing.time_to_first_token_s", "truncated"),
        *(path for _, path in _PATHS),
    }
)
"""All paths of a draft that sums are made of."""
_FLAGS: Final = {"refused_calls": "refused", "truncated_calls": "truncated"}
_End: TypeAlias = tuple[str | None, bool, bool]
"""How a call ended: its finish word, whether it was refused, whether it was truncated."""
_APART: Final[_End] = (None, False, False)
"""Of a call that was tried again: what became of the trace is told by the attempt after it."""
_NOTHING: Final = Decimal(0)
_NO_CALLS: Final = dict.fromkeys((*_FLAGS, "error_calls"), 0)


class Sums:
    """Sums over calls, each counted once. One thread at a time."""

    __slots__ = ("_assumed", "_by_model", "_costs", "_ends", "_providers", "_seen", "calls", "cost", "priced")

    def __init__(self) -> None:
        self._seen: dict[UUID, _End] = {}
        self._ends: Counter[_End] = Counter()
        """Of all calls but those that were tried again."""
        self._assumed: dict[UUID, Draft] = {}
        """Calls whose end was not seen yet: counted when the sums are asked for."""
        self._by_model: dict[str, dict[str, int]] = {}
        self._costs: dict[str, Decimal] = {}
        """By model, of the calls that have a price."""
        self._providers: set[str] = set()
        self.cost = _NOTHING
        self.calls = 0
        self.priced = 0

    def add(self, run_id: UUID, draft: Draft, *, assumed: bool = False) -> None:
        """Count a call."""
        if run_id in self._seen:
            return
        if assumed:
            self._assumed[run_id] = draft
            if len(self._assumed) > MAX_SEEN:
                oldest = next(iter(self._assumed))
                self._add(oldest, self._assumed.pop(oldest))
        else:
            self._assumed.pop(run_id, None)
            self._add(run_id, draft)

    def _add(self, run_id: UUID, draft: Draft) -> None:
        self.calls += 1
        self._note_end(run_id, draft)
        model = draft.get("model") or draft.get("requested_model") or "unknown"
        model = text_without_secrets(model)[:MAX_TEXT]
        sums = self._by_model.get(model)
        if sums is None:
            sums = self._by_model[model] = {"llm_calls": 0, "unpriced_calls": 0, **_NO_CALLS}
        _count(sums, draft)
        self._providers.add(draft.get("provider", "unknown"))
        cost = draft.get("cost.total")
        if cost is not None:
            self.priced += 1
            self.cost = exact_sum(self.cost, cost)
            self._costs[model] = exact_sum(self._costs.get(model, _NOTHING), cost)
        elif is_billable(draft):
            sums["unpriced_calls"] += 1

    def _note_end(self, run_id: UUID, draft: Draft) -> None:
        end = (draft.get("finish_reason"), bool(draft.get("refused")), bool(draft.get("truncated")))
        self._seen[run_id] = end
        self._ends[end] += 1
        if len(self._seen) > MAX_SEEN:
            del self._seen[next(iter(self._seen))]
        if (previous := draft.get("previous_run_id")) is not None:
            self._supersede(id_of(previous))

    def _supersede(self, run_id: UUID) -> None:
        """The call was tried again by one that is counted now."""
        end = self._seen.get(run_id, _APART)
        if end is not _APART:
            self._ends[end] -= 1
            self._seen[run_id] = _APART

    def flat(self) -> dict[str, Any]:
        """The sums of all models."""
        while self._assumed:
            self._add(*self._assumed.popitem())
        sums = self._sums()
        words, refused, truncated = zip(*(+self._ends or {_APART: 1}), strict=True)
        return {
            "llm_calls": self.calls,
            **{name: sums[name] for name in SUMMED if name in sums},
            "cost_usd": float(self.cost) if self.priced else None,
            "unpriced_calls": sums.get("unpriced_calls", 0),
            "models": _listed(self._by_model),
            "providers": _listed(self._providers),
            "refused": any(refused),
            "truncated": any(truncated),
            **{name: sums[name] for name in _NO_CALLS},
            "finish_reason": _worst(words),
        }

    def by_model(self) -> dict[str, dict[str, Any]]:
        """A part for each model, by name."""
        return {model: self._told(model, sums) for model, sums in sorted(self._by_model.items())}

    def _told(self, model: str, sums: Mapping[str, int]) -> dict[str, Any]:
        cost = self._costs.get(model)
        return {**sums, "cost_usd": float(cost) if cost is not None else None}

    def _sums(self) -> Mapping[str, int]:
        if len(self._by_model) == 1:
            (only,) = self._by_model.values()
            return only
        whole = dict(_NO_CALLS)
        for sums in self._by_model.values():
            for name, value in sums.items():
                whole[name] = whole.get(name, 0) + value
        return whole


class Rollup:
    """Sums over the calls of one trace that handlers of one prefix watched. Each counts once, whoever sends it.

    Most traces have one call, which is the run itself and needs no sums: it waits to be counted until they are asked for.
    """

    __slots__ = ("_first", "_projects", "_sums", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._first: tuple[UUID, Draft] | None = None
        self._sums: Sums | None = None
        self._projects: set[str | None] = set()

    @property
    def calls(self) -> int:
        """How many calls ended."""
        if self._sums is not None:
            return self._sums.calls
        return 0 if self._first is None else 1

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
            if self._sums is None and self._first is None and not assumed:
                self._first = (run_id, draft)
            elif self._sums is not None or assumed or self._first is None or self._first[0] != run_id:
                self._counted().add(run_id, draft, assumed=assumed)

    def _counted(self) -> Sums:
        if self._sums is None:
            self._sums = Sums()
            if self._first is not None:
                self._sums.add(*self._first)
                self._first = None
        return self._sums

    def flat(self, prefix: str, more: Mapping[str, Any] = _NO_MORE) -> dict[str, Any]:
        """Keys of the root run; `more` is what agents add."""
        with self.lock:
            found = {**self._counted().flat(), **_numbers(more)}
        return {f"{prefix}_{name}": value for name, value in found.items() if value is not None}

    def nested(self, more: Mapping[str, Any] = _NO_MORE) -> dict[str, Any]:
        """The same nested, with a part for each model and the lists that agents add."""
        with self.lock:
            flat = self._counted().flat()
            by_model = self._counted().by_model()
        rollup = {**flat, **_numbers(more), **more, "by_model": by_model}
        is_small = not more and len(by_model) <= FEW_MODELS
        return {"schema_version": SCHEMA_VERSION, "rollup": rollup if is_small else _bounded(rollup)}


def _worst(words: Iterable[str | None]) -> str | None:
    return max((word for word in words if word is not None), key=SEVERITY.__getitem__, default=None)


def _listed(names: Iterable[str]) -> str | None:
    text = ", ".join(sorted(names))
    return (text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…") or None


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


def _count(sums: dict[str, int], draft: Draft) -> None:
    counts: Mapping[str, Any] = draft
    sums["llm_calls"] += 1
    for name, path in _PATHS:
        if path in draft:
            sums[name] = sums.get(name, 0) + counts[path]
    for name, path in _FLAGS.items():
        if draft.get(path):
            sums[name] += 1
    if draft.get("finish_reason") == "error" or draft.get("event") == "error":
        sums["error_calls"] += 1


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
        self._traces: dict[UUID, dict[str, Rollup]] = {}
        self._summed_up: dict[UUID, None] = {}
        """Those of them whose root was sent."""
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._traces)

    def of(self, trace_id: UUID) -> Mapping[str, Rollup]:
        """The trace's roll-ups by prefix; empty where no watched model ran in it."""
        return self._traces.get(trace_id, _NONE)

    def add(
        self, trace_id: UUID, run_id: UUID, draft: Draft, handler: Watcher, *, assumed: bool = False
    ) -> None:
        """Count one call of a trace, watched by `handler`."""
        self._opened(trace_id, handler).add(run_id, draft, handler.project, assumed=assumed)

    def open(self, trace_id: UUID, handler: Watcher) -> None:
        """`handler` watched something else of the trace: a tool, a parser."""
        self._opened(trace_id, handler).watch(handler.project)

    def _opened(self, trace_id: UUID, handler: Watcher) -> Rollup:
        with self._lock:
            rollups = self._traces.get(trace_id, _NONE)
            rollup = rollups.get(handler.prefix)
            if rollup is None:
                rollup = Rollup()
                self._traces[trace_id] = {**rollups, handler.prefix: rollup}
                if len(self._traces) > MAX_TRACES:
                    oldest = next(iter(self._summed_up or self._traces))
                    self._summed_up.pop(oldest, None)
                    del self._traces[oldest]
            return rollup

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
        for prefix, rollup in self.of(trace_id).items():
            if not rollup.is_for(project):
                continue
            if is_model and not more and rollup.calls <= 1:
                continue
            if is_model:
                sums = rollup.flat(prefix, more) if rollup.calls > 1 else _beside_calls(prefix, more)
                keys |= _as_many_as_fit(sums, keys, prefix)
            else:
                keys[prefix] = rollup.nested(more)
                keys |= rollup.flat(prefix, more)
        with self._lock:
            if trace_id in self._traces:
                self._summed_up[trace_id] = None


ROLLUPS: Final = Part(Rollups)
