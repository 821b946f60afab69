"""The rules' feedback on a run, and what is sent with it."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5

import pytest
from genai_prices.data import providers as priced
from hypothesis import given
from hypothesis import strategies as st

from langchain_respmeta.errors import SettingsError
from langchain_respmeta.langsmith.feedback.builtin import FINISH_REASON_NUMBERS
from langchain_respmeta.langsmith.feedback.rules import (
    _NAMESPACE,
    COMMENT_LENGTH,
    FeedbackRule,
    Target,
    _uuid5,
    items_for,
    may_apply,
    rules_for,
)
from langchain_respmeta.providers.vendors import PRICE_LISTS
from langchain_respmeta.record.vocabulary import FINISH_REASONS

RUN = UUID("01890000-0000-7000-8000-000000000001")
TARGET = Target(
    run_id=RUN,
    trace_id=RUN,
    project="shop",
    api_url="https://ls.example",
    start_time=datetime(2026, 11, 21, 10, tzinfo=UTC),
)
PLAIN = {
    "provider": "openai",
    "model": "gpt-5",
    "finish_reason": "stop",
    "refused": False,
    "truncated": False,
}


def no_record() -> Any:
    raise AssertionError("the built-in tables must not ask for the typed record")


def said(feedback: Any, view: dict[str, Any], **options: Any) -> dict[str, Any]:
    found = items_for(rules_for(feedback), view, TARGET, record=no_record, **options)
    return {item.key.removeprefix("respmeta_"): item for item in found}


EXCEPTIONS = [
    ("refused", {"refused": True, "finish_reason": "refusal", "refusal.source": "message"}, "message"),
    ("content_filtered", {"finish_reason": "content_filter"}, None),
    (
        "content_filtered",
        {"safety": [{"category": "hate", "blocked": True}, {"category": "violence"}]},
        "hate",
    ),
    (
        "truncated",
        {"truncated": True, "finish_reason": "length", "native_finish_reason": "max_tokens"},
        "max_tokens",
    ),
    ("paused", {"finish_reason": "pause", "native_finish_reason": "pause_turn"}, "pause_turn"),
    ("invalid_tool_call", {"tool_calls": [{"name": "a", "valid": True}, {"name": "b", "valid": False}]}, "b"),
    (
        "error",
        {"finish_reason": "error", "error.type": "RateLimitError", "error.status_code": 429},
        "RateLimitError 429",
    ),
    ("price_missing", {"cost.unpriced_reason": "unknown_model"}, "openai gpt-5 unknown_model"),
    (
        "price_missing",
        {"provider": "moonshot", "cost.unpriced_reason": "unknown_model"},
        "moonshot gpt-5 unknown_model",
    ),
]


@pytest.mark.parametrize(("key", "view", "comment"), EXCEPTIONS)
def test_each_exceptional_fact_gives_exactly_its_feedback(
    key: str, view: dict[str, Any], comment: str | None
) -> None:
    found = said("exceptions", PLAIN | view)
    assert list(found) == [key]
    assert (found[key].score, found[key].comment, found[key].routine) == (1, comment, False)
    assert found[key].config == {
        "type": "categorical",
        "categories": [{"value": 0, "label": "no"}, {"value": 1, "label": "yes"}],
    }


def test_an_ordinary_answer_gives_no_feedback_by_default() -> None:
    assert said("exceptions", PLAIN | {"cost.total": Decimal("0.01"), "tool_calls": [{"valid": True}]}) == {}


def test_all_gives_each_flag_and_number_on_an_ordinary_run() -> None:
    view = PLAIN | {
        "cost.total": Decimal("0.0000125"),
        "usage.input_tokens": 300,
        "usage.cache_read_tokens": 100,
        "timing.time_to_first_token_s": 0.123456,
        "timing.tokens_per_second": 88.5,
    }
    found = said("all", view)
    scores = {key: item.score for key, item in found.items()}
    assert scores == {
        "refused": 0,
        "content_filtered": 0,
        "truncated": 0,
        "paused": 0,
        "invalid_tool_call": 0,
        "error": 0,
        "price_missing": 0,
        "finish_reason": 0,
        "time_to_first_token_s": 0.1235,
        "cache_read_share": 0.3333,
        "tokens_per_second": 88.5,
        "cost_millidollars": 0.0125,
    }
    assert found["finish_reason"].value == "stop"
    assert all(item.routine for item in found.values())
    assert {item.config["type"] for item in found.values()} == {"categorical", "continuous"}


def test_what_was_not_reported_gives_no_feedback_under_all() -> None:
    assert set(said("all", {"provider": "unknown"})) == {"invalid_tool_call", "error"}


def test_an_unpriced_call_of_a_provider_without_known_prices_is_no_exception() -> None:
    assert said("exceptions", PLAIN | {"provider": "ollama", "cost.unpriced_reason": "no price"}) == {}


def test_texts_of_the_answer_leave_only_when_content_may_and_nothing_is_hidden() -> None:
    view = PLAIN | {"refused": True, "refusal.source": "message", "refusal.reason": "I cannot"}
    assert said("exceptions", view)["refused"].comment == "message"
    assert said("exceptions", view, include_content=True)["refused"].comment == "message: I cannot"
    assert said("exceptions", view, include_content=True, hidden=True)["refused"].comment is None


def test_hidden_runs_keep_only_numbers_and_configured_words_of_a_users_rule() -> None:
    words = {"type": "categorical", "categories": [{"value": 1, "label": "big"}]}
    rules = [
        FeedbackRule("free", lambda _: True, score=2, value="the answer was 42", comment="42"),
        FeedbackRule("word", lambda _: True, value="big", config=words),
        FeedbackRule("facts", lambda _: True, value={"text": "x"}),
    ]
    shown = items_for(rules, {}, TARGET, record=SimpleNamespace)
    hidden = items_for(rules, {}, TARGET, record=SimpleNamespace, hidden=True)
    assert [(item.value, item.comment) for item in shown] == [
        ("the answer was 42", "42"),
        ("big", None),
        ({"text": "x"}, None),
    ]
    assert [(item.score, item.value, item.comment) for item in hidden] == [
        (2, None, None),
        (None, "big", None),
        (None, None, None),
    ]


def test_a_users_rule_gets_the_typed_record_made_once() -> None:
    made: list[int] = []

    def record() -> Any:
        made.append(1)
        return SimpleNamespace(cost=SimpleNamespace(total=Decimal("0.5")))

    rules = rules_for(
        [
            FeedbackRule("dear", lambda r: r.cost.total > 1, score=1),
            FeedbackRule(
                "cost", lambda r: True, score=lambda r: r.cost.total, comment=lambda r: f"${r.cost.total}"
            ),
            FeedbackRule("ok", lambda r: True, score=True),
        ]
    )
    found = items_for(rules, {}, TARGET, record=record)
    assert [(item.key, item.score, item.comment) for item in found] == [
        ("cost", 0.5, "$0.5"),
        ("ok", 1, None),
    ]
    assert made == [1]


def test_a_rule_that_raises_costs_its_own_feedback_only_and_warns_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rules = [
        FeedbackRule("raises", lambda r: r.nothing, score=1),
        FeedbackRule("nan", lambda r: True, score=math.nan),
        FeedbackRule("works", lambda r: True, score=1),
    ]
    for _ in range(3):
        found = items_for(rules, {}, TARGET, record=SimpleNamespace)
        assert [item.key for item in found] == ["works"]
    assert sorted(record.args[0] for record in caplog.records) == ["nan", "raises"]


def _quotes(error: type[BaseException]) -> Any:
    def raises(record: Any) -> Any:
        raise error("what the user wrote")

    return raises


class _Wordless:
    def __str__(self) -> str:
        raise OSError("what the user wrote")


@pytest.mark.parametrize(
    "error", [ValueError, SystemExit, asyncio.CancelledError], ids=lambda one: one.__name__
)
@pytest.mark.parametrize("part", ["when", "score", "value", "comment"])
def test_a_rules_fault_is_told_by_its_rule_and_type_and_never_by_its_text(
    caplog: pytest.LogCaptureFixture, part: str, error: type[BaseException]
) -> None:
    """A rule that raises, anywhere, costs no other rule's feedback."""
    key = f"broken {part} {error.__name__}"
    rules = [
        FeedbackRule(key, **{"when": lambda _: True, "score": 1, part: _quotes(error)}),
        FeedbackRule("works", lambda _: True, score=1),
    ]
    assert [item.key for item in items_for(rules, {}, TARGET, record=SimpleNamespace)] == ["works"]
    (line,) = caplog.records
    assert key in line.getMessage()
    assert f"raised {error.__name__}:" in line.getMessage()
    assert line.exc_info is None
    assert "the user wrote" not in caplog.text


