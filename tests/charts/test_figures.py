"""Sums, quantiles and spreads equal what Python computes of the same records, to the last digit."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Context, Decimal
from statistics import quantiles

import pytest

from langchain_respmeta import ResponseMetadata, SettingsError
from langchain_respmeta.charts.calls import expensive_calls, headroom, refusals
from langchain_respmeta.charts.figures import groups, over_time, totals
from langchain_respmeta.charts.source import Source, source_of
from langchain_respmeta.charts.speeds import BINS_OF_DECADE, speeds, spread
from langchain_respmeta.charts.times import stretch
from langchain_respmeta.record.billable import may_be_billed

WIDE = Context(prec=100)


def _dollars(records: Iterable[ResponseMetadata]) -> Decimal:
    whole = Decimal(0)
    for one in records:
        if one.cost is not None and one.cost.total is not None:
            whole = WIDE.add(whole, one.cost.total)
    return whole


def _tokens(records: Iterable[ResponseMetadata], name: str) -> int:
    return sum(getattr(one.usage, name) or 0 for one in records if one.usage is not None)


def test_totals_are_exact(records: list[ResponseMetadata], source: Source):
    found = totals(source)
    assert found.cost_usd == _dollars(records)
    assert found.superseded_cost_usd == _dollars(one for one in records if one.superseded)
    saved = [one.cost.cache_discount for one in records if one.cost and one.cost.cache_discount is not None]
    assert found.cache_discount_usd == sum(saved)
    for name in ("input_tokens", "output_tokens", "total_tokens", "cache_read_tokens"):
        assert getattr(found, name) == _tokens(records, name)
    assert (found.cache_write_tokens, found.reasoning_tokens) == (None, None)
    assert found.calls == found.answers == len(records)
    assert found.errors == sum(one.error is not None for one in records)
    assert found.refusals == sum(bool(one.refused) for one in records)
    assert found.truncations == sum(bool(one.truncated) for one in records)
    assert found.superseded == sum(bool(one.superseded) for one in records)
    assert found.retries == sum((one.attempt or 1) > 1 for one in records)
    unpriced = [one for one in records if one.cost is None or one.cost.total is None]
    assert found.priced == len(records) - len(unpriced)
    assert found.unpriced == sum(map(may_be_billed, unpriced))
    assert found.error_rate == found.errors / len(records)
    assert found.cache_share == _tokens(records, "cache_read_tokens") / _tokens(records, "input_tokens")


def test_a_call_that_failed_before_its_first_token_is_not_unpriced(records: list[ResponseMetadata]):
    failed = next(one for one in records if one.error is not None)
    begun = replace(failed, run_id="begun", cost=None)
    nothing = replace(failed, run_id="nothing", cost=None, usage=None, timing=None)
    cached = replace(records[0], run_id="cached", cost=None, langchain_cache_hit=True)
    found = totals(source_of([begun, nothing, cached]))
    assert (found.calls, found.priced, found.unpriced) == (3, 0, 1)
    assert found.cost_per_call_usd is None


def test_a_failed_call_counts_under_the_model_that_it_asked_for(records: list[ResponseMetadata]):
    failed = replace(records[0], run_id="failed", model=None, requested_model="asked-for")
    assert [one.keys for one in groups([failed], ["model"])] == [("asked-for",)]


KEYS: dict[str, Callable[[ResponseMetadata], object]] = {
    "model": lambda one: one.model or one.requested_model,
    "service_tier": lambda one: one.service_tier,
    "finish_reason": lambda one: one.finish_reason,
    "agent_name": lambda one: one.agent_name,
    "thread_id": lambda one: one.thread_id,
    "refused": lambda one: str(bool(one.refused)).lower(),
    "user_id": lambda one: one.metadata.get("user_id"),
}


@pytest.mark.parametrize("key", KEYS)
def test_groups_are_those_of_the_records(key: str, records: list[ResponseMetadata], source: Source):
    expected: defaultdict[object, list[ResponseMetadata]] = defaultdict(list)
    for one in records:
        expected[KEYS[key](one)].append(one)
    found = groups(source, [key], top=None)
    assert {one.keys[0]: (one.sums.calls, one.sums.cost_usd or Decimal(0)) for one in found} == {
        value: (len(members), _dollars(members)) for value, members in expected.items()
    }
    costs = [one.sums.cost_usd or Decimal(-1) for one in found]
    assert costs == sorted(costs, reverse=True)


def test_what_is_beyond_the_first_is_one_group_with_the_rest(source: Source):
    everyone, first = groups(source, ["user_id"], top=None), groups(source, ["user_id"], top=3)
    assert [one.is_other for one in first] == [False, False, False, True]
    assert first[:3] == everyone[:3]
    rest = everyone[3].sums
    for one in everyone[4:]:
        rest += one.sums
    assert first[3].sums == rest


@pytest.mark.parametrize("by", [(), ("model",), ("provider", "service_tier"), ("tags",), ("thread_id",)])
@pytest.mark.parametrize("rank", ["cost_usd", "answers", "cache_discount_usd"])
def test_many_groups_are_put_in_order_as_few_are(
    by: tuple[str, ...], rank: str, source: Source, monkeypatch: pytest.MonkeyPatch
):
    def told():
        return [
            (groups(source, by, top=top, rank=rank), over_time(source, by, top=top, rank=rank))
            for top in (2, 8, None)
        ]

    few = told()
    monkeypatch.setattr("langchain_respmeta.charts.figures._FEW", 0)
    assert told() == few


def test_a_call_counts_in_each_of_its_tags(records: list[ResponseMetadata], source: Source):
    expected = Counter(tag for one in records for tag in one.tags or [None])
    assert {one.keys[0]: one.sums.calls for one in groups(source, ["tags"])} == expected


def test_stretches_of_time_add_up_to_the_whole(records: list[ResponseMetadata], source: Source):
    for every in ("hour", "day", "week", "month"):
        found = over_time(source, ["model"], every=every, top=2)
        assert sum(one.sums.cost_usd or 0 for one in found) == _dollars(records)
    days = Counter(one.received_at.date() for one in records if one.received_at is not None)
    assert {one.time.date(): one.sums.calls for one in over_time(source, every="day") if one.time} == days


def test_auto_takes_a_readable_number_of_stretches(source: Source, records: list[ResponseMetadata]):
    assert stretch(source, "auto") == "day"
    assert stretch(source_of(records[:20]), "auto") == "hour"
    assert stretch(source_of(records[:1]), "auto") == "minute"


def test_quantiles_are_exact(records: list[ResponseMetadata], source: Source):
    values: defaultdict[tuple[str | None, str | None], list[float]] = defaultdict(list)
    for one in records:
        if one.timing is not None and one.timing.latency_s is not None:
            values[one.model, one.service_tier].append(one.timing.latency_s)
    for one in speeds(source):
        mine = values.pop((one.keys[0], one.keys[1]))
        cuts = quantiles(mine, n=100, method="inclusive")
        assert (one.calls, one.least, one.most) == (len(mine), min(mine), max(mine))
        assert (one.p50, one.p75, one.p90, one.p95, one.p99) == pytest.approx(
            [cuts[at - 1] for at in (50, 75, 90, 95, 99)]
        )
    assert not values


def test_what_langchains_cache_answered_is_no_latency_of_the_model(records: list[ResponseMetadata]):
    from dataclasses import replace

    asked = [*records[:9], replace(records[9], langchain_cache_hit=True, model=records[0].model)]
    assert sum(one.calls for one in speeds(source_of(asked))) == 9
    assert totals(source_of(asked)).langchain_cache_hits == 1


def test_each_duration_is_within_its_bin(records: list[ResponseMetadata], source: Source):
    found = spread(source, [], of="time_to_first_token_s")
    firsts = [one.timing.time_to_first_token_s for one in records if one.timing is not None]
    for one in found:
        assert one.high / one.low == pytest.approx(10 ** (1 / BINS_OF_DECADE), rel=1e-3)
        near = sum(one.low * 0.999 <= first < one.high * 1.001 for first in firsts if first)
        assert 0 < one.calls <= near
    assert sum(one.calls for one in found) == len(firsts)


def test_the_most_expensive_calls_are_in_their_order(records: list[ResponseMetadata], source: Source):
    priced = sorted((one.cost.total for one in records if one.cost and one.cost.total), reverse=True)
    assert [one.cost_usd for one in expensive_calls(source, 7)] == priced[:7]


def test_refusals_are_told_by_source(records: list[ResponseMetadata], source: Source):
    expected = Counter((one.model, one.refusal.source) for one in records if one.refusal is not None)
    assert Counter({(one.model, one.source): one.answers for one in refusals(source)}) == expected


def test_headroom_is_the_least_that_was_left(records: list[ResponseMetadata], source: Source):
    least: dict[tuple[object, str, str], float] = {}
    for one in records:
        if one.rate_limits is not None and one.received_at is not None:
            for limited in ("requests", "tokens"):
                left = getattr(one.rate_limits, f"{limited}_remaining") / getattr(
                    one.rate_limits, f"{limited}_limit"
                )
                key = (one.received_at.date(), str(one.model), limited)
                least[key] = min(least.get(key, 1), left)
    found = headroom(source, every="day")
    assert {(one.time.date(), one.model, one.limited): one.least_share for one in found} == pytest.approx(
        least
    )
    assert all(one.remaining / one.limit == pytest.approx(one.least_share) for one in found)


def test_an_unknown_key_is_refused_with_those_that_are_near(source: Source):
    with pytest.raises(SettingsError, match="Did you mean user_id") as caught:
        groups(source, ["userid"])
    assert "\n" not in str(caught.value)


def test_a_key_that_no_record_carries_tells_how_they_would(records: list[ResponseMetadata]):
    from dataclasses import replace

    with pytest.raises(SettingsError, match=r"RespMetaHandler\(by=\['user_id'\]\)"):
        groups(source_of([replace(one, metadata={}) for one in records[:3]]), ["user_id"])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda source: groups(source, rank="costs"),
        lambda source: over_time(source, every="year"),
        lambda source: speeds(source, of="latency"),
    ],
)
def test_other_unknown_names_are_refused(wrong: Callable[[Source], object], source: Source):
    with pytest.raises(SettingsError, match="none of"):
        wrong(source)


def test_a_cost_keeps_all_its_digits():
    parts = ["0.1", "0.2", "1E-7", "0.00014174999999999998", "123456.789012345"]
    found = source_of([{"schema_version": "1.1", "provider": "x", "cost": {"total": part}} for part in parts])
    assert str(totals(found).cost_usd) == str(sum(map(Decimal, parts)))
