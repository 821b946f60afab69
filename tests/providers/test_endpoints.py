"""The endpoint's owner, from its host, or from the answer where the host is unknown."""

from typing import Any

import pytest

from langchain_respmeta import normalize
from langchain_respmeta.providers.endpoints import is_openai_model
from langchain_respmeta.providers.engine.hosts import is_private
from langchain_respmeta.providers.vendors import HOSTS

UUID_ID = "chatcmpl-612941d5-5d4f-99af-b71d-b82c122ae275"


def provider(
    *,
    url: str | None = None,
    cls: str = "ChatOpenAI",
    asked: str = "m",
    environment: bool = False,
    **metadata: Any,
) -> str:
    kwargs = {"openai_api_base": url} if url and not environment else {}
    start = {"serialized": {"id": [cls], "kwargs": kwargs}, "invocation_params": {"model": asked}}
    return normalize({"type": "ai", "content": "x", "response_metadata": metadata}, start=start).provider


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://api.deepseek.com", "deepseek"),
        ("https://api.x.ai/v1", "x_ai"),
        ("https://r.openai.azure.com/openai/v1/", "azure.ai.openai"),
        ("https://r.services.ai.azure.com/openai/v1/", "azure.ai.inference"),
        ("https://generativelanguage.googleapis.com/v1beta/openai/", "gcp.gemini"),
        ("https://us-east5-aiplatform.googleapis.com/v1/projects/p", "gcp.vertex_ai"),
        ("https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1", "aws.bedrock"),
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", "alibaba"),
        ("https://api.moonshot.ai/v1", "moonshot"),
        ("https://api.z.ai/api/paas/v4", "zai"),
        ("https://api.portkey.ai/v1", "portkey"),
        ("https://ai-gateway.vercel.sh/v1", "vercel"),
        ("https://gateway.ai.cloudflare.com/v1/a/b/openai", "cloudflare"),
        ("https://oai.helicone.ai/v1", "helicone"),
        ("https://api.together.xyz/v1", "together"),
        ("https://adb-1.1.azuredatabricks.net/serving-endpoints", "databricks"),
        ("https://llm.somebody.example/v1", "unknown"),
        ("https://my-openrouter.ai/v1", "unknown"),
    ],
)
def test_a_public_host_names_the_vendor_whatever_the_answer_says(url: str, name: str) -> None:
    assert provider(url=url, model_name="gpt-5.5", model_provider="openai") == name


@pytest.mark.parametrize("vendor", HOSTS)
def test_every_listed_host_leads_to_its_vendor(vendor: str) -> None:
    for host in HOSTS[vendor]:
        name = f"some{host}" if host[0] in ".-" else host
        assert provider(url=f"https://{name}/v1", model_name="m") == vendor


@pytest.mark.parametrize(
    "url", ["http://localhost:8000/v1", "http://10.0.0.7/v1", "http://proxy.internal/v1", None]
)
@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ({"model_name": "gpt-5.5-2026-04-01", "id": "chatcmpl-ApjGiJn585luUEit6xN0jw5dKDo2h"}, "openai"),
        ({"model_name": "o4-mini-2025-04-16", "system_fingerprint": "fp_44709d6fcb"}, "openai"),
        ({"model_name": "ft:gpt-4o-mini-2024-07-18:org::abc"}, "openai"),
        ({"model_name": "gpt-oss-120b"}, "unknown"),
        ({"model_name": "openai/gpt-5"}, "unknown"),
        ({"model_name": "qwen3"}, "unknown"),
        ({"model_name": "Qwen/Qwen3-32B", "id": "chatcmpl-0a3f8d3f4b0f4c0e9d3b1a2c3d4e5f60"}, "unknown"),
        ({"model_name": "gpt-4o-search-preview-2025-03-11", "id": UUID_ID}, "openai"),
        ({"model_name": "gpt-4o-2024-08-06", "id": UUID_ID, "system_fingerprint": "fp_44709d6fcb"}, "openai"),
        ({"model_name": "gpt-4o", "id": "gen-1736892109-Bw6T8Zz8t3IlUpRWImy8"}, "openrouter"),
        ({"model_name": "openai/gpt-5", "id": "gen_01KKHTP97W6AWQ09AA1E7EXCK5"}, "vercel"),
        ({"model_name": "llama3.1", "system_fingerprint": "fp_ollama", "id": "chatcmpl-148"}, "ollama"),
        ({"model_name": "gpt-4o", "system_fingerprint": "b7010-1a2b3c4d"}, "llama_cpp"),
        ({"model_name": "gpt-4o", "prompt_filter_results": []}, "azure.ai.openai"),
    ],
)
def test_where_the_host_says_nothing_the_answer_decides(
    url: str | None, answer: dict[str, Any], name: str
) -> None:
    assert provider(url=url, **answer) == name


@pytest.mark.parametrize(
    ("url", "cls", "model", "name"),
    [
        (None, "ChatOpenAI", "gpt-4o", "openai"),
        (None, "ChatOpenAI", "qwen3", "unknown"),
        ("https://api.openai.com/v1", "ChatOpenAI", "gpt-4o", "openai"),
        ("https://api.openai.com/v1", "ChatOpenAI", "qwen3", "unknown"),
        ("http://localhost:8000/v1", "ChatOpenAI", "gpt-4o", "unknown"),
    ],
)
def test_an_ids_shape_is_one_sign_among_others(url: str | None, cls: str, model: str, name: str) -> None:
    assert provider(url=url, cls=cls, model_name=model, id=UUID_ID) == name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("x-litellm-call-id", "litellm"),
        ("x-portkey-trace-id", "portkey"),
        ("cf-aig-log-id", "cloudflare"),
        ("Helicone-Id", "helicone"),
        ("x-request-id", "openai"),
    ],
)
@pytest.mark.parametrize("url", ["http://localhost:4000", None, "https://api.openai.com/v1"])
def test_gateways_are_known_by_their_headers_at_any_address(header: str, name: str, url: str | None) -> None:
    assert provider(url=url, model_name="gpt-5.5", headers={header: "a1"}) == name


