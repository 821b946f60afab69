"""The record against what the raw answer says, field by field."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

from langchain_respmeta.record.allowed_facts import OWN_FACTS
from tests.conformance._facts import LISTS, Expected, Fact, Item
from tests.conformance._probe import Probe

Verdict = Literal["right", "wrong", "invented", "missing", "lost"]
VERDICTS: Final[tuple[Verdict, ...]] = ("right", "wrong", "invented", "missing", "lost")

OWN: Final = frozenset(
    {
        "schema_version",
        "run_id",
        "trace_id",
        "parent_run_id",
        *OWN_FACTS,
        "integration",
        "requested_model",
        "model_source",
        "received_at",
        "streamed",
        "role",
        "event",
        "attempt",
        "superseded",
        "provider_data",
        "warnings",
        "unmapped",
        "trimmed",
        "timing.latency_s",
        "timing.time_to_first_chunk_s",
        "timing.time_to_first_token_s",
        "timing.tokens_per_second",
        "http.headers",
        "http.retry_attempts",
        "cost.currency",
        "cost.source",
        "cost.price_version",
        "cost.unpriced_reason",
        "structured_output.requested",
        "structured_output.parsed",
        "structured_output.type_name",
        "structured_output.source",
    }
)
"""Fields that do not come out of the answer's body: the run's own, or compared in a way of their own."""

FALSE_IS_NOTHING: Final = frozenset({"truncated", "refused"})


@dataclass(slots=True)
class Finding:
    """One verdict on one field of one record."""

    name: str
    verdict: Verdict
    expected: Any
    got: Any


@dataclass(slots=True)
class Table:
    """Counts by (row of the table, field, verdict), and examples of what is not right."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, label: str, findings: list[Finding]) -> None:
        """Count the findings on one record."""
        for finding in findings:
            self.counts[label, finding.name, finding.verdict] += 1


def flat(record: Any) -> dict[str, Any]:
    """A record's scalars by dotted name; lists stay apart."""
    return {name: value for name, value in _flat(record, "") if value is not None}


