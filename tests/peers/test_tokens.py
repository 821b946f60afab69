"""Token counts that peers double, lose or bend: here each token is counted once, and none is made up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from langchain_respmeta import RespMetaHandler, normalize
from langchain_respmeta.demo import Answer, ReplayServer
from tests.peers.bodies import (
    BEDROCK_SONNET,
    CACHED_CHAT,
    FLASH,
    RESPONSE_USAGE,
    chat,
    claude,
    converse,
    gemini,
    response,
    spent,
)
from tests.peers.calls import EVERY_WAY, STREAMS, ask, counts, model_at, tokens

CACHED = {
    "openai": chat(CACHED_CHAT),
    "openai_responses": response(RESPONSE_USAGE),
    "anthropic": claude({"input_tokens": 400, "cache_read_input_tokens": 600, "output_tokens": 200}),
    "google": gemini(
        {
            "promptTokenCount": 1000,
            "cachedContentTokenCount": 600,
            "candidatesTokenCount": 80,
            "thoughtsTokenCount": 120,
            "totalTokenCount": 1200,
        }
    ),
    "bedrock": converse(
        {"inputTokens": 400, "cacheReadInputTokens": 600, "outputTokens": 200, "totalTokens": 1200},
    ),
    "groq": chat(CACHED_CHAT),
    "fireworks": chat(CACHED_CHAT),
    "openrouter": chat(CACHED_CHAT, model="openai/gpt-5-mini", system_fingerprint=None),
    "litellm": chat(CACHED_CHAT, model="openai/gpt-5-mini"),
    "deepseek": chat(CACHED_CHAT, model="deepseek-chat"),
}
"""The same spending as each API tells it: 400 new and 600 cached tokens in, 200 out."""


@EVERY_WAY
@pytest.mark.parametrize("provider", CACHED)
def test_the_prompt_includes_what_came_from_the_cache_and_is_counted_once(
    replay: ReplayServer, provider: str, mode: str
) -> None:
    """Some APIs count the prompt with the cache, some without; handlers guess, and flip.

    langfuse#10592 and #13024, openinference#2414 and #2779, braintrust#445, #455 and #504, posthog-python#346, #369 and
    #399, langfuse#16489 (details added to the total), langchain#32818 (which of the two it is), mlflow#24867 (Bedrock's
    cache dropped), ddtrace's 100 for a whole Anthropic answer and 7100 for the streamed one.
    """
    options = {"model": BEDROCK_SONNET} if provider == "bedrock" else {}
    record = ask(replay, provider, CACHED[provider], mode, **options)
    assert tokens(record, "input", "output", "total", "cache_read") == (1000, 200, 1200, 600)
    assert record.warnings == ()


@EVERY_WAY
@pytest.mark.parametrize("provider", ["openai", "openai_responses", "groq", "fireworks", "google"])
def test_reasoning_is_part_of_the_output_and_told_beside_it(
    replay: ReplayServer, provider: str, mode: str
) -> None:
    """llm-gemini#75 and genai-prices#135: thoughts left out of the output; OpenLLMetry, mlflow and others: not told."""
    record = ask(replay, provider, CACHED[provider], mode)
    assert tokens(record, "output", "reasoning") == (200, 120)


@EVERY_WAY
@pytest.mark.parametrize("tier", ["flex", "priority"])
def test_a_service_tier_takes_no_detail_away(replay: ReplayServer, tier: str, mode: str) -> None:
    """LangChain renames the details of these tiers (`flex_cache_read`); no peer reads them under that name."""
    record = ask(replay, "openai", chat(CACHED_CHAT, service_tier=tier), mode)
    assert tokens(record, "input", "output", "total", "cache_read", "reasoning") == (
        1000,
        200,
        1200,
        600,
        120,
    )
    assert record.service_tier == tier
    assert record.unmapped == ()


@EVERY_WAY
def test_cache_writes_in_a_service_tier_are_not_counted_twice(replay: ReplayServer, mode: str) -> None:
    """langchain#40668: with `flex` the written tokens stand in the tier's remainder too, so that details exceed the sum."""
    usage = spent(1000, 200, prompt_tokens_details={"cached_tokens": 600, "cache_write_tokens": 300})
    record = ask(replay, "openai", chat(usage, service_tier="flex"), mode)
    assert tokens(record, "input", "total", "cache_read", "cache_write") == (1000, 1200, 600, 300)
    assert record.warnings == ()