@pytest.mark.parametrize(
    ("response_id", "name"),
    [
        ("gen-1736892109-Bw6T8Zz8t3IlUpRWImy8", "openrouter"),
        ("gen_01KKHTP97W6AWQ09AA1E7EXCK5", "vercel"),
        (UUID_ID, "unknown"),
    ],
)
def test_gateways_are_known_by_their_ids_behind_a_domain_of_ones_own(response_id: str, name: str) -> None:
    assert provider(url="https://llm.somebody.example/v1", model_name="m", id=response_id) == name


def test_a_gateways_headers_do_not_hide_a_vendors_host() -> None:
    headers = {"cf-aig-log-id": "a1"}
    assert provider(url="https://api.groq.com/openai/v1", model_name="m", headers=headers) == "groq"


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ({"model_name": "moonshotai/kimi-k2", "id": "gen-1753242300-j60LWi6MpN4lMZw1zTHK"}, "openrouter"),
        ({"model_name": "moonshotai/kimi-k2"}, "unknown"),
        ({"model_name": "gpt-4o", "system_fingerprint": "fpv0_170758dd"}, "unknown"),
        ({"model_name": "some-new-name-of-openai"}, "openai"),
    ],
)
def test_an_answer_that_openai_would_not_give_counts_more_than_its_own_host(
    answer: dict[str, Any], name: str
) -> None:
    assert provider(url="https://api.openai.com/v1", **answer) == name


def test_without_any_sign_a_private_host_is_judged_by_the_asked_model() -> None:
    assert provider(url="http://localhost:1/v1", asked="gpt-5") == "openai"
    assert provider(url="http://localhost:1/v1", asked="llama3") == "unknown"
    assert provider(asked="gpt-5") == "openai"


@pytest.mark.parametrize("name", ["OPENAI_API_BASE", "OPENAI_BASE_URL"])
def test_the_environment_of_the_sdk_counts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "https://api.groq.com/openai/v1")
    assert provider(model_name="gpt-5.5") == "groq"


def test_the_default_of_other_classes_is_not_touched_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.groq.com/openai/v1")
    assert provider(cls="ChatDeepSeek", model_name="deepseek-chat") == "deepseek"


def test_anthropics_class_at_another_vendor_is_that_vendor() -> None:
    start = {
        "serialized": {
            "id": ["ChatAnthropic"],
            "kwargs": {"anthropic_api_url": "https://api.z.ai/api/anthropic"},
        }
    }
    record = normalize(
        {"type": "ai", "response_metadata": {"model": "glm-5", "stop_reason": "end_turn"}}, start=start
    )
    assert (record.provider, record.api, record.finish_reason) == ("zai", "messages", "stop")


def test_a_vendor_behind_anothers_class_keeps_its_own_extras() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost_in_usd_ticks": 2_488_500}
    start = {"serialized": {"id": ["ChatOpenAI"], "kwargs": {"openai_api_base": "https://api.x.ai/v1"}}}
    message = {"type": "ai", "response_metadata": {"token_usage": usage, "model_name": "grok-4"}}
    record = normalize(message, start=start)
    assert record.provider == "x_ai"
    assert record.cost is not None
    assert str(record.cost.total) == "0.00024885"
    assert record.model_source == "response"
    assert record.unmapped == ()


@pytest.mark.parametrize(
    ("settings", "environment", "name"),
    [
        ({}, "", "gcp.gemini"),
        ({"vertexai": True}, "", "gcp.vertex_ai"),
        ({"vertexai": False, "project": "p"}, "true", "gcp.gemini"),
        ({}, "true", "gcp.vertex_ai"),
        ({"project": "p"}, "", "gcp.vertex_ai"),
        ({"project": "p"}, "no", "gcp.gemini"),
    ],
)
def test_googles_one_class_for_two_clouds(
    settings: dict[str, Any], environment: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", environment)
    start = {"serialized": {"id": ["ChatGoogleGenerativeAI"], "kwargs": settings}}
    assert normalize({"type": "ai", "response_metadata": {}}, start=start).provider == name


@pytest.mark.parametrize(
    ("host", "private"),
    [("127.0.0.1", True), ("::1", True), ("192.168.1.4", True), ("gpu-box", True), ("a.b.internal", True),
     ("8.8.8.8", False), ("example.com", False)],
)  # fmt: skip
def test_private_hosts(host: str, *, private: bool) -> None:
    assert is_private(host) is private


@pytest.mark.parametrize(
    "model",
    ["gpt-4", "gpt-35-turbo", "gpt-6-astra", "chatgpt-4o-latest", "davinci-002", "o1", "codex-mini-latest"],
)
def test_openais_names(model: str) -> None:
    assert is_openai_model(model)


@pytest.mark.parametrize(
    "model",
    [
        "gpt-oss-20b",
        "gpt-j-6b",
        "gpt-neox",
        "gpt2",
        "opt-125m",
        "phi-4",
        "omega",
        "openchat",
        "deepseek-chat",
    ],
)
def test_names_that_only_look_like_openais(model: str) -> None:
    assert not is_openai_model(model)
