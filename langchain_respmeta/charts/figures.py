"""What calls add up to: the one place that says in SQL how each sum is made, over all calls, by keys, and over time."""

# ruff: noqa: S608 (what is put into SQL text are names of this package's own; words of others are quoted by `engine.text`)

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce
from itertools import groupby
from operator import add
from typing import Annotated, Any, Final, NamedTuple, get_args, get_type_hints

from langchain_respmeta.charts.keys import key_sql, known
from langchain_respmeta.charts.source import RELATION, Records, Source, source_of
from langchain_respmeta.charts.times import Every, bucket_sql
from langchain_respmeta.record.billable import SIGNS_OF_BILLING
from langchain_respmeta.record.exact import EXACT, exact_sum

DEFAULT_BY: Final = ("model",)
TOP: Final = 10
"""Groups that are told one by one; the others are one group."""
_ASKED: Final = 24
"""Groups of many that are asked for at least: charts that show fewer of them share the answer."""
_FEW: Final = 1_000
"""Groups, each stretch of time counted, that are put in order here."""

_FAILED: Final = "(error_type IS NOT NULL OR coalesce(finish_reason = 'error', false))"
_BEGAN: Final = f"coalesce({', '.join(sign.rpartition('.')[2] for sign in SIGNS_OF_BILLING)}) IS NOT NULL"
_BILLABLE: Final = f"(NOT coalesce(cache_hit, false) AND (NOT {_FAILED} OR {_BEGAN}))"
"""As `record.billable` decides it for a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What some calls add up to, each with its expression in SQL. A sum is None where no call reported its part, never 0."""

    calls: Annotated[int, "count(*) FILTER (is_call)"]
    """Calls of models, each attempt counted."""
    answers: Annotated[int, "count(*)"]
    """Answers: one for each candidate of a call."""
    errors: Annotated[int, f"count(*) FILTER (is_call AND {_FAILED})"]
    """Calls that failed."""
    refusals: Annotated[int, "count(*) FILTER (refused)"]
    """Answers that were declined or withheld."""
    truncations: Annotated[int, "count(*) FILTER (truncated)"]
    """Answers that a token limit cut."""
    cancelled: Annotated[int, "count(*) FILTER (is_call AND cancelled)"]
    """Calls whose caller stopped listening."""
    langchain_cache_hits: Annotated[int, "count(*) FILTER (is_call AND cache_hit)"]
    """Calls that LangChain's own cache answered."""
    input_tokens: Annotated[int | None, "sum(input_tokens)"]
    """Tokens of the prompts, those read from a cache and written to it included."""
    output_tokens: Annotated[int | None, "sum(output_tokens)"]
    """Tokens of the answers, reasoning included."""
    total_tokens: Annotated[int | None, "sum(total_tokens)"]
    """The providers' own sums."""
    cache_read_tokens: Annotated[int | None, "sum(cache_read_tokens)"]
    """Part of `input_tokens`."""
    cache_write_tokens: Annotated[int | None, "sum(cache_write_tokens)"]
    """Part of `input_tokens`."""
    cacheable_tokens: Annotated[int | None, "sum(input_tokens) FILTER (cache_read_tokens IS NOT NULL)"]
    """Part of `input_tokens`: of the calls that report what was read from a cache."""
    reasoning_tokens: Annotated[int | None, "sum(reasoning_tokens)"]
    """Part of `output_tokens`."""
    cost_usd: Annotated[Decimal | None, "sum(cost_usd)"]
    """What the priced calls cost, exact."""
    cache_discount_usd: Annotated[Decimal | None, "sum(cache_discount_usd)"]
    """What caching saved; below 0 where writing caches cost more."""
    priced: Annotated[int, "count(*) FILTER (is_call AND cost_usd IS NOT NULL)"]
    """Calls whose cost is known."""
    unpriced: Annotated[int, f"count(*) FILTER (is_call AND cost_usd IS NULL AND {_BILLABLE})"]
    """Calls that may be billed, and whose cost nobody knows: `cost_usd` lacks them."""
    retries: Annotated[int, "count(*) FILTER (is_call AND attempt > 1)"]
    """Second and later attempts."""
    superseded: Annotated[int, "count(*) FILTER (is_call AND superseded)"]
    """Attempts that a later one took the place of."""
    superseded_cost_usd: Annotated[Decimal | None, "sum(cost_usd) FILTER (superseded)"]
    """Part of `cost_usd`: what those attempts cost."""

    @property
    def error_rate(self) -> float | None:
        """Failed calls in all calls, from 0 to 1."""
        return share(self.errors, self.calls)

    @property
    def refusal_rate(self) -> float | None:
        """Refused answers in all answers, from 0 to 1."""
        return share(self.refusals, self.answers)

    @property
    def truncation_rate(self) -> float | None:
        """Cut answers in all answers, from 0 to 1."""
        return share(self.truncations, self.answers)

    @property
    def cache_share(self) -> float | None:
        """Tokens read from a cache in all tokens of prompts, of the calls that report both; from 0 to 1."""
        return share(self.cache_read_tokens, self.cacheable_tokens)

    @property
    def cost_per_call_usd(self) -> Decimal | None:
        """Mean cost of the calls that have one."""
        return None if self.cost_usd is None or not self.priced else self.cost_usd / self.priced

    def __add__(self, more: Sums) -> Sums:
        return _together((self, more))


