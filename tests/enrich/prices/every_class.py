"""Every integration class that can call the replay server, and one answer of each dialect that holds a fact."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

import pytest

from langchain_respmeta import RespMetaHandler, ResponseMetadata
from langchain_respmeta.cli.demo.wire import Event, Request, anthropic, aws_eventstream, openai_chat, sse
from langchain_respmeta.demo import Answer, ReplayServer
from langchain_respmeta.enrich.prices.modes import Fact
from tests.integrations.modes import MODES, WHOLE
from tests.peers.bodies import BEDROCK_SONNET, FLASH, MINI, SONNET, chat, claude, converse, gemini, spent
from tests.peers.calls import KEY, model_at

Body = dict[str, Any]
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Class:
    """How one integration class is made, and what it speaks."""

    dialect: str
    provider: str
    """The key in `tests.peers.calls`, or a name of this page's own."""
    model: str
    module: str = ""
    """Of a class that `tests.peers.calls` does not have."""
    settings: Callable[[str, pytest.MonkeyPatch], dict[str, Any]] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    streamed: Mapping[str, Any] = field(default_factory=dict)
    """Arguments without which the class does not stream."""
    vendor_cache: str = "cached_tokens"
    """The key that its vendors count cached input under."""


def _keyed(path: str, **more: Any) -> Callable[[str, pytest.MonkeyPatch], dict[str, Any]]:
    return lambda url, _: {"base_url": f"{url}{path}", "api_key": KEY, **more}


def _azure(url: str, _: pytest.MonkeyPatch) -> dict[str, Any]:
    place = {"azure_endpoint": url, "azure_deployment": "d", "api_version": "2025-04-01-preview"}
    return {**place, "api_key": KEY, "max_retries": 0, "stream_usage": True}


def _azure_ai(path: str, **more: Any) -> Callable[[str, pytest.MonkeyPatch], dict[str, Any]]:
    return lambda url, _: {"endpoint": f"{url}{path}", "credential": KEY, **more}


