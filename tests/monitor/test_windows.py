"""Windows: at each time each window has the calls of its length, exactly, whatever came late, again, or beyond a bound."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langchain_respmeta import Monitor, SettingsError
from langchain_respmeta.monitor.groups import NONE, OTHER
from langchain_respmeta.monitor.windows import WINDOWS
from tests.monitor.made import NOON, Clock, made

HOUR, DAY = 3_600.0, 86_400.0
WAITS = st.sampled_from([0.0, 1.0, 4.0, 61.0, 299.0, 1_800.0, 3_601.0, 40_000.0, 90_000.0])
AGES = st.sampled_from([0.0, 2.0, 59.0, 70.0, 3_599.0, 4_000.0, 80_000.0, 100_000.0, -5_000.0])
COSTS = st.sampled_from(["0.1", "0.000000000001", "123456789.1", None])


@given(st.lists(st.tuples(WAITS | st.just(-200.0), AGES, COSTS), max_size=25))
def test_each_window_holds_what_a_list_of_all_calls_holds(
    steps: list[tuple[float, float, str | None]],
) -> None:
    """Also for records that come late, from a clock that is ahead, and where our own is set back."""
    clock, latest = Clock(), 0.0
    monitor, seen = Monitor(clock=clock), []
    for wait, age, cost in steps:
        clock.now += wait
        latest = max(latest, clock.now)
        monitor(made(clock.now - age, cost=cost))
        seen.append((min(clock.now, clock.now - age), cost))
        for window in WINDOWS:
            start = (
                -float("inf")
                if window.name == "all"
                else (latest - window.seconds) // window.step * window.step
            )
            inside = [cost for at, cost in seen if at >= start]
            priced = [Decimal(cost) for cost in inside if cost is not None]
            figures = monitor.totals(window.name)
            assert figures.calls == len(inside)
            assert figures.cost_usd == (sum(priced) if priced else None)
            assert figures.unpriced_calls == len(inside) - len(priced)


def test_a_window_is_never_shorter_than_its_name_and_at_most_a_step_longer() -> None:
    for window in WINDOWS[:-1]:
        for place in (0.0, window.step / 2, window.step * 0.99):
            clock = Clock(NOON + place)
            monitor = Monitor(clock=clock)
            monitor(made())
            clock.now += window.seconds
            assert monitor.totals(window.name).calls == 1
            clock.now += window.step
            assert monitor.totals(window.name).calls == 0
            assert monitor.totals().calls == 1


@given(st.lists(st.tuples(st.integers(0, 7), WAITS, st.booleans()), max_size=40))
def test_beyond_the_bound_groups_still_add_up_to_all_calls_in_each_window(
    steps: list[tuple[int, float, bool]],
) -> None:
    """Values get places of values that were not seen for a day; records of both come again."""
    clock = Clock()
    monitor = Monitor(by=("thread_id",), max_values=2, clock=clock)
    before = [made()]
    for thread, wait, again in steps:
        clock.now += wait
        record = (
            replace(before[thread % len(before)], cost=None)
            if again
            else made(clock.now, thread_id=f"t{thread}")
        )
        before.append(record)
        monitor(record)
        for window in WINDOWS:
            groups = monitor.figures("thread_id", window.name)
            assert len({one.value for one in groups} - {NONE, OTHER}) <= 2
            whole = monitor.totals(window.name)
            assert sum(one.calls for one in groups) == whole.calls
            assert sum(one.cost_usd or 0 for one in groups) == (whole.cost_usd or 0)
            assert all(one.calls > 0 for one in groups)


def test_a_value_not_seen_for_a_day_gives_its_place_to_a_new_one() -> None:
    clock = Clock()
    monitor = Monitor(by=("thread_id",), max_values=2, clock=clock)
    for thread in ("a", "b", "c"):
        monitor(made(thread_id=thread))
    assert Counter({one.value: one.calls for one in monitor.figures("thread_id")}) == {
        "a": 1,
        "b": 1,
        OTHER: 1,
    }
    assert monitor.totals(by="thread_id", value=OTHER).calls == 1
    clock.now += 2 * DAY
    for thread in ("b", "d"):
        monitor(made(thread_id=thread))
    assert {one.value: one.calls for one in monitor.figures("thread_id")} == {"b": 2, "d": 1, OTHER: 2}
    assert [monitor.totals(by="thread_id", value=thread).calls for thread in ("a", OTHER)] == [0, 2]
    assert {one.value: one.calls for one in monitor.figures("thread_id", "day")} == {"b": 1, "d": 1}


def test_a_full_key_still_tells_calls_without_a_value_from_those_beyond_the_bound() -> None:
    """And a call with several tags beyond it counts once there."""
    monitor = Monitor(by=("tags",), max_values=1)
    for tags in (("a",), (), ("b", "c", "a"), ("b", "c")):
        monitor(made(tags=tags))
    assert {one.value: one.calls for one in monitor.figures("tags")} == {"a": 2, NONE: 1, OTHER: 2}


def test_a_record_that_comes_again_replaces_what_it_added() -> None:
    clock = Clock()
    monitor = Monitor(clock=clock)
    first = made(clock.now, cost=None, timing=None)
    monitor(first)
    clock.now += 2 * HOUR  # the cell it was counted in is merged into a coarser one by now
    monitor(
        replace(
            first, model="gpt-5.2-pro", finish_reason="length", truncated=True, cost=made(cost="0.5").cost
        )
    )
    (only,) = monitor.figures("model")
    assert (only.value, only.calls, only.cost_usd, only.unpriced_calls) == (
        "gpt-5.2-pro",
        1,
        Decimal("0.5"),
        0,
    )
    assert (only.truncations, only.input_tokens, only.p50_latency_s) == (1, 10, None)
    assert monitor.totals("hour").calls == 0
    assert [one.value for one in monitor.figures("finish_reason")] == ["length"]


@pytest.mark.parametrize("order", [1, -1])
def test_a_call_whose_place_a_later_attempt_took_is_superseded_once(order: int) -> None:
    """Told by the later attempt's record, by its own, or by both; in any order."""
    first = made(run_id="first", cost="0.25")
    later = made(run_id="later", cost="0.5", previous_run_id="first", attempt=2)
    monitor = Monitor()
    for record in (first, later)[::order]:
        monitor(record)
        monitor(record)
    for told in (first, replace(first, superseded=True)):
        monitor(told)
        figures = monitor.totals()
        assert (figures.calls, figures.superseded_calls, figures.superseded_cost_usd) == (
            2,
            1,
            Decimal("0.25"),
        )
        assert figures.cost_usd == Decimal("0.75")