def _together(parts: Sequence[Sums]) -> Sums:
    """Return the sums of all parts."""
    return Sums(**{name: _added([getattr(part, name) for part in parts]) for name in _SQL})


def _added(values: Sequence[Any]) -> Any:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return reduce(exact_sum if isinstance(known[0], Decimal) else add, known)


_SQL: Final[Mapping[str, str]] = {
    name: get_args(hint)[1] for name, hint in get_type_hints(Sums, include_extras=True).items()
}
"""Name of a sum → its expression."""
SELECTED: Final = ", ".join(f"{sql} AS {name}" for name, sql in _SQL.items())
_ADDED: Final = ", ".join(f"sum({name}) AS {name}" for name in _SQL)
"""The same of groups that are added up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The sums of one group, in one stretch of time where they were asked for over time."""

    keys: tuple[str | None, ...]
    """Its value of each key; None where the records have none, and of the others."""
    is_other: bool = False
    """Whether these are all groups beyond the first ones."""
    time: datetime | None = None
    """Beginning of the stretch of time, without a zone: in that of the source."""
    sums: Sums


def totals(what: Records) -> Sums:
    """Return the sums of all calls.

    Args:
        what: Records; see `source_of`.

    Raises:
        SettingsError: `what` holds no records, or cannot be read.
        MissingExtraError: duckdb is not installed.
    """
    ((*values,),) = source_of(what).rows(f"SELECT {SELECTED} FROM {RELATION}")
    return sums_of(values)


def groups(
    what: Records, by: Sequence[str] = DEFAULT_BY, *, top: int | None = TOP, rank: str = "cost_usd"
) -> list[Group]:
    """Return the sums by one key or several, the greatest first and all beyond `top` as one group at the end.

    A call with several tags counts in each of them: by `tags`, sums may be more than the whole.

    Args:
        what: Records; see `source_of`.
        by: Names of facts (`model`, `thread_id`, …), `tags`, or keys of the runs' own metadata.
        top: How many groups to tell one by one; None: all.
        rank: Name of the sum that says which are the greatest.

    Raises:
        SettingsError: `what` holds no records, or a key or `rank` is unknown.
        MissingExtraError: duckdb is not installed.
    """
    return _grouped(source_of(what), by, None, top, rank)


def over_time(
    what: Records,
    by: Sequence[str] = (),
    *,
    every: Every = "auto",
    top: int | None = TOP,
    rank: str = "cost_usd",
) -> list[Group]:
    """Return the same for each stretch of time in which there were calls; calls without a time are left out.

    Raises:
        SettingsError: `what` holds no records, or a key, `every` or `rank` is unknown.
        MissingExtraError: duckdb is not installed.
    """
    source = source_of(what)
    return _grouped(source, by, bucket_sql(source, every), top, rank)


def _grouped(
    source: Source, by: Sequence[str], bucket: str | None, top: int | None, rank: str
) -> list[Group]:
    known(rank, _SQL, "rank")
    columns = _Columns(
        tuple(f"k{number}" for number, _ in enumerate(by)), () if bucket is None else ("bucket",)
    )
    parts = _parts_sql(source, by, bucket, columns)
    # Few groups are put in order here: all charts by these keys share one answer, whatever they show of it.
    few = source.rows(f"{parts} {columns.few_sql()}")
    if len(few) <= _FEW:
        return [*_narrowed(_placed([columns.group_of(row) for row in few], rank, columns), top)]
    told = top if top is None else max(top, _ASKED)
    found = source.rows(f"{parts}, {columns.many_sql(told, rank)}")
    return [*_narrowed([(row[-1], columns.group_of(row)) for row in found], top)]


def _parts_sql(source: Source, by: Sequence[str], bucket: str | None, columns: _Columns) -> str:
    # The calls are read once, for `parts`; all else is made of their groups.
    named = [key_sql(source, key) for key in by] + ([] if bucket is None else [bucket])
    listed = [*columns.keys, *columns.times]
    told = "".join(f", {sql} AS {name}" for sql, name in zip(named, listed, strict=True))
    grouped = f"GROUP BY {', '.join(listed)}" if listed else ""
    return f"""
        , keyed AS NOT MATERIALIZED (SELECT *{told} FROM {RELATION}),
        parts AS MATERIALIZED (SELECT {", ".join([*listed, SELECTED])} FROM keyed {grouped})"""


