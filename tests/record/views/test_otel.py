"""Attributes carry the conventions' names and meanings, all other facts under our own, and no content."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from langchain_respmeta.record.measures import Cost, Usage
from langchain_respmeta.record.parts import ErrorInfo, Reasoning, Refusal, StructuredOutput
from langchain_respmeta.record.record import ResponseMetadata
from langchain_respmeta.record.views.otel import CONTENT, CONVENTION
from langchain_respmeta.record.vocabulary import FINISH_REASONS, SCHEMA_VERSION
from tests.record.samples import BARE, CACHED, FAILED, REFUSED, SEARCH
from tests.record.strategies import records


def test_a_whole_answer() -> None:
    assert SEARCH.to_otel() == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5-mini",
        "gen_ai.request.stream": True,
        "gen_ai.response.id": "chatcmpl-abc123",
        "gen_ai.response.model": "gpt-5-mini-2025-08-07",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.response.time_to_first_chunk": 0.3,
        "gen_ai.usage.input_tokens": 1117,
        "gen_ai.usage.output_tokens": 223,
        "gen_ai.usage.cache_read.input_tokens": 1024,
        "gen_ai.usage.reasoning.output_tokens": 192,
        "openai.api.type": "chat_completions",
        "openai.response.service_tier": "default",
        "openai.response.system_fingerprint": "fp_44709d6fcb",
        "langchain_respmeta.schema_version": SCHEMA_VERSION,
        "langchain_respmeta.run_id": "0197f3c2-0000-7000-8000-000000000001",
        "langchain_respmeta.integration": "ChatOpenAI",
        "langchain_respmeta.api": "chat_completions",
        "langchain_respmeta.model": "gpt-5-mini-2025-08-07",
        "langchain_respmeta.model_source": "response",
        "langchain_respmeta.created_at": "2025-01-15T10:30:00+00:00",
        "langchain_respmeta.received_at": "2025-01-15T10:30:02.250000+00:00",
        "langchain_respmeta.service_tier": "default",
        "langchain_respmeta.system_fingerprint": "fp_44709d6fcb",
        "langchain_respmeta.finish_reason": "stop",
        "langchain_respmeta.native_finish_reason": "stop",
        "langchain_respmeta.truncated": False,
        "langchain_respmeta.refused": False,
        "langchain_respmeta.citations": 3,
        "langchain_respmeta.usage.total_tokens": 1340,
        "langchain_respmeta.cost.total": 0.000512,
        "langchain_respmeta.cost.currency": "USD",
        "langchain_respmeta.cost.source": "computed",
        "langchain_respmeta.cost.price_version": "genai-prices 0.2.3",
        "langchain_respmeta.timing.latency_s": 1.32,
        "langchain_respmeta.timing.time_to_first_token_s": 0.41,
        "langchain_respmeta.timing.tokens_per_second": 168.94,
        "langchain_respmeta.http.status_code": 200,
        "langchain_respmeta.event": "assistant_response",
    }


def test_refusal_routing_safety_and_tools_are_facts_without_their_texts() -> None:
    attributes = REFUSED.to_otel()
    expected = {
        "langchain_respmeta.refused": True,
        "langchain_respmeta.truncated": True,
        "langchain_respmeta.refusal.source": "content_filter",
        "langchain_respmeta.refusal.category": "violence",
        "langchain_respmeta.routing.upstream_provider": "Anthropic",
        "langchain_respmeta.routing.is_byok": True,
        "langchain_respmeta.safety": 2,
        "langchain_respmeta.safety_blocked": 1,
        "langchain_respmeta.tool_calls": 2,
        "langchain_respmeta.invalid_tool_calls": 1,
        "langchain_respmeta.structured_output.parsed": False,
        "langchain_respmeta.cost.unpriced_reason": "no price for this model",
        "langchain_respmeta.unmapped": ["usage.novelty"],
    }
    assert expected.items() <= attributes.items()
    assert "can't help" not in str(attributes)
    assert "bad JSON" not in str(attributes)
    assert not any(name.startswith("openai.") for name in attributes)


def test_a_failed_call() -> None:
    attributes = FAILED.to_otel()
    assert attributes["error.type"] == "RateLimitError"
    assert attributes["gen_ai.response.finish_reasons"] == ["error"]
    assert attributes["gen_ai.request.model"] == "llama-4"
    assert "gen_ai.response.model" not in attributes
    assert attributes["langchain_respmeta.error.status_code"] == 429
    assert attributes["langchain_respmeta.superseded"] is True


def test_the_model_that_was_asked_for_is_not_given_as_the_one_that_served() -> None:
    attributes = CACHED.to_otel()
    assert attributes["gen_ai.request.model"] == "mistral-small-latest"
    assert "gen_ai.response.model" not in attributes


def test_nothing_reported_gives_nothing_invented() -> None:
    assert BARE.to_otel() == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "unknown",
        "langchain_respmeta.schema_version": SCHEMA_VERSION,
        "langchain_respmeta.truncated": False,
        "langchain_respmeta.refused": False,
        "langchain_respmeta.event": "assistant_response",
    }


FINISH = {"cancelled": ["error"], "unknown": ["novel"]}


@pytest.mark.parametrize("word", FINISH_REASONS)
def test_finish_reasons(word: str) -> None:
    record = ResponseMetadata(finish_reason=word, native_finish_reason="novel")  # type: ignore[arg-type]
    attributes = record.to_otel()
    assert attributes["gen_ai.response.finish_reasons"] == FINISH.get(word, [word])
    assert attributes["langchain_respmeta.finish_reason"] == word
    assert attributes.get("error.type") == ("_OTHER" if word == "error" else None)


def test_a_failed_call_without_a_word_ended_in_error() -> None:
    record = ResponseMetadata(error=ErrorInfo(type="TimeoutError"))
    assert record.to_otel()["gen_ai.response.finish_reasons"] == ["error"]


@pytest.mark.parametrize(
    ("api", "operation", "openai_type"),
    [
        ("chat_completions", "chat", "chat_completions"),
        ("responses", "chat", "responses"),
        ("messages", "chat", None),
        ("generate_content", "generate_content", None),
        ("completions", "text_completion", None),
        (None, "chat", None),
    ],
)
def test_operation_and_api(api: str | None, operation: str, openai_type: str | None) -> None:
    attributes = ResponseMetadata(provider="azure.ai.openai", api=api).to_otel()
    assert attributes["gen_ai.operation.name"] == operation
    assert attributes.get("openai.api.type") == openai_type


def test_openai_attributes_are_for_openai_only() -> None:
    attributes = ResponseMetadata(provider="groq", api="chat_completions", service_tier="flex").to_otel()
    assert not any(name.startswith("openai.") for name in attributes)
    assert attributes["langchain_respmeta.service_tier"] == "flex"


def test_cache_writes_go_under_the_new_and_the_old_name_and_modalities_under_theirs() -> None:
    usage = Usage(
        cache_write_tokens=5,
        cache_write_1h_tokens=2,
        input_audio_tokens=1,
        output_audio_tokens=2,
        input_image_tokens=3,
        output_image_tokens=4,
        input_video_tokens=6,
    )
    attributes = ResponseMetadata(usage=usage).to_otel()
    assert {name: value for name, value in attributes.items() if "usage" in name} == {
        "gen_ai.usage.cache_write.input_tokens": 5,
        "gen_ai.usage.cache_creation.input_tokens": 5,
        "gen_ai.usage.audio.input_tokens": 1,
        "gen_ai.usage.audio.output_tokens": 2,
        "gen_ai.usage.image.input_tokens": 3,
        "gen_ai.usage.image.output_tokens": 4,
        "gen_ai.usage.video.input_tokens": 6,
        "langchain_respmeta.usage.cache_write_1h_tokens": 2,
    }


def test_numbers_that_no_exporter_can_carry_become_text() -> None:
    record = ResponseMetadata(usage=Usage(input_tokens=2**70), cost=Cost(total=Decimal("0.1")))
    attributes = record.to_otel()
    assert attributes["gen_ai.usage.input_tokens"] == str(2**70)
    assert attributes["langchain_respmeta.cost.total"] == 0.1


def test_texts_of_people_and_models_never_become_attributes() -> None:
    secret = "the secret words"
    record = ResponseMetadata(
        refusal=Refusal(source="message", reason=secret),
        error=ErrorInfo(type="E", message=secret),
        reasoning=Reasoning(present=True, text=secret),
        structured_output=StructuredOutput(requested=True, error=secret),
        provider_data={"text": secret},
        updated_session_state={"text": secret},
    )
    assert secret not in str(record.to_otel())
    assert len(CONTENT) == 4


@given(records)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_value_is_one_that_opentelemetry_takes(record: ResponseMetadata) -> None:
    for name, value in record.to_otel().items():
        assert name.startswith(("gen_ai.", "openai.", "error.type", "langchain_respmeta."))
        assert isinstance(value, str | bool | int | float) or all(isinstance(item, str) for item in value)
        assert not isinstance(value, int) or -(2**63) <= value < 2**63


def test_every_conventional_path_is_a_field_of_the_record() -> None:
    schema = ResponseMetadata.json_schema()
    for path in {*CONVENTION, *CONTENT}:
        group, _, name = path.rpartition(".")
        known = schema["$defs"][PARTS[group]]["properties"] if group else schema["properties"]
        assert name in known


PARTS = {
    "usage": "Usage",
    "timing": "Timing",
    "error": "ErrorInfo",
    "refusal": "Refusal",
    "reasoning": "Reasoning",
    "structured_output": "StructuredOutput",
}
