"""What the runs of a selection are and add up to: counts, sums, values to filter by, cost of models."""

# ruff: noqa: S608 (what is put into SQL text are constants of this package; values are parameters)

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from langchain_respmeta.local.store import metadata_index, totals
from langchain_respmeta.local.store.chosen import chosen
from langchain_respmeta.local.store.condition import Condition, joined
from langchain_respmeta.local.store.selection import Selection, on_kinds
from langchain_respmeta.local.store.totals import PICO, SUMS, TOKENS, WORDS

_ALL: Final = Selection(view="all")
_COST: Final = "cost"
_BIT: Final[Mapping[str, int]] = {name: 1 << bit for bit, name in enumerate(SUMS)}
_TOLD: Final = ", ".join(f"k.{name}" for name in (*WORDS, "is_call", "status", "known", "is_free"))
_SUMMED: Final = ", ".join(f"sum({name}) AS {name}" for name in SUMS)


@dataclass(slots=True)
class ModelSums:
    """The calls of one model, or the traces whose calls had the same models.

    Attributes:
        provider: Who served them, as far as known.
        model: The model that answered; of a failed call the one that was asked for; of a trace all of its models.
        key: By which they are found: `model`, or `models` of traces.
        runs: How many calls, or traces.
        sums: `input_tokens`, … of the runs that report them.
        cost_usd: Of the priced runs; None where there are none.
        unpriced: Runs that may be billed, and whose cost nobody knows.
    """

    provider: str | None
    model: str | None
    key: str = "model"
    runs: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    cost_usd: Decimal | None = None
    unpriced: int = 0


@dataclass(slots=True)
class Tally:
    """Counts and sums over the runs of a selection.

    Attributes:
        runs: All of them.
        errors: Those that failed.
        summed: Those that sums and shares cover: of all runs only the model calls, as roots repeat them.
        sums: `input_tokens`, … of the summed runs that report them; a sum that none reports is missing.
        cacheable_tokens: Part of `input_tokens`: of the runs that report what was read from a cache.
        cost_usd: Exact; None where no run has a price.
        refused: Summed runs whose answer was declined or withheld.
        truncated: Summed runs whose answer a token limit cut.
        billable: Summed runs that may cost anything (`record.billable`), and those with a cost.
        priced: Summed runs with a cost.
        values: Key of the record → its values and how many runs have each, the most frequent first.
        models: Summed runs by provider and model, the most expensive first; traces by all models of each.
    """

    runs: int = 0
    errors: int = 0
    summed: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    cacheable_tokens: float = 0
    cost_usd: Decimal | None = None
    refused: int = 0
    truncated: int = 0
    billable: int = 0
    priced: int = 0
    values: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    models: list[ModelSums] = field(default_factory=list)

    def share_of(self, part: int) -> float | None:
        """A share of the summed runs, None without any."""
        return part / self.summed if self.summed else None

    @property
    def cache_share(self) -> float | None:
        """Tokens read from a cache in all input tokens, of the runs that report both."""
        read = self.sums.get("cache_read_tokens")
        return read / self.cacheable_tokens if read is not None and self.cacheable_tokens else None


def tally_of(connection: sqlite3.Connection, selection: Selection) -> Tally:
    """Count and sum the runs of a selection."""
    found, values = Tally(), [defaultdict[str, int](int) for _ in WORDS]
    models: dict[tuple[str | None, str | None, str], ModelSums] = {}
    for row in _by_kind(connection, selection):
        runs = row["runs"]
        found.runs += runs
        found.errors += runs * (row["status"] == "error")
        for counted, word in zip(values, tuple(row)[: len(WORDS)], strict=True):
            if word is not None:
                counted[word] += runs
        if selection.view != "all" or row["is_call"]:
            _sum(found, row)
        if row["is_call"] or selection.view == "traces":
            key = _model_of(row)
            _sum_model(models.setdefault(key, ModelSums(*key)), row)
    found.values = {name: _ranked(counted) for name, counted in zip(WORDS, values, strict=True) if counted}
    found.models = sorted(
        models.values(),
        key=lambda one: (-(one.cost_usd or 0), -one.runs, one.model or "", one.provider or ""),
    )
    return found


def values_of(
    connection: sqlite3.Connection, selection: Selection, key: str, limit: int = 50
) -> list[tuple[str, int]]:
    """The most frequent values of a key of the runs' own metadata, or their `tags`, and how many runs have each."""
    among = Condition("1")  # where all runs are meant, none is looked up
    if selection != _ALL:
        runs = facts_of(connection, selection)
        among = Condition(f"+e.no IN (SELECT f.no FROM facts f WHERE {runs.sql})", runs.parameters)
    rows = connection.execute(
        "SELECT w.text AS value, count(*) AS runs FROM words w CROSS JOIN run_words e ON e.word = w.id"
        " WHERE w.key = (SELECT id FROM keys WHERE name = ?)"
        f" AND {among.sql} GROUP BY w.id ORDER BY runs DESC, value LIMIT ?",
        (metadata_index.TAGS if key == "tags" else key, *among.parameters, limit),
    )
    return [(row["value"], row["runs"]) for row in rows]


def numbers_of(connection: sqlite3.Connection, selection: Selection) -> str:
    """The numbers of the runs (`no`), joined by commas."""
    runs = facts_of(connection, selection)
    (found,) = connection.execute(
        f"SELECT group_concat(f.no) FROM facts f WHERE {runs.sql}", runs.parameters
    ).fetchone()
    return found or ""


