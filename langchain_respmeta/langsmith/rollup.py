"""What all model calls of a trace add up to: it goes on the root run, because the server carries nothing upwards."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta.langsmith.metadata import SCHEMA_VERSION
from langchain_respmeta.providers._table import Draft
from langchain_respmeta.vocabulary import SEVERITY

if TYPE_CHECKING:
    from langchain_respmeta.handler import RespMetaHandler

MAX_TRACES: Final = 10_000
"""Traces remembered; the oldest go first."""

_SUMS: Final = {
    "input_tokens": "usage.input_tokens",
    "output_tokens": "usage.output_tokens",
    "total_tokens": "usage.total_tokens",
    "cache_read_tokens": "usage.cache_read_tokens",
    "reasoning_tokens": "usage.reasoning_tokens",
}
_NONE: Final[Mapping[str, Rollup]] = {}
_NO_MORE: Final[Mapping[str, Any]] = {}
_FLAGS: Final = {"refused_calls": "refused", "truncated_calls": "truncated"}


class Rollup:
    """Sums over the calls of one trace that handlers of one prefix watched. Each counts once, whoever sends it."""

    __slots__ = ("_by_model", "_projects", "_providers", "_seen", "cost", "finish", "lock", "priced", "sums")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._seen: set[UUID] = set()
        self._by_model: dict[str, Counter[str]] = {}
        self._providers: set[str] = set()
        self._projects: set[str | None] = set()
        self.sums: Counter[str] = Counter()
        self.cost = Decimal(0)
        self.priced = 0
        self.finish: str | None = None

    def watch(self, project: str | None) -> None:
        """Something of a handler is in the trace; `project` is the only one that it watches, None for all."""
        with self.lock:
            self._projects.add(project)

    def is_for(self, project: str | None) -> bool:
        """Whether a handler that contributed watches this LangSmith project."""
        return None in self._projects or project in self._projects

    def add(self, run_id: UUID, draft: Draft, project: str | None) -> None:
        """Count one call; `project` is the only one that its handler watches, None for all."""
        with self.lock:
            self._projects.add(project)
            if run_id in self._seen:
                return
            self._seen.add(run_id)
            model = draft.get("model") or draft.get("requested_model") or "unknown"
            by_model = self._by_model.setdefault(model, Counter())
            for sums in (self.sums, by_model):
                _count(sums, draft)
            self._providers.add(draft.get("provider", "unknown"))
            cost = draft.get("cost.total")
            if cost is not None:
                self.priced += 1
                self.cost += cost
            self._worsen(draft.get("finish_reason"))

    def _worsen(self, word: str | None) -> None:
        if word is not None and (self.finish is None or SEVERITY[word] > SEVERITY[self.finish]):
            self.finish = word

    def metadata(self, prefix: str, more: Mapping[str, Any] = _NO_MORE) -> dict[str, Any]:
        """Flat keys of the root run, and the same nested with a part for each model; `more` is what agents add."""
        with self.lock:
            flat = {**self._flat(), **{name: value for name, value in more.items() if isinstance(value, int)}}
            by_model = {model: dict(sums) for model, sums in sorted(self._by_model.items())}
        keys = {f"{prefix}_{name}": value for name, value in flat.items() if value is not None}
        return {
            **keys,
            prefix: {"schema_version": SCHEMA_VERSION, "rollup": {**flat, **more, "by_model": by_model}},
        }

    def _flat(self) -> dict[str, Any]:
        calls = len(self._seen)
        return {
            "llm_calls": calls,
            **{name: self.sums[name] for name in _SUMS if name in self.sums},
            "cost_usd": float(self.cost) if self.priced else None,
            "unpriced_calls": calls - self.priced,
            "models": ", ".join(sorted(self._by_model)) or None,
            "providers": ", ".join(sorted(self._providers)) or None,
            "refused": bool(self.sums["refused_calls"]),
            "truncated": bool(self.sums["truncated_calls"]),
            "refused_calls": self.sums["refused_calls"],
            "truncated_calls": self.sums["truncated_calls"],
            "error_calls": self.sums["error_calls"],
            "finish_reason": self.finish,
        }


def _count(sums: Counter[str], draft: Draft) -> None:
    sums["llm_calls"] += 1
    for name, path in _SUMS.items():
        if path in draft:
            sums[name] += draft[path]
    for name, path in _FLAGS.items():
        sums[name] += bool(draft.get(path))
    sums["error_calls"] += draft.get("finish_reason") == "error"


class Rollups:
    """Roll-ups by trace id, bounded."""

    def __init__(self) -> None:
        self._traces: dict[UUID, dict[str, Rollup]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._traces)

    def of(self, trace_id: UUID) -> Mapping[str, Rollup]:
        """The trace's roll-ups by prefix; empty where no watched model ran in it."""
        return self._traces.get(trace_id, _NONE)

    def add(self, trace_id: UUID, run_id: UUID, draft: Draft, handler: RespMetaHandler) -> None:
        """Count one call of a trace, watched by `handler`."""
        self._opened(trace_id, handler).add(run_id, draft, handler.project)

    def open(self, trace_id: UUID, handler: RespMetaHandler) -> None:
        """`handler` watched something else of the trace: a tool, a parser."""
        self._opened(trace_id, handler).watch(handler.project)

    def _opened(self, trace_id: UUID, handler: RespMetaHandler) -> Rollup:
        with self._lock:
            rollups = self._traces.get(trace_id, _NONE)
            if handler.prefix not in rollups:
                self._traces[trace_id] = {**rollups, handler.prefix: Rollup()}
                if len(self._traces) > MAX_TRACES:
                    del self._traces[next(iter(self._traces))]
            return self._traces[trace_id][handler.prefix]

    def clear(self) -> None:
        """Forget everything (after a fork, and between tests)."""
        self._traces.clear()
        self._lock = threading.Lock()


ROLLUPS: Final = Rollups()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=ROLLUPS.clear)
