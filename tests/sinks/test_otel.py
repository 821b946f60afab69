"""OpenTelemetry metrics, with the real SDK: exact, each call once, bounded, and harmless without one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from types import ModuleType
from typing import Any, Final

import pytest

from langchain_respmeta import MissingExtraError, RespMetaHandler, SettingsError
from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_runnable
from langchain_respmeta.record.measures import Cost, Timing, Usage
from langchain_respmeta.record.parts import ErrorInfo, Refusal
from langchain_respmeta.sinks import otel
from langchain_respmeta.sinks.labels import OTHER
from langchain_respmeta.sinks.metric_names import BASE, LATEST, METRICS, OPT_IN, metrics_for
from tests.sinks.meters import Meters, record
from tests.waiting import CEILING_S

_KNOWN = {metric.name: metric for metric in METRICS}
_SCENARIOS: Final = (
    ("openai", "cached_reasoning"),
    ("openai", "refusal"),
    ("openai", "n2"),
    ("openai", "error_429"),
    ("openai_responses", "truncated"),
    ("anthropic", "cache_write"),
    ("google", "basic"),
    ("groq", "basic"),
)
CALLS: Final = len(_SCENARIOS)
"""How many `call_all` makes."""


def call_all(replay: ReplayServer, handler: RespMetaHandler, config: Mapping[str, Any]) -> None:
    """Real integrations, one call each; the one that fails is caught as a user would."""
    for provider, name in _SCENARIOS:
        scenario = demo_scenarios()[provider][name]
        runnable = scenario_runnable(replay, scenario)
        try:
            runnable.invoke(scenario.messages, {"callbacks": [handler], **config})
        except Exception:  # noqa: BLE001 - whatever the integration raises
            assert scenario.failing


@pytest.mark.parametrize("opt_in", ["", LATEST])
def test_real_calls_become_metrics_of_the_table_that_add_up_to_the_handler_s_sums(
    replay: ReplayServer, monkeypatch: pytest.MonkeyPatch, opt_in: str
) -> None:
    monkeypatch.setenv(OPT_IN, opt_in)
    meters = Meters()
    handler = RespMetaHandler(feedback=False, sinks=[otel(meters.provider, by=("user_id",))], by=("user_id",))
    call_all(replay, handler, {"metadata": {"user_id": "ada"}})
    assert handler.flush(CEILING_S)
    sums, found = handler.summary(), meters.metrics()
    assert found.keys() <= {metric.name for metric in metrics_for(opt_in)}
    for name, metric in found.items():
        assert (metric.unit, metric.description) == (_KNOWN[name].unit, _KNOWN[name].meaning)
        for point in metric.data.data_points:
            assert point.attributes.keys() <= {*BASE, *_KNOWN[name].labels, "user_id"}
            assert point.attributes["user_id"] == "ada"
    assert meters.total("respmeta.calls") == sums["calls"] == CALLS
    assert meters.total("respmeta.input_tokens") == sums["input_tokens"]
    assert meters.total("respmeta.output_tokens") == sums["output_tokens"]
    assert meters.total("respmeta.cache_read_tokens") == sums["cache_read_tokens"] > 0
    assert meters.total("respmeta.reasoning_tokens") == sums["reasoning_tokens"] > 0
    assert meters.total("respmeta.cost_usd") == sums["cost_usd"]
    assert meters.total("respmeta.refusals") == sums["refused"] == 1
    assert meters.total("respmeta.truncations") == 1
    (error,) = [one.error for one in handler.records if one.error is not None]
    assert meters.total("respmeta.errors", error_type=error.type) == meters.total("respmeta.errors") == 1
    assert meters.total("respmeta.unpriced_calls") == sums["unpriced_calls"]


def test_the_older_names_are_the_default_and_the_newest_come_in_their_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = {}
    for opt_in in ("http,database", f"http, {LATEST}"):
        monkeypatch.setenv(OPT_IN, opt_in)
        meters = Meters()
        otel(meters.provider)(record(timing=Timing(latency_s=1.0, time_to_first_chunk_s=0.2)))
        names[opt_in] = {name for name in meters.metrics() if name.startswith("gen_ai.")}
    older, newest = names.values()
    assert older == {
        "gen_ai.client.token.usage",
        "gen_ai.client.operation.duration",
        "gen_ai.client.operation.time_to_first_chunk",
    }
    assert newest == {
        "gen_ai.client.inference.usage.input_tokens",
        "gen_ai.client.inference.usage.output_tokens",
        "gen_ai.client.inference.operation.input_tokens",
        "gen_ai.client.inference.operation.output_tokens",
        "gen_ai.client.inference.duration",
        "gen_ai.client.inference.time_to_first_chunk",
    }


def test_modalities_add_up_to_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OPT_IN, LATEST)
    meters = Meters()
    usage = Usage(input_tokens=100, input_audio_tokens=30, input_image_tokens=60, output_tokens=5)
    otel(meters.provider)(record(usage=usage))
    name = "gen_ai.client.inference.usage.input_tokens"
    by_modality = {point.attributes["gen_ai.token.modality"]: point.value for point in meters.points(name)}
    assert by_modality == {"audio": 30, "image": 60, "unknown": 10}


def test_distributions_have_the_conventions_buckets_and_the_type_of_the_error() -> None:
    meters = Meters()
    sink = otel(meters.provider)
    sink(record("a"))
    sink(record("b", finish_reason=None, event="error", error=ErrorInfo(type="APITimeoutError"), usage=None))
    points = {
        point.attributes.get("error.type"): point
        for point in meters.points("gen_ai.client.operation.duration")
    }
    assert points.keys() == {None, "APITimeoutError"}
    assert points[None].explicit_bounds == _KNOWN["gen_ai.client.operation.duration"].buckets
    assert (points[None].count, points[None].sum) == (1, 1.0)
    types = {
        point.attributes["gen_ai.token.type"]: point.sum
        for point in meters.points("gen_ai.client.token.usage")
    }
    assert types == {"input": 100, "output": 20}


def test_what_is_not_reported_is_not_there_and_zero_is_zero() -> None:
    meters = Meters()
    otel(meters.provider)(record(usage=Usage(input_tokens=0), cost=None, timing=None))
    assert [point.value for point in meters.points("respmeta.input_tokens")] == [0]
    for name in ("respmeta.output_tokens", "respmeta.cost_usd", "gen_ai.client.operation.duration"):
        assert meters.points(name) == []
    assert meters.total("respmeta.unpriced_calls") == 1


def test_money_is_rounded_once_however_many_calls_there_are() -> None:
    meters = Meters()
    sink = otel(meters.provider)
    for number in range(1_000):
        sink(record(str(number), cost=Cost(total=Decimal("0.0000011"))))
    (point,) = meters.points("respmeta.cost_usd")
    assert Decimal(repr(point.value)) == Decimal("0.0011")
    assert sum([0.0000011] * 1_000) != point.value


def test_a_record_that_comes_again_adds_only_what_it_tells_more() -> None:
    meters = Meters()
    sink = otel(meters.provider)
    sink(record(cost=None))
    assert meters.total("respmeta.cost_usd") == 0
    sink(record(cost=Cost(total=Decimal("0.02")), usage=Usage(input_tokens=110, output_tokens=20)))
    assert meters.total("respmeta.calls") == 1
    assert meters.total("respmeta.cost_usd") == Decimal("0.02")
    assert meters.total("respmeta.input_tokens") == 110
    (duration,) = meters.points("gen_ai.client.operation.duration")
    assert duration.count == 1


def test_a_counter_stands_still_where_a_record_takes_something_back_until_others_made_up_for_it() -> None:
    meters = Meters()
    sink = otel(meters.provider)
    seen = []
    for run_id, cost in (("a", "0.05"), ("a", "0.02"), ("b", "0.01"), ("c", "0.04")):
        sink(record(run_id, cost=Cost(total=Decimal(cost))))
        seen.append(meters.total("respmeta.cost_usd"))
    assert list(map(float, seen)) == [0.05, 0.05, 0.05, 0.07]
    assert meters.total("respmeta.calls") == 3


def test_a_call_that_was_taken_for_cancelled_stays_one_call() -> None:
    meters = Meters()
    sink = otel(meters.provider)
    sink(record(finish_reason="cancelled", cancelled=True, usage=None))
    sink(record())
    (point,) = meters.points("respmeta.calls")
    assert (point.value, point.attributes["respmeta.finish_reason"]) == (1, "cancelled")
    assert meters.total("respmeta.output_tokens") == 20


def test_other_generations_of_a_call_are_no_calls() -> None:
    meters = Meters()
    sink = otel(meters.provider)
    sink(record(candidates=2, candidate_index=0))
    sink(record(candidates=2, candidate_index=1, usage=None, cost=None, timing=None))
    assert meters.total("respmeta.calls") == 1


def test_what_the_cache_saved_and_what_writing_it_added_are_told_apart() -> None:
    meters = Meters()
    sink = otel(meters.provider)
    for number, discount in enumerate(("0.25", "-0.125", "0.5")):
        sink(record(str(number), cost=Cost(total=Decimal(1), cache_discount=Decimal(discount))))
    assert meters.total("respmeta.cache_saved_usd") == Decimal("0.75")
    assert meters.total("respmeta.cache_added_usd") == Decimal("0.125")


def test_labels_say_where_a_refusal_was_found_and_what_was_tried_again() -> None:
    meters = Meters()
    sink = otel(meters.provider, by=("thread_id", "agent_name", "tags", "team"))
    sink(
        record(
            superseded=True,
            refused=True,
            refusal=Refusal(source="guardrail", category="violence"),
            thread_id="t-1",
            agent_name="planner",
            tags=("b", "a"),
            metadata={"team": True},
        )
    )
    (point,) = meters.points("respmeta.refusals")
    assert point.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5-mini",
        "gen_ai.response.model": "gpt-5-mini-2025-08-07",
        "gen_ai.conversation.id": "t-1",
        "gen_ai.agent.name": "planner",
        "respmeta.tags": "a,b",
        "team": "true",
        "respmeta.refusal_source": "guardrail",
    }
    assert meters.total("respmeta.superseded_calls") == 1
    assert meters.total("respmeta.superseded_cost_usd") == Decimal("0.01")


def test_values_beyond_the_bound_are_one_and_sums_stay_exact() -> None:
    meters = Meters()
    sink = otel(meters.provider, by=("user_id",), max_values=3)
    for number in range(20):
        sink(record(str(number), metadata={"user_id": f"user-{number}"}))
    users = {point.attributes["user_id"]: point.value for point in meters.points("respmeta.calls")}
    assert users == {"user-0": 1, "user-1": 1, "user-2": 1, OTHER: 17}
    assert meters.total("respmeta.cost_usd") == Decimal("0.2")


def test_combinations_beyond_the_bound_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langchain_respmeta.sinks.labels.MAX_COMBINATIONS", 4)
    meters = Meters()
    sink = otel(meters.provider, by=("a", "b"))
    for number in range(30):
        sink(record(str(number), metadata={"a": number % 5, "b": number % 6}))
    points = meters.points("respmeta.calls")
    assert len(points) == 5
    assert sum(point.value for point in points) == 30


def test_keys_and_tokens_are_no_values_of_labels() -> None:
    meters = Meters()
    secret = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"
    otel(meters.provider, by=("user_id",))(
        record(requested_model=secret, metadata={"user_id": f"x {secret}"})
    )
    assert "sk-proj" not in str(meters.metrics())


def test_two_sinks_of_one_provider_add_up_and_a_shared_one_counts_a_call_once() -> None:
    meters = Meters()
    one, other = otel(meters.provider), otel(meters.provider, by=("user_id",))
    one(record("a"))
    one(record("a"))
    other(record("b", metadata={"user_id": "ada"}))
    assert meters.total("respmeta.calls") == 2
    assert meters.total("respmeta.calls", user_id="ada") == 1


@pytest.mark.parametrize(
    "by", ["user_id", ("",), ("error.type",), ("le",), ("a.b", "a_b"), tuple("abcdefghijk")]
)
def test_labels_that_cannot_be_are_refused_at_once(by: Any) -> None:
    with pytest.raises(SettingsError, match="by"):
        otel(Meters().provider, by=by)


def test_a_label_that_is_always_there_need_not_be_asked_for() -> None:
    with pytest.raises(
        SettingsError, match=r"'provider' is a label of the metrics already: gen_ai\.provider\.name"
    ):
        otel(Meters().provider, by=("provider",))


@pytest.mark.parametrize("max_values", [0, True, "9"])
def test_a_bound_that_is_none_is_refused_at_once(max_values: Any) -> None:
    with pytest.raises(SettingsError, match="max_values"):
        otel(Meters().provider, max_values=max_values)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    absent: Any = None
    monkeypatch.setitem(sys.modules, "opentelemetry", absent)
    monkeypatch.setitem(sys.modules, "opentelemetry.metrics", ModuleType("gone"))
    with pytest.raises(MissingExtraError, match=r"langchain-respmeta\[otel\]"):
        otel()


def test_without_an_sdk_nothing_is_recorded_and_nothing_raises() -> None:
    program = """
