"""The other vendors, in the shapes of their integrations; each reader's module has its vendor's address."""

from tests.providers.cases._case import Case, ai, spent, usage


def chat(name: str, word: str = "stop", **others: object) -> dict[str, object]:
    return {"model_name": name, "finish_reason": word, "logprobs": None} | others


COHERE_CALL = {"id": "f_1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}

CASES = (
    # --- Mistral, Groq, Fireworks ---
    Case(
        "Mistral's top-level cache count, and the asked model in invoke",
        "ChatMistralAI",
        ai(
            response_metadata=chat(
                "mistral-small-latest",
                model="mistral-small-latest",
                token_usage=spent(20, 5, num_cached_tokens=12, service_tier="default"),
            ),
            usage_metadata=usage(20, 5),
        ),
        {
            "provider": "mistral_ai",
            "usage.cache_read_tokens": 12,
            "service_tier": "default",
            "model_source": "request",
            "unmapped": (),
        },
    ),
    Case(
        "Mistral's audio tokens stand only in the total",
        "ChatMistralAI",
        ai(
            chunk=False,
            response_metadata=chat(
                "voxtral-small",
                "model_length",
                token_usage={
                    "prompt_tokens": 11,
                    "completion_tokens": 15,
                    "total_tokens": 401,
                    "prompt_tokens_details": {"audio_tokens": 375},
                },
            ),
        ),
        {
            "usage.input_tokens": 386,
            "usage.input_audio_tokens": 375,
            "usage.total_tokens": 401,
            "finish_reason": "length",
            "warnings": (),
        },
    ),
    Case(
        "Groq's timings and tools",
        "ChatGroq",
        ai(
            response_metadata=chat(
                "groq/compound",
                model_provider="groq",
                token_usage=spent(
                    10, 20, queue_time=0.01, prompt_time=0.02, completion_time=0.3, total_time=0.32
                ),
            ),
            additional_kwargs={
                "executed_tools": [
                    {
                        "type": "search",
                        "arguments": '{"query":"x"}',
                        "search_results": {"results": [{"title": "T", "url": "https://t.example"}]},
                    }
                ]
            },
        ),
        {
            "provider": "groq",
            "timing.queue_s": 0.01,
            "timing.prompt_s": 0.02,
            "timing.completion_s": 0.3,
            "timing.provider_total_s": 0.32,
            "tool_calls.0.server_side": True,
            "citations.0.url": "https://t.example",
        },
    ),
    Case(
        "Fireworks gives the asked model",
        "ChatFireworks",
        ai(response_metadata=chat("accounts/fireworks/models/kimi-k2", model_provider="fireworks")),
        {"provider": "fireworks", "model_source": "request"},
    ),
    Case(
        "Groq's integration shows the asked tier",
        "ChatGroq",
        ai(response_metadata=chat("llama", service_tier="auto")),
        {"service_tier": None, "provider_data": {"service_tier": "auto"}, "unmapped": ()},
    ),
    Case(
        "Groq's tools are told twice in v1 content, under LangChain's names",
        "ChatGroq",
        ai(
            [{"type": "server_tool_call", "name": "code_interpreter", "id": "0", "args": {"code": "1"}}],
            response_metadata=chat("groq/compound", output_version="v1"),
            additional_kwargs={"executed_tools": [{"type": "python", "arguments": "{}"}]},
        ),
        {"len:tool_calls": 1, "tool_calls.0.name": "python", "tool_calls.0.server_side": True},
    ),
    Case(
        "Groq's streams keep a search's results only in its text",
        "ChatGroq",
        ai(
            response_metadata=chat("groq/compound"),
            additional_kwargs={
                "executed_tools": [
                    {
                        "type": "search",
                        "search_results": {"results": []},
                        "output": "Title: T\nURL: https://t.example\nContent: Words.\nScore: 0.9\n\n"
                        "Title: U: v\nURL: https://u.example\nContent: More.\nScore: 0.8\n",
                    },
                    {"type": "visit", "search_results": None, "output": "Title: no\nURL: x\nContent: y"},
                ]
            },
            chunk=True,
        ),
        {
            "len:citations": 2,
            "citations.0.url": "https://t.example",
            "citations.1.title": "U: v",
        },
    ),
    # --- routers ---
    Case(
        "OpenRouter's costs",
        "ChatOpenRouter",
        ai(
            response_metadata=chat(
                "anthropic/claude-opus-5",
                id="gen-1760000000-abc",
                created=1_760_000_000,
                model_provider="openrouter",
                cost=0.00456,
                cost_details={"upstream_inference_cost": 0.00411, "upstream_inference_prompt_cost": 0.003},
            )
        ),
        {
            "provider": "openrouter",
            "cost.total": "0.00456",
            "cost.upstream_inference": "0.00411",
            "response_id": "gen-1760000000-abc",
            "unmapped": (),
        },
    ),
    Case(
        "OpenRouter, should the integration pass on more",
        "ChatOpenRouter",
        ai(
            response_metadata=chat(
                "anthropic/claude-opus-5", provider="Anthropic", native_finish_reason="refusal", is_byok=True
            )
        ),
        {
            "routing.upstream_provider": "Anthropic",
            "routing.is_byok": True,
            "native_finish_reason": "refusal",
            "finish_reason": "refusal",
            "refusal.source": "stop_reason",
        },
    ),
    Case(
        "LiteLLM names the vendor in the model's prefix",
        "ChatLiteLLM",
        ai(
            response_metadata=chat(
                "anthropic/claude-opus-5",
                model_provider="litellm",
                response_cost=0.0067,
                token_usage=spent(
                    30,
                    5,
                    prompt_tokens_details={
                        "cached_tokens": 10,
                        "cache_creation_tokens": 8,
                        "cache_creation_token_details": {
                            "ephemeral_5m_input_tokens": 6,
                            "ephemeral_1h_input_tokens": 2,
                        },
                    },
                ),
            )
        ),
        {
            "provider": "litellm",
            "routing.upstream_provider": "anthropic",
            "cost.total": "0.0067",
            "usage.cache_read_tokens": 10,
            "usage.cache_write_tokens": 8,
            "usage.cache_write_5m_tokens": 6,
            "usage.cache_write_1h_tokens": 2,
            "model_source": "request",
            "unmapped": (),
        },
    ),
    Case(
        "LiteLLM folds a refusal into a filter; the vendor's own word says more",
        "ChatLiteLLM",
        ai(
            response_metadata=chat("anthropic/claude-opus-5", "content_filter"),
            additional_kwargs={
                "provider_specific_fields": {
                    "stop_reason": "refusal",
                    "stop_details": {"category": "bio", "explanation": "No."},
                }
            },
        ),
        {
            "finish_reason": "refusal",
            "native_finish_reason": "refusal",
            "refusal.category": "bio",
            "refusal.reason": "No.",
        },
    ),
    Case(
        "LiteLLM's proxy is a way, not a vendor",
        "ChatLiteLLM",
        ai(response_metadata=chat("litellm_proxy/gpt-5")),
        {"routing": None},
    ),
    # --- Cohere ---
    Case(
        "Cohere's floats and citations",
        "ChatCohere",
        ai(
            "The grass is green",
            response_metadata={
                "id": "c-1",
                "finish_reason": "COMPLETE",
                "token_count": {"input_tokens": 12.0, "output_tokens": 4.0},
                "citations": [
                    {
                        "start": 13,
                        "end": 18,
                        "text": "green",
                        "sources": [
                            {
                                "type": "document",
                                "id": "doc:1",
                                "document": {"title": "T", "url": "https://g.example"},
                            },
                            {"type": "tool", "id": "search:0"},
                        ],
                    }
                ],
            },
            additional_kwargs={"id": "c-1", "finish_reason": "COMPLETE"},
        ),
        {
            "provider": "cohere",
            "usage.input_tokens": 12,
            "usage.output_tokens": 4,
            "finish_reason": "stop",
            "len:citations": 2,
            "citations.0.text": "green",
            "citations.0.url": "https://g.example",
            "citations.1.file_id": "search:0",
            "citations.1.source": "tool",
            "unmapped": (),
        },
    ),
    Case(
        "Cohere's streams tell billed units, which are not tokens",
        "ChatCohere",
        ai(
            chunk=True,
            response_metadata={
                "finish_reason": "MAX_TOKENS",
                "token_count": {"total_tokens": 7.0, "input_tokens": 5.0, "output_tokens": 2.0},
            },
            usage_metadata=usage(5, 2),
        ),
        {
            "usage.input_tokens": 5,
            "usage.output_tokens": 2,
            "usage.total_tokens": None,
            "finish_reason": "length",
            "provider_data": {
                "billed_units": {"total_tokens": 7.0, "input_tokens": 5.0, "output_tokens": 2.0}
            },
        },
    ),
    Case(
        "Cohere's streams repeat tool calls",
        "ChatCohere",
        ai(
            chunk=True,
            response_metadata={"finish_reason": "TOOL_CALL"},
            tool_calls=[
                {"name": "f", "args": {}, "id": "x"},
                {"name": "", "args": {"a": 1}, "id": "y"},
                {"name": "f", "args": {"a": 1}, "id": "f_1"},
            ],
            additional_kwargs={"tool_calls": [COHERE_CALL]},
        ),
        {
            "len:tool_calls": 1,
            "tool_calls.0.id": "f_1",
            "tool_calls.0.args_size_bytes": 7,
            "finish_reason": "tool_calls",
        },
    ),
    # --- DeepSeek, xAI, Perplexity ---
    Case(
        "DeepSeek's own cache keys",
        "ChatDeepSeek",
        ai(
            response_metadata=chat(
                "deepseek-reasoner",
                "insufficient_system_resource",
                token_usage=spent(30, 5, prompt_cache_hit_tokens=20, prompt_cache_miss_tokens=10),
            ),
            additional_kwargs={"reasoning_content": "Hm."},
        ),
        {
            "provider": "deepseek",
            "usage.cache_read_tokens": 20,
            "finish_reason": "error",
            "reasoning.text": "Hm.",
            "unmapped": (),
        },
    ),
    Case(
        "xAI counts reasoning beside the output and costs in ticks",
        "ChatXAI",
        ai(
            chunk=True,
            response_metadata=chat(
                "grok-4-0709",
                model_provider="xai",
                token_usage={
                    "prompt_tokens": 10,
                    "completion_tokens": 5,
                    "total_tokens": 115,
                    "num_sources_used": 3,
                    "cost_in_usd_ticks": 2_488_500,
                },
            ),
            usage_metadata=usage(10, 105, 115, output={"reasoning": 100}),
            additional_kwargs={"citations": ["https://a.example", "https://b.example", "https://a.example"]},
        ),
        {
            "provider": "x_ai",
            "usage.output_tokens": 105,
            "usage.num_search_results": 3,
            "cost.total": "0.00024885",
            "len:citations": 2,
            "warnings": (),
        },
    ),
    Case(
        "xAI's integration adds reasoning that was in the output already",
        "ChatXAI",
        ai(
            response_metadata=chat("grok-4"), usage_metadata=usage(10, 105, 15 + 90, output={"reasoning": 10})
        ),
        {"usage.output_tokens": 95, "usage.reasoning_tokens": 10, "warnings": ()},
    ),
    Case(
        "xAI's Responses API",
        "ChatXAI",
        ai(
            response_metadata={
                "id": "resp_1",
                "status": "completed",
                "model_name": "grok-4",
                "model_provider": "openai",
            }
        ),
        {"provider": "x_ai", "api": "responses", "finish_reason": "stop"},
    ),
    Case(
        "Perplexity's sources are told twice, once with more",
        "ChatPerplexity",
        ai(
            response_metadata={
                "model_name": "sonar-pro",
                "num_search_queries": 3,
                "search_context_size": "low",
            },
            usage_metadata=usage(5, 6, output={"reasoning": 0, "citation_tokens": 9}),
            additional_kwargs={
                "citations": ["https://a.example", "https://b.example"],
                "search_results": [{"url": "https://a.example", "title": "A", "snippet": "S", "date": None}],
                "images": [{"image_url": "https://i.example/1.png", "origin_url": "https://i.example"}],
                "related_questions": ["Why?"],
            },
        ),
        {
            "provider": "perplexity",
            "finish_reason": None,
            "usage.web_search_requests": 3,
            "len:citations": 2,
            "citations.0.title": "A",
            "citations.1.url": "https://b.example",
            "media.0.url": "https://i.example/1.png",
            "unmapped": (),
        },
    ),
    Case(
        "Perplexity's cost is an object",
        "ChatPerplexity",
        ai(
            response_metadata={"model_name": "sonar", "token_usage": spent(1, 1, cost={"total_cost": 0.0099})}
        ),
        {"cost.total": "0.0099"},
    ),
    # --- Ollama and servers of one's own ---
    Case(
        "vLLM and SGLang say which stop sequence matched",
        "ChatOpenAI",
        ai(response_metadata=chat("qwen3", stop_reason="END", token_usage=spent(3, 4))),
        {"finish_reason": "stop", "stop_sequence": "END", "unmapped": ()},
    ),
    Case(
        "a matched token is a number, not a sequence",
        "ChatOpenAI",
        ai(response_metadata=chat("qwen3", stop_reason=151645, matched_stop=151645)),
        {"finish_reason": "stop", "stop_sequence": None, "unmapped": ()},
    ),
    Case(
        "vLLM noticed that the model goes round in circles",
        "ChatOpenAI",
        ai(response_metadata=chat("qwen3", "repetition")),
        {"finish_reason": "error", "native_finish_reason": "repetition", "unmapped": ()},
    ),
    Case(
        "Ollama's cached prompt",
        "ChatOllama",
        ai(
            response_metadata={
                "model": "qwen3:8b",
                "done_reason": "stop",
                "prompt_eval_count": 29,
                "prompt_eval_cached_count": 12,
                "eval_count": 3,
            },
            usage_metadata=usage(29, 3),
        ),
        {
            "usage.input_tokens": 29,
            "usage.cache_read_tokens": 12,
            "usage.total_tokens": 32,
            "unmapped": (),
            "warnings": (),
        },
    ),
    Case(
        "Ollama's nanoseconds",
        "ChatOllama",
        ai(
            response_metadata={
                "model": "qwen3:8b",
                "model_name": "qwen3:8b",
                "created_at": "2026-11-20T01:02:03.456789123Z",
                "done": True,
                "done_reason": "length",
                "total_duration": 4_321_000_111,
                "load_duration": 111_000_222,
                "eval_count": 20,
                "eval_duration": 333_000_444,
                "logprobs": [{"token": "a", "logprob": -0.25}],
            }
        ),
        {
            "provider": "ollama",
            "finish_reason": "length",
            "timing.provider_total_s": 4.321000111,
            "timing.load_s": 0.111000222,
            "timing.completion_s": 0.333000444,
            "usage.output_tokens": 20,
            "usage.input_tokens": None,
            "logprobs.mean": -0.25,
            "unmapped": (),
        },
    ),
    Case(
        "Together's word", "ChatTogether", ai(response_metadata=chat("m", "eos")), {"finish_reason": "stop"}
    ),
    Case(
        "an address is not a model",
        "ChatHuggingFace",
        ai(response_metadata=chat("http://127.0.0.1:8080/v1", "eos_token")),
        {"provider": "huggingface", "model": None, "model_source": None, "finish_reason": "stop"},
    ),
    Case(
        "watsonx gives its id with the message",
        "ChatWatsonx",
        ai(id="chatcmpl-9", response_metadata=chat("ibm/granite-5", "time_limit")),
        {"provider": "ibm.watsonx.ai", "response_id": "chatcmpl-9", "finish_reason": "length"},
    ),
    Case(
        "NVIDIA spreads the message over the metadata",
        "ChatNVIDIA",
        ai(
            response_metadata=chat(
                "meta/llama-5",
                role="assistant",
                content="Hello.",
                reasoning_content="Hm.",
                token_usage=spent(3, 4),
            ),
            additional_kwargs={"reasoning_content": "Hm.", "_reasoning_api_fields": ["reasoning_content"]},
        ),
        {
            "provider": "nvidia",
            "model_source": "request",
            "reasoning.text": "Hm.",
            "unmapped": (),
            "provider_data": {},
        },
    ),
    Case(
        "Cerebras calls its reasoning by another name",
        "ChatCerebras",
        ai(response_metadata=chat("gpt-oss-120b"), additional_kwargs={"reasoning": "Hm."}),
        {"provider": "cerebras", "reasoning.text": "Hm."},
    ),
    Case(
        "SambaNova's measurements",
        "ChatSambaNova",
        ai(
            response_metadata=chat(
                "DeepSeek-V4",
                token_usage=spent(
                    1,
                    2,
                    total_latency=4.3,
                    time_to_first_token=0.12,
                    completion_tokens_per_sec=87.6,
                    stop_reason="stop",
                ),
            )
        ),
        {
            "provider": "sambanova",
            "timing.provider_total_s": 4.3,
            "timing.time_to_first_token_s": 0.12,
            "timing.tokens_per_second": 87.6,
            "unmapped": (),
        },
    ),
    Case(
        "Upstage",
        "ChatUpstage",
        ai(
            response_metadata=chat("solar-pro3", model_provider="openai"),
            additional_kwargs={"reasoning_content": "Hm."},
        ),
        {"provider": "upstage", "reasoning.present": True},
    ),
    Case(
        "Databricks turns blocks into text",
        "ChatDatabricks",
        ai(
            '[{"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}][{"type": "text", "text": "Hi"}]',
            chunk=True,
            response_metadata={"finish_reason": "stop"},
        ),
        {"provider": "databricks", "reasoning.text": "Hm.", "unmapped": ()},
    ),
    Case(
        "Databricks's Responses API comes without metadata",
        "ChatDatabricks",
        ai([{"type": "text", "text": "Hi"}], id="resp_7", response_metadata={}, usage_metadata=usage(3, 4)),
        {"api": "responses", "response_id": "resp_7", "usage.total_tokens": 7},
    ),
    Case(
        "Databricks's Responses API in a protocol stream: only the ids of the content's items tell",
        "ChatDatabricks",
        ai(
            [{"type": "reasoning", "id": "rs_1", "summary": []}, {"type": "text", "text": "Hi"}],
            response_metadata={"output_version": "v1"},
        ),
        {"api": "responses"},
    ),
    Case(
        "an answer of Claude behind Databricks is no response",
        "ChatDatabricks",
        ai("Hi", id="msg_bdrk_1", response_metadata={"finish_reason": "stop"}),
        {"api": "chat_completions", "response_id": "msg_bdrk_1"},
    ),
    Case(
        "Databricks: older versions spread the usage, newer ones fill in zeros",
        "ChatDatabricks",
        ai(
            response_metadata={
                "prompt_tokens": 458,
                "completion_tokens": 60,
                "total_tokens": 518,
                "cache_read_input_tokens": 0,
                "cache_creation_input_tokens": 12,
            }
        ),
        {
            "usage.input_tokens": 458,
            "usage.total_tokens": 518,
            "usage.cache_read_tokens": 0,
            "usage.cache_write_tokens": 12,
            "unmapped": (),
        },
    ),
    Case(
        "Databricks: zeros of sound are the integration's",
        "ChatDatabricks",
        ai(usage_metadata=usage(5, 6, input={"audio": 0, "cache_read": 2}, output={"audio": 0})),
        {
            "usage.input_audio_tokens": None,
            "usage.output_audio_tokens": None,
            "usage.cache_read_tokens": 2,
        },
    ),
    # --- nobody knows them ---
    Case(
        "a made-up vendor of OpenAI's dialect",
        "ChatNobody",
        ai(response_metadata=chat("m", "tool_calls", token_usage=spent(1, 2, cost=0.5), aura="blue")),
        {
            "provider": "unknown",
            "finish_reason": "tool_calls",
            "usage.total_tokens": 3,
            "unmapped": ("aura",),
            "provider_data": {"aura": "blue"},
        },
    ),
    Case(
        "numbers that do not add up are told, not bent",
        "ChatGroq",
        ai(response_metadata=chat("grok"), usage_metadata=usage(10, 5, 40, input={"cache_read": 161})),
        {
            "usage.input_tokens": 10,
            "usage.cache_read_tokens": 161,
            "usage.total_tokens": 40,
            "warnings": (
                "usage: input 10 + output 5 is not total 40",
                "usage: cache_read_tokens 161 is more than input_tokens 10",
            ),
        },
    ),
    Case(
        "Anthropic's counts under OpenAI's names: the total proves that the cache stands beside",
        "ChatDatabricks",
        ai(
            response_metadata={
                "usage": {
                    "prompt_tokens": 6,
                    "completion_tokens": 2,
                    "total_tokens": 14_929,
                    "cache_read_input_tokens": 14_921,
                }
            }
        ),
        {"usage.input_tokens": 14_927, "usage.cache_read_tokens": 14_921, "warnings": ()},
    ),
)
