"""How long calls take: quantiles, and how the durations are spread, by keys."""

# ruff: noqa: S608 (what is put into SQL text are names of this package's own; words of others are quoted by `engine.text`)

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from langchain_respmeta.charts.figures import TOP
from langchain_respmeta.charts.keys import key_sql, known
from langchain_respmeta.charts.source import RELATION, Records, Source, source_of

Measure: TypeAlias = Literal["latency_s", "time_to_first_token_s", "queue_s", "tokens_per_second"]
"""What is measured of a call: three durations in seconds, and its speed."""

BY: Final = ("model", "service_tier")
BINS_OF_DECADE: Final = 12
"""Bins between a duration and its tenfold: each ends 21 % above its beginning."""
_EXACT_UP_TO: Final = 4_000_000
"""Calls of which quantiles are exact; of more they are DuckDB's approximate ones, whose memory has a bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Quantiles of one measure over the calls of a group."""

    keys: tuple[str | None, ...]
    is_other: bool = False
    calls: int
    """Calls that tell it. What LangChain's own cache answered is left out."""
    p50: float
    p75: float
    p90: float
    p95: float
    p99: float
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """How many calls of a group lie between two values."""

    keys: tuple[str | None, ...]
    is_other: bool = False
    low: float
    """The least value in it."""
    high: float
    """The first value beyond it."""
    calls: int


def speeds(
    what: Records, by: Sequence[str] = BY, *, of: Measure = "latency_s", top: int | None = TOP
) -> list[Speed]:
    """Return quantiles of each group, those with the most calls first.

    Args:
        what: Records; see `source_of`.
        by: See `figures.groups`.
        of: What is measured.
        top: How many groups to tell one by one.

    Raises:
        SettingsError: `what` holds no records, or a key or `of` is unknown.
        MissingExtraError: duckdb is not installed.
    """
    source = source_of(what)
    known(of, get_args(Measure), "of")
    ((calls,),) = source.rows(f"SELECT count(*) FROM {RELATION}")
    quantile = "quantile_cont" if calls <= _EXACT_UP_TO else "approx_quantile"
    keys = [f"k{number}" for number, _ in enumerate(by)]
    told = f"count(*) AS calls, {quantile}({of}, {_QUANTILES}) AS quantiles, min({of}) AS least, max({of}) AS most"
    beyond = "".join(f"NULL AS {key}, " for key in keys)
    found = source.rows(f"""
        , {_measured_sql(source, by, of)},
        parts AS MATERIALIZED (SELECT {", ".join([*keys, told])} FROM measured {_group_by(keys)}),
        {_ranks_sql(keys)}
        SELECT * FROM (
            SELECT {", ".join([f"parts.{key}" for key in keys] + ["false AS is_other"])},
                   parts.calls, quantiles, least, most, place
            FROM parts JOIN ranks ON {_same(keys, "parts")} WHERE {_is_first(top)}
            UNION ALL
            SELECT {beyond}true, {told}, max(place)
            FROM measured JOIN ranks ON {_same(keys, "measured")} WHERE NOT {_is_first(top)}
        ) WHERE calls > 0 ORDER BY place""")
    width = len(keys)
    return [
        Speed(
            keys=tuple(row[:width]),
            is_other=row[width],
            calls=row[width + 1],
            **dict(zip(_NAMES, row[width + 2], strict=True)),
            least=row[width + 3],
            most=row[width + 4],
        )
        for row in found
    ]


def spread(
    source: Source, by: Sequence[str] = BY, *, of: Measure = "latency_s", top: int | None = TOP
) -> list[Bin]:
    """Return how the values of each group are spread over bins that grow by a constant factor; empty ones are left out.

    Values of zero have none.

    Raises:
        SettingsError: A key or `of` is unknown.
    """
    known(of, get_args(Measure), "of")
    keys = [f"k{number}" for number, _ in enumerate(by)]
    is_other = f"NOT {_is_first(top)}"
    shown = "".join(f"CASE WHEN {is_other} THEN NULL ELSE parts.{key} END AS {key}, " for key in keys)
    bin_of = f"CASE WHEN {of} > 0 THEN CAST(floor(log10({of}) * {BINS_OF_DECADE}) AS BIGINT) END"
    found = source.rows(f"""
        , {_measured_sql(source, by, of)},
        parts AS MATERIALIZED (SELECT {", ".join([*keys, f"{bin_of} AS bin", "count(*) AS calls"])}
                               FROM measured {_group_by([*keys, "bin"])}),
        {_ranks_sql(keys)}
        SELECT {shown}{is_other} AS is_other, bin, sum(parts.calls), min(place) AS first
        FROM parts JOIN ranks ON {_same(keys, "parts")} WHERE bin IS NOT NULL
        GROUP BY {", ".join(map(str, range(1, len(keys) + 3)))} ORDER BY first, bin""")
    width = len(keys)
    return [
        Bin(
            keys=tuple(row[:width]),
            is_other=row[width],
            low=_edge(row[width + 1]),
            high=_edge(row[width + 1] + 1),
            calls=row[width + 2],
        )
        for row in found
    ]


_NAMES: Final = ("p50", "p75", "p90", "p95", "p99")
_QUANTILES: Final = "[" + ", ".join(f"0.{name[1:]}" for name in _NAMES) + "]"


def _measured_sql(source: Source, by: Sequence[str], of: Measure) -> str:
    """Return the common table expression of the calls that tell a measure, with their keys `k0`, `k1` and so on."""
    named = [of, *(f"{key_sql(source, key)} AS k{number}" for number, key in enumerate(by))]
    return (
        f"measured AS NOT MATERIALIZED (SELECT {', '.join(named)} FROM {RELATION}"
        f" WHERE is_call AND {of} IS NOT NULL AND cache_hit IS NOT TRUE)"
    )


def _ranks_sql(keys: Sequence[str]) -> str:
    """Return the one of the places of groups, those with the most calls first."""
    ordered = ", ".join(["sum(calls) DESC", *keys])
    return f"ranks AS MATERIALIZED (SELECT {', '.join([*keys, f'row_number() OVER (ORDER BY {ordered}) AS place'])} FROM parts {_group_by(keys)})"


def _group_by(keys: Sequence[str]) -> str:
    return f"GROUP BY {', '.join(keys)}" if keys else ""


def _same(keys: Sequence[str], relation: str) -> str:
    return " AND ".join([f"{relation}.{key} IS NOT DISTINCT FROM ranks.{key}" for key in keys]) or "true"


def _is_first(top: int | None) -> str:
    return "true" if top is None else f"(place <= {int(top)})"


def _edge(number: int) -> float:
    return float(f"{10 ** (number / BINS_OF_DECADE):.4g}")
