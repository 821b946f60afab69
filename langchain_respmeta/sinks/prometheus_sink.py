"""`prometheus`: records become metrics that a Prometheus server scrapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import nextafter
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from langchain_respmeta._process.late_imports import needing
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.sinks.forks import Sums, counting
from langchain_respmeta.sinks.labels import MAX_VALUES
from langchain_respmeta.sinks.ledger import Ledger
from langchain_respmeta.sinks.metric_names import prometheus_label

if TYPE_CHECKING:
    from types import ModuleType
    from typing import Self

    from prometheus_client import CollectorRegistry, Counter, Histogram

    from langchain_respmeta.record.fields import RecordFields
    from langchain_respmeta.sinks.ledger import Change, Pairs
    from langchain_respmeta.sinks.metric_names import Metric


def prometheus(
    registry: CollectorRegistry | None = None, *, by: Sequence[str] = (), max_values: int = MAX_VALUES
) -> PrometheusSink:
    """Make a sink that turns each record into Prometheus metrics; docs/metrics.md lists them.

    The sink serves nothing itself: `prometheus_client.start_http_server(9100)`, or the `/metrics` that the program already has,
    shows them. In multi-process mode (`PROMETHEUS_MULTIPROC_DIR`) it writes where `prometheus_client` collects.

    Args:
        registry: Where the metrics are registered. Default: prometheus_client's own.
        by: More labels, as of `otel`. All sinks of one registry have the same.
        max_values: Values that one label may have; further ones become `(other)`.

    Raises:
        MissingExtraError: The package prometheus-client is missing.
        SettingsError: `by` or `max_values` cannot be used, or the registry has other metrics of these names.
    """
    return PrometheusSink(registry, by=by, max_values=max_values)


class PrometheusSink:
    """The sink that `prometheus` makes. Any number of handlers may share one: a call that two of them see counts once."""

    def __init__(self, registry: CollectorRegistry | None, *, by: Sequence[str], max_values: int) -> None:
        client = _client()
        self._is_default: Final = registry is None
        self._ledger: Final = Ledger(by, max_values)
        self._families: Final = _families_of(client.REGISTRY if registry is None else registry, self._ledger)

    def __call__(self, record: RecordFields, /) -> None:
        """Count one record."""
        with counting:
            for change in self._ledger.changes(record):
                self._families.take(change)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the settings: another process has a registry and counts of its own."""
        if not self._is_default:
            raise TypeError(
                "prometheus(registry) cannot be pickled, for the registry is of this process; prometheus() can"
            )
        labels = self._ledger.labels
        return partial(prometheus, by=labels.by, max_values=labels.max_values), ()

    def __repr__(self) -> str:
        return f"prometheus(by={self._ledger.labels.by!r})"


class _Families:
    """The metrics of one registry."""

    def __init__(self, registry: CollectorRegistry, ledger: Ledger) -> None:
        self.labels: Final = ledger.labels.names
        self.metrics: Final = tuple(ledger.metrics)
        self._names: Final = {
            metric.name: {label: prometheus_label(label) for label in (*self.labels, *metric.labels)}
            for metric in ledger.metrics.values()
        }
        self._sums: Final = {name: Sums() for name in self.metrics}
        self._made: Final[dict[str, Counter | Histogram]] = {}
        self._children: Final[dict[tuple[str, Pairs], Any]] = {}
        try:
            for metric in ledger.metrics.values():
                self._made[metric.name] = self._make(metric, registry)
        except ValueError as error:
            for made in self._made.values():
                registry.unregister(made)
            raise SettingsError(
                f"prometheus(): the registry has other metrics of these names ({error}); use another registry",
                setting="registry",
            ) from None

    def _make(self, metric: Metric, registry: CollectorRegistry) -> Counter | Histogram:
        client, names = _client(), tuple(self._names[metric.name].values())
        if metric.kind == "counter":
            counter: Counter = client.Counter(metric.family, metric.meaning, names, registry=registry)
            return counter
        histogram: Histogram = client.Histogram(
            metric.family, metric.meaning, names, registry=registry, buckets=metric.buckets
        )
        return histogram

    def take(self, change: Change) -> None:
        """Count a change."""
        metric, labels, amount = change
        made = self._children.get((metric.name, labels))
        if made is None:
            made = self._children[metric.name, labels] = self._child(metric, dict(labels))
        if metric.kind == "histogram":
            made.observe(amount)
            return
        series = self._sums[metric.name][labels]
        series.add(amount)
        shown = float(series.shown)
        for step in steps(series.told, shown):
            made.inc(step)
        series.told = shown

    def _child(self, metric: Metric, told: dict[str, str]) -> Any:
        values = (told.get(label, "") for label in self._names[metric.name])
        return self._made[metric.name].labels(*values)


def steps(start: float, end: float) -> Iterator[float]:
    """What to add to `start`, one after the other, so that floats give `end` to its last bit."""
    step = end - start
    while start + step > end:
        step = nextafter(step, 0.0)
    yield step
    if start + step < end:
        yield end - (start + step)  # both are so near that their difference is exact


_OF_REGISTRY: Final[WeakKeyDictionary[CollectorRegistry, _Families]] = WeakKeyDictionary()


def _families_of(registry: CollectorRegistry, ledger: Ledger) -> _Families:
    found = _OF_REGISTRY.get(registry)
    if found is None:
        found = _OF_REGISTRY[registry] = _Families(registry, ledger)
    elif (found.labels, found.metrics) != (ledger.labels.names, tuple(ledger.metrics)):
        raise SettingsError(
            "prometheus(): another sink of this registry has other labels or names; use the same `by`, or another registry",
            setting="by",
        )
    return found


def _client() -> ModuleType:
    with needing("prometheus()", extra="prometheus", package="prometheus-client"):
        import prometheus_client
    return prometheus_client
