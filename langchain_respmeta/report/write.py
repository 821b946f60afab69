"""`write_report`: a report of records, as a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from langchain_respmeta.charts.chapters import links as addresses
from langchain_respmeta.charts.chapters.sides import Sides
from langchain_respmeta.charts.figures import Sums, totals
from langchain_respmeta.charts.source import Records, Source, source_of
from langchain_respmeta.charts.times import period
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.history.pull.moments import Moment
from langchain_respmeta.report.build import dates_of, report_of, short_name
from langchain_respmeta.report.html import html_of
from langchain_respmeta.report.model import Report
from langchain_respmeta.report.periods import previous as period_before
from langchain_respmeta.report.periods import within
from langchain_respmeta.report.pictures import pdf_of, png_of


@dataclass(frozen=True, slots=True)
class ReportSide:
    """What one side of a report holds.

    Attributes:
        source: What was read.
        since: When the first call ended, in UTC; None where there is none.
        until: When the last one did.
        unreadable: Rows that are in no figure.
        totals: Sums of all calls.
    """

    source: str
    since: datetime | None
    until: datetime | None
    unreadable: int
    totals: Sums


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report that was written.

    Attributes:
        path: The file.
        size_bytes: Its length.
        now: What it is about.
        compared_with: The other side, where there is one.
    """

    path: Path
    size_bytes: int
    now: ReportSide
    compared_with: ReportSide | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it: times in ISO 8601, dollars as text, exact."""
        told: dict[str, Any] = _plain(asdict(self))
        return told


def write_report(
    what: Records,
    out: str | os.PathLike[str] = "report.html",
    *,
    by: str | Sequence[str] = "model",
    compare: Records | None = None,
    previous: bool = False,
    since: Moment | None = None,
    until: Moment | None = None,
    zone: str = "UTC",
    title: str | None = None,
    links: str | None = None,
) -> WrittenReport:
    """Write what models cost, how fast they were and how they ended, as one page that loads nothing.

    Args:
        what: A handler, its `records`, records, a table of Arrow, or paths of `.parquet`, `.jsonl`, `.json` or folders.
        out: The file. Its ending says what is written: `.html`, or a picture of it: `.pdf`, `.png`.
        by: Key or keys to group costs by: `model`, `thread_id`, `agent_name`, …, `tags`, or keys of the runs' own metadata
            that records carry.
        compare: The same as `what`, to compare with.
        previous: Compare with the period before, of the same length; needs `since`.
        since: Only calls that ended then or later: a date, a time, or how long ago (`7d`, a timedelta).
        until: Only calls that ended before.
        zone: Name of the time zone (`Europe/Berlin`) whose days and hours count.
        title: Title of the page; by default what was read.
        links: Address of a call's run, with `{run_id}`, `{trace_id}` or `{project_id}` in it.

    Returns:
        What was written, with the sums of all calls.

    Raises:
        SettingsError: An argument is wrong, a key is unknown, or the files hold no records.
        MissingExtraError: A package of the extra `analysis` is not installed, or of `pictures` for a picture.
        OSError: The file cannot be written.
    """
    path = Path(out)
    write = _writer_for(path)
    keys = [by] if isinstance(by, str) else [*by]
    if not keys:
        raise SettingsError("by names at least one key, as model", setting="by")
    template = addresses.checked(links)
    sides = _sides(within(source_of(what, zone=zone), since, until), compare, previous=previous)
    data = write(report_of(sides, keys, title=title, links=template))
    _put(path, data)
    before = None if sides.before is None else _told(sides.before)
    return WrittenReport(path, len(data), _told(sides.now), before)


def _sides(now: Source, compare: Records | None, *, previous: bool) -> Sides:
    if compare is not None and previous:
        raise SettingsError(
            "compare with other records or with the period before, not both", setting="compare"
        )
    if compare is None and not previous:
        return Sides(now)
    before = period_before(now) if previous else source_of(compare, zone=now.zone)
    sides = (now, before)
    names = map(dates_of, sides) if now.name == before.name else (short_name(one.name) for one in sides)
    return Sides(now, before, *names)


def _told(source: Source) -> ReportSide:
    first, last = period(source) or (None, None)
    return ReportSide(source.name, first, last, source.unreadable, totals(source))


# --- files -----------------------------------------------------------------------------------------------------------


def _html(report: Report) -> bytes:
    return html_of(report).encode()


_WRITERS: Final[Mapping[str, Callable[[Report], bytes]]] = {
    ".html": _html,
    ".htm": _html,
    ".pdf": pdf_of,
    ".png": png_of,
}


def _writer_for(path: Path) -> Callable[[Report], bytes]:
    try:
        return _WRITERS[path.suffix.lower()]
    except KeyError:
        raise SettingsError(
            f"a report is a file that ends in {', '.join(_WRITERS)}: not {path}", setting="output"
        ) from None


def _put(path: Path, data: bytes) -> None:
    """Write a whole file, or leave the one that is there as it is."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int | float | str | None) else str(value)
