"""The run's own usage, which feeds LangSmith's columns: the tracer's details stay, costs add up, nothing is counted twice."""

from decimal import Decimal
from typing import Any

import pytest

from langchain_respmeta import RespMetaHandler
from langchain_respmeta.demo import ReplayServer
from langchain_respmeta.langsmith.metadata import usage_metadata
from tests.attachment.traced import Traced
from tests.peers.bodies import chat, claude
from tests.peers.calls import model_at

COUNTS = {"input_tokens": 1000, "output_tokens": 200, "total_tokens": 1200}
DRAFT: dict[str, Any] = {f"usage.{name}": count for name, count in COUNTS.items()}
PRICED = {**DRAFT, "cost.total": Decimal("0.3"), "cost.input": Decimal("0.1"), "cost.output": Decimal("0.2")}


def told(draft: dict[str, Any], **details: dict[str, int]) -> dict[str, Any]:
    found = usage_metadata(draft, {**COUNTS, **details})
    assert found is not None
    return found


@pytest.mark.parametrize("draft", [DRAFT, PRICED], ids=["unpriced", "priced"])
@pytest.mark.parametrize(
    ("side", "name"),
    [
        ("input_token_details", "image"),
        ("input_token_details", "video"),
        ("input_token_details", "document"),
        ("input_token_details", "over_200k"),
        ("output_token_details", "image"),
        ("output_token_details", "over_200k"),
        ("output_token_details", "accepted_prediction"),
    ],
)
def test_what_the_tracer_told_stays(draft: dict[str, Any], side: str, name: str) -> None:
    assert told(draft, **{side: {name: 7}})[side] == {name: 7}


@pytest.mark.parametrize("cost", [{}, {"cost.total": Decimal(1)}], ids=["unpriced", "priced"])
@pytest.mark.parametrize("traced", [{}, {"audio": 3}], ids=["nothing traced", "audio traced"])
def test_what_only_the_record_knows_is_added(cost: dict[str, Any], traced: dict[str, int]) -> None:
    draft = {**DRAFT, **cost, "usage.input_image_tokens": 5, "usage.input_video_tokens": 6}
    found = told({**draft, "usage.output_image_tokens": 4}, input_token_details=traced)
    assert found["input_token_details"] == {"image": 5, "video": 6, **traced}
    assert found["output_token_details"] == {"image": 4}


def test_the_records_count_wins_where_the_tracer_says_another() -> None:
    draft = {**PRICED, "usage.cache_read_tokens": 600, "usage.reasoning_tokens": 50}
    found = told(
        draft,
        input_token_details={"cache_read": 1, "cache_creation": 0},
        output_token_details={"reasoning": 2, "audio": 0},
    )
    assert found["input_token_details"] == {"cache_read": 600}
    assert found["output_token_details"] == {"reasoning": 50}


@pytest.mark.parametrize("tier", ["flex", "priority", "scale"])
def test_the_same_tokens_under_a_tiers_name_are_told_once(tier: str) -> None:
    draft = {**PRICED, "service_tier": tier, "usage.cache_read_tokens": 600, "usage.reasoning_tokens": 50}
    found = told(
        draft,
        input_token_details={f"{tier}_cache_read": 600, tier: 400},
        output_token_details={f"{tier}_reasoning": 50, tier: 150},
    )
    assert found["input_token_details"] == {"cache_read": 600}
    assert found["output_token_details"] == {"reasoning": 50}


def test_a_part_over_a_limit_is_not_in_its_detail_too() -> None:
    draft = {**PRICED, "usage.cache_read_tokens": 600}
    found = told(draft, input_token_details={"cache_read": 400, "cache_read_over_200k": 200})
    assert found["input_token_details"] == {"cache_read": 400, "cache_read_over_200k": 200}


def test_details_of_all_candidates_together_are_not_taken_for_the_calls() -> None:
    """The tracer adds up what each of two candidates repeats."""
    doubled = {name: 2 * count for name, count in COUNTS.items()}
    traced = {**doubled, "input_token_details": {"image": 10, "text": 20}}
    found = usage_metadata({**PRICED, "usage.input_image_tokens": 5}, traced)
    assert found is not None
    assert found["input_token_details"] == {"image": 5}


