"""What a handler remembers of its runs: the last records, and running sums of all."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from operator import index as as_index
from typing import TYPE_CHECKING, Any, Final, SupportsIndex, overload
from uuid import UUID

from langchain_respmeta._process.faults import report
from langchain_respmeta._process.late_imports import loading
from langchain_respmeta.record.billable import is_billable
from langchain_respmeta.record.exact import exact_sum
from langchain_respmeta.record.typed import record_of
from langchain_respmeta.record.usage_names import SUMMED

if TYPE_CHECKING:
    from langchain_respmeta._runs.run import Run
    from langchain_respmeta.record.draft import Draft
    from langchain_respmeta.record.record import ResponseMetadata


class Records(Sequence["ResponseMetadata"]):
    """The records of a handler's last runs, oldest first: typed when somebody looks at them, not before."""

    def __init__(self, maximum: int, *, include_content: bool) -> None:
        self._runs: deque[Run] = deque(maxlen=maximum)
        self._include_content = include_content

    def add(self, run: Run) -> None:
        """Remember one more run; the oldest goes when the bound is reached."""
        self._runs.append(run)

    def __len__(self) -> int:
        return sum(len(run.settle()) for run in tuple(self._runs))

    def __iter__(self) -> Iterator[ResponseMetadata]:
        return map(self.typed, self._drafts())

    def __reversed__(self) -> Iterator[ResponseMetadata]:
        return map(self.typed, self._drafts(backwards=True))

    @overload
    def __getitem__(self, index: SupportsIndex) -> ResponseMetadata: ...

    @overload
    def __getitem__(self, index: slice) -> list[ResponseMetadata]: ...

    def __getitem__(self, index: SupportsIndex | slice) -> ResponseMetadata | list[ResponseMetadata]:
        if isinstance(index, slice):
            return [self.typed(draft) for draft in list(self._drafts())[index]]
        place = as_index(index)
        before = place if place >= 0 else -place - 1
        draft = next(islice(self._drafts(backwards=place < 0), before, None), None)
        if draft is None:
            raise IndexError(f"there is no record {place}")
        return self.typed(draft)

    def __repr__(self) -> str:
        return repr(list(self))

    def __reduce__(self) -> tuple[Any, ...]:
        """Copied or sent to another process they are a list of what is there now: the runs themselves stay here."""
        return list, (list(self),)

    def runs(self) -> tuple[Run, ...]:
        """The runs themselves."""
        return tuple(self._runs)

    @property
    def maximum(self) -> int:
        """How many are held."""
        return self._runs.maxlen or 0

    def clear(self) -> None:
        """Forget all."""
        self._runs.clear()

    def typed(self, draft: Draft) -> ResponseMetadata:
        """A draft as record, with or without texts as the handler was told."""
        try:
            return record_of(draft, include_content=self._include_content)
        except Exception as fault:  # noqa: BLE001 - one record that cannot be built must not cost the others
            report("building a record", fault)
            return record_of(_core_of(draft, fault), include_content=self._include_content)

    def _drafts(self, *, backwards: bool = False) -> Iterator[Draft]:
        """Put together one after the other: who looks at the last record waits for no other."""
        with loading:
            from langchain_respmeta._agents.call_notes import drafts_of

        step = -1 if backwards else 1
        return (draft for run in tuple(self._runs)[::step] for draft in drafts_of(run)[::step])


def _core_of(draft: Draft, fault: Exception) -> Draft:
    """Which call it was: of a draft that somebody else's code put into no form."""
    core = {
        path: draft.get(path) for path in ("provider", "run_id", "parent_run_id", "trace_id", "received_at")
    }
    return {**core, "warnings": [f"the record could not be built: {type(fault).__name__}"]}


_UNNAMED: Final = "unknown"
"""In place of the model's name, as on a root run: what all models cost is what the calls cost."""
MAX_CONCLUDED: Final = 2_048
"""Runs whose end was only concluded and may still be seen; the oldest are counted as they are."""


