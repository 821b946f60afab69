"""Charts of single facts: the most expensive calls, and how near rate limits came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from langchain_respmeta.charts import canvas
from langchain_respmeta.charts.calls import LIMITED, Call, Headroom, expensive_calls, headroom
from langchain_respmeta.charts.figures import totals
from langchain_respmeta.charts.labels import DOT, NONE, moment, plural, unpriced_note
from langchain_respmeta.charts.source import Records, Source, source_of, zone_of
from langchain_respmeta.charts.stacks import SERIES, drawable, scale_of
from langchain_respmeta.charts.theme import ThemeName, theme_of
from langchain_respmeta.charts.times import Every
from langchain_respmeta.record.views.format import one_line
from langchain_respmeta.record.views.short import count, money, seconds, share, short_count


def expensive(what: Records, *, top: int = 12, theme: ThemeName = "light") -> canvas.Chart:
    """Draw the calls that cost the most, with their tokens; pointed at, each tells its run's id.

    Args:
        what: Records; see `source_of`.
        top: How many.
        theme: `light` or `dark`.

    Raises:
        SettingsError: `what` holds no records.
        MissingExtraError: duckdb or altair is not installed.
    """
    source, look = source_of(what), theme_of(theme)
    whole, found = totals(source), expensive_calls(source, top)
    if not found or not whole.cost_usd:
        why = "No call was made." if not whole.calls else "No call has a known cost above 0."
        return canvas.nothing(look, "The most expensive calls", why)
    rows = [_call_row(number, one, source.zone) for number, one in enumerate(found, 1)]
    chart = canvas.bars_of_groups(
        rows,
        "US dollars",
        scale_of(source, ["model"], [*dict.fromkeys(row["part"] for row in rows)], look),
        canvas.tooltips(
            ("run", "run:N"),
            ("model", "part:N"),
            ("tier", "tier:N"),
            ("ended", "ended:N"),
            ("cost", "cost:N"),
            ("tokens", "tokens:N"),
            ("latency", "latency:N"),
            ("finish reason", "reason:N"),
        ),
        canvas.DOLLARS,
    )
    part = sum(float(one.cost_usd or 0) for one in found) / float(whole.cost_usd)
    return canvas.finished(
        chart,
        look,
        f"{plural(len(found), 'call')} of {count(whole.calls)} cost {share(part)} of {money(whole.cost_usd)}",
        f"The most expensive calls, US dollars ({source.zone})",
        unpriced_note(whole),
        height=canvas.height_of(len(rows)),
    )


def _call_row(number: int, call: Call, zone: str) -> canvas.Row:
    ended = "no time" if call.time is None else f"{call.time.astimezone(zone_of(zone)):%d %b %H:%M}"
    tokens = f"{short_count(call.input_tokens)} in, {short_count(call.output_tokens)} out"
    return {
        "group": f"{number}. {ended}",
        "part": NONE if call.model is None else one_line(call.model, 48),
        "low": 0,
        "high": float(call.cost_usd or 0),
        "label": f"{money(call.cost_usd)}{DOT}{tokens}",
        "run": call.run_id or "not told",
        "tier": call.service_tier or "not told",
        "ended": ended,
        "cost": money(call.cost_usd),
        "tokens": tokens,
        "latency": seconds(call.latency_s),
        "reason": call.finish_reason or "not told",
    }


def rate_limits(what: Records, *, every: Every = "auto", theme: ThemeName = "light") -> canvas.Chart:
    """Draw the least headroom of each model's rate limits over time: the part of a limit that was left.

    Raises:
        SettingsError: `what` holds no records, or `every` is unknown.
        MissingExtraError: duckdb or altair is not installed.
    """
    source, look = source_of(what), theme_of(theme)
    each = drawable(source, every)
    found = _narrowest(headroom(source, every=each))
    if not found:
        return canvas.nothing(look, "Headroom of rate limits", "No answer reports a rate limit.")
    least = min(found.values(), key=lambda one: one.least_share)
    alt = canvas.altair_package()
    rows = [_headroom_row(name, one, each) for (name, _), one in found.items()]
    chart = (
        alt.Chart(canvas.data(rows))
        .mark_line(point={"size": 36}, strokeWidth=1.5)
        .encode(
            x=alt.X("time:T", title=None, axis=canvas.time_axis(each, (row["time"] for row in rows))),
            y=alt.Y(
                "left:Q", title="left of the limit", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")
            ),
            color=alt.Color("group:N", scale=_scale(source, [name for name, _ in found], look)),
            tooltip=canvas.tooltips(
                ("time", "moment:N"),
                ("model", "group:N"),
                ("left", "told:N"),
                ("limit", "limited:N"),
                ("calls", "calls:N"),
            ),
        )
    )
    return canvas.finished(
        chart,
        look,
        f"{_name(least)} came nearest to a limit: {share(least.least_share)} of its {LIMITED[least.limited]} left",
        f"The least that was left of any rate limit in each {each}, by model ({source.zone})",
    )


def _narrowest(found: Sequence[Headroom]) -> dict[tuple[str, datetime], Headroom]:
    """Return the narrowest limit of each model in each stretch of time; of the models those that came nearest to one."""
    least: dict[str, float] = {}
    narrowest: dict[tuple[str, datetime], Headroom] = {}
    for one in found:
        name = _name(one)
        least[name] = min(least.get(name, 1), one.least_share)
        before = narrowest.get((name, one.time))
        if before is None or one.least_share < before.least_share:
            narrowest[name, one.time] = one
    shown = sorted(least, key=lambda name: least[name])[:SERIES]
    return {(name, time): one for (name, time), one in narrowest.items() if name in shown}


def _name(one: Headroom) -> str:
    return one_line(one.model or one.provider, 48)


def _headroom_row(name: str, one: Headroom, every: Every) -> canvas.Row:
    return {
        "time": one.time.isoformat(),
        "left": one.least_share,
        "group": name,
        "moment": moment(one.time, every),
        "told": f"{count(one.remaining)} of {count(one.limit)} ({share(one.least_share)})",
        "limited": LIMITED[one.limited],
        "calls": count(one.calls),
    }


def _scale(source: Source, names: Sequence[str], look: Any) -> Any:
    return scale_of(source, ["model"], [*dict.fromkeys(names)], look)