def test_costs_of_parts_and_fees_of_tools_are_named_and_add_up() -> None:
    draft = {
        **PRICED,
        "cost.total": Decimal("0.35"),
        "cost.tools": Decimal("0.05"),
        "cost.cache_read": Decimal("0.01"),
        "cost.cache_write": Decimal("0.02"),
        "cost.input_audio": Decimal("0.03"),
        "cost.reasoning": Decimal("0.04"),
        "cost.output_audio": Decimal("0.06"),
    }
    found = told(draft)
    assert found["input_cost_details"] == {
        "cache_read": 0.01,
        "cache_creation": 0.02,
        "audio": 0.03,
        "text": 0.04,
    }
    assert found["output_cost_details"] == {"reasoning": 0.04, "audio": 0.06, "tools": 0.05, "text": 0.1}
    assert (found["input_cost"], found["output_cost"], found["total_cost"]) == (0.1, 0.25, 0.35)


def test_what_is_left_is_not_called_text_where_pictures_are_in_it() -> None:
    found = told({**PRICED, "usage.input_image_tokens": 5, "cost.cache_read": Decimal("0.01")})
    assert found["input_cost_details"] == {"cache_read": 0.01, "other": 0.09}
    assert found["output_cost_details"] == {"text": 0.2}


@pytest.mark.parametrize(
    "more",
    [
        {"cost.total": Decimal("0.29")},  # a discount of the router's
        {"cost.total": Decimal("0.31")},  # a fee that nobody named
        {"cost.total": Decimal("0.3"), "cost.tools": Decimal("0.05")},
    ],
    ids=["less", "more", "tools"],
)
def test_sides_that_do_not_make_up_the_total_are_left_out(more: dict[str, Any]) -> None:
    found = told({**PRICED, **more})
    assert {name for name in found if "cost" in name} == {"total_cost"}


def test_details_that_are_more_than_their_side_are_left_out() -> None:
    found = told({**PRICED, "cost.cache_read": Decimal("0.06"), "cost.input_audio": Decimal("0.06")})
    assert "input_cost_details" not in found
    assert found["output_cost_details"] == {"text": 0.2}
    assert found["input_cost"] == 0.1


def test_a_bill_without_counts_is_in_the_cost_column_too() -> None:
    assert usage_metadata({"cost.total": Decimal("0.04")}, None) == {"total_cost": 0.04}
    assert usage_metadata({"cost.total": Decimal("0.04")}, COUNTS) == {**COUNTS, "total_cost": 0.04}
    assert usage_metadata({}, None) is None


def test_a_total_of_the_providers_own_has_no_made_up_parts() -> None:
    found = told({**DRAFT, "cost.total": Decimal("0.5"), "cost.source": "provider"})
    assert {name for name in found if "cost" in name} == {"total_cost"}


def test_a_search_on_a_run(traced: Traced, replay: ReplayServer) -> None:
    """Through the SDK: input, output and total as LangSmith gets them, and the same in the record."""
    usage = {
        "input_tokens": 400,
        "cache_read_input_tokens": 100,
        "output_tokens": 200,
        "server_tool_use": {"web_search_requests": 1},
    }
    model = model_at(replay, "anthropic", claude(usage, model="claude-sonnet-4-5"), model="claude-sonnet-4-5")
    model.invoke("hi", config={"callbacks": [RespMetaHandler(feedback=False)]})
    metadata = traced.model_metadata()
    usage = metadata["usage_metadata"]
    assert usage["output_cost_details"]["tools"] == 0.01
    assert usage["input_cost_details"]["cache_read"] == pytest.approx(0.00003)
    assert usage["input_cost"] + usage["output_cost"] == pytest.approx(usage["total_cost"], abs=1e-12)
    cost = {
        name: Decimal(str(value)) for name, value in metadata["respmeta"]["cost"].items() if name in SIDES
    }
    assert cost["input"] + cost["output"] + cost["tools"] == cost["total"]


SIDES = ("total", "input", "output", "tools")


def test_images_on_a_run(traced: Traced, replay: ReplayServer) -> None:
    """LangChain's usage has no place for OpenAI's image tokens."""
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 200,
        "total_tokens": 1200,
        "prompt_tokens_details": {"image_tokens": 300, "cached_tokens": 0},
    }
    model_at(replay, "openai", chat(usage)).invoke(
        "hi", config={"callbacks": [RespMetaHandler(feedback=False)]}
    )
    metadata = traced.model_metadata()
    assert metadata["usage_metadata"]["input_token_details"]["image"] == 300
    assert metadata["respmeta"]["usage"]["input_image_tokens"] == 300
