"""The period of records, and the stretches of time that it is cut in."""

# ruff: noqa: S608 (what is put into SQL text are names of this package's own; words of others are quoted by `engine.text`)

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias, get_args

from langchain_respmeta.charts.keys import known
from langchain_respmeta.charts.source import RELATION, Source

Every: TypeAlias = Literal["auto", "minute", "hour", "day", "week", "month"]
"""Length of the stretches of time; `auto` takes one that gives a readable number of them."""

LENGTHS: Final[Mapping[Every, timedelta]] = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
}
"""Length of each stretch of time, about."""
_READABLE: Final = 62
"""Stretches that a chart shows well: two months of days."""


def period(source: Source) -> tuple[datetime, datetime] | None:
    """Return when the first and the last call ended, in UTC; None where no record has a time.

    Raises:
        SettingsError: The files behind it cannot be read.
    """
    ((first, last),) = source.rows(f"SELECT {in_utc('min(time)')}, {in_utc('max(time)')} FROM {RELATION}")
    return None if first is None else (first.replace(tzinfo=UTC), last.replace(tzinfo=UTC))


def in_utc(time: str) -> str:
    """Return the expression of a time in UTC without a zone: which class a zone has differs with DuckDB's versions."""
    return f"({time} AT TIME ZONE 'UTC')"


def stretch(source: Source, every: Every) -> Every:
    """Return `every`; of `auto` the shortest stretch that cuts the period in a readable number of them.

    Raises:
        SettingsError: `every` is unknown.
    """
    known(every, get_args(Every), "every")
    if every != "auto":
        return every
    ends = period(source)
    lasted = timedelta() if ends is None else ends[1] - ends[0]
    for name, length in LENGTHS.items():
        if lasted <= length * _READABLE:
            return name
    return "month"


def bucket_sql(source: Source, every: Every) -> str:
    """Return the expression of the stretch of time that a call falls in, without a zone: in that of the source.

    Raises:
        SettingsError: `every` is unknown.
    """
    # Of UTC without the tables of zones: a third of the time.
    local = (
        "make_timestamp(epoch_us(time))" if source.zone == "UTC" else f"(time AT TIME ZONE '{source.zone}')"
    )
    return f"date_trunc('{stretch(source, every)}', {local})"
