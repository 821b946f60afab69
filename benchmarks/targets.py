"""What must hold, as ratios of one interleaved run: one row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.figures import Figure, Table, added, quiet, ratios
from benchmarks.handlers import NONE, OURS, TRACER, TRACER_FLOOR, TRACER_OURS, USAGE

EQUIVALENT = 443.0
"""µs that the tracer added to a plain call on the machine of the first measurement: the unit of "µs-equivalents"."""


@dataclass(frozen=True)
class Target:
    """One claim about one table."""

    scenario: str
    what: str
    limit: float
    unit: str
    measured: Callable[[Table], list[float]]


def share(table: Table, row: str = TRACER_OURS, clock: str = "caller") -> list[float]:
    """What a row beside the tracer adds, as a share of what the tracer itself adds."""
    return ratios(added(table, row, clock, over=TRACER), added(table, TRACER, clock))


def _percent(table: Table) -> list[float]:
    return [100 * one for one in share(table)]


def _percent_of_process(table: Table) -> list[float]:
    return [100 * one for one in share(table, clock="process")]


def _over_peer(table: Table) -> list[float]:
    return ratios(added(table, OURS, "caller"), added(table, USAGE, "caller"))


def _over_floor(table: Table) -> list[float]:
    return ratios(
        added(table, TRACER_OURS, "caller", over=TRACER), added(table, TRACER_FLOOR, "caller", over=TRACER)
    )


def _process_equivalents(table: Table) -> list[float]:
    return [
        EQUIVALENT * one
        for one in ratios(added(table, OURS, "process", NONE), added(table, TRACER, "caller"))
    ]


_ADDS = "added beside the tracer, of what the tracer adds"

TARGETS = (
    Target("plain", f"plain call: {_ADDS}", 14, "%", _percent),
    Target("chain", f"chain: {_ADDS}", 25, "%", _percent),
    Target("agent", f"agent: {_ADDS}", 20, "%", _percent),
    Target("stream-100", f"stream of 100 chunks: {_ADDS}", 15, "%", _percent),
    Target("plain", "plain call without a tracer, over UsageMetadataCallbackHandler", 1.0, "x", _over_peer),
    Target("plain", "plain call beside the tracer, over the hand-written floor", 1.4, "x", _over_floor),
    Target("plain", "plain call without a tracer, process CPU", 75, "µs-equivalents", _process_equivalents),
    Target("plain", f"plain call, process CPU: {_ADDS}", 14, "%", _percent_of_process),
)


@dataclass(frozen=True)
class Result:
    """What was measured of a target: over all rounds, and where the machine was quiet."""

    target: Target
    figure: Figure
    quiet: float


def results(tables: Mapping[str, Table]) -> list[Result]:
    """The targets whose tables were measured."""
    measured = [(target, tables[target.scenario]) for target in TARGETS if target.scenario in tables]
    return [
        Result(target, Figure.of(target.measured(table)), target.measured(quiet(table))[0])
        for target, table in measured
    ]
