"""`otel`: records become OpenTelemetry metrics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from langchain_respmeta._process.late_imports import needing
from langchain_respmeta._process.lifecycle import leave_first
from langchain_respmeta._process.locks import ProcessLock
from langchain_respmeta._version import __version__
from langchain_respmeta.sinks.forks import Sums, counting
from langchain_respmeta.sinks.labels import MAX_VALUES
from langchain_respmeta.sinks.ledger import Ledger

if TYPE_CHECKING:
    from types import ModuleType
    from typing import Self

    from opentelemetry.metrics import CallbackOptions, Histogram, MeterProvider, Observation

    from langchain_respmeta.record.fields import RecordFields
    from langchain_respmeta.sinks.ledger import Change
    from langchain_respmeta.sinks.metric_names import Metric

METER: Final = "langchain_respmeta"
"""Name of the meter, which is the instrumentation scope of all metrics."""


def otel(
    meter_provider: MeterProvider | None = None, *, by: Sequence[str] = (), max_values: int = MAX_VALUES
) -> OtelSink:
    """Make a sink that turns each record into OpenTelemetry metrics; docs/metrics.md lists them.

    Only the API is used: without an SDK that the program sets up, nothing is recorded. Counters are observable: at each
    collection they read exact sums, so that money is rounded once. What the run's own metadata and tags add is in `by`.

    Args:
        meter_provider: Where the metrics go. Default: the global provider, as it is when the first record comes.
        by: More labels: `thread_id`, `agent_name`, `graph_node`, `graph_step`, `run_name`, `integration`, `api`, `tags`, or
            keys of the run's own metadata that the handler's `by` carries.
        max_values: Values that one label may have; further ones become `(other)`.

    Raises:
        MissingExtraError: The package opentelemetry-api is missing.
        SettingsError: `by` or `max_values` cannot be used.
    """
    return OtelSink(meter_provider, by=by, max_values=max_values)


class OtelSink:
    """The sink that `otel` makes. Any number of handlers may share one: a call that two of them see counts once."""

    def __init__(self, meter_provider: MeterProvider | None, *, by: Sequence[str], max_values: int) -> None:
        _api()
        leave_first()  # the last records are read at the process's end, and the provider sends them after that
        self._provider: Final = meter_provider
        self._ledger: Final = Ledger(by, max_values)
        self._instruments: _Instruments | None = None

    def __call__(self, record: RecordFields, /) -> None:
        """Count one record."""
        with counting:
            if self._instruments is None:
                self._instruments = _instruments_of(self._provider)
            for change in self._ledger.changes(record):
                self._instruments.take(change)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the settings: another process has a provider and counts of its own."""
        if self._provider is not None:
            raise TypeError(
                "otel(meter_provider) cannot be pickled, for the provider is of this process; otel() can"
            )
        labels = self._ledger.labels
        return partial(otel, by=labels.by, max_values=labels.max_values), ()

    def __repr__(self) -> str:
        return f"otel(by={self._ledger.labels.by!r})"


class _Instruments:
    """The instruments of one provider: a meter hands out one of a name, whichever sink asks."""

    def __init__(self, provider: MeterProvider) -> None:
        leave_first()  # again: the global provider may be younger than the sink
        self._meter: Final = provider.get_meter(METER, __version__)
        self._histograms: Final[dict[str, Histogram]] = {}
        self._counters: Final[dict[str, Sums]] = {}
        self._lock: Final = ProcessLock()

    def take(self, change: Change) -> None:
        metric, labels, amount = change
        if metric.kind == "histogram":
            self._histogram(metric).record(amount, dict(labels))  # type: ignore[arg-type]  # times and counts are no decimals
            return
        sums = self._counters.get(metric.name)
        if sums is None:
            sums = self._counters[metric.name] = Sums()
            self._meter.create_observable_counter(
                metric.name, [partial(self._observe, sums)], metric.unit, metric.meaning
            )
        with self._lock:
            sums[labels].add(amount)

    def _observe(self, sums: Sums, _: CallbackOptions) -> Iterable[Observation]:
        """What a reader collects: money as the float next to the exact sum."""
        with self._lock:
            shown = [(labels, series.shown) for labels, series in sums.items()]
        observation = _api().Observation
        return [
            observation(number if isinstance(number, int) else float(number), dict(labels))
            for labels, number in shown
        ]

    def _histogram(self, metric: Metric) -> Histogram:
        found = self._histograms.get(metric.name)
        if found is None:
            found = self._histograms[metric.name] = self._meter.create_histogram(
                metric.name,
                metric.unit,
                metric.meaning,
                explicit_bucket_boundaries_advisory=metric.buckets,
            )
        return found


_OF_PROVIDER: Final[WeakKeyDictionary[MeterProvider, _Instruments]] = WeakKeyDictionary()


def _instruments_of(provider: MeterProvider | None) -> _Instruments:
    its: MeterProvider = _api().get_meter_provider() if provider is None else provider
    found = _OF_PROVIDER.get(its)
    if found is None:
        found = _OF_PROVIDER[its] = _Instruments(its)
    return found


def _api() -> ModuleType:
    with needing("otel()", extra="otel", package="opentelemetry-api"):
        from opentelemetry import metrics
    return metrics
