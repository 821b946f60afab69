"""Prometheus metrics, as a real scrape over HTTP gets them: in one process and in many."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from math import inf
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.multiprocess import MultiProcessCollector

from langchain_respmeta import MissingExtraError, RespMetaHandler, SettingsError
from langchain_respmeta.demo import ReplayServer
from langchain_respmeta.record.measures import Cost
from langchain_respmeta.sinks import prometheus
from langchain_respmeta.sinks.labels import OTHER
from langchain_respmeta.sinks.metric_names import LATEST, METRICS, OPT_IN, metrics_for
from langchain_respmeta.sinks.prometheus_sink import steps
from tests.sinks.meters import record, scrape
from tests.sinks.test_otel import CALLS, call_all
from tests.waiting import CEILING_S


@pytest.mark.parametrize("opt_in", ["", LATEST])
def test_a_scrape_of_real_calls_adds_up_to_the_handler_s_sums(
    replay: ReplayServer, monkeypatch: pytest.MonkeyPatch, opt_in: str
) -> None:
    monkeypatch.setenv(OPT_IN, opt_in)
    registry = CollectorRegistry()
    handler = RespMetaHandler(feedback=False, sinks=[prometheus(registry, by=("user_id",))], by=("user_id",))
    call_all(replay, handler, {"metadata": {"user_id": "ada"}})
    assert handler.flush(CEILING_S)
    sums, found = handler.summary(), scrape(registry)
    families = {family.name for family in found.families if not family.name.endswith("_created")}
    assert families == {metric.family for metric in metrics_for(opt_in)}
    assert found.total("respmeta_calls_total", user_id="ada") == sums["calls"] == CALLS
    assert found.total("respmeta_input_tokens_total") == sums["input_tokens"]
    assert found.total("respmeta_output_tokens_total") == sums["output_tokens"]
    assert found.total("respmeta_cost_usd_total") == sums["cost_usd"]
    assert found.total("respmeta_refusals_total") == sums["refused"] == 1
    (error,) = [one.error for one in handler.records if one.error is not None]
    assert found.total("respmeta_errors_total", error_type=error.type) == 1
    assert found.total("respmeta_calls_total", gen_ai_provider_name="anthropic") == 1


def test_families_have_their_kind_help_and_buckets_before_the_first_call() -> None:
    registry = CollectorRegistry()
    sink = prometheus(registry)
    families = {family.name: family for family in scrape(registry).families}
    for metric in metrics_for(None):
        assert (families[metric.family].type, families[metric.family].documentation) == (
            metric.kind,
            metric.meaning,
        )
    sink(record())
    told = scrape(registry).samples["gen_ai_client_token_usage_bucket"]
    assert {float(labels["le"]) for labels, _ in told} == {
        *next(one.buckets for one in METRICS if one.unit == "{token}" and one.buckets),
        inf,
    }


def test_money_is_exact_however_many_calls_there_are_and_counters_never_fall() -> None:
    registry = CollectorRegistry()
    sink = prometheus(registry)
    for number in range(1_000):
        sink(record(str(number), cost=Cost(total=Decimal("0.0000011"))))
    assert scrape(registry).total("respmeta_cost_usd_total") == Decimal("0.0011")
    sink(record("0", cost=Cost(total=Decimal(0))))
    assert scrape(registry).total("respmeta_cost_usd_total") == Decimal("0.0011")
    sink(record("more", cost=Cost(total=Decimal("0.0000022"))))
    assert scrape(registry).total("respmeta_cost_usd_total") == Decimal("0.0011011")


@given(st.floats(0, 1e18), st.floats(0, 1e18))
def test_any_float_is_reached_by_additions_to_its_last_bit(one: float, other: float) -> None:
    start, end = sorted((one, other))
    reached = start
    for step in steps(start, end):
        assert step >= 0
        reached += step
    assert reached == end


def test_values_beyond_the_bound_are_one() -> None:
    registry = CollectorRegistry()
    sink = prometheus(registry, by=("user-id",), max_values=2)
    for number in range(9):
        sink(record(str(number), metadata={"user-id": f"u{number}"}))
    found = scrape(registry)
    assert found.total("respmeta_calls_total", user_id=OTHER) == 7
    assert found.total("respmeta_calls_total") == 9


def test_sinks_of_one_registry_add_up_and_must_have_the_same_labels() -> None:
    registry = CollectorRegistry()
    for run_id in ("a", "b"):
        prometheus(registry, by=("user_id",))(record(run_id))
    assert scrape(registry).total("respmeta_calls_total") == 2
    with pytest.raises(SettingsError, match="another registry"):
        prometheus(registry)


def test_a_name_that_is_taken_is_told_and_leaves_the_registry_as_it_was() -> None:
    registry = CollectorRegistry()
    Counter("respmeta_cost_usd", "Somebody else's.", registry=registry)
    before = scrape(registry).text
    with pytest.raises(SettingsError, match="use another registry"):
        prometheus(registry)
    assert scrape(registry).text == before


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    absent: Any = None
    monkeypatch.setitem(sys.modules, "prometheus_client", absent)
    with pytest.raises(MissingExtraError, match=r"langchain-respmeta\[prometheus\]"):
        prometheus()


_WORKERS = """
import os, sys
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_respmeta import RespMetaHandler
from langchain_respmeta.sinks import prometheus

handler = RespMetaHandler(feedback=False, sinks=[prometheus()])

def call(count):
    usage = {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
    answers = iter([AIMessage("hello", usage_metadata=usage) for _ in range(count)])
    model = GenericFakeChatModel(messages=answers)
    for _ in range(count):
        model.invoke("hi", {"callbacks": [handler]})
    assert handler.flush(60)

call(5)  # before the server forks, as a program that warms up
children = []
for number in (1, 2, 3):
    child = os.fork()
    if child == 0:
        call(10 * number)
        os._exit(0)
    children.append(child)
for child in children:
    assert os.waitpid(child, 0)[1] == 0
call(2)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_in_multi_process_mode_a_scrape_adds_up_what_all_processes_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    subprocess.run([sys.executable, "-c", _WORKERS], timeout=CEILING_S, check=True)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    found = scrape(registry)
    assert found.total("respmeta_calls_total") == 5 + 60 + 2
    assert found.total("respmeta_input_tokens_total") == 7 * 67
    assert found.total("gen_ai_client_operation_duration_seconds_count") == 67
