"""Amazon Bedrock's Converse and InvokeModel.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from tests.providers.cases._case import Case, ai, usage

CONVERSE = {
    "model_name": "us.amazon.nova-pro-v1:0",
    "model_provider": "bedrock_converse",
    "stopReason": "end_turn",
    "metrics": {"latencyMs": [1234]},
    "ResponseMetadata": {"RequestId": "req-1", "HTTPStatusCode": 200, "RetryAttempts": 1, "HTTPHeaders": {}},
}
INVOKE = {
    "usage": {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "cache_read_input_tokens": 100,
        "cache_write_input_tokens": 20,
        "total_tokens": 135,
    },
    "stop_reason": "end_turn",
    "model_id": "anthropic.claude-opus-5-20260601-v1:0",
    "model_provider": "bedrock",
    "model_name": "anthropic.claude-opus-5-20260601-v1:0",
}


def invoked(word: str) -> dict[str, object]:
    return ai(response_metadata=INVOKE | {"stop_reason": word})


CASES = (
    Case(
        "Converse hides its reasoning",
        "ChatBedrockConverse",
        ai(
            [
                {"type": "reasoning_content", "reasoning_content": {"redacted_content": b"ABC"}},
                {"type": "text", "text": "Hi"},
            ],
            response_metadata=CONVERSE,
        ),
        {"reasoning.present": True, "reasoning.redacted": True, "reasoning.text": None},
    ),
    Case(
        "Converse",
        "ChatBedrockConverse",
        ai(response_metadata=CONVERSE),
        {
            "provider": "aws.bedrock",
            "api": "converse",
            "model_source": "request",
            "request_id": "req-1",
            "http.status_code": 200,
            "http.retry_attempts": 1,
            "timing.provider_total_s": 1.234,
            "finish_reason": "stop",
        },
    ),
    Case(
        "Converse with a guardrail",
        "ChatBedrockConverse",
        ai(
            "Sorry.",
            response_metadata=CONVERSE
            | {
                "stopReason": "guardrail_intervened",
                "trace": {
                    "guardrail": {
                        "actionReason": "Guardrail blocked.",
                        "inputAssessment": {
                            "gr": {
                                "topicPolicy": {
                                    "topics": [{"name": "Finance", "type": "DENY", "action": "BLOCKED"}]
                                },
                                "contentPolicy": {
                                    "filters": [{"type": "VIOLENCE", "confidence": "HIGH", "action": "NONE"}]
                                },
                            }
                        },
                    }
                },
            },
        ),
        {
            "finish_reason": "content_filter",
            "refusal.source": "guardrail",
            "refusal.reason": "Guardrail blocked.",
            "len:safety": 2,
            "safety.1.category": "Finance",
            "safety.1.blocked": True,
            "safety.0.probability": "HIGH",
            "safety.0.blocked": False,
        },
    ),
    Case(
        "InvokeModel tells the prompt without the cache",
        "ChatBedrock",
        ai(
            response_metadata=INVOKE,
            additional_kwargs={
                "usage": INVOKE["usage"],
                "stop_reason": "end_turn",
                "model_id": INVOKE["model_id"],
            },
        ),
        {
            "api": "invoke_model",
            "usage.input_tokens": 130,
            "usage.output_tokens": 5,
            "usage.cache_write_tokens": 20,
            "model_source": "request",
            "unmapped": (),
            "warnings": (),
        },
    ),
    Case(
        "ChatBedrock told to use Converse",
        "ChatBedrock",
        ai(response_metadata=CONVERSE | {"stopReason": "max_tokens"}, usage_metadata=usage(4, 5)),
        {"api": "converse", "finish_reason": "length", "unmapped": ()},
    ),
    Case("Llama's word", "ChatBedrock", invoked("length"), {"finish_reason": "length"}),
    Case("Cohere's words", "ChatBedrock", invoked("COMPLETE"), {"finish_reason": "stop"}),
    Case("Cohere's filter", "ChatBedrock", invoked("ERROR_TOXIC"), {"finish_reason": "content_filter"}),
    Case("Titan's word", "ChatBedrock", invoked("FINISH"), {"finish_reason": "stop"}),
    Case("Titan's filter", "ChatBedrock", invoked("CONTENT_FILTERED"), {"finish_reason": "content_filter"}),
    Case("AI21's word", "ChatBedrock", invoked("endoftext"), {"finish_reason": "stop"}),
    Case(
        "a completion model's stream",
        "BedrockLLM",
        ai(
            response_metadata={
                "completionReason": "LENGTH",
                "index": 0,
                "totalOutputTextTokenCount": 100,
                "inputTextTokenCount": 13,
                "amazon-bedrock-invocationMetrics": {
                    "inputTokenCount": 13,
                    "outputTokenCount": 100,
                    "invocationLatency": 4075,
                    "firstByteLatency": 3074,
                },
            }
        ),
        {
            "finish_reason": "length",
            "usage.input_tokens": 13,
            "usage.output_tokens": 100,
            "timing.provider_total_s": 4.075,
            "unmapped": (),
        },
    ),
    Case(
        "zeros without a count say nothing",
        "ChatBedrock",
        ai(response_metadata=INVOKE | {"usage": {}}, usage_metadata=usage(0, 0, input={"cache_read": 0})),
        {"usage": None},
    ),
    Case(
        "no input told: the sum is the integration's own",
        "ChatBedrockConverse",
        ai(response_metadata=CONVERSE, usage_metadata=usage(0, 50, input={"cache_read": 0})),
        {"usage.input_tokens": None, "usage.output_tokens": 50, "usage.total_tokens": None},
    ),
    Case(
        "OpenAI's API on Bedrock",
        "ChatOpenAIMantle",
        ai(response_metadata={"model_name": "openai.gpt-oss-120b", "finish_reason": "stop"}),
        {"provider": "aws.bedrock", "api": "chat_completions"},
    ),
)
