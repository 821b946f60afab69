"""What compiled functions put on a run is what the general code would put there: keys, order, values and types."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from langchain_respmeta._reading.read import draft_of
from langchain_respmeta.langsmith import keys_of_run
from langchain_respmeta.langsmith.compiled_keys import compiled
from langchain_respmeta.langsmith.draft_shape import Shape
from tests.fuzz.corpus import seeds
from tests.fuzz.same import Stamping, check_compiled, is_same

RUN_ID = "01a21e2c-a6c6-7347-b6b7-5c907fc77a50"
OF_RUN = {
    "run_id": RUN_ID,
    "received_at": datetime(2026, 1, 31, 10, 30, 0, 250, tzinfo=UTC),
    "timing.latency_s": 0.125,
}
PRICED = {
    "cost.total": Decimal("0.000610050"),
    "cost.input": Decimal("0.000164050"),
    "cost.output": Decimal("0.000446000"),
    "cost.currency": "USD",
    "cost.source": "computed",
    "cost.price_version": "genai-prices 0.2.3",
    "cost.cache_read": Decimal("0.000012800"),
    "cost.reasoning": Decimal("0.000128000"),
    "cost.cache_discount": Decimal("0.000115200"),
}
EVERY = [Stamping(prefix, content, hidden) for prefix, content, hidden in (
    ("respmeta", False, False), ("respmeta", True, False), ("respmeta", False, True), ("a 'quoted' one", True, True),
)]  # fmt: skip


@cache
def drafts() -> list[dict[str, Any]]:
    read = [draft_of(seed.answer, {"serialized": {"id": ["x", seed.integration]}}) for seed in seeds()]
    traced = [{"trace_id": RUN_ID, **draft, **OF_RUN} for draft in read]
    return [
        {**draft, **PRICED} if "usage.total_tokens" in draft and number % 2 else draft
        for number, draft in enumerate(traced)
    ]


@pytest.mark.parametrize("stamping", EVERY, ids=str)
def test_compiled_keys_are_the_general_ones(stamping: Stamping) -> None:
    for draft in drafts():
        check_compiled(draft, stamping)
        check_compiled(draft, stamping, own_ids=True)


def test_almost_all_drafts_need_no_general_code() -> None:
    straight = sum(check_compiled(draft, EVERY[0]) for draft in drafts())
    assert straight > 0.95 * len(drafts())


ODD_TEXTS = (
    "sk-" + "a1B2" * 8,
    "see https://user:pass@example.org/?sig=abcdef and api_key=abcdefgh",
    '{"access_token": "abcdefgh"}',
    "bearer:abcdefgh",
    "half an emoji \ud83d",
    "line\nand \x00 and \u2028 and ü",
    "w" * 300,
    "w" * 20_000,
    "",
    "a.b@example.org",
)
ODD_NUMBERS = (math.nan, math.inf, -math.inf, -0.0, 2**63, 2**64, -1, 1e300, True, None)
ODD_VALUES: dict[type, tuple[Any, ...]] = {
    str: ODD_TEXTS,
    int: ODD_NUMBERS,
    float: ODD_NUMBERS,
    bool: (1, None),
    Decimal: tuple(map(Decimal, ("NaN", "Infinity", "-0", "1E+400", "0." + "1" * 300, "0"))),
    datetime: (
        datetime(2026, 1, 31, 10, 30),  # noqa: DTZ001 - as a broken reader might leave it
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30, seconds=7))),
    ),
}


def changed(value: Any) -> Iterator[Any]:
    """Copies of `value`, each with one place changed."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from ({**value, key: other} for other in changed(item))
        for name in ("password", "a key", "nested_token", 7, *ODD_TEXTS[:5]):
            yield {**value, name: "found"}
    elif isinstance(value, list):
        for index, item in enumerate(value[:2]):
            yield from ([*value[:index], other, *value[index + 1 :]] for other in changed(item))
        yield [*value, {1, 2}]
    else:
        yield from ODD_VALUES.get(type(value), ("text",))