@pytest.mark.parametrize(
    "broken", [{"comment": _Wordless()}, {"value": {_Wordless(): 1}}], ids=["comment", "key"]
)
def test_what_a_rule_says_without_words_costs_its_own_feedback_only(
    caplog: pytest.LogCaptureFixture, broken: dict[str, Any]
) -> None:
    rules = [
        FeedbackRule(f"wordless {sorted(broken)}", lambda _: True, **broken),
        FeedbackRule("works", lambda _: True, score=1),
    ]
    assert [item.key for item in items_for(rules, {}, TARGET, record=SimpleNamespace)] == ["works"]
    assert "OSError" in caplog.text
    assert "the user wrote" not in caplog.text


def test_a_long_comment_is_cut_whoever_wrote_it() -> None:
    rule = FeedbackRule("long", lambda _: True, score=1, comment="x" * 10 * COMMENT_LENGTH)
    (item,) = items_for([rule], {}, TARGET, record=SimpleNamespace)
    assert item.comment == "x" * COMMENT_LENGTH
    view = {"refused": True, "refusal.source": "message", "refusal.reason": "x" * 10 * COMMENT_LENGTH}
    comment = said("exceptions", view, include_content=True)["refused"].comment
    assert comment is not None
    assert len(comment) == COMMENT_LENGTH


