"""The table of names is one: each metric has a reader, each label a meaning, and no two are the same in Prometheus."""

from __future__ import annotations

import pytest
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics

from langchain_respmeta.sinks.amounts import AMOUNTS
from langchain_respmeta.sinks.metric_names import (
    BASE,
    LABELS,
    LATEST,
    METRICS,
    OF_RECORD,
    metrics_for,
    prometheus_label,
)


def test_each_metric_has_a_reader_and_each_label_a_meaning() -> None:
    assert AMOUNTS.keys() == {metric.name for metric in METRICS}
    assert LABELS.keys() == {*BASE, *(label for metric in METRICS for label in metric.labels)}
    assert all((metric.kind == "histogram") == bool(metric.buckets) for metric in METRICS)


def test_no_two_names_are_one_in_prometheus() -> None:
    samples = [sample for metric in METRICS for sample in metric.samples]
    labels = [*map(prometheus_label, (*LABELS, *OF_RECORD.values()))]
    assert len(set(samples)) == len(samples)
    assert len(set(labels)) == len(labels)


def test_the_older_names_are_those_of_the_conventions_released_package() -> None:
    released = {value for name, value in vars(gen_ai_metrics).items() if name.startswith("GEN_AI_CLIENT_")}
    assert {metric.name for metric in METRICS if metric.era == "default"} < released


@pytest.mark.parametrize(
    ("opt_in", "era"),
    [
        (None, "default"),
        ("", "default"),
        ("http", "default"),
        (LATEST, "latest"),
        (f"http , {LATEST}", "latest"),
    ],
)
def test_one_of_two_generations_of_names_is_recorded(opt_in: str | None, era: str) -> None:
    assert {metric.era for metric in metrics_for(opt_in)} == {"own", era}