@cache
def different() -> list[dict[str, Any]]:
    """One draft of each shape, the richest first."""
    found = {(*draft, *map(type, draft.values())): draft for draft in drafts()}
    return sorted(found.values(), key=len, reverse=True)


@pytest.mark.parametrize("number", range(6))
def test_odd_values_at_every_place_are_shown_as_the_general_code_shows_them(number: int) -> None:
    seen = set()
    for draft in different()[number::6]:
        for path, value in draft.items():
            if (path, type(value)) in seen and not isinstance(value, dict):
                continue
            seen.add((path, type(value)))
            for place, other in enumerate(changed(value)):
                if place < 40 or place % 7 == number:
                    check_compiled({**draft, path: other}, EVERY[(place + number) % len(EVERY)])


USAGES = (
    None,
    {},
    {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "input_token_details": {"cache_read": 7}},
    {
        "input_tokens": 1,
        "input_token_details": {"audio": 0, "flex_cache_read": 3},
        "output_token_details": None,
    },
    {"total_tokens": 10**9, "input_token_details": {"cache_read": 7, "cache_read_over_200k": 5}},
    {"input_token_details": {"somebody's words": 1}, "output_token_details": {"reasoning": 1, "image": 4}},
    {"input_token_details": 7},
)


@pytest.mark.parametrize("traced", USAGES, ids=str)
def test_what_the_tracer_counted_is_merged_as_the_general_code_merges_it(traced: Any) -> None:
    sides = (
        {"cost.tools": Decimal("0.01"), "cost.total": Decimal("0.01061005")},
        {"cost.input": Decimal("0.00001")},
        {"cost.output": Decimal("-0"), "cost.total": Decimal("0.000164050")},
        {
            "cost.cache_write": Decimal("0.1"),
            "usage.cache_write_5m_tokens": 5,
            "usage.cache_write_1h_tokens": 0,
        },
        {"usage.input_image_tokens": 5, "usage.output_image_tokens": 0},
    )
    for draft in different():
        for side in ({}, *sides):
            check_compiled({**draft, **side}, EVERY[0], traced)


def test_a_shape_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    draft, stamping = different()[0], EVERY[0]
    general: list[Any] = []
    monkeypatch.setattr(keys_of_run, "by_general_code", _counting(keys_of_run.by_general_code, general))
    for table in ("_FUNCTIONS", "_LAST", "_SIGHTS"):
        monkeypatch.setattr(keys_of_run, table, keys_of_run.Bounded(2))
    found = [
        keys_of_run.emitted(draft, stamping, None, hidden=False) for _ in range(3 * keys_of_run.COMPILE_AT)
    ]
    assert len(general) == keys_of_run.COMPILE_AT - 1
    assert len(keys_of_run._FUNCTIONS) == 1
    assert all(is_same(one[:2], found[0][:2]) for one in found)


def test_shapes_of_the_same_paths_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_of_run, "COMPILE_AT", 1)
    stamping = EVERY[0]
    draft = {
        "provider": "openai",
        "integration": "ChatOpenAI",
        "timing.latency_s": 1.5,
        "cost.total": Decimal(1),
    }
    for value in (1.5, 2, None, "text", Decimal("0.1"), 1.5, [1], 2):
        one = {**draft, "timing.latency_s": value}
        found = keys_of_run.emitted(one, stamping, None, hidden=False)
        assert is_same(found, keys_of_run.by_general_code(one, stamping, None, hidden=False))


def _counting(function: Callable[..., Any], calls: list[Any]) -> Callable[..., Any]:
    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return function(*args, **kwargs)

    return counted


def test_no_two_runs_share_a_part_that_a_user_may_change() -> None:
    draft = {**different()[0], "provider_data": {"a": {"b": [1]}}}
    emit = compiled(
        Shape([*draft], [*map(type, draft.values())], "respmeta", include_content=True, hidden=False)
    )
    assert emit is not None
    one, other = emit(draft, None)[0]["respmeta"], emit(draft, None)[0]["respmeta"]
    assert one == other
    assert not {id(part) for part in _holders(one)} & {
        id(part) for part in (*_holders(other), *_holders(draft))
    }


def _holders(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _holders(item)