def test_a_key_of_half_an_emoji_gives_feedback_like_any_other() -> None:
    (item,) = items_for(
        [FeedbackRule("k\ud83d", lambda _: True, score=1)], {}, TARGET, record=SimpleNamespace
    )
    assert item.score == 1


@pytest.mark.parametrize(("dollars", "score"), [("0.0000001", 0.0001), ("0.0123", 12.3), ("99", 99_000.0)])
def test_cheap_and_dear_calls_both_have_a_cost_that_langsmith_can_hold(dollars: str, score: float) -> None:
    item = said("all", PLAIN | {"cost.total": Decimal(dollars)})["cost_millidollars"]
    assert (item.score, item.value) == (score, None)


def test_a_score_beyond_what_langsmith_stores_goes_as_value_exactly() -> None:
    item = said("all", PLAIN | {"cost.total": Decimal("123.4567")})["cost_millidollars"]
    assert (item.score, item.value) == (None, "123456.7")


def test_ids_are_the_same_for_the_same_run_project_and_key_only() -> None:
    def ids(**changes: Any) -> set[str]:
        fields = {name: getattr(TARGET, name) for name in TARGET.__slots__} | changes
        view = PLAIN | {"refused": True, "truncated": True}
        return {
            item.id for item in items_for(rules_for("exceptions"), view, Target(**fields), record=no_record)
        }

    assert ids() == ids(run_id=str(RUN))
    assert len(ids()) == 2
    assert not ids() & ids(project="other")
    assert not ids() & ids(run_id=UUID(int=7))
    assert not ids() & ids(project=None, address={"kind": "AGENT", "id": "a", "environment": "LOCAL"})


def test_retention_is_not_extended_unless_asked() -> None:
    view = PLAIN | {"refused": True}
    assert said("exceptions", view)["refused"].extend_trace_retention is False
    assert said("exceptions", view, extend_trace_retention=True)["refused"].extend_trace_retention is True


def test_the_prefix_is_put_before_every_builtin_key() -> None:
    assert {rule.key.split("_", 1)[0] for rule in rules_for("all", prefix="shop")} == {"shop"}


