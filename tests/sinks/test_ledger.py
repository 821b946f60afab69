"""What records add to metrics: each call once, whatever comes again, from any thread, and beside any fork."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from langchain_respmeta.record.measures import Cost, Usage
from langchain_respmeta.sinks import otel, prometheus
from langchain_respmeta.sinks.ledger import Ledger, Series
from langchain_respmeta.sinks.metric_names import LATEST, OPT_IN
from tests.sinks.meters import Meters, record, scrape
from tests.waiting import CEILING_S

_VERSIONS = st.lists(
    st.fixed_dictionaries(
        {
            "run_id": st.sampled_from("abcd"),
            "finish_reason": st.sampled_from([None, "stop", "cancelled", "error"]),
            "cost": st.sampled_from([None, *map(Decimal, ("0", "0.1", "0.25", "1e-9"))]),
            "put": st.sampled_from([None, 0, 7, 100]),
            "audio": st.sampled_from([None, 3, 7]),
            "refused": st.booleans(),
        }
    ),
    max_size=12,
)


@given(_VERSIONS)
def test_a_counter_is_the_sum_over_the_last_version_of_each_call_or_stands_where_it_was_more(
    versions: list[dict[str, Any]],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(OPT_IN, LATEST)
        ledger = Ledger((), 10)
    series: dict[tuple[str, Any], Series] = {}
    last: dict[str, dict[str, Any]] = {}
    most = {"respmeta.calls": 0, "respmeta.input_tokens": 0, "respmeta.cost_usd": Decimal(0)}
    for version in versions:
        last[version["run_id"]] = version
        usage = Usage(input_tokens=version["put"], input_audio_tokens=version["audio"])
        fields = {name: version[name] for name in ("run_id", "finish_reason", "refused")}
        for change in ledger.changes(record(**fields, usage=usage, cost=Cost(total=version["cost"]))):
            series.setdefault((change.metric.name, change.labels), Series()).add(change.amount)
        sums = (len(last), sum(one["put"] or 0 for one in last.values()), _cost_of(last))
        most = {name: max(before, now) for (name, before), now in zip(most.items(), sums, strict=True)}
        for name, expected in most.items():
            if name != "respmeta.calls":  # the others have one series: the labels of all calls are the same
                shown = [one.shown for (metric, _), one in series.items() if metric == name]
                assert shown == [expected] or (not shown and not expected)
    calls = [one.shown for (metric, _), one in series.items() if metric == "respmeta.calls"]
    assert sum(calls) == len(last)


def _cost_of(last: dict[str, dict[str, Any]]) -> Decimal:
    return sum((one["cost"] or Decimal(0) for one in last.values()), Decimal(0))


@given(_VERSIONS)
def test_modalities_add_up_to_the_whole_also_after_later_versions(versions: list[dict[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(OPT_IN, LATEST)
        ledger = Ledger((), 10)
    sums = {"respmeta.input_tokens": 0, "gen_ai.client.inference.usage.input_tokens": 0}
    for version in versions:
        usage = Usage(input_tokens=version["put"], input_audio_tokens=version["audio"])
        for change in ledger.changes(record(version["run_id"], usage=usage)):
            if change.metric.name in sums:
                sums[change.metric.name] += int(change.amount)
    assert len(set(sums.values())) == 1


def test_calls_from_many_threads_are_all_counted() -> None:
    meters, registry = Meters(), CollectorRegistry()
    sinks = (otel(meters.provider), prometheus(registry))

    def call(thread: int) -> None:
        for number in range(50):
            for sink in sinks:
                sink(record(f"{thread}-{number}", cost=Cost(total=Decimal("0.0000011"))))

    threads = [Thread(target=call, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert meters.total("respmeta.cost_usd") == Decimal("0.00044")
    assert scrape(registry).total("respmeta_cost_usd_total") == Decimal("0.00044")


def test_memory_of_calls_is_bounded_and_a_forgotten_one_counts_as_one_more() -> None:
    meters = Meters()
    sink = otel(meters.provider)
    for number in range(10_001):
        sink(record(f"{number}", usage=None, cost=None, timing=None))
    sink(record("10000", usage=None, cost=None, timing=None))
    assert meters.total("respmeta.calls") == 10_001
    sink(record("0", usage=None, cost=None, timing=None))
    assert meters.total("respmeta.calls") == 10_002


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_beside_calls_that_are_counted_leaves_no_lock_held() -> None:
    program = """
import os, threading
from prometheus_client import CollectorRegistry
from langchain_respmeta.sinks import otel, prometheus
from tests.sinks.meters import Meters, record

meters = Meters()
sinks = (otel(meters.provider), prometheus(CollectorRegistry()))
stop = threading.Event()

def count(name):
    number = 0
    while not stop.is_set():
        number += 1
        for sink in sinks:
            sink(record(f"{name}-{number}"))

threads = [threading.Thread(target=count, args=(name,)) for name in "ab"]
for thread in threads:
    thread.start()
for fork in range(20):
    child = os.fork()
    if child == 0:
        for sink in sinks:
            sink(record(f"child-{fork}"))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
stop.set()
for thread in threads:
    thread.join()
print("ended")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=CEILING_S, check=True
    )
    assert done.stdout == "ended\n"


def test_a_sink_is_its_own_copy_and_pickled_it_is_one_of_the_other_process() -> None:
    sink = otel(by=("user_id",), max_values=7)
    assert copy.copy(sink) is copy.deepcopy(sink) is sink
    assert repr(pickle.loads(pickle.dumps(sink))) == repr(sink)  # noqa: S301 - our own
    for other in (otel(Meters().provider), prometheus(CollectorRegistry())):
        with pytest.raises(TypeError, match="of this process"):
            pickle.dumps(other)
