"""The few kinds of chart that all others are: bars over time, bars of groups, and a sentence where there is nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from langchain_respmeta._process.late_imports import loading, needing
from langchain_respmeta.charts.theme import WIDTH, Theme, config

if TYPE_CHECKING:
    import altair as alt

Row: TypeAlias = Mapping[str, Any]
"""What one mark shows: plain values, already summed."""
Chart: TypeAlias = "alt.Chart | alt.LayerChart"

HEIGHT: Final = 260
"""Pixels of a chart over time."""
BAR: Final = 26
"""Pixels of one group's bar, with its gap."""


def altair_package() -> Any:
    """Return the package `altair`.

    Raises:
        MissingExtraError: It is not installed.
    """
    with needing("Charts", extra="analysis", package="altair"):
        import altair as alt
    return alt


def data(rows: Sequence[Row]) -> Any:
    """Return rows as data that stand in the chart itself."""
    return altair_package().InlineData(
        values=(*rows,)
    )  # altair copies lists at each step, with all that is in them


@contextmanager
def unchecked() -> Iterator[None]:
    """Draw without altair's checks, which take half of the time: for programs that draw what the tests have checked."""
    altair_package()
    with loading:
        from altair.utils.schemapi import debug_mode

    with _CHECKS, debug_mode(arg=False):
        yield


_CHECKS: Final = RLock()
"""Whether altair checks is one setting of the process."""


def finished(chart: Any, theme: Theme, title: str, *notes: str, height: int = HEIGHT) -> Chart:
    """Return a chart with its title, the notes below it, and its looks.

    Args:
        chart: Without any of them.
        theme: Its colours.
        title: A statement, with units.
        notes: What a reader has to know, one line each; empty ones are left out.
        height: Pixels of the plot.
    """
    titled = altair_package().TitleParams(text=title, subtitle=[note for note in notes if note])
    whole: Chart = chart.properties(title=titled, width=WIDTH, height=height, config=config(theme))
    return whole


def nothing(theme: Theme, title: str, why: str) -> Chart:
    """Return a chart that says why it is empty."""
    alt = altair_package()
    text = alt.Chart(data([{"why": why}])).mark_text(fontSize=13, color=theme.quiet).encode(text="why:N")
    return finished(text, theme, title, height=80)


def colours(names: Sequence[str], palette: Mapping[str, str]) -> Any:
    """Return the scale that gives each name its colour."""
    return altair_package().Scale(domain=[*names], range=[palette[name] for name in names])


def tooltips(*told: tuple[str, str]) -> list[Any]:
    """Return what a mark tells when it is pointed at: pairs of a title and a field with its kind (`name:N`)."""
    alt = altair_package()
    return [alt.Tooltip(field, title=title) for title, field in told]


def time_axis(every: str, times: Iterable[str]) -> Any:
    """Return the axis of stretches of time of that length, which begin at `times`: a few have a tick each, not one for seconds."""
    ticks = every if len({*times}) <= _TICKS else _TICKS
    return altair_package().Axis(grid=False, labelOverlap=True, format=_TIMES[every], tickCount=ticks)


_TICKS: Final = 8
_TIMES: Final[Mapping[str, str]] = {
    "minute": "%H:%M",
    "hour": "%-d %b, %H:%M",
    "day": "%-d %b",
    "week": "%-d %b",
    "month": "%b %Y",
}
DOLLARS: Final = "$,.8~f"
"""How axes write amounts; other short forms would write a thousandth as `m`."""


def bars_over_time(
    rows: Sequence[Row], every: str, y_title: str, scale: Any, tips: Sequence[Any], y_format: str
) -> Any:
    """Return stacked bars: each row has `start`, `end`, `low`, `high` and `group`.

    The rows are stacked here, so that each bar covers its whole stretch of time in any time zone of a browser.
    """
    alt = altair_package()
    return (
        alt.Chart(data(rows))
        .mark_rect()
        .encode(
            x=alt.X("start:T", title=None, axis=time_axis(every, (row["start"] for row in rows))),
            x2="end:T",
            y=alt.Y("low:Q", title=y_title, axis=alt.Axis(format=y_format)),
            y2="high:Q",
            color=alt.Color("group:N", scale=scale),
            tooltip=[*tips],
        )
    )


def bars_of_groups(
    rows: Sequence[Row], x_title: str, scale: Any, tips: Sequence[Any], x_format: str, *, legend: bool = True
) -> Any:
    """Return horizontal bars: each row has `group`, `low`, `high` and `part`, which gives the colour, and maybe `label`.

    The groups stand in the order of the rows. A label stands behind its bar.
    """
    alt = altair_package()
    base = alt.Chart(data(rows)).encode(y=groups_axis([row["group"] for row in rows]))
    bars = base.mark_bar(height={"band": 0.72}).encode(
        x=alt.X("low:Q", title=x_title, axis=alt.Axis(format=x_format, tickCount=6), scale=_with_room(rows)),
        x2="high:Q",
        color=alt.Color("part:N", scale=scale, **({} if legend else {"legend": None})),
        tooltip=[*tips],
    )
    labels = base.transform_filter("isValid(datum.label)").mark_text(align="left", dx=5)
    return bars + labels.encode(x="high:Q", text="label:N")


def pairs_of_groups(rows: Sequence[Row], x_title: str, scale: Any, tips: Sequence[Any], x_format: str) -> Any:
    """Return the same with two bars for each group, one below the other by `part`."""
    alt = altair_package()
    parts = [*dict.fromkeys(row["part"] for row in rows)]
    base = alt.Chart(data(rows)).encode(
        y=groups_axis([row["group"] for row in rows]),
        yOffset=alt.YOffset("part:N", sort=parts),
        x=alt.X("high:Q", title=x_title, axis=alt.Axis(format=x_format, tickCount=6), scale=_with_room(rows)),
    )
    bars = base.mark_bar().encode(color=alt.Color("part:N", scale=scale), tooltip=[*tips])
    return bars + base.mark_text(align="left", dx=5).encode(text="label:N")


def _with_room(rows: Sequence[Row]) -> Any:
    """Return the scale of bars with room for the labels behind them."""
    return altair_package().Scale(domain=[0, max(row["high"] for row in rows) * _ROOM or 1], nice=False)


_ROOM: Final = 1.3


def groups_axis(names: Sequence[str]) -> Any:
    """Return the axis of groups, from the top down."""
    alt = altair_package()
    return alt.Y(
        "group:N",
        title=None,
        sort=[*dict.fromkeys(names)],
        axis=alt.Axis(ticks=False, domain=False, labelPadding=8),
    )


def height_of(groups: int) -> int:
    """Return the height of a chart with so many groups below each other."""
    return max(2, groups) * BAR
