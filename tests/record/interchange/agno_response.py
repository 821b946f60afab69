"""A `ModelResponse` of Agno's with every field of its page set, and the record's field for each."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

TOOL_EXECUTION: dict[str, Any] = {
    "tool_call_id": "call_1",
    "tool_name": "get_weather",
    "tool_args": {"city": "Bern", "days": [1, 2]},
    "result": "sunny",
    "tool_call_error": False,
    "child_run_id": "0197-run",
    "requires_confirmation": True,
    "confirmed": True,
    "requires_user_input": False,
    "external_execution_required": False,
}
"""The ten fields of `ToolExecution` on the page."""

RESPONSE: dict[str, Any] = {
    "role": "assistant",
    "content": "The weather in Bern is sunny.",
    "parsed": {"city": "Bern", "sunny": True},
    "audio": {"id": "a1", "url": "https://media.example/a1.mp3", "mime_type": "audio/mpeg"},
    "images": [{"id": "i1", "url": "https://media.example/i1.png", "mime_type": "image/png"}],
    "videos": [{"id": "v1", "url": "https://media.example/v1.mp4", "mime_type": "video/mp4"}],
    "audios": [{"id": "a2", "url": "https://media.example/a2.wav", "mime_type": "audio/wav"}],
    "files": [
        {"id": "f1", "url": "https://media.example/f1.pdf", "mime_type": "application/pdf", "size": 2048}
    ],
    "tool_calls": [
        {
            "id": "call_1",
            "type": "function",
            "function": {"name": "get_weather", "arguments": '{"city": "Bern", "days": [1, 2]}'},
        }
    ],
    "tool_executions": [TOOL_EXECUTION],
    "reasoning_content": "The user asks for Bern.",
    "redacted_reasoning_content": "EmwKAhgB",
    "event": "assistant_response",
    "provider_data": {"response_id": "resp_1"},
    "citations": {
        "raw": [{"kind": "web"}],
        "search_queries": ["weather bern"],
        "urls": [{"url": "https://weather.example", "title": "Weather"}],
        "documents": [
            {"document_title": "Almanac", "cited_text": "sunny in May", "file_name": "almanac.pdf"}
        ],
    },
    "response_usage": {
        "input_tokens": 120,
        "output_tokens": 40,
        "total_tokens": 160,
        "time_to_first_token": 0.42,
        "reasoning_tokens": 12,
        "cache_read_tokens": 100,
        "cache_write_tokens": 8,
        "audio_input_tokens": 3,
        "audio_output_tokens": 2,
        "audio_total_tokens": 5,
        "cost": 0.00123,
        "duration": 1.5,
        "provider_metrics": {"queue": 3},
    },
    "created_at": 1_763_700_000,
    "updated_session_state": {"cart": ["milk"]},
    "compression_stats": {"tool_results_compressed": 2, "original_size": 900, "compressed_size": 300},
    "input_tokens": 120,
    "output_tokens": 40,
    "total_tokens": 160,
    "time_to_first_token": 0.42,
    "reasoning_tokens": 12,
    "cache_read_tokens": 100,
    "cache_write_tokens": 8,
}

HELD: dict[str, tuple[str, Any]] = {
    "role": ("role", "assistant"),
    "content": ("provider_data.agno.content", "The weather in Bern is sunny."),
    "parsed": ("structured_output.parsed", True),
    "audio": ("media.0.kind", "audio"),
    "images": ("media.1.url", "https://media.example/i1.png"),
    "videos": ("media.2.mime_type", "video/mp4"),
    "audios": ("media.3.origin", "tool"),
    "files": ("media.4.size_bytes", 2048),
    "tool_calls": ("tool_calls.0.name", "get_weather"),
    "tool_executions": ("tool_executions.0.tool_name", "get_weather"),
    "reasoning_content": ("reasoning.text", "The user asks for Bern."),
    "redacted_reasoning_content": ("reasoning.redacted", True),
    "event": ("event", "assistant_response"),
    "provider_data": ("provider_data.response_id", "resp_1"),
    "citations": ("citations.1.quote", "sunny in May"),
    "response_usage": ("cost.total", Decimal("0.00123")),
    "created_at": ("created_at", datetime(2025, 11, 21, 4, 40, tzinfo=UTC)),
    "updated_session_state": ("updated_session_state.cart", ["milk"]),
    "compression_stats": ("compression_stats.original_size", 900),
    "input_tokens": ("usage.input_tokens", 120),
    "output_tokens": ("usage.output_tokens", 40),
    "total_tokens": ("usage.total_tokens", 160),
    "time_to_first_token": ("timing.time_to_first_token_s", 0.42),
    "reasoning_tokens": ("usage.reasoning_tokens", 12),
    "cache_read_tokens": ("usage.cache_read_tokens", 100),
    "cache_write_tokens": ("usage.cache_write_tokens", 8),
}
"""Field of the page → a place in the record that shows it, and its value."""