@EVERY_WAY
def test_what_openai_writes_to_its_cache_is_told(replay: ReplayServer, mode: str) -> None:
    """genai-prices#486, litellm#33772: OpenAI's `cache_write_tokens` dropped."""
    usage = spent(1000, 200, prompt_tokens_details={"cached_tokens": 0, "cache_write_tokens": 300})
    assert tokens(ask(replay, "openai", chat(usage), mode), "cache_read", "cache_write") == (0, 300)


TTL = {
    "input_tokens": 400,
    "cache_read_input_tokens": 600,
    "cache_creation_input_tokens": 300,
    "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
    "output_tokens": 200,
}


@EVERY_WAY
def test_cache_writes_with_a_lifetime_are_not_zero(replay: ReplayServer, mode: str) -> None:
    """langchain#35845: `cache_creation` becomes 0 once lifetimes are told. litellm#26919 doubles it, #13207 leaves it out."""
    record = ask(replay, "anthropic", claude(TTL), mode)
    assert tokens(record, "input", "total", "cache_read", "cache_write") == (1300, 1500, 600, 300)
    if mode == "invoke":  # a stream's last event does not repeat them
        assert tokens(record, "cache_write_5m", "cache_write_1h") == (100, 200)


@EVERY_WAY
def test_bedrock_tells_lifetimes_too(replay: ReplayServer, mode: str) -> None:
    """openinference#2414 and mlflow#24867: Bedrock's cache left out of the sum, or counted twice."""
    usage = {
        "inputTokens": 400,
        "cacheReadInputTokens": 600,
        "cacheWriteInputTokens": 300,
        "cacheDetails": [{"ttl": "5m", "inputTokens": 100}, {"ttl": "1h", "inputTokens": 200}],
        "outputTokens": 200,
        "totalTokens": 1500,
    }
    record = ask(replay, "bedrock", converse(usage), mode, model=BEDROCK_SONNET)
    assert tokens(record, "input", "total", "cache_read", "cache_write") == (1300, 1500, 600, 300)
    assert tokens(record, "cache_write_5m", "cache_write_1h") == (100, 200)


def test_invoke_model_counts_its_cache_once(replay: ReplayServer) -> None:
    """OpenInference reads 100 of 7100 here, Opik 14100: raw counts are without the cache, LangChain's with it."""
    body = claude({"input_tokens": 100, "cache_read_input_tokens": 7000, "output_tokens": 50})
    headers = {
        "x-amzn-bedrock-input-token-count": "100",
        "x-amzn-bedrock-output-token-count": "50",
        "x-amzn-bedrock-cache-read-input-token-count": "7000",
    }
    record = ask(replay, "bedrock_invoke", Answer(body, headers=headers), model=BEDROCK_SONNET)
    assert tokens(record, "input", "output", "total", "cache_read") == (7100, 50, 7150, 7000)


def test_several_answers_to_one_question_cost_it_once(replay: ReplayServer) -> None:
    """LangChain repeats the whole usage on each choice: OpenLLMetry, mlflow, weave, LangChainTracer and sentry#7064 sum it.

    UsageMetadataCallbackHandler drops the call altogether, since its choices name no model.
    """
    body = chat(spent(1000, 200))
    body["choices"] = [{**body["choices"][0], "index": index} for index in range(2)]
    handler = RespMetaHandler(feedback=False)
    model_at(replay, "openai", body).generate([[HumanMessage("hi")]], callbacks=[handler])
    first, second = handler.records
    assert tokens(first, "input", "output", "total") == (1000, 200, 1200)
    assert counts(second) == {}
    assert first.model == second.model == body["model"]
    assert handler.summary()["total_tokens"] == 1200


