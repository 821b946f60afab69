"""How long calls take, as a table: quantiles of three durations by model and tier."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from langchain_respmeta.charts.chapters.model import Column, Row, Table
from langchain_respmeta.charts.chapters.shown import change_of
from langchain_respmeta.charts.labels import label, label_by
from langchain_respmeta.charts.source import Source
from langchain_respmeta.charts.speeds import BY, Measure, Speed, speeds

TOP: Final = 20


class _Quantile(NamedTuple):
    title: str
    of: Measure
    name: str


_COMPARED: Final = _Quantile("p95", "latency_s", "p95")
_SHOWN: Final = (
    _Quantile("first token, p50", "time_to_first_token_s", "p50"),
    _Quantile("first token, p95", "time_to_first_token_s", "p95"),
    _Quantile("queue, p95", "queue_s", "p95"),
    _Quantile("latency, p50", "latency_s", "p50"),
    _COMPARED,
    _Quantile("p99", "latency_s", "p99"),
)
_Key = tuple[str | None, ...]
_Found = dict[Measure, dict[_Key, Speed]]


def speed_table(now: Source, before: Source | None) -> Table:
    """Return the quantiles of each model and tier, those with the most calls first.

    Raises:
        SettingsError: The files behind a side cannot be read.
    """
    found, past = _found(now, TOP), None if before is None else _found(before, None)
    columns = [Column(label_by(BY), "text"), Column("calls", "count")]
    columns += [Column(one.title, "seconds") for one in _SHOWN]
    if past is not None:
        columns += [Column("p95 before", "seconds"), Column("change", "change")]
    rows = [_row(found, past, one) for one in found["latency_s"].values()]
    return Table("Seconds by model and tier", columns, rows)


def _found(source: Source, top: int | None) -> _Found:
    measures: tuple[Measure, ...] = ("latency_s", "time_to_first_token_s", "queue_s")
    return {
        of: {one.keys: one for one in speeds(source, BY, of=of, top=top) if not one.is_other}
        for of in measures
    }


def _row(found: _Found, past: _Found | None, of: Speed) -> Row:
    cells: list[Any] = [label(of), of.calls]
    cells += [_value(found, one, of.keys) for one in _SHOWN]
    if past is not None:
        was = _value(past, _COMPARED, of.keys)
        cells += [was, change_of(of.p95, was, "seconds", wanted="less")]
    return Row(cells)


def _value(found: _Found, one: _Quantile, keys: _Key) -> float | None:
    speed = found[one.of].get(keys)
    return None if speed is None else getattr(speed, one.name)