class Tally:
    """Running sums, bounded: counts by a few words, never by free text."""

    _COUNTED: Final = ("provider", "model", "finish_reason", "service_tier")
    _MOST: Final = 1_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._concluded: dict[UUID, Run] = {}
        """Counted at the moment of asking: their ends may be seen after all, and each run counts once."""
        self._calls = 0
        self._cost = Decimal(0)
        self._priced = self._unpriced = 0
        self._by_model: dict[str, tuple[Decimal, int]] = {}
        """Cost of each model's calls, and how many of them have one."""
        self._sums: Counter[str] = Counter()
        self._by: dict[str, Counter[str]] = {
            name: Counter() for name in (*self._COUNTED, "unmapped", "unpriced_reason")
        }

    def add(self, draft: Draft) -> None:
        """Count one record; candidates after the first bring no usage and no cost."""
        with self._lock:
            self._add(draft, 1)

    def conclude(self, run: Run) -> Run | None:
        """Note a run whose end was only concluded; one that is to be counted for good, when there are too many."""
        with self._lock:
            self._concluded[run.id] = run
            if len(self._concluded) <= MAX_CONCLUDED:
                return None
            return self._concluded.pop(next(iter(self._concluded)))

    def was_concluded(self, run: Run) -> bool:
        """Whether a run was only noted so far; from now on it is to be counted."""
        with self._lock:
            return self._concluded.pop(run.id, None) is not None

    def amend(self, before: Draft, after: Draft) -> None:
        """Count what a record became in place of what it was; `before` may be counted earlier or later."""
        with self._lock:
            self._add(before, -1)
            self._add(after, 1)

    def _add(self, draft: Draft, times: int) -> None:
        self._calls += times * (draft.get("candidate_index", 0) == 0)
        for name in SUMMED:
            self._sums[name] += times * draft.get(f"usage.{name}", 0)
        for name in ("refused", "truncated"):
            self._sums[name] += times * bool(draft.get(name))
        for name in self._COUNTED:
            if draft.get(name) is not None:
                self._count(name, str(draft[name]), times)
        for path in draft.get("unmapped", ()):
            self._count("unmapped", path, times)
        self._add_cost(draft, times)

    def _count(self, name: str, word: str, times: int) -> None:
        counter = self._by[name]
        if word in counter or len(counter) < self._MOST:
            counter[word] += times

    def _add_cost(self, draft: Draft, times: int) -> None:
        if (cost := draft.get("cost.total")) is not None:
            change = cost if times > 0 else cost.copy_negate()
            self._cost = exact_sum(self._cost, change)
            self._priced += times
            self._count_cost(
                str(draft.get("model") or draft.get("requested_model") or _UNNAMED), change, times
            )
        elif draft.get("candidate_index", 0) == 0 and is_billable(draft):
            self._unpriced += times
        if reason := draft.get("cost.unpriced_reason"):
            self._count("unpriced_reason", reason, times)

    def _count_cost(self, model: str, change: Decimal, times: int) -> None:
        if model in self._by_model or len(self._by_model) < self._MOST:
            sum_of, priced = self._by_model.get(model, (Decimal(0), 0))
            self._by_model[model] = exact_sum(sum_of, change), priced + times

    def concluded(self) -> tuple[Run, ...]:
        """The runs whose ends may still be seen."""
        return tuple(self._concluded.values())

    def renew_lock(self) -> None:
        """In a forked child: somebody may have held the parent's."""
        self._lock = threading.Lock()

    def summary(self) -> dict[str, Any]:
        """The sums so far."""
        with self._lock:
            runs = list(self._concluded.values())
        drafts = {run.id: run.settle() for run in runs}  # without the lock: a look-up may start, and count
        with self._lock:
            concluded = [draft for run_id in drafts if run_id in self._concluded for draft in drafts[run_id]]
            for draft in concluded:
                self._add(draft, 1)
            found = self._summary()
            for draft in concluded:
                self._add(draft, -1)
            return found

    def _summary(self) -> dict[str, Any]:
        return {
            "calls": self._calls,
            **{name: self._sums[name] for name in (*SUMMED, "refused", "truncated")},
            "cost_usd": self._cost if self._priced else None,
            "unpriced_calls": self._unpriced,
            "cost_usd_by_model": self._costs_by_model(),
            "by": {name: dict((+counter).most_common()) for name, counter in self._by.items()},
        }

    def _costs_by_model(self) -> dict[str, Decimal]:
        """The dearest first; models without a priced call have none."""
        priced = {model: cost for model, (cost, calls) in self._by_model.items() if calls}
        return dict(sorted(priced.items(), key=lambda item: item[1], reverse=True))