@EVERY_WAY
def test_what_earlier_turns_spent_is_not_counted_again(replay: ReplayServer, mode: str) -> None:
    """Opik searches the whole run, inputs included, for a usage, and bills the previous turn's."""
    earlier = AIMessage(
        "Before.",
        usage_metadata={"input_tokens": 7777, "output_tokens": 888, "total_tokens": 8665},
        response_metadata={"model_name": "gpt-4", "token_usage": spent(7777, 888), "finish_reason": "length"},
    )
    handler = RespMetaHandler(feedback=False)
    model: Any = model_at(replay, "openai", chat(None))
    messages = [HumanMessage("hi"), earlier, HumanMessage("and now?")]
    if mode == "invoke":
        model.invoke(messages, config={"callbacks": [handler]})
    elif mode == "v3":
        _ = model.stream_events(messages, version="v3", config={"callbacks": [handler]}).output
    else:
        list(model.stream(messages, config={"callbacks": [handler]}))
    (record,) = handler.records
    assert record.usage is None
    assert (record.model, record.finish_reason) == (chat()["model"], "stop")


@pytest.mark.parametrize("mode", ["invoke", "stream", "astream"])
def test_tokens_that_nobody_told_are_none_not_zero(replay: ReplayServer, mode: str) -> None:
    """langchain#30390, langchain-oracle#316, sentry#4585: 0 tokens where none were told; agno's zeros for unknown.

    And OpenAICallbackHandler raises where `token_usage` is None.
    """
    record = ask(replay, "openai", chat(None), mode)
    assert record.usage is None
    assert record.cost is None or record.cost.unpriced_reason == "no_usage"
    assert record.finish_reason == "stop"


def test_a_usage_of_nothing_but_null_is_none(replay: ReplayServer) -> None:
    """OpenLLMetry raises on `prompt_tokens: null`, swallows it, and never ends the span."""
    usage = {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None}
    record = ask(replay, "fireworks", chat(usage))
    assert counts(record) == {} or set(counts(record).values()) == {0}
    assert record.finish_reason == "stop"


@pytest.mark.parametrize("mode", ["invoke", "stream"])
def test_an_answer_that_names_no_model_is_recorded_and_counted(replay: ReplayServer, mode: str) -> None:
    """langchain#40518: UsageMetadataCallbackHandler drops it. OTel's official instrumentation skips the call."""
    body = chat(spent(1000, 200), model="")
    handler = RespMetaHandler(feedback=False)
    model = model_at(replay, "openai", body, model="asked-for")
    if mode == "invoke":
        model.invoke("hi", config={"callbacks": [handler]})
    else:
        list(model.stream("hi", config={"callbacks": [handler]}))
    assert handler.summary()["total_tokens"] == 1200
    assert handler.records[0].requested_model == "asked-for"


@STREAMS
def test_running_totals_of_a_stream_are_not_summed(replay: ReplayServer, mode: str) -> None:
    """mlflow#19649, langchainjs#8266, langchain#30429: each chunk tells the count so far, and the sum of them is told."""
    text = " ".join(["many words that make a long answer"] * 8)
    usage = {"promptTokenCount": 1000, "candidatesTokenCount": 200, "totalTokenCount": 1200}
    record = ask(replay, "google", gemini(usage, text), mode)
    assert tokens(record, "input", "output", "total") == (1000, 200, 1200)


@STREAMS
def test_a_compatible_server_that_repeats_its_usage_is_not_summed(replay: ReplayServer, mode: str) -> None:
    """langchain#30429: `ChatOpenAI` adds up what servers such as vLLM tell with every chunk."""
    frame = {**chat(), "object": "chat.completion.chunk"}
    del frame["choices"]

    def chunk(done: int, delta: dict[str, Any], finish: str | None = None) -> Any:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        return f"data: {json.dumps({**frame, 'choices': choices, 'usage': spent(50, done)})}\n\n"

    events = [chunk(n, {"content": f"word{n} "}) for n in range(1, 6)] + [chunk(6, {}, "stop")]
    raw = "".join([*events, "data: [DONE]\n\n"]).encode()
    record = ask(replay, "openai", Answer(raw=raw, content_type="text/event-stream"), mode)
    assert tokens(record, "input", "output", "total") == (50, 6, 56)


