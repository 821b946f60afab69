"""Answers in the shapes that the providers document; every count is of our own making."""

from __future__ import annotations

from typing import Any

MINI = "gpt-5-mini-2025-08-07"
SONNET = "claude-sonnet-4-5-20250929"
FLASH = "gemini-2.5-flash"
BEDROCK_SONNET = f"us.anthropic.{SONNET}-v1:0"

Body = dict[str, Any]


def chat(
    usage: Body | None = None, finish: str | None = "stop", message: Body | None = None, **top: Any
) -> Body:
    """OpenAI's chat completion."""
    choice = {
        "index": 0,
        "finish_reason": finish,
        "logprobs": None,
        "message": {"role": "assistant", "content": "Cuneiform, of Uruk.", **(message or {})},
    }
    body = {
        "id": "chatcmpl-ByN1Qkvqb5fAGKKzXXxZ3rBlnqkWs",
        "object": "chat.completion",
        "created": 1_780_000_000,
        "model": MINI,
        "choices": [choice],
        **top,
    }
    return body if usage is None else {**body, "usage": usage}


def spent(prompt: int, made: int, **details: Any) -> Body:
    """OpenAI's usage; further keys as they are."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": made,
        "total_tokens": prompt + made,
        **details,
    }


CACHED_CHAT = spent(
    1000,
    200,
    prompt_tokens_details={"cached_tokens": 600},
    completion_tokens_details={"reasoning_tokens": 120},
)


def response(usage: Body | None, output: list[Body] | None = None, **top: Any) -> Body:
    """OpenAI's answer of the Responses API."""
    return {
        "id": "resp_68af4030baa48193b0b43b4c2a176a1a0c4",
        "object": "response",
        "created_at": 1_780_000_000,
        "status": "completed",
        "model": MINI,
        "output": output if output is not None else [said("Cuneiform, of Uruk.")],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": usage,
        **top,
    }


def said(text: str, **part: Any) -> Body:
    """A message of the Responses API."""
    content = {"type": "output_text", "text": text, "annotations": [], "logprobs": [], **part}
    return {
        "id": "msg_68af40330",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [content],
    }


RESPONSE_USAGE = {
    "input_tokens": 1000,
    "input_tokens_details": {"cached_tokens": 600},
    "output_tokens": 200,
    "output_tokens_details": {"reasoning_tokens": 120},
    "total_tokens": 1200,
}


def claude(usage: Body, content: list[Body] | None = None, **top: Any) -> Body:
    """Anthropic's message."""
    return {
        "id": "msg_01NTWnqvbNKSjGfqQL7xikau",
        "type": "message",
        "role": "assistant",
        "model": SONNET,
        "content": content or [{"type": "text", "text": "Cuneiform, of Uruk."}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage,
        **top,
    }


def gemini(usage: Body, text: str = "Cuneiform, of Uruk.", finish: str = "STOP", **top: Any) -> Body:
    """Google's generateContent."""
    candidate = {
        "index": 0,
        "finishReason": finish,
        "content": {"role": "model", "parts": [{"text": text}]},
    }
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": FLASH, **top}


def converse(usage: Body, stop: str = "end_turn", **top: Any) -> Body:
    """Bedrock's Converse."""
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": "Cuneiform, of Uruk."}]}},
        "stopReason": stop,
        "usage": usage,
        "metrics": {"latencyMs": 551},
        **top,
    }
