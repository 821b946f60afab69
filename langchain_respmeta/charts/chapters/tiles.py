"""The headline figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from langchain_respmeta.charts.chapters.model import Kind, Tile, Wanted
from langchain_respmeta.charts.chapters.shown import change_of, shown
from langchain_respmeta.charts.figures import Sums, share, totals
from langchain_respmeta.charts.labels import plural
from langchain_respmeta.charts.source import Source
from langchain_respmeta.charts.speeds import Measure, Speed, speeds


class Headline(NamedTuple):
    """What the headline figures are made of."""

    sums: Sums
    latency: Speed | None
    first_token: Speed | None


def headline_of(source: Source) -> Headline:
    """Return the sums and quantiles of all calls.

    Raises:
        SettingsError: The files behind it cannot be read.
    """
    return Headline(totals(source), _speed(source, "latency_s"), _speed(source, "time_to_first_token_s"))


def _speed(source: Source, of: Measure) -> Speed | None:
    return next(iter(speeds(source, (), of=of)), None)


class _Of(NamedTuple):
    """How one tile is made."""

    label: str
    kind: Kind
    value: Callable[[Headline], Any]
    wanted: Wanted
    note: Callable[[Headline], str] = lambda _: ""


def _unpriced(all_of: Headline) -> str:
    unpriced = all_of.sums.unpriced
    return f"without {plural(unpriced, 'call', 'calls')} of unknown price" if unpriced else ""


def _quantiles(speed: Speed | None) -> str:
    return (
        ""
        if speed is None
        else f"half within {shown(speed.p50, 'seconds')}; p99 {shown(speed.p99, 'seconds')}"
    )


def _saved(all_of: Headline) -> str:
    saved = all_of.sums.cache_discount_usd
    if saved is None:
        return ""
    return (
        f"saved {shown(saved, 'money')}"
        if saved >= 0
        else f"cost {shown(-saved, 'money')} more than it saved"
    )


def _retries(all_of: Headline) -> str:
    sums = all_of.sums
    cost = sums.superseded_cost_usd
    return (
        f"{shown(cost, 'money')} paid in vain"
        if cost
        else plural(sums.superseded, "try in vain", "tries in vain")
    )


_TILES: Final = (
    _Of("Cost", "money", lambda a: a.sums.cost_usd, "less", _unpriced),
    _Of("Calls of models", "count", lambda a: a.sums.calls, None),
    _Of("Cost of a call", "money", lambda a: a.sums.cost_per_call_usd, "less"),
    _Of("Input tokens", "tokens", lambda a: a.sums.input_tokens, None),
    _Of("Output tokens", "tokens", lambda a: a.sums.output_tokens, None),
    _Of(
        "Latency, p95",
        "seconds",
        lambda a: a.latency and a.latency.p95,
        "less",
        lambda a: _quantiles(a.latency),
    ),
    _Of(
        "First token, p95",
        "seconds",
        lambda a: a.first_token and a.first_token.p95,
        "less",
        lambda a: _quantiles(a.first_token),
    ),
    _Of(
        "Failed",
        "share",
        lambda a: a.sums.error_rate,
        "less",
        lambda a: plural(a.sums.errors, "call"),
    ),
    _Of(
        "Refused",
        "share",
        lambda a: a.sums.refusal_rate,
        "less",
        lambda a: plural(a.sums.refusals, "answer"),
    ),
    _Of(
        "Cut by a limit",
        "share",
        lambda a: a.sums.truncation_rate,
        "less",
        lambda a: plural(a.sums.truncations, "answer"),
    ),
    _Of("Read from caches", "share", lambda a: a.sums.cache_share, "more", _saved),
    _Of("Retried", "share", lambda a: share(a.sums.retries, a.sums.calls), "less", _retries),
)


def tiles_of(now: Headline, before: Headline | None) -> Iterator[Tile]:
    """Yield the headline figures, with how they moved where there is something to compare with."""
    for one in _TILES:
        value = one.value(now)
        past = None if before is None else one.value(before)
        yield Tile(
            one.label,
            shown(value, one.kind),
            change_of(value, past, one.kind, wanted=one.wanted),
            "" if value is None else one.note(now),
        )