@STREAMS
@pytest.mark.parametrize("provider", ["groq", "mistral", "anthropic", "bedrock", "fireworks", "litellm"])
def test_streams_have_their_usage_and_their_end(replay: ReplayServer, provider: str, mode: str) -> None:
    """langfuse#3265 (ChatGroq), openinference#637, langchain-litellm#115 and #215, langchain#31666 (Mistral): lost."""
    bodies = {
        "anthropic": claude({"input_tokens": 1000, "output_tokens": 200}),
        "bedrock": converse({"inputTokens": 1000, "outputTokens": 200, "totalTokens": 1200}),
    }
    body = bodies.get(provider, chat(spent(1000, 200), model="openai/gpt-5-mini"))
    options = {"model": BEDROCK_SONNET} if provider == "bedrock" else {}
    record = ask(replay, provider, body, mode, **options)
    assert tokens(record, "input", "output", "total") == (1000, 200, 1200)
    # Old versions of langchain-litellm drop the word in streams; then none is told, rather than a guess.
    assert record.finish_reason == "stop" or (provider, record.finish_reason) == ("litellm", None)


@EVERY_WAY
def test_a_tools_own_prompt_is_input(replay: ReplayServer, mode: str) -> None:
    """harness-sdk#3892: Gemini's `toolUsePromptTokenCount` was added to the output."""
    usage = {
        "promptTokenCount": 100,
        "toolUsePromptTokenCount": 900,
        "candidatesTokenCount": 150,
        "thoughtsTokenCount": 50,
        "totalTokenCount": 1200,
    }
    record = ask(replay, "google", gemini(usage), mode)
    assert tokens(record, "input", "output", "total") == (1000, 200, 1200)


def test_vertex_counts_thoughts_in_the_output(replay: ReplayServer) -> None:
    """langchain-google#1932: `ChatVertexAI`'s output is without them, so that input and output are not the total."""
    record = ask(replay, "vertex", CACHED["google"], model=FLASH)
    assert tokens(record, "input", "output", "total", "reasoning") == (1000, 200, 1200, 120)
    assert record.warnings == ()


def test_gemini_answers_without_any_output_are_read(replay: ReplayServer) -> None:
    """opik#2705: a validation error on a usage that lacks `candidatesTokenCount`; the call is lost."""
    usage = {"promptTokenCount": 1000, "thoughtsTokenCount": 200, "totalTokenCount": 1200}
    record = ask(replay, "google", gemini(usage, text="", finish="MAX_TOKENS"))
    assert (record.finish_reason, record.truncated) == ("length", True)
    assert tokens(record, "input", "total") == (1000, 1200)


def test_xai_counts_reasoning_once(replay: ReplayServer) -> None:
    """xAI tells reasoning beside the output, and the integration adds it: 1000 + 200 is 1200 either way."""
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 80,
        "total_tokens": 1200,
        "completion_tokens_details": {"reasoning_tokens": 120},
    }
    record = ask(replay, "xai", chat(usage, model="grok-4"))
    assert tokens(record, "output", "total", "reasoning") == (200, 1200, 120)


def test_cached_tokens_of_a_compatible_endpoint_are_told(replay: ReplayServer) -> None:
    """langchain-snowflake#46: `cache_read` dropped. Snowflake's endpoint speaks OpenAI's dialect, of Anthropic's models."""
    record = ask(replay, "openai", chat(CACHED_CHAT, model="claude-sonnet-4-5"))
    assert tokens(record, "input", "cache_read") == (1000, 600)
    assert record.provider == "unknown"


def test_perplexitys_cached_tokens_are_told_where_the_integration_hands_them_over() -> None:
    """langchain#39897: Perplexity's `cached_tokens` dropped."""
    usage = spent(1000, 200, prompt_tokens_details={"cached_tokens": 600})
    message = AIMessage("hi", response_metadata={"model_name": "sonar", "token_usage": usage})
    start = {"serialized": {"id": ["ChatPerplexity"]}}
    assert tokens(normalize(message, start=start), "input", "cache_read") == (1000, 600)


def test_otel_attributes_count_the_cache_once() -> None:
    """langfuse#12306, pydantic-ai#4364: the cache doubled on its way through OpenTelemetry's attributes."""
    message = AIMessage(
        "hi",
        response_metadata={"model_name": "claude", "stop_reason": "end_turn", "model_provider": "anthropic"},
        usage_metadata={
            "input_tokens": 1000,
            "output_tokens": 200,
            "total_tokens": 1200,
            "input_token_details": {"cache_read": 600, "cache_creation": 300},
        },
    )
    attributes = normalize(message).to_otel()
    assert attributes["gen_ai.usage.input_tokens"] == 1000
    assert attributes["gen_ai.usage.cache_read.input_tokens"] == 600
    assert attributes["gen_ai.usage.output_tokens"] == 200