def own_keys(connection: sqlite3.Connection, prefix: str) -> list[str]:
    """The keys of the runs' own metadata that have words: those that do not begin with the record's prefix."""
    rows = connection.execute(
        "SELECT k.name FROM keys k WHERE substr(k.name, 1, ?) <> ? AND k.name <> ''"
        " AND EXISTS (SELECT 1 FROM words w JOIN run_words e ON e.word = w.id WHERE w.key = k.id) ORDER BY k.name",
        (len(prefix), prefix),
    )
    return [row["name"] for row in rows]


def _by_kind(connection: sqlite3.Connection, selection: Selection) -> Iterator[sqlite3.Row]:
    """The runs and sums of each kind: from the totals of days where only kinds and times are asked for."""
    kinds, facts = selection.split(_ambiguous(connection, selection))
    parts = (
        [_summed_facts(kinds, [*selection.times(), *chosen(connection, facts)])]
        if facts
        else [*_summed_days(kinds, selection)]
    )
    asked = Condition(
        " UNION ALL ".join(part.sql for part in parts), tuple(v for part in parts for v in part.parameters)
    )
    yield from connection.execute(
        f"SELECT {_TOLD}, t.* FROM (SELECT kind, sum(runs) AS runs, {_SUMMED} FROM ({asked.sql}) GROUP BY kind) t"
        " JOIN kinds k ON k.id = t.kind WHERE t.runs > 0",
        asked.parameters,
    )


def _summed_facts(kinds: Condition, conditions: Iterable[Condition]) -> Condition:
    where = joined("AND", [on_kinds(kinds), *conditions])
    return Condition(
        f"SELECT kind, count(*) AS runs, {_SUMMED} FROM facts f WHERE {where.sql} GROUP BY kind",
        where.parameters,
    )


def _summed_days(kinds: Condition, selection: Selection) -> Iterator[Condition]:
    """Whole days from their totals, what begins and ends within a day run by run."""
    first, end = totals.whole_days(selection.since_us, selection.until_us)
    if first is not None and end is not None and first >= end:
        yield _summed_facts(kinds, selection.times())
        return
    days = [on_kinds(kinds, "t")]
    if first is not None:
        days.append(Condition("t.day >= ?", (first,)))
        yield from _edge(kinds, selection.since_us, totals.begin_of(first))
    if end is not None:
        days.append(Condition("t.day < ?", (end,)))
        yield from _edge(kinds, totals.begin_of(end), selection.until_us)
    whole = joined("AND", days)
    yield Condition(f"SELECT kind, runs, {', '.join(SUMS)} FROM totals t WHERE {whole.sql}", whole.parameters)


def _edge(kinds: Condition, since_us: int | None, until_us: int | None) -> Iterator[Condition]:
    if since_us != until_us:
        yield _summed_facts(kinds, Selection(since_us=since_us, until_us=until_us).times())


def facts_of(connection: sqlite3.Connection, selection: Selection) -> Condition:
    """SQL on the facts `f` of the runs."""
    kinds, facts = selection.split(_ambiguous(connection, selection))
    return joined("AND", [on_kinds(kinds), *selection.times(), *chosen(connection, facts)])


def _ambiguous(connection: sqlite3.Connection, selection: Selection) -> set[str]:
    """Keys of the conditions that runs also have in metadata of their own."""
    asked = [where.key for where in selection.where]
    rows = connection.execute(f"SELECT name FROM keys WHERE name IN ({', '.join('?' * len(asked))})", asked)
    return {row["name"] for row in rows}


def _model_of(row: sqlite3.Row) -> tuple[str | None, str | None, str]:
    """Provider and model as told, and the key that tells the model: a trace of several calls has its root's lists."""
    if row["is_call"]:
        return row["provider"], row["model"] if row["model"] is not None else row["requested_model"], "model"
    return row["providers"], row["models"], "models"


def _sum(found: Tally, row: sqlite3.Row) -> None:
    runs = row["runs"]
    found.summed += runs
    found.refused += runs * (row["refused"] == "true")
    found.truncated += runs * (row["truncated"] == "true")
    found.billable += runs * (not row["is_free"])
    found.priced += runs * bool(row["known"] & _BIT[_COST])
    _add(found.sums, row)
    if row["known"] & _BIT["cache_read_tokens"]:
        found.cacheable_tokens += row["input_tokens"] or 0
    found.cost_usd = _plus(found.cost_usd, row)


def _sum_model(found: ModelSums, row: sqlite3.Row) -> None:
    found.runs += row["runs"]
    _add(found.sums, row)
    found.cost_usd = _plus(found.cost_usd, row)
    if not row["known"] & _BIT[_COST] and not row["is_free"]:
        found.unpriced += row["runs"]


def _add(sums: dict[str, float], row: sqlite3.Row) -> None:
    for name in TOKENS:
        if row["known"] & _BIT[name]:
            sums[name] = sums.get(name, 0) + row[name]


def _plus(cost: Decimal | None, row: sqlite3.Row) -> Decimal | None:
    if not row["known"] & _BIT[_COST]:
        return cost
    return (cost or Decimal(0)) + Decimal(row[_COST]).scaleb(-PICO)


def _ranked(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