import sys
sys.modules["opentelemetry.sdk"] = None  # the API alone
from langchain_respmeta import ResponseMetadata
from langchain_respmeta.sinks import otel
otel()(ResponseMetadata(provider="openai", run_id="a"))
print("recorded")
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=CEILING_S,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "recorded\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_counts_from_zero() -> None:
    program = """
import os, sys
from tests.sinks.meters import Meters, record
from langchain_respmeta.sinks import otel
meters = Meters()
sink = otel(meters.provider)
sink(record("a")); sink(record("b"))
if os.fork() == 0:
    sink(record("c"))
    print("child", meters.total("respmeta.calls"), flush=True)
    os._exit(0)
os.wait()
print("parent", meters.total("respmeta.calls"), flush=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=CEILING_S, check=True
    )
    assert done.stdout.split("\n")[:2] == ["child 1", "parent 2"]


def test_the_last_calls_of_a_program_are_in_what_its_provider_sends_at_its_end() -> None:
    program = """
from langchain_core.language_models import FakeListChatModel
from langchain_respmeta import RespMetaHandler
from langchain_respmeta.sinks import otel
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, PeriodicExportingMetricReader

model = FakeListChatModel(responses=["hello"])
model.invoke("hi", {"callbacks": [RespMetaHandler(feedback=False)]})
provider = MeterProvider([PeriodicExportingMetricReader(ConsoleMetricExporter())])
handler = RespMetaHandler(feedback=False, sinks=[otel(provider)])
for _ in range(3):
    model.invoke("hi", {"callbacks": [handler]})
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=CEILING_S, check=True
    )
    (resource,) = json.loads(done.stdout)["resource_metrics"]
    calls = {metric["name"]: metric for metric in resource["scope_metrics"][0]["metrics"]}["respmeta.calls"]
    assert [point["value"] for point in calls["data"]["data_points"]] == [3]