def _on_bedrock(url: str, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    patch.setenv("ANTHROPIC_BEDROCK_BASE_URL", url)  # the class has no argument for it
    keys = {"aws_access_key_id": KEY, "aws_secret_access_key": KEY, "region_name": "us-east-1"}
    return {**keys, "max_retries": 0, "max_tokens": 9}


def _on_vertex(url: str, _: pytest.MonkeyPatch) -> dict[str, Any]:
    anonymous = import_module("google.auth.credentials").AnonymousCredentials()
    anonymous.token = KEY
    place = {"project": "p", "location": "us-east5", "credentials": anonymous, "base_url": f"{url}/v1"}
    return {**place, "max_retries": 0, "max_output_tokens": 9}


def _databricks(url: str, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    patch.setenv("DATABRICKS_HOST", url)  # its client takes both from the environment only
    patch.setenv("DATABRICKS_TOKEN", KEY)
    return {"stream_usage": True}


def _huggingface(url: str, _: pytest.MonkeyPatch) -> dict[str, Any]:
    endpoint = import_module("langchain_huggingface").HuggingFaceEndpoint(
        endpoint_url=url, task="text-generation", huggingfacehub_api_token=KEY
    )
    return {"llm": endpoint, "model_id": MINI, "stream_usage": True}


def _litellm(url: str, _: pytest.MonkeyPatch) -> dict[str, Any]:
    return {"api_base": f"{url}/v1", "api_key": KEY}


def _nvidia(url: str, _: pytest.MonkeyPatch) -> dict[str, Any]:
    return {"base_url": f"{url}/v1", "nvidia_api_key": KEY}


_COUNTED: Final = {"stream_options": {"include_usage": True}}
_TOKENS: Final = {"max_tokens": 9}

CLASSES: Final[Mapping[str, Class]] = {
    "AzureAIAnthropicChatModel": Class("messages", "azure_claude", SONNET, "langchain_azure_ai.chat_models",
                                       _azure_ai("", max_retries=0, **_TOKENS)),
    "AzureAIOpenAIApiChatModel": Class("chat", "azure_ai", MINI, "langchain_azure_ai.chat_models",
                                       _azure_ai("/openai/v1", max_retries=0, stream_usage=True)),
    "AzureChatOpenAI": Class("chat", "azure", MINI, "langchain_openai", _azure),
    "ChatAnthropic": Class("messages", "anthropic", SONNET, options=_TOKENS),
    "ChatAnthropicBedrock": Class("bedrock_messages", "claude_bedrock", BEDROCK_SONNET, "langchain_aws", _on_bedrock),
    "ChatAnthropicVertex": Class("messages", "claude_vertex", SONNET, "langchain_google_vertexai.model_garden", _on_vertex),
    "ChatBedrock": Class("invoke", "bedrock_invoke", BEDROCK_SONNET),
    "ChatBedrockConverse": Class("converse", "bedrock", BEDROCK_SONNET),
    "ChatCerebras": Class("chat", "cerebras", MINI, "langchain_cerebras", _keyed("/v1", model_kwargs=_COUNTED)),
    "ChatCohere": Class("cohere", "cohere", "command-a-03-2025"),
    "ChatDatabricks": Class("always_counted", "databricks", MINI, "databricks_langchain", _databricks),
    "ChatDeepSeek": Class("chat", "deepseek", MINI, vendor_cache="prompt_cache_hit_tokens"),
    "ChatFireworks": Class("chat", "fireworks", MINI),
    "ChatGoogleGenerativeAI": Class("gemini", "google", FLASH),
    "ChatGroq": Class("chat", "groq", MINI),
    "ChatHuggingFace": Class("chat", "huggingface", MINI, "langchain_huggingface", _huggingface),
    "ChatLiteLLM": Class("chat", "litellm", f"openai/{MINI}", "langchain_litellm", _litellm,
                         streamed={"streaming": True}),
    "ChatMistralAI": Class("chat", "mistral", MINI, vendor_cache="num_cached_tokens"),
    "ChatNVIDIA": Class("chat", "nvidia", MINI, "langchain_nvidia_ai_endpoints", _nvidia),
    "ChatOpenAI": Class("chat", "openai", MINI),
    "ChatOpenRouter": Class("chat", "openrouter", MINI),
    "ChatPerplexity": Class("always_counted", "perplexity", "sonar"),
    "ChatSambaNova": Class("chat", "sambanova", MINI, "langchain_sambanova", _keyed("/v1", **_COUNTED)),
    "ChatTogether": Class("chat", "together", MINI, "langchain_together", _keyed("/v1", stream_usage=True)),
    "ChatUpstage": Class("chat", "upstage", MINI, "langchain_upstage", _keyed("/v1", stream_usage=True)),
    "ChatVertexAI": Class("vertex", "vertex", FLASH),
    "ChatXAI": Class("chat", "xai", MINI),
}  # fmt: skip


# --- one answer for each dialect and fact ---------------------------------------------------------------------------

COUNTS: Final = {"input_tokens": 100, "output_tokens": 9, "cache_creation_input_tokens": 7}
PASSES: Final = [{"type": "message", "input_tokens": 1, "output_tokens": 1}]
CHAT: Final[Mapping[Fact, Body]] = {
    "cache_read": {"prompt_tokens_details": {"cached_tokens": 7}},
    "vendor_cache": {},
    "bill": {"cost": 0.25},
    "service_tier": {},
    "searches": {"num_search_queries": 2},
}
MESSAGES: Final[Mapping[Fact, Body]] = {
    "cache_read": {"cache_read_input_tokens": 7},
    "cache_hour": {"cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4}},
    "service_tier": {"service_tier": "priority"},
    "speed": {"speed": "fast"},
    "inference_geo": {"inference_geo": "us"},
    "passes": {"iterations": PASSES},
    "searches": {"server_tool_use": {"web_search_requests": 2}},
}
GEMINI: Final[Mapping[Fact, Body]] = {
    "cache_read": {"cachedContentTokenCount": 7},
    "service_tier": {"trafficType": "ON_DEMAND_PRIORITY"},
    "searches": {},
}
CONVERSE: Final[Mapping[Fact, Body]] = {
    "cache_read": {"cacheReadInputTokens": 7, "totalTokens": 116},
    "cache_hour": {
        "cacheWriteInputTokens": 7,
        "cacheDetails": [{"ttl": "1h", "inputTokens": 4}, {"ttl": "5m", "inputTokens": 3}],
        "totalTokens": 116,
    },
    "service_tier": {},
    "latency": {},
}
GROUNDED: Final = {"webSearchQueries": ["cuneiform", "Uruk"]}


def _look(record: ResponseMetadata, fact: Fact) -> Any:
    kept = record.provider_data
    usage = kept.get("usage", kept.get("token_usage", {}))
    counted = record.usage
    cost = record.cost
    grounding = kept.get("grounding_metadata", {})
    return {
        "cache_read": counted and counted.cache_read_tokens,
        "vendor_cache": counted and counted.cache_read_tokens,
        "cache_hour": counted and counted.cache_write_1h_tokens,
        "service_tier": record.service_tier,
        "speed": usage.get("speed"),
        "inference_geo": usage.get("inference_geo"),
        "latency": kept.get("performanceConfig"),
        "passes": usage.get("iterations"),
        "searches": (counted and counted.web_search_requests) or grounding.get("web_search_queries"),
        "bill": cost is not None and cost.source == "provider" and cost.total,
    }[fact]


def _chat(one: Class, fact: Fact, mode: str) -> Any:
    told = CHAT[fact] or ({one.vendor_cache: 7} if fact == "vendor_cache" else {})
    return chat(spent(1000, 9, **told), service_tier="priority", system_fingerprint=None)


def _always_counted(one: Class, fact: Fact, mode: str) -> Any:
    """Vendors that count in streams whether or not they were asked to, at paths that the replay server does not know."""
    body = {**_chat(one, fact, mode)}
    if fact == "bill":
        body["usage"]["cost"] = {"total_cost": 0.25, "currency": "USD"}
    return body if mode in WHOLE else _streamed(openai_chat.encode(body, _ASKED), sse, "text/event-stream")


def _messages(one: Class, fact: Fact, mode: str) -> Any:
    body = claude({**COUNTS, **MESSAGES[fact]})
    return body if mode in WHOLE else _streamed(anthropic.encode(body, _ASKED), sse, "text/event-stream")


def _bedrock_messages(one: Class, fact: Fact, mode: str) -> Any:
    return _messages(one, fact, mode) if mode in WHOLE else _invoke(one, fact, mode)


_METRICS: Final = {"inputTokenCount": 100, "outputTokenCount": 9, "cacheWriteInputTokenCount": 7}


def _invoke(one: Class, fact: Fact, mode: str) -> Any:
    body = claude({**COUNTS, **MESSAGES[fact]})
    read = 7 if fact == "cache_read" else 0
    if (
        mode in WHOLE
    ):  # https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html, and as observed
        told = {"Input": 100, "Output": 9, "Cache-Read-Input": read, "Cache-Write-Input": 7}
        counts = {f"x-amzn-bedrock-{name}-token-count".lower(): str(count) for name, count in told.items()}
        return Answer(body, headers={**counts, "x-amzn-bedrock-service-tier": "priority"})
    told = [dict(event.data) for event in anthropic.encode(body, _ASKED)]
    told[-1]["amazon-bedrock-invocationMetrics"] = {**_METRICS, "cacheReadInputTokenCount": read}
    parts = (Event({"bytes": base64.b64encode(json.dumps(one).encode()).decode()}, "chunk") for one in told)
    return _streamed(parts, aws_eventstream, "application/vnd.amazon.eventstream")


def _gemini(one: Class, fact: Fact, mode: str) -> Any:
    told = {"promptTokenCount": 1000, "candidatesTokenCount": 9, "totalTokenCount": 1009}
    body = gemini({**told, **GEMINI[fact]})
    if fact == "searches":
        body["candidates"][0]["groundingMetadata"] = GROUNDED
    return body


def _vertex(one: Class, fact: Fact, mode: str) -> Any:
    body = _gemini(one, fact, mode)
    return body if mode in WHOLE else Answer(raw=json.dumps([body]).encode())


def _converse(one: Class, fact: Fact, mode: str) -> Any:
    usage = {"inputTokens": 100, "outputTokens": 9, "totalTokens": 109, **CONVERSE[fact]}
    return converse(usage, performanceConfig={"latency": "optimized"}, serviceTier={"type": "priority"})


def _cohere(one: Class, fact: Fact, mode: str) -> Any:
    usage = {
        "billed_units": {"input_tokens": 90, "output_tokens": 9},
        "tokens": {"input_tokens": 1000, "output_tokens": 9},
        "cached_tokens": 7,
    }
    message = {"role": "assistant", "content": [{"type": "text", "text": "Uruk."}]}
    if mode in WHOLE:
        return {"id": "c-1", "message": message, "finish_reason": "COMPLETE", "usage": usage}
    at = {"index": 0}
    start = {
        "message": {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    }
    events = (
        {"id": "c-1", "type": "message-start", "delta": start},
        {"type": "content-start", **at, "delta": {"message": {"content": {"type": "text", "text": ""}}}},
        {"type": "content-delta", **at, "delta": {"message": {"content": {"text": "Uruk."}}}},
        {"type": "content-end", **at},
        {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": usage}},
    )
    return _streamed((Event(one, one["type"]) for one in events), sse, "text/event-stream")


def _streamed(events: Iterable[Event], frame: Callable[[Event], bytes], kind: str) -> Answer:
    return Answer(raw=b"".join(map(frame, events)), content_type=kind)


_ASKED: Final = Request(
    "POST", "", "", "", "", {}, {"stream": True, "stream_options": {"include_usage": True}}
)

ANSWERS: Final[Mapping[str, Callable[[Class, Fact, str], Any]]] = {
    "always_counted": _always_counted,
    "bedrock_messages": _bedrock_messages,
    "chat": _chat,
    "cohere": _cohere,
    "converse": _converse,
    "gemini": _gemini,
    "invoke": _invoke,
    "messages": _messages,
    "vertex": _vertex,
}


def call(
    replay: ReplayServer, name: str, fact: Fact, mode: str, patch: pytest.MonkeyPatch, **options: Any
) -> ResponseMetadata:
    """The record of one call whose answer holds the fact; skipped where the class is not installed."""
    one = CLASSES[name]
    answer = ANSWERS[one.dialect](one, fact, mode)
    made = {**one.options, **({} if mode in WHOLE else one.streamed), **options}
    if one.settings is None:
        model = model_at(replay, one.provider, answer, model=made.pop("model", one.model), **made)
    else:
        pytest.importorskip(one.module.partition(".")[0], reason=f"{one.module} is not installed")
        url = replay.add(one.provider, f"class-{next(_numbers)}", answer)
        made = {"model": one.model, **one.settings(url, patch), **made}
        model = getattr(import_module(one.module), name)(**made)
    handler = RespMetaHandler(feedback=False, include_content=True)
    MODES[mode](model, {"callbacks": [handler]})
    (record,) = handler.records
    return record


def tells(record: ResponseMetadata, fact: Fact) -> bool:
    """Whether a record holds a fact; searches that an answer only names count, too."""
    return bool(_look(record, fact))
