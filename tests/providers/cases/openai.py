"""OpenAI, Azure OpenAI, Azure AI. https://platform.openai.com/docs/api-reference."""

from tests.providers.cases._case import Case, ai, spent, usage

COMPLETION = {
    "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
    "model_name": "gpt-5.4-2026-03-05",
    "model_provider": "openai",
    "service_tier": "default",
    "system_fingerprint": "fp_44709d6fcb",
    "finish_reason": "stop",
    "logprobs": None,
}
WEATHER = {"name": "get_weather", "args": {"city": "Oslo"}, "id": "call_1", "type": "tool_call"}

CASES = (
    Case(
        "chat completion with all details",
        "ChatOpenAI",
        ai(
            response_metadata=COMPLETION
            | {
                "created": 1_760_000_000,
                "token_usage": spent(
                    90,
                    60,
                    prompt_tokens_details={"cached_tokens": 64, "audio_tokens": 0},
                    completion_tokens_details={
                        "reasoning_tokens": 40,
                        "accepted_prediction_tokens": 3,
                        "rejected_prediction_tokens": 2,
                    },
                ),
            },
            usage_metadata=usage(90, 60, input={"cache_read": 64}, output={"reasoning": 40}),
            additional_kwargs={"refusal": None},
        ),
        {
            "provider": "openai",
            "api": "chat_completions",
            "response_id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
            "model": "gpt-5.4-2026-03-05",
            "model_source": "response",
            "finish_reason": "stop",
            "usage.input_tokens": 90,
            "usage.output_tokens": 60,
            "usage.cache_read_tokens": 64,
            "usage.reasoning_tokens": 40,
            "usage.accepted_prediction_tokens": 3,
            "usage.rejected_prediction_tokens": 2,
            "usage.cache_write_tokens": None,
            "refused": False,
            "unmapped": (),
            "warnings": (),
        },
    ),
    Case(
        "the tiers flex and priority rename the details",
        "ChatOpenAI",
        ai(
            chunk=True,
            response_metadata=COMPLETION | {"service_tier": "flexflex", "model_name": "gpt-5.4gpt-5.4"},
            usage_metadata=usage(
                90, 60, input={"flex_cache_read": 64, "flex": 26}, output={"flex_reasoning": 40, "flex": 20}
            ),
        ),
        {
            "service_tier": "flex",
            "model": "gpt-5.4",
            "usage.cache_read_tokens": 64,
            "usage.reasoning_tokens": 40,
            "unmapped": (),
        },
    ),
    Case(
        "several candidates merged by a stream end as the worst of them",
        "ChatOpenAI",
        ai(chunk=True, response_metadata=COMPLETION | {"finish_reason": "stoplength"}),
        {"finish_reason": "length", "native_finish_reason": "length", "truncated": True, "unmapped": ()},
    ),
    Case(
        "a word that nobody knows",
        "ChatOpenAI",
        ai(response_metadata=COMPLETION | {"finish_reason": "lightning"}),
        {
            "finish_reason": "unknown",
            "native_finish_reason": "lightning",
            "unmapped": ("finish_reason=lightning",),
        },
    ),
    Case(
        "a refusal in the message",
        "ChatOpenAI",
        ai("", response_metadata=COMPLETION, additional_kwargs={"refusal": "I can't help with that."}),
        {"refused": True, "refusal.source": "message", "refusal.reason": "I can't help with that."},
    ),
    Case(
        "log probabilities and headers",
        "ChatOpenAI",
        ai(
            response_metadata=COMPLETION
            | {
                "logprobs": {"content": [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -1.5}]},
                "headers": {
                    "x-request-id": "req_1",
                    "X-RateLimit-Limit-Requests": "10000",
                    "x-ratelimit-remaining-tokens": "149984",
                    "x-ratelimit-reset-requests": "6m0s",
                    "openai-organization": "secret-org",
                    "openai-processing-ms": "420",
                },
            }
        ),
        {
            "logprobs.tokens": 2,
            "logprobs.mean": -1.0,
            "logprobs.min": -1.5,
            "request_id": "req_1",
            "rate_limits.requests_limit": 10000,
            "rate_limits.tokens_remaining": 149984,
            "rate_limits.requests_reset_s": 360.0,
            "timing.provider_total_s": 0.42,
            "len:http.headers": 5,
        },
    ),
    Case(
        "Responses: tools asked for, reasoning, citations, server tools",
        "ChatOpenAI",
        ai(
            [
                {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]},
                {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"query": "q"}},
                {
                    "type": "text",
                    "text": "Rain in Oslo.",
                    "annotations": [
                        {
                            "type": "url_citation",
                            "url": "https://yr.example/oslo",
                            "title": "Yr",
                            "start_index": 0,
                            "end_index": 12,
                        },
                        {"type": "file_citation", "file_id": "file-1", "filename": "a.pdf", "index": 12},
                    ],
                },
                {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{}"},
            ],
            id="resp_1",
            tool_calls=[WEATHER],
            response_metadata={
                "id": "resp_1",
                "created_at": 1_760_000_000.0,
                "model": "gpt-5.4-2026-03-05",
                "model_name": "gpt-5.4-2026-03-05",
                "object": "response",
                "status": "completed",
                "model_provider": "openai",
                "service_tier": "default",
            },
        ),
        {
            "api": "responses",
            "finish_reason": "tool_calls",
            "native_finish_reason": "completed",
            "reasoning.text": "Hm.",
            "len:tool_calls": 2,
            "len:citations": 2,
            "citations.0.start_index": 0,
            "citations.0.text": "Rain in Oslo",
            "citations.1.file_id": "file-1",
            "unmapped": (),
        },
    ),
    Case(
        "OpenAI's first way to ask for a tool",
        "ChatOpenAI",
        ai(
            "",
            response_metadata=COMPLETION | {"finish_reason": "function_call"},
            additional_kwargs={"function_call": {"name": "f", "arguments": '{"a": 1}'}},
        ),
        {
            "finish_reason": "tool_calls",
            "len:tool_calls": 1,
            "tool_calls.0.name": "f",
            "tool_calls.0.id": None,
        },
    ),
    Case(
        "a call that the merge of v1 content lost",
        "ChatOpenAI",
        ai(
            [{"type": "tool_call", "id": "call_1", "name": "get_weather", "args": {"city": "Oslo"}}],
            response_metadata=COMPLETION | {"output_version": "v1"},
            tool_calls=[WEATHER],
            additional_kwargs={
                "tool_calls": [
                    {"id": "call_1", "function": {"name": "get_weather", "arguments": "{}"}},
                    {"id": "call_2", "function": {"name": "get_weather", "arguments": '{"ci'}},
                ]
            },
        ),
        {"len:tool_calls": 2, "tool_calls.1.id": "call_2", "tool_calls.1.valid": False},
    ),
    Case(
        "Responses: a tool that the caller runs, listing tools, a tool of a server",
        "ChatOpenAI",
        ai(
            [
                {"type": "server_tool_call", "name": "mcp_list_tools", "id": "mcpl_1", "args": {}},
                {
                    "type": "server_tool_call",
                    "name": "remote_mcp",
                    "id": "mcp_1",
                    "extras": {"tool_name": "ask"},
                },
                {
                    "type": "non_standard",
                    "value": {"type": "custom_tool_call", "call_id": "c_1", "name": "sh", "input": "ls"},
                },
            ],
            response_metadata={
                "id": "resp_1",
                "status": "completed",
                "model_name": "gpt-5.4",
                "output_version": "v1",
            },
        ),
        {
            "finish_reason": "tool_calls",
            "len:tool_calls": 2,
            "tool_calls.0.name": "ask",
            "tool_calls.0.server_side": True,
            "tool_calls.1.id": "c_1",
        },
    ),
    Case(
        "Responses: a picture in v1 content was drawn by a tool",
        "ChatOpenAI",
        ai(
            [
                {"type": "image", "id": "ig_1", "base64": "AAAA", "mime_type": "image/png"},
                {"type": "image", "id": "msg_1", "base64": "AAAA"},
            ],
            response_metadata={"output_version": "v1", "status": "completed"},
        ),
        {
            "len:tool_calls": 1,
            "tool_calls.0.id": "ig_1",
            "tool_calls.0.name": "image_generation",
            "tool_calls.0.server_side": True,
            "media.0.origin": "tool",
            "media.1.origin": "model",
        },
    ),
    Case(
        "Responses cut by its limit",
        "ChatOpenAI",
        ai(
            response_metadata={
                "id": "resp_1",
                "model_name": "gpt-5.4",
                "status": "incomplete",
                "incomplete_details": {"reason": "max_output_tokens"},
            }
        ),
        {"finish_reason": "length", "native_finish_reason": "max_output_tokens", "truncated": True},
    ),
    Case(
        "Azure's filters of prompt and completion",
        "AzureChatOpenAI",
        ai(
            "",
            response_metadata=COMPLETION
            | {
                "finish_reason": "content_filter",
                "content_filter_results": {
                    "violence": {"filtered": True, "severity": "high"},
                    "protected_material_text": {"filtered": False, "detected": False},
                    "error": {"code": "timeout"},
                },
                "prompt_filter_results": [
                    {
                        "prompt_index": 0,
                        "content_filter_results": {"jailbreak": {"filtered": False, "detected": True}},
                    }
                ],
            },
        ),
        {
            "provider": "azure.ai.openai",
            "refusal.source": "content_filter",
            "refusal.category": "violence",
            "len:safety": 3,
            "safety.0.blocked": True,
            "safety.2.scope": "prompt",
            "safety.2.probability": "detected",
        },
    ),
    Case(
        "Azure AI with OpenAI's shape",
        "AzureAIOpenAIApiChatModel",
        ai(response_metadata=COMPLETION | {"model_name": "Mistral-Large-3", "token_usage": spent(5, 6)}),
        {"provider": "azure.ai.inference", "model": "Mistral-Large-3", "usage.total_tokens": 11},
    ),
    Case(
        "Azure AI with Anthropic's shape",
        "AzureAIAnthropicChatModel",
        ai(
            response_metadata={
                "model_name": "claude-opus-5",
                "stop_reason": "max_tokens",
                "model_provider": "anthropic",
            }
        ),
        {"provider": "azure.ai.inference", "api": "messages", "finish_reason": "length"},
    ),
    Case(
        "a file is cited at a point, the text around it is not what is cited",
        "ChatOpenAI",
        ai(
            [
                {
                    "type": "text",
                    "text": "Hello there",
                    "annotations": [
                        {"type": "citation", "title": "a.pdf", "extras": {"file_id": "f1", "file_index": 5}}
                    ],
                }
            ],
            response_metadata={"status": "completed", "output_version": "v1"},
        ),
        {
            "citations.0.file_id": "f1",
            "citations.0.filename": "a.pdf",
            "citations.0.start_index": None,
            "citations.0.end_index": None,
        },
    ),
    Case(
        "Writer's version of two letters, repeated by the merge",
        "ChatOpenAI",
        ai(response_metadata=COMPLETION | {"system_fingerprint": "v1v1v1"}, chunk=True),
        {"system_fingerprint": "v1"},
    ),
    Case(
        "LangChain's own cache",
        "ChatOpenAI",
        ai(response_metadata=COMPLETION, usage_metadata=usage(5, 6) | {"total_cost": 0}),
        {"langchain_cache_hit": True, "usage.total_tokens": 11},
    ),
)
