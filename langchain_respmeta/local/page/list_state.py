"""What the list says about its own address: filters that can be removed, ranges of time, parameters that mean nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.datastructures import QueryParams

from langchain_respmeta.local.page.run_filter import PARAMETERS, PageQuery
from langchain_respmeta.local.page.time_range import ANY_TIME, TimeRange
from langchain_respmeta.local.store import listing, search
from langchain_respmeta.local.store.selection import VIEWS, Selection

PRESETS: Final = {"1h": "1 h", "24h": "24 h", "7d": "7 d", "30d": "30 d", "": "All time"}
"""How long ago runs may have started, as in the address → the words."""
_FIELD: Final = "%Y-%m-%dT%H:%M"
"""The form of a time in a field for dates and times."""
_MOST_CHARS: Final = 60


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the address without it; `kind` says what is filtered where the text alone does not."""

    kind: str
    text: str
    href: str


def chips_of(query: PageQuery) -> list[Chip]:
    """Everything that narrows the list down."""
    return [
        *([Chip("project", query.project, query.url(project=None, page=1))] if query.project else []),
        *([Chip("search", query.text, query.url(text="", page=1))] if query.text else []),
        *(
            [Chip("started", _words(query.time), query.url(time=ANY_TIME, page=1))]
            if query.time != ANY_TIME
            else []
        ),
        *(Chip("", f"{w.key} {w.operator} {w.value}".strip(), query.without(w)) for w in query.where),
    ]


def own_range(query: PageQuery) -> tuple[str, str]:
    """The range of time as two fields have it, in UTC."""
    since_us, until_us = query.time.bounds()
    return _field(since_us), _field(until_us)


def notices_of(parameters: QueryParams, query: PageQuery, projects: Sequence[str]) -> Iterator[str]:
    """Sentences about what the address asks for and cannot have."""
    unknown = sorted({name for name in parameters if name not in PARAMETERS})
    if unknown:
        names = ", ".join(name[:_MOST_CHARS] for name in unknown)
        yield f"This page knows no parameter {names}: it changes nothing here."
    view, page = parameters.get("view", "calls"), parameters.get("page", "1")
    if view not in VIEWS:
        yield f"There is no view {view[:_MOST_CHARS]!r}: these are {VIEWS[query.view].lower()}; views are {', '.join(VIEWS)}."
    if page != str(query.page):
        yield f"{page[:_MOST_CHARS]!r} is no page: this is page {query.page}."
    if query.project is not None and query.project not in projects:
        yield f"There is no project {query.project[:_MOST_CHARS]!r} in this database."
    if query.text and not search.is_available():
        yield "The SQLite of this Python has no full-text search (FTS5): names, ids and errors are searched only."


def nearest(connection: sqlite3.Connection, selection: Selection) -> tuple[int, TimeRange] | None:
    """When a time range is empty: the run next to it that meets all else, and the range of its day."""
    tried = [
        (replace(selection, since_us=None, until_us=selection.since_us), False, selection.since_us),
        (replace(selection, since_us=selection.until_us, until_us=None), True, selection.until_us),
    ]
    for beside, least_first, edge in tried:
        if edge is None:
            continue
        for row in listing.rows_of(connection, beside, least_first=least_first, limit=1):
            day = datetime.fromtimestamp(row["start_us"] // 1_000_000, tz=UTC).date()
            return row["start_us"], TimeRange(day.isoformat(), (day + timedelta(days=1)).isoformat())
    return None


def _words(time: TimeRange) -> str:
    if time.since in PRESETS and time.since and not time.until:
        return f"within {PRESETS[time.since]}"
    since = f"from {time.since} " if time.since else ""
    return f"{since}{f'before {time.until} ' if time.until else ''}".strip()


def _field(micros: int | None) -> str:
    return "" if micros is None else datetime.fromtimestamp(micros // 1_000_000, tz=UTC).strftime(_FIELD)
