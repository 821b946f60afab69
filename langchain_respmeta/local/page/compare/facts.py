"""The records of two runs side by side: group by group, fact by fact."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from langchain_respmeta.local import json_text
from langchain_respmeta.local.page import run_page
from langchain_respmeta.local.page.run_facts import Fact, Group, Table, fact
from langchain_respmeta.local.page.run_filter import PageQuery
from langchain_respmeta.local.store.selection import as_text
from langchain_respmeta.local.store.written import PREFIX

_MOST_OWN: Final = 200
_NOT_OWN: Final = (PREFIX.removesuffix("_"), "usage_metadata")


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of both runs; None where a run lacks it."""

    label: str
    left: Fact | None
    right: Fact | None

    @property
    def differs(self) -> bool:
        """By the values, not by their short texts."""
        return _value(self.left) != _value(self.right)


@dataclass(frozen=True, slots=True)
class Pair:
    """Facts of both runs under one heading."""

    title: str
    rows: Sequence[Row]

    @property
    def differing(self) -> int:
        """How many facts differ."""
        return sum(row.differs for row in self.rows)


def pairs_of(
    left: sqlite3.Row, left_metadata: Mapping[str, Any], right: sqlite3.Row, right_metadata: Mapping[str, Any]
) -> list[Pair]:
    """All that the records and the metadata of two runs say."""
    sides = [_groups(run, metadata) for run, metadata in ((left, left_metadata), (right, right_metadata))]
    by_title = [{group.title: group for group in side} for side in sides]
    pairs = [
        Pair(title, _rows(*(side[title].facts if title in side else () for side in by_title)))
        for title in dict.fromkeys(group.title for side in sides for group in side)
    ]
    return [pair for pair in pairs if pair.rows]


def _groups(run: sqlite3.Row, metadata: Mapping[str, Any]) -> list[Group]:
    record, rollup = run_page.record_of(metadata), run_page.rollup_of(metadata)
    tables = [*record.tables, *(rollup.tables if rollup else ())]
    return [
        Group("Run", list(_run_facts(run))),
        *([rollup.sums, *rollup.groups] if rollup else ()),
        *record.groups,
        Group("Lists", [_listed(table) for table in tables]),
        Group("Metadata", list(_own_facts(metadata))[:_MOST_OWN]),
    ]


def _run_facts(run: sqlite3.Row) -> Iterable[Fact]:
    tags = json_text.loads(run["tags"], "tags") if run["tags"] else None
    for label, value in (
        ("name", run["name"]),
        ("kind", run["run_type"]),
        ("project", run["project"]),
        ("status", run["status"]),
        ("tags", ", ".join(map(as_text, tags)) if isinstance(tags, list) else None),
        ("error", run["error"]),
    ):
        if value:
            yield fact(label, value, "")


def _listed(table: Table) -> Fact:
    count, values = len(table.rows), [[_value(cell) for cell in row] for row in table.rows]
    return Fact(table.title, f"{count:,} {'entry' if count == 1 else 'entries'}", "word", value=values)


def _own_facts(metadata: Mapping[str, Any]) -> Iterable[Fact]:
    for key, value in sorted(metadata.items()):
        if value is None or key in _NOT_OWN or key.startswith(PREFIX):
            continue
        is_plain = isinstance(value, (str, int, float))
        text = as_text(value)
        href = PageQuery(view="all").with_where(key, text) if is_plain and len(text) < 100 else None
        yield Fact(key, text, "word" if len(text) <= 60 else "long", href, value=value)


def _rows(left: Sequence[Fact], right: Sequence[Fact]) -> list[Row]:
    """Facts by their labels, those of the first run in their order, then what the second has more."""
    lefts, rights = _numbered(left), _numbered(right)
    return [_row(key[0], lefts.get(key), rights.get(key)) for key in dict.fromkeys((*lefts, *rights))]


def _row(label: str, left: Fact | None, right: Fact | None) -> Row:
    if left is not None and right is not None and left.text == right.text and left.value != right.value:
        left, right = (replace(one, text=as_text(one.value)) for one in (left, right))
    return Row(label, left, right)


def _numbered(facts: Sequence[Fact]) -> dict[tuple[str, int], Fact]:
    """A label may come twice in a group."""
    seen = Counter[str]()
    numbered = {}
    for one in facts:
        numbered[one.label, seen[one.label]] = one
        seen[one.label] += 1
    return numbered


def _value(one: Fact | None) -> object:
    if one is None:
        return None
    return (one.text, one.badges) if one.value is None else one.value
