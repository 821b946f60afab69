"""Scenario ``seed_000`` gives what LangChain's page on response metadata shows, key by key."""

from typing import Any

import pytest

from langchain_respmeta.demo import ReplayServer, demo_scenarios, scenario_model

# https://python.langchain.com/docs/how_to/response_metadata/ ; Google's block_reason 0 was protobuf's "not set".
SHOWN: dict[str, dict[str, Any]] = {
    "openai": {
        "token_usage": {
            "completion_tokens": 88,
            "prompt_tokens": 16,
            "total_tokens": 104,
            "completion_tokens_details": {
                "accepted_prediction_tokens": 0,
                "audio_tokens": 0,
                "reasoning_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
            "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": 0},
        },
        "model_name": "gpt-4o-mini-2024-07-18",
        "system_fingerprint": "fp_34a54ae93c",
        "id": "chatcmpl-ByN1Qkvqb5fAGKKzXXxZ3rBlnqkWs",
        "service_tier": "default",
        "finish_reason": "stop",
        "logprobs": None,
    },
    "anthropic": {
        "id": "msg_01NTWnqvbNKSjGfqQL7xikau",
        "model": "claude-3-7-sonnet-20250219",
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "input_tokens": 17,
            "output_tokens": 197,
            "server_tool_use": None,
            "service_tier": "standard",
        },
        "model_name": "claude-3-7-sonnet-20250219",
    },
    "google": {
        "prompt_feedback": {"block_reason": None, "safety_ratings": None},
        "finish_reason": "STOP",
        "model_name": "gemini-2.5-flash",
        "safety_ratings": [],
    },
    "bedrock": {
        "ResponseMetadata": {
            "RequestId": "ea0ac2ad-3ad5-4a49-9647-274a0c73ac31",
            "HTTPStatusCode": 200,
            "HTTPHeaders": {
                "date": "Sat, 22 Mar 2025 11:27:46 GMT",
                "content-type": "application/json",
                "content-length": "1660",
                "connection": "keep-alive",
                "x-amzn-requestid": "ea0ac2ad-3ad5-4a49-9647-274a0c73ac31",
            },
            "RetryAttempts": 0,
        },
        "stopReason": "end_turn",
        "metrics": {"latencyMs": [11044]},
    },
    "mistral": {
        "token_usage": {"prompt_tokens": 13, "total_tokens": 306, "completion_tokens": 293},
        "model_name": "mistral-small-latest",
        "model": "mistral-small-latest",
        "finish_reason": "stop",
    },
    "groq": {
        "token_usage": {
            "completion_tokens": 184,
            "prompt_tokens": 45,
            "total_tokens": 229,
            "completion_time": 0.245333333,
            "prompt_time": 0.002262803,
            "queue_time": 0.19315161,
            "total_time": 0.247596136,
        },
        "model_name": "llama-3.1-8b-instant",
        "system_fingerprint": "fp_a56f6eea01",
        "finish_reason": "stop",
        "logprobs": None,
    },
    "fireworks": {
        "token_usage": {"prompt_tokens": 25, "total_tokens": 352, "completion_tokens": 327},
        "model_name": "accounts/fireworks/models/llama-v3p1-70b-instruct",
        "system_fingerprint": "",
        "finish_reason": "stop",
        "logprobs": None,
    },
}


@pytest.mark.parametrize("provider", SHOWN)
def test_shown_values_come_through(replay: ReplayServer, provider: str) -> None:
    scenario = demo_scenarios()[provider]["seed_000"]
    metadata = scenario_model(replay, scenario).invoke(scenario.messages).response_metadata
    assert {key: like(metadata[key], shown) for key, shown in SHOWN[provider].items()} == SHOWN[provider]


def like(found: Any, shown: Any) -> Any:
    """Cut newer keys, which the page could not know; Bedrock's metadata must match whole."""
    if not isinstance(shown, dict) or "RequestId" in shown:
        return found
    return {key: like(found[key], value) for key, value in shown.items()}
