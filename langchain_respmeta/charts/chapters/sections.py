"""The chapters: which charts and which numbers stand where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple, TypeAlias

from langchain_respmeta import charts
from langchain_respmeta.charts.calls import LIMITED, expensive_calls, headroom, refusals
from langchain_respmeta.charts.chapters import tables
from langchain_respmeta.charts.chapters.links import link_of
from langchain_respmeta.charts.chapters.model import Card, Column, Figure, Row, Section, Table
from langchain_respmeta.charts.chapters.sides import Sides
from langchain_respmeta.charts.chapters.specs import drawn
from langchain_respmeta.charts.chapters.speeds import speed_table
from langchain_respmeta.charts.chapters.tables import Asked, ToGroup, table_of
from langchain_respmeta.charts.keys import is_told
from langchain_respmeta.charts.labels import NONE, label_by
from langchain_respmeta.charts.source import Source
from langchain_respmeta.charts.times import Every

MOST_EXPENSIVE: Final = 20
_OF_MODELS: Final = frozenset({"provider", "model", "requested_model", "service_tier", "integration", "api"})
_WHO: Final = ("agent_name", "thread_id", "run_name")
"""Who may have called, where the reader of the report does not say: the first that the records tell."""


class Question(NamedTuple):
    """What chapters are about."""

    sides: Sides
    by: Sequence[str]
    """Keys to group costs by, the first one first."""
    links: str | None = None
    """Addresses of runs, see `links.checked`."""
    every: Every = "auto"
    """Length of the stretches of time."""
    to_group: ToGroup | None = None
    """Where the calls of a group can be looked at."""


Part: TypeAlias = Callable[[Question], Iterator[Card]]
"""Makes the cards of a part of a chapter; none where there is nothing to tell."""


class Chapter(NamedTuple):
    """One chapter, in parts that can be made one by one."""

    title: str
    parts: Mapping[str, Part]


def sections_of(question: Question) -> Iterator[Section]:
    """Yield the chapters.

    Raises:
        SettingsError: A key is unknown, or the files behind a side cannot be read.
    """
    for anchor, chapter in CHAPTERS.items():
        cards = [card for part in chapter.parts.values() for card in part(question)]
        if cards:
            yield Section(anchor=anchor, title=chapter.title, cards=paired(cards))


def paired(cards: Iterable[Card]) -> list[Card]:
    """Return cards of which none stands alone in half a row: it takes the whole one."""
    found: list[Card] = []
    alone: int | None = None
    for card in cards:
        if alone is not None and card.is_wide:
            found[alone] = replace(found[alone], is_wide=True)
        alone = len(found) if not card.is_wide and alone is None else None
        found.append(card)
    if alone is not None:
        found[alone] = replace(found[alone], is_wide=True)
    return found


def _card(
    question: Question,
    chart: Callable[..., Any],
    numbers: Asked | Table | None,
    *,
    is_wide: bool = False,
    is_folded: bool = True,
    **arguments: Any,
) -> Card:
    sides = question.sides
    first, figures = sides.drawn(chart, **arguments)
    table = table_of(sides, numbers, question.to_group) if isinstance(numbers, Asked) else numbers
    return Card(
        title=first.title,
        notes=first.notes,
        figures=figures,
        table=table if table is None or table.rows else None,
        is_wide=is_wide or len(figures) > 1,
        is_folded=is_folded,
    )


# --- cost ------------------------------------------------------------------------------------------------------------


def _costs(question: Question) -> Iterator[Card]:
    sides, by = question.sides, question.by
    if sides.before is not None:
        both = drawn(
            charts.compare(sides.before, sides.now, by=by[0], names=(sides.before_label, sides.now_label))
        )
        yield Card(
            title=both.title,
            notes=both.notes,
            figures=[Figure(both.spec, f"Chart: {both.title}")],
            is_wide=True,
        )
    for key in by:
        yield _cost(question, key, is_first=key == by[0])


def _cost(question: Question, key: str, *, is_first: bool) -> Card:
    asked = Asked(f"Cost by {label_by([key])}", [key], tables.SPENT, tables.COST, "cost_usd", wanted="less")
    return _card(
        question, charts.cost, asked, is_wide=is_first, is_folded=not is_first, by=key, every=question.every
    )


def _who(source: Source, by: Sequence[str]) -> list[str]:
    """Return the keys that say who called: those asked for, else the first that the records tell."""
    asked = [key for key in by if key not in _OF_MODELS]
    if asked:
        return asked
    return next(([key] for key in _WHO if is_told(source, key)), [])


def _callers(question: Question) -> Iterator[Card]:
    for key in _who(question.sides.now, question.by):
        asked = Asked(f"Calls by {label_by([key])}", [key], tables.FAILED, tables.COST, "cost_usd", top=20)
        yield _card(question, charts.callers, asked, is_wide=True, is_folded=False, by=key)


# --- speed -----------------------------------------------------------------------------------------------------------


def _latency(question: Question) -> Iterator[Card]:
    yield _card(question, charts.latency, None)


def _first_token(question: Question) -> Iterator[Card]:
    yield _card(question, charts.first_token, None)


def _seconds(question: Question) -> Iterator[Card]:
    table = speed_table(question.sides.now, question.sides.before)
    if table.rows:
        yield Card(title="Seconds by model and tier", table=table, is_wide=True)


# --- endings ---------------------------------------------------------------------------------------------------------


def _finish_reasons(question: Question) -> Iterator[Card]:
    reasons = Asked("Answers by finish reason", ["finish_reason"], (), tables.ANSWERS, "answers")
    yield _card(question, charts.finish_reasons, reasons, every=question.every)


def _refusals(question: Question) -> Iterator[Card]:
    table = _refusal_table(question.sides.now)
    yield _card(question, charts.refusals, table, every=question.every)


def _errors(question: Question) -> Iterator[Card]:
    errors = Asked(
        "Errors by type and status",
        ["error_type", "error_status"],
        (),
        tables.ERRORS,
        "errors",
        wanted="less",
    )
    failed = table_of(question.sides, errors, question.to_group)
    rows = [row for row in failed.rows if row.cells[1]]
    if rows:
        yield Card(title=failed.title, table=failed._replace(rows=rows), is_wide=True)


def _refusal_table(source: Source) -> Table:
    columns = [
        Column("model", "text"),
        Column("found in", "text"),
        Column("category", "text"),
        Column("answers", "count"),
    ]
    rows = [Row([one.model or NONE, one.source, one.category, one.answers]) for one in refusals(source)]
    return Table("Refused answers", columns, rows)


# --- caches, limits, retries -----------------------------------------------------------------------------------------


def _cache(question: Question) -> Iterator[Card]:
    asked = Asked(
        "Tokens from caches", ["model"], tables.CACHED, tables.SAVED, "cache_discount_usd", wanted="more"
    )
    yield _card(question, charts.cache, asked, is_wide=True)


def _rate_limits(question: Question) -> Iterator[Card]:
    yield _card(
        question,
        charts.rate_limits,
        _headroom_table(question.sides.now, question.every),
        every=question.every,
    )


def _retries(question: Question) -> Iterator[Card]:
    # What failed often tells no model: the one that was asked for is known.
    by = ["requested_model"]
    asked = Asked("Failed and repeated calls", by, tables.FAILED, tables.IN_VAIN, "errors", wanted="less")
    yield _card(question, charts.retries, asked, by=by)


def _headroom_table(source: Source, every: Every) -> Table:
    """Return the least that was left of each limit in the whole period."""
    least: dict[tuple[str, str | None, str], Any] = {}
    for one in headroom(source, every=every):
        place = (one.provider, one.model, one.limited)
        if place not in least or one.least_share < least[place].least_share:
            least[place] = one
    columns = [
        Column("model", "text"),
        Column("limit of", "text"),
        Column("limit", "tokens"),
        Column("least left", "tokens"),
        Column("share", "share"),
    ]
    found = sorted(least.values(), key=lambda one: one.least_share)
    rows = [
        Row([one.model or one.provider, LIMITED[one.limited], one.limit, one.remaining, one.least_share])
        for one in found
    ]
    return Table("Least headroom", columns, rows)


# --- calls -----------------------------------------------------------------------------------------------------------

_CALL_COLUMNS: Final = (
    Column("call ended", "time"),
    Column("cost", "money"),
    Column("model", "text"),
    Column("tier", "text"),
    Column("run", "text"),
    Column("thread", "text"),
    Column("input", "tokens"),
    Column("output", "tokens"),
    Column("latency", "seconds"),
    Column("finish reason", "text"),
)


def _expensive(question: Question) -> Iterator[Card]:
    rows = [
        Row(
            [
                one.time, one.cost_usd, one.model, one.service_tier, one.run_name, one.thread_id,
                one.input_tokens, one.output_tokens, one.latency_s, one.finish_reason,
            ],
            link_of(question.links, one),
        )
        for one in expensive_calls(question.sides.now, MOST_EXPENSIVE)
    ]  # fmt: skip
    title = f"The {len(rows)} calls that cost most" if rows else "No call has a price"
    yield Card(title=title, table=Table(title, _CALL_COLUMNS, rows) if rows else None, is_wide=True)


CHAPTERS: Final[Mapping[str, Chapter]] = {
    "cost": Chapter("Cost", {"cost": _costs}),
    "speed": Chapter("Speed", {"latency": _latency, "first-token": _first_token, "seconds": _seconds}),
    "endings": Chapter(
        "How answers ended", {"finish-reasons": _finish_reasons, "refusals": _refusals, "errors": _errors}
    ),
    "cache": Chapter("Caches of prompts", {"cache": _cache}),
    "limits": Chapter("Limits and retries", {"rate-limits": _rate_limits, "retries": _retries}),
    "callers": Chapter("Who called", {"callers": _callers}),
    "calls": Chapter("Most expensive calls", {"calls": _expensive}),
}
"""Anchor → chapter, in their order."""
