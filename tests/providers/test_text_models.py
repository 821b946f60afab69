"""Completion models: text in place of a message, all facts in `generation_info` and `llm_output`."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from langchain_core.outputs import GenerationChunk, LLMResult

from langchain_respmeta import RespMetaHandler, normalize
from tests.providers.test_cases import at


def read(integration: str, info: dict[str, Any], output: dict[str, Any] | None = None) -> Any:
    result = {"generations": [[{"text": "Hi", "generation_info": info}]], "llm_output": output}
    named = {"ls_provider": integration.lower()}  # what core derives where the class says nothing
    return normalize(result, start={"serialized": {"id": [integration]}, "metadata": named})


@pytest.mark.parametrize(
    ("integration", "info", "output", "expected"),
    [
        (
            "OpenAI",
            {"finish_reason": "stop", "logprobs": None},
            {"model_name": "davinci-002", "token_usage": {"prompt_tokens": 3, "completion_tokens": 4}},
            {"api": "completions", "model_source": "request", "usage.output_tokens": 4},
        ),
        (
            "OllamaLLM",
            {"model": "llama3", "done": True, "done_reason": "stop", "thinking": "Hm.", "eval_count": 4},
            None,
            {"api": "generate", "reasoning.text": "Hm.", "usage.output_tokens": 4, "unmapped": ()},
        ),
        ("Cohere", {}, None, {"api": "generate"}),
        (
            "BedrockLLM",
            {
                "index": 0,
                "inputTextTokenCount": 6,
                "totalOutputTextTokenCount": 3,
                "completionReason": "FINISH",
            },
            None,
            {
                "api": "invoke_model",
                "usage.input_tokens": 6,
                "usage.output_tokens": 3,
                "finish_reason": "stop",
            },
        ),
    ],
)
def test_what_completion_models_tell(
    integration: str, info: dict[str, Any], output: dict[str, Any] | None, expected: dict[str, Any]
) -> None:
    record = read(integration, info, output)
    assert {path: at(record, path) for path in expected} == expected


def test_a_guardrail_that_stepped_in_is_a_refusal_also_without_a_word_for_the_end() -> None:
    topic = {"name": "money", "type": "DENY", "action": "BLOCKED"}
    mail = {"type": "EMAIL", "action": "ANONYMIZED", "match": "a@b.example"}
    trace = {
        "input": {"guard": {"topicPolicy": {"topics": [topic]}}},
        "outputs": [{"guard": {"sensitiveInformationPolicy": {"piiEntities": [mail]}}}],
        "actionReason": "Guardrail blocked.",
    }
    info = {"amazon-bedrock-guardrailAction": "INTERVENED", "amazon-bedrock-trace": {"guardrail": trace}}
    record = read("BedrockLLM", info)
    assert (record.finish_reason, record.refused) == ("content_filter", True)
    assert (record.refusal.source, record.refusal.reason) == ("guardrail", "Guardrail blocked.")
    assert [(one.category, one.scope, one.blocked) for one in record.safety] == [
        ("money", "prompt", True),
        ("EMAIL", "completion", False),
    ]
    assert record.provider_data["amazon-bedrock-trace"]["guardrail"]["input"] == trace["input"]
    assert record.unmapped == ()


def test_a_guardrail_that_let_all_pass_is_none() -> None:
    record = read("BedrockLLM", {"amazon-bedrock-guardrailAction": "NONE", "completionReason": "FINISH"})
    assert (record.finish_reason, record.refused) == ("stop", False)


@pytest.mark.parametrize(("integration", "streamed"), [("BedrockLLM", True), ("OllamaLLM", False)])
def test_a_stream_that_told_no_handler_shows_in_its_answer(integration: str, *, streamed: bool) -> None:
    handler, run = RespMetaHandler(metadata=False, feedback=False), uuid4()
    handler.on_llm_start({"id": [integration]}, ["Hi"], run_id=run)
    chunk = GenerationChunk(text="Hi", generation_info={"done_reason": "stop"})
    handler.on_llm_end(LLMResult(generations=[[chunk]]), run_id=run)
    assert handler.records[0].streamed is streamed
