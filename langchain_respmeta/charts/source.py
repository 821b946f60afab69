"""Records from anywhere as one relation of DuckDB: `source_of`."""

# ruff: noqa: S608 (what is put into SQL text are names of this package's own; words of others are quoted by `engine.text`)

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from os import PathLike
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from langchain_respmeta.charts import files, objects
from langchain_respmeta.charts.engine import Engine, text
from langchain_respmeta.errors import SettingsError

Records: TypeAlias = Any
"""A handler, its `records`, a list of records or of their dicts, anything of Arrow (a table, a reader, a data frame), a path
of a `.parquet`, `.jsonl` or `.json` file or of a folder of them, several paths, or a `Source`."""

RELATION: Final = "records"
"""Name of the relation in SQL; see `facts.facts` for its columns."""
EVERYTHING: Final = "everything"
"""Name of what a source holds before a period is taken of it."""


@dataclass(frozen=True)
class Source:
    """Records that can be asked in SQL, all of them or those of a period."""

    engine: Engine = field(repr=False)
    name: str
    """What was given, for people."""
    zone: str = "UTC"
    """Name of the time zone whose days and hours count."""
    since: datetime | None = None
    """Only calls that ended at or after this time."""
    until: datetime | None = None
    """Only calls that ended before this time."""
    relation: str = EVERYTHING
    """The table or view of DuckDB that holds all of them, with the columns of `facts.facts`."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query over the relation `records`: the readable records of the period.

        Raises:
            SettingsError: The files behind it cannot be read.
        """
        conditions = [
            "problem IS NULL",
            *(f"time {sign} {_moment(at)}" for sign, at in ((">=", self.since), ("<", self.until)) if at),
        ]
        where = " AND ".join(conditions)
        return self.engine.asked(
            f"WITH {RELATION} AS NOT MATERIALIZED (SELECT * FROM {self.relation} WHERE {where}) {sql}"
        )

    def between(self, since: datetime | None, until: datetime | None) -> Source:
        """Return the same records, but only those of a period; a time without a zone is one of `zone`."""
        return replace(self, since=self._zoned(since), until=self._zoned(until))

    @property
    def unreadable(self) -> int:
        """How many rows tell no record, of any period: those with a `problem`, and lines that are no JSON."""
        ((problems,),) = self.engine.asked(f"SELECT count(*) FROM {self.relation} WHERE problem IS NOT NULL")
        return int(problems)

    def _zoned(self, at: datetime | None) -> datetime | None:
        return at if at is None or at.tzinfo is not None else at.replace(tzinfo=zone_of(self.zone))


def source_of(
    what: Records, *, since: datetime | None = None, until: datetime | None = None, zone: str = "UTC"
) -> Source:
    """Return records as something that can be asked in SQL. Parquet files are only read as far as a question needs.

    Args:
        what: See `Records`. A `Source` is returned as it is, for the period if one is given.
        since: Only calls that ended at or after this time.
        until: Only calls that ended before this time.
        zone: Name of the time zone (`Europe/Berlin`) whose days and hours count; UTC unless told.

    Raises:
        SettingsError: There is no such file, it holds no records, or nobody knows the zone.
        MissingExtraError: duckdb is not installed.
    """
    if isinstance(what, Source):
        return what if since is until is None else what.between(since, until)
    zone_of(zone)
    engine = Engine()
    name = _filled(engine, what)
    return Source(engine, name, zone).between(since, until)


def _filled(engine: Engine, what: Records) -> str:
    """Make the relation `everything`; return what it was made of, for people."""
    if isinstance(what, str | PathLike) or _are_paths(what):
        return files.fill(engine, [what] if isinstance(what, str | PathLike) else [*what])
    if objects.is_arrow(what):
        return objects.fill_from_arrow(engine, what)
    return objects.fill_from_records(engine, _records_in(what))


def _are_paths(what: Any) -> bool:
    return isinstance(what, Sequence) and bool(what) and all(isinstance(one, str | PathLike) for one in what)


def _records_in(what: Any) -> Iterable[Any]:
    """Return the records of a handler, of one record, or of many."""
    held = getattr(what, "records", what)
    if isinstance(held, Mapping) or objects.is_record(held):
        return [held]
    if isinstance(held, Iterable):
        return held
    raise SettingsError(
        f"{type(what).__name__} holds no records: give a handler, records, an Arrow table, or a path",
        setting="what",
    )


def _moment(at: datetime) -> str:
    return f"TIMESTAMPTZ {text(at.astimezone(UTC).isoformat())}"


def zone_of(name: str) -> tzinfo:
    """Return a time zone by its name.

    Raises:
        SettingsError: Nobody knows it.
    """
    if name == "UTC":
        return UTC  # also where the system has no zones
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:  # unknown, no name, a folder of names
        raise SettingsError(
            f"nobody knows the time zone {name!r}: give one as Europe/Berlin", setting="zone"
        ) from fault