class _Columns(NamedTuple):
    """What rows of groups begin with: their keys, whether they are all others, their time; then the sums follow."""

    keys: tuple[str, ...]
    times: tuple[str, ...]

    def few_sql(self) -> str:
        """Return the query of all groups, as long as they are few."""
        told = [*self.keys, "false AS is_other", *self.times, *_SQL]
        return f"SELECT {', '.join(told)} FROM parts LIMIT {_FEW + 1}"

    def many_sql(self, top: int | None, rank: str) -> str:
        """Return the query of the first groups and of all others as one, with their places."""
        ordered = ", ".join([f"sum({rank}) DESC NULLS LAST", "sum(answers) DESC", *self.keys])
        join = " AND ".join([f"parts.{key} IS NOT DISTINCT FROM ranks.{key}" for key in self.keys]) or "true"
        other = "false" if top is None else f"place > {int(top)}"
        shown = [f"CASE WHEN {other} THEN NULL ELSE parts.{key} END AS {key}" for key in self.keys]
        places = ", ".join([*self.keys, f"row_number() OVER (ORDER BY {ordered}) AS place"])
        return f"""
            ranks AS (SELECT {places} FROM parts {f"GROUP BY {', '.join(self.keys)}" if self.keys else ""})
            SELECT {", ".join([*shown, f"{other} AS is_other", *self.times, _ADDED])}, min(place) AS first
            FROM parts JOIN ranks ON {join} {"WHERE bucket IS NOT NULL" if self.times else ""}
            GROUP BY {", ".join(map(str, range(1, len(self.keys) + 2 + len(self.times))))}
            ORDER BY {", ".join([*self.times, "first"])}"""

    def group_of(self, row: Sequence[Any]) -> Group:
        """Return the group of a row."""
        width = len(self.keys)
        first = width + 1 + len(self.times)
        return Group(
            keys=tuple(row[:width]),
            is_other=row[width],
            time=row[width + 1] if self.times else None,
            sums=sums_of(row[first : first + len(_SQL)]),
        )


def _placed(parts: Sequence[Group], rank: str, columns: _Columns) -> list[tuple[int, Group]]:
    """Return groups with their places among all, as `many_sql` does."""
    of_keys: dict[tuple[str | None, ...], list[Sums]] = {}
    for one in parts:
        of_keys.setdefault(one.keys, []).append(one.sums)
    wholes = {keys: sums[0] if len(sums) == 1 else _together(sums) for keys, sums in of_keys.items()}

    def order(keys: tuple[str | None, ...]) -> tuple[Any, ...]:
        value, named = getattr(wholes[keys], rank), [(key is None, key or "") for key in keys]
        return value is None, -(value or 0), -wholes[keys].answers, named

    ordered = sorted(wholes, key=order)
    places = {keys: number for number, keys in enumerate(ordered, 1)}
    placed = [(places[one.keys], one) for one in parts if one.time is not None or not columns.times]
    return sorted(placed, key=lambda pair: (pair[1].time or datetime.min, pair[0]))  # noqa: DTZ901 - none has a zone


def _narrowed(placed: Sequence[tuple[int, Group]], top: int | None) -> Iterator[Group]:
    """Yield the first `top` groups of each stretch of time, and all beyond them as one."""
    for time, rows in groupby(placed, key=lambda row: row[1].time):
        beyond: list[Group] = []
        for place, one in rows:
            if top is None or place <= top:
                yield one
            else:
                beyond.append(one)
        if beyond:
            nobody = (None,) * len(beyond[0].keys)
            sums = _together([one.sums for one in beyond])
            yield Group(keys=nobody, is_other=True, time=time, sums=sums)


def sums_of(values: Sequence[Any]) -> Sums:
    """Return the sums of a row of `SELECTED`."""
    return Sums(**{name: plain(value) for name, value in zip(_SQL, values, strict=True)})


def plain(value: Any) -> Any:
    """Return an exact sum with the digits that it has, not with those of its column."""
    if not isinstance(value, Decimal):
        return value
    short = value.normalize(EXACT)
    return short if short.as_tuple().exponent <= 0 else short.quantize(Decimal(1), context=EXACT)  # type: ignore[operator]  # it is finite


def share(part: int | None, whole: int | None) -> float | None:
    """Return a part of a whole; None where one is unknown, or the whole is nothing."""
    return None if part is None or not whole else part / whole
