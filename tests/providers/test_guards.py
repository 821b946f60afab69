"""Rules that are easily lost: counts apart from their total, and guardrails that let an answer pass."""

from typing import Any

import pytest

from langchain_respmeta import normalize


def read(integration: str, metadata: dict[str, Any], **message: Any) -> Any:
    told = {"type": "ai", "content": "hi", "response_metadata": metadata, **message}
    return normalize(told, start={"serialized": {"id": [integration]}})


@pytest.mark.parametrize(
    ("detail", "field", "whole"),
    [
        ({"prompt_tokens_details": {"cache_write_tokens": 50}}, "cache_write_tokens", "input_tokens"),
        ({"prompt_tokens_details": {"cached_tokens": 50}}, "cache_read_tokens", "input_tokens"),
        ({"prompt_tokens_details": {"audio_tokens": 50}}, "input_audio_tokens", "input_tokens"),
        ({"completion_tokens_details": {"reasoning_tokens": 50}}, "reasoning_tokens", "output_tokens"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("beside", [True, False], ids=["beside its whole", "in its whole"])
def test_a_detail_that_only_the_total_counts_belongs_to_its_whole(
    detail: dict[str, Any], field: str, whole: str, *, beside: bool
) -> None:
    counts = {"prompt_tokens": 100, "completion_tokens": 80, "total_tokens": 180 + 50 * beside}
    record = read("ChatOpenAI", {"token_usage": {**counts, **detail}})
    wholes = {"input_tokens": 100, "output_tokens": 80}
    wholes[whole] += 50 * beside
    assert {name: getattr(record.usage, name) for name in wholes} == wholes
    assert getattr(record.usage, field) == 50
    assert record.warnings == ()


def test_written_and_read_beside_their_whole() -> None:
    details = {"cached_tokens": 30, "cache_write_tokens": 50}
    counts = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 200}
    record = read("ChatOpenAI", {"token_usage": {**counts, "prompt_tokens_details": details}})
    assert (record.usage.input_tokens, record.usage.output_tokens) == (180, 20)
    assert record.warnings == ()


LOOKED = {
    "actionReason": "Guardrail masked.",
    "inputAssessment": {
        "g": {"contentPolicy": {"filters": [{"type": "HATE", "confidence": "LOW", "action": "NONE"}]}}
    },
}


@pytest.mark.parametrize("stop", ["end_turn", "tool_use", "max_tokens", "stop_sequence"])
@pytest.mark.parametrize(
    ("integration", "key", "trace"),
    [("ChatBedrockConverse", "stopReason", "trace"), ("ChatBedrock", "stop_reason", "amazon-bedrock-trace")],
)
def test_a_guardrail_that_did_not_stop_the_answer_is_no_refusal(
    integration: str, key: str, trace: str, stop: str
) -> None:
    record = read(integration, {key: stop, trace: {"guardrail": LOOKED}})
    assert (record.refused, record.refusal) == (False, None)
    assert record.finish_reason != "content_filter"
    assert [one.blocked for one in record.safety] == [False]


def test_a_guardrail_that_stopped_it_is_one() -> None:
    record = read(
        "ChatBedrockConverse", {"stopReason": "guardrail_intervened", "trace": {"guardrail": LOOKED}}
    )
    assert record.refusal.source == "guardrail"
    assert record.refusal.reason == "Guardrail masked."