def _flat(value: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for one in fields(value):
        inner, name = getattr(value, one.name), prefix + one.name
        if is_dataclass(inner):
            yield from _flat(inner, f"{name}.")
        elif one.name not in LISTS and one.name != "tool_executions":
            yield name, inner


def compare(expected: Expected, record: Any, probe: Probe) -> list[Finding]:
    """Every field of one record."""
    found = flat(record)
    findings = list(_scalars(expected, found, probe))
    for name in LISTS:
        if name not in expected.open:
            findings += _items(
                name, expected.items[name], [_item(item) for item in getattr(record, name)], probe
            )
    return findings


def _scalars(expected: Expected, found: Mapping[str, Any], probe: Probe) -> Iterator[Finding]:
    for name in sorted({*expected.facts, *found} - expected.open):
        fact, got = expected.facts.get(name), found.get(name)
        if name in OWN and fact is None:
            continue
        if name in FALSE_IS_NOTHING and got is False:
            got = None
        if name.startswith("cost.") and found.get("cost.source") != "provider":
            if fact is None:
                continue
            got = None  # computed, where the provider's own may not have come through
        finding = _judge(name, fact, got, probe)
        if finding is not None:
            yield finding


def _judge(name: str, fact: Fact | None, got: Any, probe: Probe) -> Finding | None:
    if fact is None:
        return None if got is None else Finding(name, "invented", None, got)
    if got is None:
        if not fact.required or None in fact.also:
            return None
        reached = probe.reaches(name, fact.value if fact.witness is None else fact.witness)
        return Finding(name, "missing" if reached else "lost", fact.value, None)
    right = any(equal(value, got) for value in (fact.value, *fact.also))
    return Finding(name, "right" if right else "wrong", fact.value, got)


def _item(item: Any) -> dict[str, Any]:
    return {one.name: getattr(item, one.name) for one in fields(item) if getattr(item, one.name) is not None}


def _items(name: str, expected: list[Item], got: list[dict[str, Any]], probe: Probe) -> Iterator[Finding]:
    mates = _mates(expected, got)
    for place, item in enumerate(expected):
        if place not in mates:
            yield _absent(name, item, probe)
            continue
        best = got[mates[place]]
        yield Finding(name, "right", None, None)
        for key, fact in item.items():
            finding = _judge(f"{name}.{key}", fact, best.get(key), probe)
            if finding is not None:
                yield finding
        for key in best.keys() - item.keys() - UNCHECKED[name]:
            yield Finding(f"{name}.{key}", "invented", None, best[key])
    for place, one in enumerate(got):
        if place not in mates.values():
            yield Finding(name, "invented", None, one)


def _mates(expected: list[Item], got: list[dict[str, Any]]) -> dict[int, int]:
    """Which entry is meant by which: the pairs that are most alike first, whatever their order."""
    pairs = [
        (-likeness, here, there)
        for here, item in enumerate(expected)
        for there, one in enumerate(got)
        if (likeness := _likeness(item, one)) > 0
    ]
    mates: dict[int, int] = {}
    for _, here, there in sorted(pairs):
        if here not in mates and there not in mates.values():
            mates[here] = there
    return mates


def mates_of(these: list[dict[str, Any]], those: list[dict[str, Any]]) -> dict[int, int]:
    """Which entry of one list is which of the other."""
    return _mates([{key: Fact(value) for key, value in one.items()} for one in these], those)


UNCHECKED: Final[Mapping[str, frozenset[str]]] = {
    "tool_calls": frozenset(
        {"id", "valid", "server_side", "args_size_bytes"}
    ),  # LangChain gives ids where none came
    "citations": frozenset({"text", "source", "type"}),
    "safety": frozenset({"source", "scope"}),
    "media": frozenset({"kind", "origin", "size_bytes", "mime_type"}),
}
"""Attributes that the record fills from elsewhere, so that having one where the raw item has none is no invention."""

IDENTITY: Final[Mapping[str, tuple[str, ...]]] = {
    "tool_calls": ("id", "name"),
    "citations": ("url", "title", "quote", "file_id", "filename", "document_index", "start_index"),
    "safety": ("category",),
    "media": ("kind", "id"),
}


def _likeness(item: Item, one: Mapping[str, Any]) -> float:
    """How much two entries agree; below zero when they speak of different things."""
    same = [
        key for key, fact in item.items() if any(equal(v, one.get(key)) for v in (fact.value, *fact.also))
    ]
    names = next((names for names in IDENTITY.values() if set(names) & set(item)), ())
    known = [key for key in names if key in item and one.get(key) is not None]
    if known and not any(key in same for key in known):
        return -1
    return len(same)


def _absent(name: str, item: Item, probe: Probe) -> Finding:
    values = {key: fact.value for key, fact in item.items()}
    marks = [
        fact.value if fact.witness is None else fact.witness for key, fact in item.items() if fact.required
    ]
    marks = [mark for mark in marks if isinstance(mark, str) and len(mark) > 2][:2] or marks[:1]
    reached = bool(marks) and all(probe.reaches(name, mark) for mark in marks)
    return Finding(name, "missing" if reached else "lost", values, None)


def equal(expected: Any, got: Any) -> bool:
    """Equality that knows dates, decimals and the last digit of floats."""
    if isinstance(expected, bool) or isinstance(got, bool) or expected is None or got is None:
        return expected is got
    if isinstance(expected, datetime) and isinstance(got, datetime):
        return abs((expected - got).total_seconds()) < 1.0
    if isinstance(expected, int | float | Decimal) and isinstance(got, int | float | Decimal):
        return math.isclose(float(expected), float(got), rel_tol=1e-6, abs_tol=1e-9)
    return bool(expected == got)