def test_only_what_is_a_call_counts() -> None:
    """The first of several generations has the usage; a tool's end is none."""
    monitor = Monitor()
    monitor(made(candidates=2, candidate_index=0))
    monitor(made(candidates=2, candidate_index=1, usage=None, cost=None, refused=True))
    monitor(made(event="tool_call_completed"))
    assert (monitor.totals().calls, monitor.totals().refusals) == (1, 0)


def test_what_nobody_reported_is_none_and_what_was_reported_as_zero_is_zero() -> None:
    monitor = Monitor()
    nothing = monitor.totals()
    assert (nothing.calls, nothing.errors) == (0, 0)
    assert (nothing.cost_usd, nothing.input_tokens, nothing.error_rate, nothing.p95_queue_s) == (
        None,
        None,
        None,
        None,
    )
    monitor(made(cost="0", langchain_cache_hit=True, usage=None))
    found = monitor.totals()
    assert (found.cost_usd, found.unpriced_calls, found.input_tokens, found.cache_share) == (
        Decimal(0),
        0,
        None,
        None,
    )


def test_a_call_that_names_no_model_is_in_the_group_of_the_one_it_asked_for() -> None:
    monitor = Monitor()
    monitor(made(requested_model="gpt-5"))
    monitor(made(event="error", model=None, requested_model="gpt-5.2"))
    assert [(one.value, one.calls, one.errors) for one in monitor.figures()] == [("gpt-5.2", 2, 1)]


def test_tags_and_own_metadata_are_groups() -> None:
    monitor = Monitor(by=("user_id", "tags", "paying"))
    monitor(made(tags=("a", "b"), metadata={"user_id": "u1", "paying": True}))
    monitor(made(tags=(), metadata={"user_id": 7}))
    groups: dict[str, Any] = {
        by: {one.value for one in monitor.figures(by)} for by in ("user_id", "tags", "paying")
    }
    assert groups == {"user_id": {"u1", "7"}, "tags": {"a", "b", NONE}, "paying": {"true", NONE}}
    assert monitor.totals(by="user_id", value="u1").calls == 1
    assert monitor.totals(by="user_id", value="nobody").calls == 0


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda one: one.figures("models"), "did you mean 'model'"),
        (lambda one: one.figures("user_id"), r"Monitor\(by=\('user_id',\)\)"),
        (lambda one: one.totals("hours"), "did you mean 'hour'"),
        (lambda one: one.totals(value="ann"), "by must name what 'ann' is a value of"),
        (lambda one: one.when(print, cost__gt=5), "did you mean 'cost_usd'"),
        (lambda one: one.when(print, cost_usd=5), "cost_usd__gt"),
        (lambda one: one.when(print), "such as cost_usd__gt=5"),
        (lambda one: one.when(print, cost_usd__gt="5"), "must be a number"),
        (lambda one: one.when(print, cost_usd__gt=float("nan")), "must be a number"),
        (lambda one: one.when("print", cost_usd__gt=5), "do must be a function"),
        (lambda one: one.when(print, by="user", cost_usd__gt=5), "by: 'user' is unknown"),
        (lambda one: one.when(print, min_calls=0, cost_usd__gt=5), "min_calls must be 1 or more"),
        (lambda _: Monitor(by=("",)), "by must be names"),
        (lambda _: Monitor(max_values=0), "max_values must be 1 or more"),
    ],
)
def test_a_wrong_name_is_told_with_what_can_be_done(ask: Any, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        ask(Monitor())
