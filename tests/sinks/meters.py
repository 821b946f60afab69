"""What a program sets up to look at metrics: an OpenTelemetry SDK that is read in memory, and a Prometheus scrape over HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.request import urlopen

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricReader
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.parser import text_string_to_metric_families

from langchain_respmeta import ResponseMetadata
from langchain_respmeta.record.measures import Cost, Timing, Usage
from tests.waiting import CEILING_S


def record(run_id: str | None = "run-1", **fields: Any) -> ResponseMetadata:
    """A call that was answered in a second, for a cent."""
    return ResponseMetadata(
        **{
            "run_id": run_id,
            "provider": "openai",
            "api": "chat_completions",
            "requested_model": "gpt-5-mini",
            "model": "gpt-5-mini-2025-08-07",
            "finish_reason": "stop",
            "usage": Usage(input_tokens=100, output_tokens=20),
            "cost": Cost(total=Decimal("0.01")),
            "timing": Timing(latency_s=1.0),
            **fields,
        }
    )


def added(values: Iterable[float]) -> Decimal:
    """The sum of numbers as people read them: a float of 0.1 is 0.1."""
    return sum((Decimal(repr(value)) for value in values), Decimal(0))


@dataclass
class Meters:
    """A program's own OpenTelemetry SDK, read in memory."""

    others: Sequence[MetricReader] = ()
    """Further readers."""

    def __post_init__(self) -> None:
        self.reader = InMemoryMetricReader()
        self.provider = MeterProvider([self.reader, *self.others])

    def metrics(self) -> dict[str, Any]:
        """Name → metric, as an exporter gets it."""
        data = self.reader.get_metrics_data()
        if data is None:
            return {}
        return {
            metric.name: metric
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def points(self, name: str) -> list[Any]:
        """The points of a metric, none if it is not there."""
        found = self.metrics().get(name)
        return [] if found is None else list(found.data.data_points)

    def total(self, name: str, **labels: str) -> Decimal:
        """A counter's sum over all points that have these labels (`_` for `.`), each taken as it is written."""
        return added(
            point.value
            for point in self.points(name)
            if labels.items()
            <= {key.replace(".", "_"): value for key, value in point.attributes.items()}.items()
        )


@dataclass
class Scraped:
    """What a Prometheus server gets: sample → labels and value."""

    text: str

    def __post_init__(self) -> None:
        self.families = list(text_string_to_metric_families(self.text))
        self.samples: dict[str, list[tuple[dict[str, str], float]]] = {}
        for family in self.families:
            for sample in family.samples:
                self.samples.setdefault(sample.name, []).append((dict(sample.labels), sample.value))

    def total(self, name: str, **labels: str) -> Decimal:
        """The sum over all series that have these labels, each taken as it is written."""
        return added(value for found, value in self.samples.get(name, ()) if labels.items() <= found.items())


@contextmanager
def served(registry: CollectorRegistry) -> Iterator[str]:
    """The address of a real `/metrics` of the registry."""
    server, thread = start_http_server(0, addr="127.0.0.1", registry=registry)
    try:
        yield f"http://127.0.0.1:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def scrape(registry: CollectorRegistry) -> Scraped:
    """One scrape, over HTTP."""
    with served(registry) as url, urlopen(url, timeout=CEILING_S) as answer:  # noqa: S310 - our own address
        return Scraped(answer.read().decode())
