"""docs/grafana: every query is one, of metrics and labels that exist, and finds what a scrape shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any, Final

import promql_parser
import pytest
import yaml
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from prometheus_client import REGISTRY, CollectorRegistry

from langchain_respmeta import ResponseMetadata
from langchain_respmeta.record.measures import Cost, Timing, Usage
from langchain_respmeta.record.parts import ErrorInfo, Refusal
from langchain_respmeta.sinks import otel, prometheus
from langchain_respmeta.sinks.metric_names import BASE, LATEST, METRICS, OPT_IN, metrics_for, prometheus_label
from tests.sinks.meters import Meters, Scraped, record, scrape

_GRAFANA: Final = Path(__file__).parents[2] / "docs" / "grafana"
_DASHBOARD: Final[dict[str, Any]] = json.loads((_GRAFANA / "dashboard.json").read_text())
_RULES: Final[list[dict[str, Any]]] = yaml.safe_load((_GRAFANA / "alerts.yaml").read_text())["groups"][0][
    "rules"
]
_IN_GRAFANA: Final = {"$__rate_interval": "5m", "$__range": "1d", "$provider": ".*", "$model": ".*"}
"""What Grafana writes in place of its variables."""
_OF_SCOPE: Final = {"otel_scope_name", "otel_scope_version", "otel_scope_schema_url"}
_LABELS: Final = {
    sample: {*map(prometheus_label, (*BASE, *metric.labels)), "le"}
    for metric in METRICS
    for sample in metric.samples
}
"""Sample → its labels."""


def _queries() -> Iterator[tuple[str, str]]:
    for panel in _DASHBOARD["panels"]:
        for target in panel["targets"]:
            query = target["expr"]
            for variable, value in _IN_GRAFANA.items():
                query = query.replace(variable, value)
            yield panel["title"], query
    for rule in _RULES:
        yield rule["alert"], rule["expr"]


def _parts(expression: Any) -> Iterator[Any]:
    """An expression of PromQL, and all within it."""
    yield expression
    for name in ("expr", "lhs", "rhs", "vector_selector", "args", "param"):
        inner = getattr(expression, name, None)
        for part in inner if isinstance(inner, list) else () if inner is None else (inner,):
            yield from _parts(part)


def _named(query: str) -> tuple[set[str], set[str]]:
    """The samples and the labels that a query names."""
    samples, labels = set(), set()
    for part in _parts(promql_parser.parse(query)):
        if isinstance(part, promql_parser.VectorSelector):
            samples.add(part.name)
            labels |= {matcher.name for matcher in part.matchers.matchers}
        elif isinstance(part, promql_parser.AggregateExpr) and part.modifier is not None:
            labels |= set(part.modifier.labels)
    return samples, labels


def _calls() -> Iterator[ResponseMetadata]:
    """Calls that have something to show in each panel."""
    usage = Usage(
        input_tokens=9, output_tokens=8, cache_read_tokens=4, cache_write_tokens=1, reasoning_tokens=2
    )
    timing = Timing(latency_s=2.0, time_to_first_chunk_s=0.4, time_to_first_token_s=0.5, queue_s=0.1)
    for discount in ("0.1", "-0.1"):
        cost = Cost(total=Decimal("0.1"), cache_discount=Decimal(discount))
        yield record(discount, usage=usage, timing=timing, cost=cost, superseded=True, service_tier="flex")
    unpriced = Cost(unpriced_reason="no_usage")
    yield record("refused", refused=True, refusal=Refusal(source="message"), truncated=True, cost=unpriced)
    yield record("failed", event="error", error=ErrorInfo(type="APIError"), cost=None, usage=None)


def _by_prometheus() -> Scraped:
    registry = CollectorRegistry()
    sink = prometheus(registry)
    for call in _calls():
        sink(call)
    return scrape(registry)


def _by_opentelemetry() -> Scraped:
    """As OpenTelemetry's own exporter for Prometheus translates names."""
    meters = Meters([PrometheusMetricReader()])
    sink = otel(meters.provider)
    for call in _calls():
        sink(call)
    try:
        return scrape(REGISTRY)
    finally:
        meters.provider.shutdown()


@pytest.fixture(scope="module")
def scraped() -> Mapping[str, Scraped]:
    """What a server gets, by either sink, under the older names and the newest."""
    shown = {}
    for opt_in, by in product(("", LATEST), (_by_prometheus, _by_opentelemetry)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(OPT_IN, opt_in)
            shown[f"{by.__name__} {opt_in}"] = by()
    return shown


def test_opentelemetry_s_exporter_writes_the_names_that_the_table_says(
    scraped: Mapping[str, Scraped],
) -> None:
    for opt_in in ("", LATEST):
        ours, theirs = (scraped[f"_by_{way} {opt_in}"].samples for way in ("prometheus", "opentelemetry"))
        for metric in metrics_for(opt_in):
            for sample in metric.samples:
                told = {name for labels, _ in theirs[sample] for name, value in labels.items()}
                assert told - _OF_SCOPE == {
                    name for labels, _ in ours[sample] for name, value in labels.items() if value
                }


@pytest.mark.parametrize(
    ("title", "query"), [pytest.param(*one, id=f"{n}-{one[0]}") for n, one in enumerate(_queries())]
)
def test_a_query_is_promql_of_metrics_and_labels_that_exist_and_a_scrape_has(
    scraped: Mapping[str, Scraped], title: str, query: str
) -> None:
    samples, labels = _named(query)
    assert samples <= _LABELS.keys()
    assert labels <= set().union(*(_LABELS[sample] for sample in samples)), title
    for found in scraped.values():
        there = samples & found.samples.keys()
        assert there, title
        for sample in there:
            assert labels - {"le"} <= {name for told, _ in found.samples[sample] for name in told}


def test_quantiles_are_taken_of_buckets() -> None:
    quantiles = [query for _, query in _queries() if "histogram_quantile" in query]
    assert quantiles
    for query in quantiles:
        samples, labels = _named(query)
        assert "le" in labels
        assert all(sample.endswith("_bucket") for sample in samples)


def test_the_dashboard_s_variables_ask_for_a_label_that_exists() -> None:
    asked = [one["query"]["query"] for one in _DASHBOARD["templating"]["list"] if one["type"] == "query"]
    assert len(asked) == 2
    for query in asked:
        sample, label = query.removeprefix("label_values(").removesuffix(")").split(", ")
        assert label in _LABELS[sample]


def test_panels_lie_beside_each_other() -> None:
    places = [panel["gridPos"] for panel in _DASHBOARD["panels"]]
    cells = [
        (x, y)
        for at in places
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23


def test_alerts_watch_truncation_refusals_errors_p95_and_spend() -> None:
    watched = set().union(*(_named(rule["expr"])[0] for rule in _RULES))
    assert watched >= {
        "respmeta_truncations_total",
        "respmeta_refusals_total",
        "respmeta_errors_total",
        "respmeta_cost_usd_total",
        "gen_ai_client_operation_duration_seconds_bucket",
        "gen_ai_client_inference_duration_seconds_bucket",
    }
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in _RULES)
