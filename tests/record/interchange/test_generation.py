"""OpenRouter's generation: every field of its page, both ways, in both spellings."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from langchain_respmeta import normalize
from langchain_respmeta.errors import RecordError
from langchain_respmeta.record.record import ResponseMetadata
from tests.record.strategies import records

PAGE: dict[str, tuple[Any, str, Any]] = {
    "id": ("gen-3bhGkxlo4XFrqiabUM7NDtwDzWwG", "response_id", "gen-3bhGkxlo4XFrqiabUM7NDtwDzWwG"),
    "upstream_id": ("chatcmpl-791bcf62", "routing.upstream_id", "chatcmpl-791bcf62"),
    "total_cost": (0.0015, "cost.total", Decimal("0.0015")),
    "cache_discount": (0.0002, "cost.cache_discount", Decimal("0.0002")),
    "upstream_inference_cost": (0.0012, "cost.upstream_inference", Decimal("0.0012")),
    "created_at": ("2024-07-15T23:33:19.433273+00:00", "created_at.microsecond", 433273),
    "model": ("sao10k/l3-stheno-8b", "model", "sao10k/l3-stheno-8b"),
    "app_id": (12345, "routing.app_id", 12345),
    "streamed": (True, "streamed", True),
    "cancelled": (False, "cancelled", False),
    "provider_name": ("Infermatic", "routing.upstream_provider", "Infermatic"),
    "latency": (1250, "timing.provider_total_s", 1.25),
    "moderation_latency": (50, "timing.moderation_s", 0.05),
    "generation_time": (1200, "timing.generation_s", 1.2),
    "finish_reason": ("stop", "finish_reason", "stop"),
    "tokens_prompt": (10, "usage.input_tokens", 10),
    "tokens_completion": (25, "usage.output_tokens", 25),
    "native_tokens_prompt": (11, "usage.native_input_tokens", 11),
    "native_tokens_completion": (26, "usage.native_output_tokens", 26),
    "native_tokens_completion_images": (0, "usage.native_output_image_tokens", 0),
    "native_tokens_reasoning": (5, "usage.native_reasoning_tokens", 5),
    "native_tokens_cached": (3, "usage.native_cached_tokens", 3),
    "num_media_prompt": (1, "usage.num_media_prompt", 1),
    "num_media_completion": (0, "usage.num_media_completion", 0),
    "num_search_results": (5, "usage.num_search_results", 5),
    "origin": ("https://openrouter.ai/", "routing.origin", "https://openrouter.ai/"),
    "usage": (0.0015, "cost.total", Decimal("0.0015")),
    "is_byok": (False, "routing.is_byok", False),
    "native_finish_reason": ("end_turn", "native_finish_reason", "end_turn"),
    "external_user": ("user-123", "routing.external_user", "user-123"),
    "api_type": ("completions", "api", "completions"),
}
"""Each field of the page: a value, the record's place for it, and the value there."""

CAMEL = (
    "id", "upstreamId", "totalCost", "cacheDiscount", "upstreamInferenceCost", "createdAt", "model", "appId", "streamed",
    "cancelled", "providerName", "latency", "moderationLatency", "generationTime", "finishReason", "tokensPrompt",
    "tokensCompletion", "nativeTokensPrompt", "nativeTokensCompletion", "nativeTokensCompletionImages",
    "nativeTokensReasoning", "nativeTokensCached", "numMediaPrompt", "numMediaCompletion", "numSearchResults", "origin",
    "usage", "isByok", "nativeFinishReason", "externalUser", "apiType",
)  # fmt: skip
"""The same in the TypeScript example's spelling."""

GENERATION = {"data": {name: told for name, (told, _, _) in PAGE.items()}}


def at(record: Any, path: str) -> Any:
    for step in path.split("."):
        record = record.get(step) if isinstance(record, dict) else getattr(record, step)
    return record


@pytest.mark.parametrize("name", PAGE)
def test_a_field_of_the_page_is_in_the_record_and_comes_back(name: str) -> None:
    told, path, held = PAGE[name]
    record = ResponseMetadata.from_openrouter({"data": {name: told}})
    assert at(record, path) == held
    back = record.to_openrouter()
    assert list(back["data"]) == list(PAGE), "every field of the page is written, the absent ones as None"
    assert {key: value for key, value in back["data"].items() if value is not None} == {name: told}


