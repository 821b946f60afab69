"""Alerts: one call for each crossing, on a thread of ours, whatever the function does."""

import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from langchain_respmeta import Monitor
from langchain_respmeta._process.faults import FAULTS
from langchain_respmeta._process.state import STATE
from langchain_respmeta.monitor import Alert
from langchain_respmeta.monitor.caller import CALLER, MAX_WAITING, Caller
from tests.monitor.made import Clock, made
from tests.waiting import CEILING_S


class Heard:
    """Takes alerts, and notes the thread that brought each."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.threads: set[int] = set()

    def __call__(self, alert: Alert) -> None:
        self.alerts.append(alert)
        self.threads.add(threading.get_ident())

    def values(self, monitor: Monitor) -> list[str | None]:
        assert monitor.flush(CEILING_S)
        return [alert.value for alert in self.alerts]


def test_each_group_is_told_of_once_for_each_crossing_and_again_when_the_window_went_on() -> None:
    clock, heard = Clock(), Heard()
    monitor = Monitor(by=("user_id",), clock=clock)
    monitor.when(heard, by="user_id", window="day", cost_usd__gt=5)
    for user, cost in (("u1", "5"), ("u2", "1"), ("u1", "0.01"), ("u1", "9"), ("u2", "4.5")):
        monitor(made(cost=cost, metadata={"user_id": user}))
    assert heard.values(monitor) == ["u1", "u2"]
    first = heard.alerts[0]
    assert first.figures.cost_usd == Decimal("5.01")
    assert (first.by, first.window, first.conditions) == ("user_id", "day", ("cost_usd > 5",))
    assert str(first) == "user_id u1, window day: cost_usd > 5"
    assert threading.get_ident() not in heard.threads
    clock.now += 90_000.0
    monitor(made(cost="6", metadata={"user_id": "u1"}))  # one record falls back and crosses again
    assert heard.values(monitor) == ["u1", "u2", "u1"]
    assert heard.alerts[-1].figures.cost_usd == Decimal(6)


def test_a_rate_is_looked_at_from_so_many_calls_on_and_armed_again_when_it_falls_back() -> None:
    heard = Heard()
    monitor = Monitor()
    monitor.when(heard, min_calls=4, error_rate__ge=0.5)
    for failed in (True, True, True, True, False, False, False, False, False, True, True, True):
        monitor(made(event="error" if failed else "assistant_response", cost=None))
    # 4 of 4; at 4 of 9 it falls back; at 5 of 10 it is beyond again
    assert heard.values(monitor) == [None, None]
    assert [alert.figures.calls for alert in heard.alerts] == [4, 10]


def test_a_float_threshold_is_the_number_that_was_written() -> None:
    heard = Heard()
    monitor = Monitor()
    monitor.when(heard, cost_usd__gt=0.3)
    monitor(made(cost="0.3"))
    assert heard.values(monitor) == []
    monitor(made(cost="0.000000000000000001"))
    assert heard.values(monitor) == [None]


def test_all_conditions_must_hold_and_a_figure_that_nobody_reported_fulfils_none() -> None:
    heard = Heard()
    monitor = Monitor()
    monitor.when(heard, by="model", p95_latency_s__gt=2, calls__ge=2)
    monitor.when(heard, by="model", p95_queue_s__lt=1)
    for latency in (5.0, 5.0):
        monitor(made(latency=latency))
    assert heard.values(monitor) == ["gpt-5.2"]
    assert heard.alerts[0].conditions == ("p95_latency_s > 2", "calls >= 2")


def test_a_record_that_comes_again_can_cross_and_a_stopped_rule_is_silent() -> None:
    heard = Heard()
    monitor = Monitor()
    rule = monitor.when(heard, cost_usd__ge=1)
    record = made(cost=None)
    monitor(record)
    assert heard.values(monitor) == []
    monitor(replace(record, cost=made(cost="1").cost))
    assert heard.values(monitor) == [None]
    rule.stop()
    rule.stop()
    monitor.when(heard, cost_usd__ge=1).stop()
    monitor(made(cost="100"))
    assert heard.values(monitor) == [None]


def test_a_group_is_told_of_for_what_a_record_of_another_group_changes() -> None:
    """The later attempt is another model's; so is the record that comes again."""
    heard = Heard()
    monitor = Monitor()
    monitor.when(heard, by="model", superseded_calls__ge=1)
    monitor.when(heard, by="model", window="hour", cost_usd__lt=1, min_calls=1)
    for run, cost in (("first", "0.9"), ("second", "0.9")):
        monitor(made(run_id=run, model="asked", cost=cost))
    assert heard.values(monitor) == ["asked"]
    monitor(made(model="later", cost="5", previous_run_id="first"))
    monitor(made(run_id="second", model="served", cost="5"))
    assert heard.values(monitor) == ["asked"] * 3
    told = [alert.conditions for alert in heard.alerts]
    assert told == [("cost_usd < 1",), ("superseded_calls >= 1",), ("cost_usd < 1",)]


def test_a_function_that_raises_or_ends_its_thread_costs_the_others_nothing() -> None:
    heard, faults = Heard(), STATE[FAULTS]
    monitor = Monitor()
    for fault in (ZeroDivisionError, SystemExit):

        def fail(_: Alert, fault: type[BaseException] = fault) -> None:
            raise fault

        monitor.when(fail, calls__ge=1)
        faults.pop(f"the function of an alert: {fault.__name__}", None)
    monitor.when(heard, calls__ge=1)
    monitor(made())
    assert heard.values(monitor) == [None]
    assert faults["the function of an alert: ZeroDivisionError"] == 1
    assert faults["the function of an alert: SystemExit"] == 1


def test_a_slow_function_holds_up_no_record_and_what_waits_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("langchain_respmeta.monitor.caller.MAX_WAITING", 3)
    assert MAX_WAITING >= 1_000
    go, heard = threading.Event(), Heard()
    begun = threading.Event()

    def wait(alert: Alert) -> None:
        begun.set()
        assert go.wait(CEILING_S)
        heard(alert)

    monitor = Monitor(by=("thread_id",))
    monitor.when(wait, by="thread_id", calls__ge=1)
    monitor(made(thread_id="t0"))
    assert begun.wait(CEILING_S)
    for number in range(1, 10):
        monitor(made(thread_id=f"t{number}"))
    assert monitor.totals().calls == 10
    assert monitor.flush(0.01) is False
    go.set()
    assert heard.values(monitor) == ["t0", "t7", "t8", "t9"]


def test_a_function_may_ask_the_monitor_and_wait_for_itself_without_hanging() -> None:
    found: list[Any] = []
    monitor = Monitor()
    monitor.when(lambda _: found.append((monitor.totals().calls, monitor.flush(CEILING_S))), calls__ge=1)
    monitor(made())
    assert monitor.flush(CEILING_S)
    assert found == [(1, False)]
    assert STATE[CALLER].flush(0.0)


def test_where_no_thread_can_be_had_flush_calls_the_functions_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread at interpreter shutdown")

    STATE[CALLER] = Caller()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    heard = Heard()
    monitor = Monitor()
    monitor.when(heard, calls__ge=1)
    monitor(made())
    assert heard.values(monitor) == [None]
