"""Answers of OpenAI and Anthropic for agents: text, or calls of tools."""

import json
from typing import Any

Calls = tuple[tuple[str, str, dict[str, Any]], ...]
"""(id, tool, arguments) of each call."""


def openai(text: str = "", *calls: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    """A chat completion."""
    asked = [
        {"id": call_id, "type": "function", "function": {"name": name, "arguments": json.dumps(args)}}
        for call_id, name, args in calls
    ]
    return {
        "id": "chatcmpl-agents",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "gpt-5-mini-2025-08-07",
        "service_tier": "default",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": text or None,
                    "refusal": None,
                    **({"tool_calls": asked} if asked else {}),
                },
                "finish_reason": "tool_calls" if asked else "stop",
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }


def anthropic(text: str = "", *calls: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    """A message."""
    content: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    content += [
        {"type": "tool_use", "id": call_id, "name": name, "input": args} for call_id, name, args in calls
    ]
    return {
        "id": "msg_agents",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5-20250929",
        "content": content,
        "stop_reason": "tool_use" if calls else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 100, "output_tokens": 20},
    }


BODIES = {"openai": openai, "anthropic": anthropic}
MODELS = {"openai": "gpt-5-mini", "anthropic": "claude-sonnet-4-5"}
OVERLOADED = {"error": {"message": "slow down", "type": "rate_limit_error", "code": "rate_limit_exceeded"}}