@pytest.mark.parametrize(
    ("feedback", "message"),
    [
        ("some", '"exceptions", "all", False'),
        (True, '"exceptions", "all", False'),
        (None, '"exceptions", "all", False'),
        (["refused"], "list of FeedbackRule"),
        ([FeedbackRule("a", bool), FeedbackRule("a", bool)], "a key of its own"),
    ],
)
def test_a_wrong_feedback_argument_says_what_is_allowed(feedback: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        rules_for(feedback)


@pytest.mark.parametrize("key", ["", " ", "k" * 181, 3])
def test_a_key_that_langsmith_would_refuse_is_refused_at_once(key: Any) -> None:
    with pytest.raises(SettingsError, match="1 to 180 characters"):
        FeedbackRule(key, bool)


def test_a_rule_without_a_callable_when_is_refused() -> None:
    with pytest.raises(SettingsError, match="`when` must be callable"):
        FeedbackRule("a", "refused")  # type: ignore[arg-type]


def test_every_finish_reason_has_a_number_and_none_ever_changes() -> None:
    assert set(FINISH_REASON_NUMBERS) == set(FINISH_REASONS)
    assert list(FINISH_REASON_NUMBERS.values()) == list(range(len(FINISH_REASON_NUMBERS)))
    assert list(FINISH_REASON_NUMBERS)[:3] == ["stop", "tool_calls", "stop_sequence"]


def test_the_priced_providers_are_those_genai_prices_knows() -> None:
    assert set(PRICE_LISTS.values()) <= {provider.id for provider in priced}


@pytest.mark.parametrize(
    "view", [view for _, view, _ in EXCEPTIONS] + [{}, PLAIN, {"finish_reason": "unknown"}]
)
def test_a_run_that_is_not_worth_asking_about_gives_no_feedback(view: dict[str, Any]) -> None:
    """The quick look may send too many runs to the rules, never too few."""
    rules = rules_for("exceptions")
    gives = bool(items_for(rules, PLAIN | view, TARGET, record=no_record))
    assert may_apply(rules, PLAIN | view) or not gives
    assert may_apply(rules, PLAIN | view) == gives or view.get("finish_reason") == "unknown"


def test_rules_that_speak_of_every_run_are_always_asked() -> None:
    assert may_apply(rules_for("all"), PLAIN)
    assert may_apply(rules_for([FeedbackRule("a", lambda _: True)]), PLAIN)
    assert not may_apply(rules_for(feedback=False), PLAIN)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "provider": st.sampled_from(["openai", "ollama", "unknown"]),
            "finish_reason": st.sampled_from([*FINISH_REASONS, None]),
            "refused": st.booleans(),
            "truncated": st.booleans(),
            "error.type": st.just("TimeoutError"),
            "cost.total": st.just(Decimal("0.1")),
            "cost.unpriced_reason": st.just("model unknown"),
            "safety": st.lists(
                st.fixed_dictionaries({"category": st.just("hate"), "blocked": st.booleans()})
            ),
            "tool_calls": st.lists(st.fixed_dictionaries({"valid": st.booleans()})),
        },
    )
)
def test_exceptions_are_exactly_the_ones_of_all(view: dict[str, Any]) -> None:
    exceptional = {item.key for item in items_for(rules_for("exceptions"), view, TARGET, record=no_record)}
    raised = {
        item.key
        for item in items_for(rules_for("all"), view, TARGET, record=no_record)
        if item.score == 1 and not item.routine
    }
    assert exceptional == raised
    assert may_apply(rules_for("exceptions"), view) or not exceptional


def test_ids_are_those_of_uuid5() -> None:
    for name in ("", "shop/1/respmeta_refused", "ä" * 50):
        assert _uuid5(name) == str(uuid5(_NAMESPACE, name))


@pytest.mark.parametrize("reason", ["no_usage", "usage_inconsistent", "opaque_model", "prices_loading"])
def test_a_call_that_no_price_list_could_price_is_no_missing_price(reason: str) -> None:
    assert said("exceptions", PLAIN | {"cost.unpriced_reason": reason}) == {}
