"""What several model calls add up to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import reduce
from typing import Any, Final, TypeAlias
from uuid import UUID

from langchain_respmeta._runs.ids import id_of
from langchain_respmeta.record.billable import is_billable
from langchain_respmeta.record.draft import Draft, merged
from langchain_respmeta.record.exact import exact_sum
from langchain_respmeta.record.flat_values import MAX_TEXT
from langchain_respmeta.record.secrets import text_without_secrets
from langchain_respmeta.record.usage_names import SUMMED
from langchain_respmeta.record.vocabulary import SEVERITY

MAX_SEEN: Final = 10_000
"""Last calls of a trace that are known as counted. A call that comes again, by a second tracer, comes at once."""

_PATHS: Final = tuple((name, f"usage.{name}") for name in SUMMED)
READ: Final = frozenset(
    {
        *(
            "cost.cache_discount",
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


def read_of(facts: Draft) -> Draft:
    """What sums read of a draft `without_content`."""
    return merged({path: value for path, value in facts.items() if path in READ})


class Sums:
    """Sums over calls, each counted once. One thread at a time."""

    __slots__ = (
        "_assumed",
        "_by_model",
        "_costs",
        "_ends",
        "_providers",
        "_saved",
        "_seen",
        "calls",
        "cost",
        "priced",
    )

    def __init__(self) -> None:
        self._seen: dict[UUID, _End] = {}
        self._ends: dict[_End, int] = {}
        """Of all calls but those that were tried again."""
        self._assumed: dict[UUID, Draft] = {}
        """Calls whose end was not seen yet: counted when the sums are asked for."""
        self._by_model: dict[str, dict[str, int]] = {}
        self._costs: dict[str, Decimal] = {}
        """By model, of the calls that have a price."""
        self._saved: dict[str, Decimal] = {}
        """By model, what the cache saved of the calls that tell it."""
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
        if (saved := draft.get("cost.cache_discount")) is not None:
            self._saved[model] = exact_sum(self._saved.get(model, _NOTHING), saved)

    def _note_end(self, run_id: UUID, draft: Draft) -> None:
        end = (draft.get("finish_reason"), bool(draft.get("refused")), bool(draft.get("truncated")))
        self._seen[run_id] = end
        self._ends[end] = self._ends.get(end, 0) + 1
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
        ends = [end for end, count in self._ends.items() if count > 0] or [_APART]
        word, refused, truncated = ends[0] if len(ends) == 1 else _together(ends)
        return {
            "llm_calls": self.calls,
            **{name: sums[name] for name in SUMMED if name in sums},
            "cost_usd": float(self.cost) if self.priced else None,
            "cache_discount_usd": float(reduce(exact_sum, self._saved.values())) if self._saved else None,
            "unpriced_calls": sums.get("unpriced_calls", 0),
            "models": _listed(self._by_model),
            "providers": _listed(self._providers),
            "refused": refused,
            "truncated": truncated,
            **{name: sums[name] for name in _NO_CALLS},
            "finish_reason": word,
        }

    def by_model(self) -> dict[str, dict[str, Any]]:
        """A part for each model, by name."""
        return {model: self._told(model, sums) for model, sums in sorted(self._by_model.items())}

    def _told(self, model: str, sums: Mapping[str, int]) -> dict[str, Any]:
        cost, saved = self._costs.get(model), self._saved.get(model)
        return {
            **sums,
            "cost_usd": float(cost) if cost is not None else None,
            **({} if saved is None else {"cache_discount_usd": float(saved)}),
        }

    def _sums(self) -> Mapping[str, int]:
        if len(self._by_model) == 1:
            (only,) = self._by_model.values()
            return only
        whole = dict(_NO_CALLS)
        for sums in self._by_model.values():
            for name, value in sums.items():
                whole[name] = whole.get(name, 0) + value
        return whole


def _together(ends: Iterable[_End]) -> _End:
    """The worst word, and whether any call was refused or truncated."""
    words, refused, truncated = zip(*ends, strict=True)
    told = [word for word in words if word is not None]
    return max(told, key=SEVERITY.__getitem__, default=None), any(refused), any(truncated)


def _listed(names: Collection[str]) -> str | None:
    text = ", ".join(sorted(names) if len(names) > 1 else names)
    return (text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…") or None


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