def test_the_page_comes_back_equal_and_so_does_its_record() -> None:
    record = ResponseMetadata.from_openrouter(GENERATION)
    assert record.to_openrouter() == GENERATION
    assert ResponseMetadata.from_openrouter(json.loads(json.dumps(record.to_openrouter()))) == record
    assert ResponseMetadata.from_dict(json.loads(json.dumps(record.to_dict()))).to_openrouter() == GENERATION
    assert (record.provider, record.model_source) == ("openrouter", "response")
    assert record.cost is not None
    assert (record.cost.source, record.cost.currency) == ("provider", "USD")
    assert record.provider_data == {}


def test_the_typescript_spelling_gives_the_same_record() -> None:
    camel = {"data": dict(zip(CAMEL, GENERATION["data"].values(), strict=True))}
    assert ResponseMetadata.from_openrouter(camel) == ResponseMetadata.from_openrouter(GENERATION)


@given(records.map(lambda record: ResponseMetadata.from_dict(record.to_dict())))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_record_comes_back_equal(record: ResponseMetadata) -> None:
    told = json.loads(json.dumps(record.to_openrouter()))
    assert ResponseMetadata.from_openrouter(told) == record
    assert ResponseMetadata.from_openrouter(told).to_openrouter() == told


def test_what_a_generation_cannot_hold_stands_beside_it() -> None:
    record = ResponseMetadata(provider="openrouter", response_id="gen-1", warnings=("odd",), run_id="r")
    told = record.to_openrouter()
    assert told["data"]["id"] == "gen-1"
    assert told["respmeta"] == {"run_id": "r", "warnings": ["odd"]}
    assert ResponseMetadata.from_openrouter(told) == record


def test_fields_newer_than_the_page_are_kept_or_read() -> None:
    more = {
        "service_tier": "flex", "request_id": "req-1", "router": "openrouter/auto", "num_fetches": None,
        "provider_responses": [{"status": 429}, {"status": 200}],
    }  # fmt: skip
    told = {"data": GENERATION["data"] | more}
    record = ResponseMetadata.from_openrouter(told)
    assert (record.service_tier, record.request_id) == ("flex", "req-1")
    assert record.routing is not None
    assert record.routing.attempts == 2
    assert record.provider_data["openrouter"]["router"] == "openrouter/auto"
    assert record.to_openrouter() == told


COSTS = [0.1, 1e-07, 3, "0.00000000012345678901234567", Decimal("0.30000000000000000001"), 0.1 + 0.2]


@pytest.mark.parametrize("cost", COSTS)
def test_costs_are_exact_decimals(cost: Any) -> None:
    exact = Decimal(repr(cost)) if isinstance(cost, float) else Decimal(cost)
    record = ResponseMetadata.from_openrouter({"data": {"total_cost": cost}})
    assert record.cost is not None
    assert record.cost.total == exact
    back = json.loads(json.dumps(record.to_openrouter()), parse_float=Decimal)
    again = ResponseMetadata.from_openrouter(back)
    assert again.cost is not None
    assert again.cost.total == exact


@pytest.mark.parametrize("milliseconds", [0, 1, 7, 333, 1234.567, 0.001, 86_400_000])
def test_milliseconds_are_seconds_and_back(milliseconds: float) -> None:
    record = ResponseMetadata.from_openrouter({"data": {"latency": milliseconds}})
    assert record.timing is not None
    assert record.timing.provider_total_s == float(Decimal(str(milliseconds)) / 1000)
    assert record.to_openrouter()["data"]["latency"] == milliseconds


def test_a_charge_that_differs_from_the_total_is_kept_beside_it() -> None:
    told = {"data": GENERATION["data"] | {"usage": 0.0003, "is_byok": True}}
    record = ResponseMetadata.from_openrouter(told)
    assert record.cost is not None
    assert record.cost.total == Decimal("0.0015")
    assert record.provider_data == {"openrouter": {"total_cost": 0.0015}}
    assert record.to_openrouter() == told


