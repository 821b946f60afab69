"""A report of records: what it says, before it is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from langchain_respmeta._version import __version__
from langchain_respmeta.charts.chapters.model import Section
from langchain_respmeta.charts.chapters.sections import Question, sections_of
from langchain_respmeta.charts.chapters.tiles import Headline, headline_of, tiles_of
from langchain_respmeta.charts.times import period
from langchain_respmeta.report.model import Report
from langchain_respmeta.table.schema import TABLE_VERSION

if TYPE_CHECKING:
    from langchain_respmeta.charts.chapters.sides import Sides
    from langchain_respmeta.charts.source import Source

_SOME_DAYS: Final = timedelta(days=3)
"""Of shorter periods the hours are told, too."""
_TO: Final = " \N{EN DASH} "


def report_of(sides: Sides, by: Sequence[str], *, title: str | None, links: str | None) -> Report:
    """Return all that a report says.

    Args:
        sides: What it is about.
        by: Keys to group by, the first one first.
        title: Its title; by default what the records were read from.
        links: Addresses of runs, see `links.checked`.

    Raises:
        SettingsError: A key is unknown, or the files behind a side cannot be read.
    """
    now = headline_of(sides.now)
    before = None if sides.before is None else headline_of(sides.before)
    return Report(
        title=title or short_name(sides.now.name),
        subtitle=_subtitle(sides, now, before),
        version=__version__,
        made=f"{datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC",
        tiles=[*tiles_of(now, before)],
        notes=[*_notes(sides, now)],
        sections=[*sections_of(Question(sides, by, links)), _about(sides, now, before)],
    )


def dates_of(source: Source) -> str:
    """Return the same, as short as it can be told beside a chart."""
    ends = period(source)
    if ends is None:
        return "no call"
    first, last = (at.astimezone(ZoneInfo(source.zone)) for at in ends)
    days = "%d %b" if first.year == last.year else "%d %b %Y"
    if last - first < _SOME_DAYS:
        return f"{first:{days} %H:%M}{_TO}{last:%d %b %Y %H:%M}"
    return f"{first:{days}}{_TO}{last:%d %b %Y}"


def short_name(name: str) -> str:
    """Return the names of files without their folders."""
    return ", ".join(PurePath(part).name or part for part in name.split(", "))


def span_of(source: Source) -> str:
    """Return the period of a source's calls as people read it."""
    ends = period(source)
    if ends is None:
        return "no call with a time"
    zone = ZoneInfo(source.zone)
    first, last = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in ends)
    return f"{first}{_TO}{last} {source.zone}"


def _subtitle(sides: Sides, now: Headline, before: Headline | None) -> str:
    told = f"{now.sums.calls:,} calls, {span_of(sides.now)}"
    if sides.before is None or before is None:
        return told
    return f"{told}; compared with {before.sums.calls:,} calls of {sides.before_label}"


def _notes(sides: Sides, now: Headline) -> Iterator[str]:
    sums = now.sums
    if not sums.calls:
        yield "No call in this period. The charts are empty, and so are the tables."
    if sides.now.unreadable:
        yield f"{sides.now.unreadable:,} rows could not be read, and are in no figure."
    if sums.calls and sums.unpriced:
        yield (
            f"{sums.unpriced:,} of {sums.calls:,} calls have no known price: the costs are those of the others. "
            "Why, is told by the column respmeta_unpriced_reason."
        )


def _about(sides: Sides, now: Headline, before: Headline | None) -> Section:
    facts = [
        ("Read from", sides.now.name),
        ("Calls", f"{now.sums.calls:,} with {now.sums.answers:,} answers; each try of a call counts"),
        ("Period", span_of(sides.now)),
        ("Rows that could not be read", f"{sides.now.unreadable:,}"),
        ("Without a price", f"{now.sums.unpriced:,} calls"),
    ]
    if sides.before is not None and before is not None:
        facts += [
            ("Compared with", f"{sides.before.name}: {before.sums.calls:,} calls"),
            ("Its period", span_of(sides.before)),
            ("Its rows that could not be read", f"{sides.before.unreadable:,}"),
        ]
    facts += [
        ("Times", f"A call counts when its answer came. Days and hours are those of {sides.now.zone}."),
        (
            "Dollars",
            "The provider's own bill, else list prices. Sums are exact; what is unknown is left out, never 0.",
        ),
        ("Versions", f"langchain-respmeta {__version__}, table {TABLE_VERSION}"),
    ]
    return Section(anchor="data", title="About the data", facts=facts)
