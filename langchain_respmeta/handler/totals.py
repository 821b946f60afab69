"""Running sums over all runs of a handler, bounded."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta.record.billable import is_billable
from langchain_respmeta.record.exact import exact_sum
from langchain_respmeta.record.usage_names import SUMMED

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Run
    from langchain_respmeta.record.draft import Draft

_UNNAMED: Final = "unknown"
"""In place of the model's name, as on a root run: the models' costs add up to the calls' cost."""
_NOTHING: Final = (Decimal(0), 0)
_SUMMED: Final = (
    *((f"usage.{name}", name) for name in SUMMED),
    ("refused", "refused"),
    ("truncated", "truncated"),
)
"""Path in a draft → its sum's name: counts of tokens, and words that are true or not there."""
MAX_ASSUMED: Final = 2_048
"""Runs whose end is assumed and may still be reported; beyond that the oldest are counted as they are."""


class Totals:
    """Running sums, bounded: counts by a few words, never by free text."""

    _COUNTED: Final = ("provider", "model", "finish_reason", "service_tier")
    _MOST: Final = 1_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._assumed: dict[UUID, Run] = {}
        """Counted only while a summary is made: their ends may still be reported, and each run counts once."""
        self._calls = 0
        self._cost = Decimal(0)
        self._priced = self._unpriced = 0
        self._saved, self._saving = _NOTHING
        """What the cache saved, and how many calls tell it."""
        self._by_model: dict[str, tuple[Decimal, int]] = {}
        """Cost of each model's calls, and how many of them have one."""
        self._sums = dict.fromkeys((name for _, name in _SUMMED), 0)
        self._by: dict[str, dict[str, int]] = {
            name: {} for name in (*self._COUNTED, "unmapped", "unpriced_reason")
        }
        """Plain dicts: a `Counter` looks its own methods up at each change."""

    def add(self, draft: Draft) -> None:
        """Count one record; candidates after the first add no usage and no cost."""
        with self._lock:
            self._add(draft, 1)

    def add_assumed(self, run: Run) -> Run | None:
        """Note a run whose end is assumed; return the oldest, to be counted for good, if there are too many."""
        with self._lock:
            self._assumed[run.id] = run
            if len(self._assumed) <= MAX_ASSUMED:
                return None
            return self._assumed.pop(next(iter(self._assumed)))

    def was_assumed(self, run: Run) -> bool:
        """Whether a run was only noted so far; from now on it is counted."""
        with self._lock:
            return self._assumed.pop(run.id, None) is not None

    def amend(self, before: Draft, after: Draft) -> None:
        """Count what a record became in place of what it was; `before` may be counted earlier or later."""
        with self._lock:
            self._add(before, -1)
            self._add(after, 1)

    def _add(self, draft: Draft, times: int) -> None:
        by_path: Mapping[str, Any] = draft
        self._calls += times * (draft.get("candidate_index", 0) == 0)
        sums = self._sums
        for path, name in _SUMMED:
            if count := by_path.get(path):
                sums[name] += times * count
        for name in self._COUNTED:
            if (word := by_path.get(name)) is not None:
                self._count(name, word if type(word) is str else str(word), times)
        if "unmapped" in draft:
            for path in draft["unmapped"]:
                self._count("unmapped", path, times)
        self._add_cost(draft, times)

    def _count(self, name: str, word: str, times: int) -> None:
        counts = self._by[name]
        if word in counts:
            counts[word] += times
        elif len(counts) < self._MOST:
            counts[word] = times

    def _add_cost(self, draft: Draft, times: int) -> None:
        if (cost := draft.get("cost.total")) is not None:
            change = cost if times > 0 else cost.copy_negate()
            self._cost = exact_sum(self._cost, change)
            self._priced += times
            model = str(draft.get("model") or draft.get("requested_model") or _UNNAMED)
            if model in self._by_model or len(self._by_model) < self._MOST:
                sum_of, priced = self._by_model.get(model, _NOTHING)
                self._by_model[model] = exact_sum(sum_of, change), priced + times
        elif draft.get("candidate_index", 0) == 0 and is_billable(draft):
            self._unpriced += times
        if (saved := draft.get("cost.cache_discount")) is not None:
            self._saved = exact_sum(self._saved, saved if times > 0 else saved.copy_negate())
            self._saving += times
        if reason := draft.get("cost.unpriced_reason"):
            self._count("unpriced_reason", reason, times)

    def assumed(self) -> tuple[Run, ...]:
        """Return the runs whose ends may still be reported."""
        return tuple(self._assumed.values())

    def renew_lock(self) -> None:
        """Renew the lock in a forked child: a thread of the parent may hold it."""
        self._lock = threading.Lock()

    def summary(self) -> dict[str, Any]:
        """Return the sums so far."""
        with self._lock:
            runs = list(self._assumed.values())
        drafts = {
            run.id: run.settle() for run in runs
        }  # without the lock: reading may start a look-up, which counts
        with self._lock:
            assumed = [draft for run_id in drafts if run_id in self._assumed for draft in drafts[run_id]]
            for draft in assumed:
                self._add(draft, 1)
            found = self._summary()
            for draft in assumed:
                self._add(draft, -1)
            return found

    def _summary(self) -> dict[str, Any]:
        return {
            "calls": self._calls,
            **{name: self._sums[name] for name in (*SUMMED, "refused", "truncated")},
            "cost_usd": self._cost if self._priced else None,
            "cache_discount_usd": self._saved if self._saving else None,
            "unpriced_calls": self._unpriced,
            "cost_usd_by_model": self._costs_by_model(),
            "by": {name: dict((+Counter(counts)).most_common()) for name, counts in self._by.items()},
        }

    def _costs_by_model(self) -> dict[str, Decimal]:
        """Return the costs, dearest first; models without a priced call have none."""
        priced = {model: cost for model, (cost, calls) in self._by_model.items() if calls}
        return dict(sorted(priced.items(), key=lambda item: item[1], reverse=True))