@pytest.mark.parametrize(
    ("told", "total", "reason"),
    [
        ({"total_cost": 0.002, "usage": 0.002, "upstream_inference_cost": 0.04}, "0.042", None),
        ({"total_cost": 0, "usage": 0, "upstream_inference_cost": 0.04}, "0.04", None),
        ({"total_cost": 0.042, "usage": 0.002, "upstream_inference_cost": 0.04}, "0.042", None),
        ({"usage": 0.002, "upstream_inference_cost": 0}, "0.002", None),
        ({"total_cost": 0, "usage": 0}, None, "key_fee_only"),
    ],
)
def test_on_a_key_of_ones_own_the_record_holds_what_is_paid_in_all(
    told: dict[str, Any], total: str | None, reason: str | None
) -> None:
    """The generation holds the router's fee, also on the way back."""
    record = ResponseMetadata.from_openrouter({"data": {**told, "is_byok": True}})
    assert record.cost is not None
    assert record.cost.total == (None if total is None else Decimal(total))
    assert record.cost.unpriced_reason == reason
    back = record.to_openrouter()["data"]
    assert {name: back[name] for name in told} == told
    assert ResponseMetadata.from_openrouter(record.to_openrouter()) == record


def test_a_record_of_an_answer_on_a_key_of_ones_own_goes_there_and_back() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10, "cost": 0.002, "is_byok": True}
    told = {"token_usage": {**usage, "cost_details": {"upstream_inference_cost": 0.04}}, "model_name": "a/b"}
    start = {
        "serialized": {"id": ["ChatOpenAI"], "kwargs": {"openai_api_base": "https://openrouter.ai/api/v1"}}
    }
    record = normalize({"type": "ai", "content": "x", "response_metadata": told}, start=start)
    assert record.cost is not None
    assert record.cost.total == Decimal("0.042")
    data = record.to_openrouter()
    assert (data["data"]["total_cost"], data["data"]["upstream_inference_cost"]) == (0.002, 0.04)
    assert ResponseMetadata.from_openrouter(data) == record


@pytest.mark.parametrize(
    ("told", "native", "cancelled", "word", "refused"),
    [
        ("stop", "end_turn", False, "stop", False),
        ("tool_calls", "tool_use", False, "tool_calls", False),
        ("length", "max_tokens", False, "length", False),
        ("content_filter", "SAFETY", False, "content_filter", True),
        ("stop", "refusal", False, "refusal", True),
        (None, None, True, "cancelled", False),
        (None, None, False, None, False),
        ("brand_new", None, False, "unknown", False),
    ],
)
def test_the_end_is_told_in_the_records_words_and_comes_back_in_openrouters(
    told: str | None,
    native: str | None,
    cancelled: bool,  # noqa: FBT001
    word: str | None,
    refused: bool,  # noqa: FBT001
) -> None:
    end = {"finish_reason": told, "native_finish_reason": native, "cancelled": cancelled}
    record = ResponseMetadata.from_openrouter({"data": end})
    assert (record.finish_reason, record.refused) == (word, refused)
    assert record.truncated is (word == "length")
    assert record.unmapped == (("finish_reason=brand_new",) if word == "unknown" else ())
    back = record.to_openrouter()["data"]
    assert {name: back[name] for name in end} == end


BAD = {
    "no data": ({}, "data"),
    "data of another kind": ({"data": [1]}, "data"),
    "a cost": ({"data": {"total_cost": "much"}}, "data.total_cost"),
    "an endless cost": ({"data": {"cache_discount": float("inf")}}, "data.cache_discount"),
    "a latency": ({"data": {"latency": "1250"}}, "data.latency"),
    "a count": ({"data": {"tokens_prompt": 1.5}}, "data.tokens_prompt"),
    "a flag": ({"data": {"is_byok": 1}}, "data.is_byok"),
    "a time": ({"data": {"created_at": "yesterday"}}, "data.created_at"),
    "text": ({"data": {"provider_name": ["Azure"]}}, "data.provider_name"),
    "camelCase": ({"data": {"nativeTokensCached": "3"}}, "data.native_tokens_cached"),
    "tries": ({"data": {"provider_responses": {}}}, "data.provider_responses"),
    "the record's rest": ({"data": {}, "respmeta": 1}, "respmeta"),
}


@pytest.mark.parametrize("case", BAD)
def test_another_shape_gives_an_error_that_names_the_field(case: str) -> None:
    told, field = BAD[case]
    with pytest.raises(RecordError, match=field.replace(".", r"\.")) as caught:
        ResponseMetadata.from_openrouter(told)
    assert caught.value.field == field


@pytest.mark.parametrize("told", [None, "text", [GENERATION], 5])
def test_what_is_no_object_is_no_generation(told: Any) -> None:
    with pytest.raises(RecordError):
        ResponseMetadata.from_openrouter(told)
