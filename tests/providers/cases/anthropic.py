"""Anthropic, and its models on Bedrock and Vertex AI. https://docs.anthropic.com/en/api/messages."""

from tests.providers.cases._case import Case, ai, usage

MESSAGE = {
    "id": "msg_01XFDUDYJgAACzvnptvVoYEL",
    "model_name": "claude-opus-5-20260601",
    "model_provider": "anthropic",
    "stop_reason": "end_turn",
    "stop_sequence": None,
}
RAW = {
    "input_tokens": 6,
    "output_tokens": 2,
    "cache_read_input_tokens": 14_921,
    "cache_creation_input_tokens": 300,
    "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
    "service_tier": "priority",
    "server_tool_use": {"web_search_requests": 3},
}

CASES = (
    Case(
        "cache reads and writes of both lifetimes",
        "ChatAnthropic",
        ai(
            response_metadata=MESSAGE | {"usage": RAW},
            usage_metadata=usage(
                15_227,
                2,
                input={
                    "cache_read": 14_921,
                    "cache_creation": 0,
                    "ephemeral_5m_input_tokens": 100,
                    "ephemeral_1h_input_tokens": 200,
                },
            ),
        ),
        {
            "provider": "anthropic",
            "api": "messages",
            "usage.input_tokens": 15_227,
            "usage.cache_read_tokens": 14_921,
            "usage.cache_write_tokens": 300,
            "usage.cache_write_5m_tokens": 100,
            "usage.cache_write_1h_tokens": 200,
            "usage.web_search_requests": 3,
            "service_tier": "priority",
            "unmapped": (),
            "warnings": (),
        },
    ),
    Case(
        "raw usage counts the prompt without the cache",
        "ChatAnthropic",
        ai(response_metadata=MESSAGE | {"usage": RAW}),
        {"usage.input_tokens": 15_227, "usage.output_tokens": 2},
    ),
    Case(
        "a refusal with its category",
        "ChatAnthropic",
        ai(
            "",
            response_metadata=MESSAGE
            | {
                "stop_reason": "refusal",
                "stop_details": {"type": "refusal", "category": "cyber", "explanation": "Not this."},
            },
        ),
        {
            "finish_reason": "refusal",
            "refusal.source": "stop_reason",
            "refusal.category": "cyber",
            "refusal.reason": "Not this.",
        },
    ),
    Case(
        "a stop sequence",
        "ChatAnthropic",
        ai(response_metadata=MESSAGE | {"stop_reason": "stop_sequence", "stop_sequence": "END"}),
        {"finish_reason": "stop_sequence", "stop_sequence": "END"},
    ),
    Case(
        "a stream that lost the prompt's count says so",
        "ChatAnthropic",
        ai(chunk=True, response_metadata=MESSAGE, usage_metadata=usage(0, 40)),
        {
            "usage.input_tokens": None,
            "usage.total_tokens": None,
            "usage.output_tokens": 40,
            "warnings": ("usage: the stream's merge lost input_tokens",),
        },
    ),
    Case(
        "citations of documents, thinking, a server tool",
        "ChatAnthropic",
        ai(
            [
                {"type": "thinking", "thinking": "Let me see.", "signature": "s"},
                {"type": "redacted_thinking", "data": "x"},
                {
                    "type": "server_tool_use",
                    "id": "srvtoolu_1",
                    "name": "web_search",
                    "input": {"query": "q"},
                },
                {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
                {"type": "text", "text": "Grass "},
                {
                    "type": "text",
                    "text": "is green.",
                    "citations": [
                        {
                            "type": "char_location",
                            "cited_text": "The grass is green.",
                            "document_index": 0,
                            "document_title": "Meadow",
                            "start_char_index": 0,
                            "end_char_index": 19,
                        }
                    ],
                },
            ],
            response_metadata=MESSAGE,
        ),
        {
            "reasoning.present": True,
            "reasoning.redacted": True,
            "tool_calls.0.server_side": True,
            "citations.0.type": "document",
            "citations.0.quote": "The grass is green.",
            "citations.0.start_index": 6,
            "citations.0.end_index": 15,
            "citations.0.document_index": 0,
        },
    ),
    Case(
        "a citation without its text has no place in the answer",
        "ChatAnthropic",
        ai(
            [
                "The grass ",
                {"type": "text", "index": 2, "citations": [{"type": "char_location", "cited_text": "q"}]},
                "is green.",
            ],
            chunk=True,
            response_metadata=MESSAGE,
        ),
        {"len:citations": 1, "citations.0.start_index": None, "citations.0.quote": "q"},
    ),
    Case(
        "on Bedrock",
        "ChatAnthropicBedrock",
        ai(response_metadata=MESSAGE | {"stop_reason": "pause_turn"}),
        {"provider": "aws.bedrock", "api": "messages", "finish_reason": "pause", "model_source": "response"},
    ),
    Case(
        "on Vertex AI, without a dialect's name",
        "ChatAnthropicVertex",
        ai(response_metadata={"model_name": "claude-opus-5", "stop_reason": "model_context_window_exceeded"}),
        {"provider": "gcp.vertex_ai", "api": "messages", "finish_reason": "length"},
    ),
)
