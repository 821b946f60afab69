"""OpenAI-compatible endpoints through the real `ChatOpenAI`: named by their host, and never mistaken for OpenAI.

The addresses are those of the vendors' own documentation.
"""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.load import dumpd

from langchain_respmeta import normalize
from langchain_respmeta.providers.rows import ENDPOINT_ROWS, ROWS

langchain_openai = pytest.importorskip("langchain_openai", reason="langchain-openai is not installed")

LOOKS_LIKE_OPENAI = {
    "id": "chatcmpl-ByN1Qkvqb5fAGKKzXXxZ3rBlnqkWs",
    "model_name": "gpt-5-mini-2025-08-07",
    "model_provider": "openai",
    "system_fingerprint": "fp_34a54ae93c",
    "finish_reason": "stop",
}
"""As gateways pass it on: OpenAI's answer, unchanged."""

HOSTS = {
    # --- model vendors ---
    "https://api.z.ai/api/paas/v4": "zai",
    "https://open.bigmodel.cn/api/paas/v4": "zai",
    "https://api.moonshot.ai/v1": "moonshot",
    "https://api.moonshot.cn/v1": "moonshot",
    "https://api.minimax.io/v1": "minimax",
    "https://api.minimaxi.com/v1": "minimax",
    "https://dashscope.aliyuncs.com/compatible-mode/v1": "alibaba",
    "https://dashscope-intl.aliyuncs.com/compatible-mode/v1": "alibaba",
    "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1": "alibaba",
    "https://ws-1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1": "alibaba",
    "https://ark.cn-beijing.volces.com/api/v3": "bytedance",
    "https://ark.ap-southeast.bytepluses.com/api/v3": "bytedance",
    "https://api.stepfun.com/v1": "stepfun",
    "https://api.xiaomimimo.com/v1": "xiaomi",
    "https://qianfan.baidubce.com/v2": "baidu",
    "https://api.deepseek.com/v1": "deepseek",
    "https://api.x.ai/v1": "x_ai",
    "https://api.mistral.ai/v1": "mistral_ai",
    "https://api.cohere.ai/compatibility/v1": "cohere",
    "https://api.perplexity.ai": "perplexity",
    "https://api.llama.com/compat/v1": "meta",
    "https://api.writer.com/v1": "writer",
    "https://api.ai21.com/studio/v1": "ai21",
    "https://api.inceptionlabs.ai/v1": "inception",
    "https://api.upstage.ai/v1": "upstage",
    "https://api.reka.ai/v1": "reka",
    # --- who serves others' models ---
    "https://integrate.api.nvidia.com/v1": "nvidia",
    "https://api.siliconflow.cn/v1": "siliconflow",
    "https://api.siliconflow.com/v1": "siliconflow",
    "https://api.studio.nebius.com/v1": "nebius",
    "https://api.tokenfactory.nebius.com/v1": "nebius",
    "https://api.deepinfra.com/v1/openai": "deepinfra",
    "https://api.hyperbolic.xyz/v1": "hyperbolic",
    "https://api.novita.ai/v3/openai": "novita",
    "https://api.groq.com/openai/v1": "groq",
    "https://api.cerebras.ai/v1": "cerebras",
    "https://api.sambanova.ai/v1": "sambanova",
    "https://api.fireworks.ai/inference/v1": "fireworks",
    "https://api.together.xyz/v1": "together",
    "https://router.huggingface.co/v1": "huggingface",
    "https://inference.baseten.co/v1": "baseten",
    "https://llm.chutes.ai/v1": "chutes",
    "https://api.featherless.ai/v1": "featherless",
    "https://api.friendli.ai/serverless/v1": "friendli",
    "https://api.scaleway.ai/v1": "scaleway",
    "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1": "ovhcloud",
    "https://inference.do-ai.run/v1": "digitalocean",
    "https://api.inference.wandb.ai/v1": "wandb",
    "https://api.venice.ai/api/v1": "venice",
    "https://ollama.com/v1": "ollama",
    # --- clouds ---
    "https://res.openai.azure.com/openai/v1": "azure.ai.openai",
    "https://res.services.ai.azure.com/openai/v1": "azure.ai.inference",
    "https://apim.azure-api.net/openai/v1": "azure.ai.openai",
    "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1": "aws.bedrock",
    "https://bedrock-mantle.us-east-1.api.aws/v1": "aws.bedrock",
    "https://vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com/openai/v1": "aws.bedrock",
    "https://generativelanguage.googleapis.com/v1beta/openai": "gcp.gemini",
    "https://us-central1-aiplatform.googleapis.com/v1/projects/p/endpoints/openapi": "gcp.vertex_ai",
    "https://aiplatform.eu.rep.googleapis.com/v1/projects/p/endpoints/openapi": "gcp.vertex_ai",
    "https://us-south.ml.cloud.ibm.com/ml/gateway/v1": "ibm.watsonx.ai",
    "https://adb-1.2.azuredatabricks.net/serving-endpoints": "databricks",
    "https://acc.snowflakecomputing.com/api/v2/cortex/v1": "snowflake",
    "https://inference.generativeai.us-chicago-1.oci.oraclecloud.com/openai/v1": "oci",
    # --- gateways ---
    "https://models.github.ai/inference": "github",
    "https://api.business.githubcopilot.com": "github",
    "https://gateway.ai.cloudflare.com/v1/acc/gw/openai": "cloudflare",
    "https://api.cloudflare.com/client/v4/accounts/a/ai/v1": "cloudflare",
    "https://api.portkey.ai/v1": "portkey",
    "https://oai.helicone.ai/v1": "helicone",
    "https://ai-gateway.helicone.ai": "helicone",
    "https://ai-gateway.vercel.sh/v1": "vercel",
    "https://openrouter.ai/api/v1": "openrouter",
    "https://router.requesty.ai/v1": "requesty",
    "https://proxy.litellm.ai/v1": "litellm",
    # --- no vendor's: rented machines, companies' own ---
    "https://llm.company.example/v1": "unknown",
    "https://ec2-3-1-2-3.compute-1.amazonaws.com/v1": "unknown",
    "https://lb-1.elb.us-east-1.amazonaws.com/v1": "unknown",
    "https://abc.execute-api.eu-west-1.amazonaws.com/v1": "unknown",
    "https://app.cn-hangzhou.pai-eas.aliyuncs.com/v1": "unknown",
    "https://abc-8000.proxy.runpod.net/v1": "unknown",
    "https://team--vllm.modal.run/v1": "unknown",
    # --- names that only look like a vendor's ---
    "https://api.openai.com.evil.example/v1": "unknown",
    "https://my-openai.azure.example/v1": "unknown",
    "https://notopenrouter.ai/v1": "unknown",
}


def named(url: str | None, **said: Any) -> str:
    """The provider of an answer that `ChatOpenAI` got from this address."""
    model = langchain_openai.ChatOpenAI(model="gpt-5-mini", api_key="none", base_url=url)
    start = {
        "serialized": dumpd(model),
        "metadata": {"ls_provider": "openai"},
        "invocation_params": {"_type": "openai-chat", "model": "gpt-5-mini"},
    }
    message = {"type": "ai", "content": "hi", "response_metadata": {**LOOKS_LIKE_OPENAI, **said}}
    return normalize(message, start=start).provider


@pytest.mark.parametrize(("url", "name"), HOSTS.items(), ids=HOSTS)
def test_a_host_is_named_and_never_taken_for_openai(url: str, name: str) -> None:
    assert named(url) == name


@pytest.mark.parametrize("url", [None, "https://api.openai.com/v1", "https://eu.api.openai.com/v1"])
def test_openai_is_openai(url: str | None) -> None:
    assert named(url) == "openai"


LOCAL = {
    "vLLM": ({"id": "chatcmpl-" + "0a" * 16, "model_name": "Qwen/Qwen3-32B"}, "unknown"),
    "llama.cpp": ({"model_name": "qwen3", "system_fingerprint": "b7010-1a2b3c4d"}, "llama_cpp"),
    "Ollama": ({"model_name": "llama3.2", "system_fingerprint": "fp_ollama", "id": "chatcmpl-148"}, "ollama"),
    "LM Studio": (
        {"model_name": "qwen3-8b", "system_fingerprint": "qwen3-8b", "id": "chatcmpl-k3j9x2b7q1w"},
        "unknown",
    ),
    "SGLang": ({"model_name": "Qwen/Qwen3-8B", "id": "9f" * 16, "system_fingerprint": None}, "unknown"),
    "NIM": ({"model_name": "meta/llama-3.1-8b-instruct", "id": "chat-" + "1b" * 16}, "unknown"),
    "TGI": ({"model_name": "tgi", "id": "", "system_fingerprint": "3.0.1-sha-bb9095a"}, "unknown"),
    "LiteLLM's proxy, of OpenAI": ({}, "openai"),
}
"""Self-hosted servers at an unknown address: the answer decides."""


@pytest.mark.parametrize("server", LOCAL)
@pytest.mark.parametrize("url", ["http://localhost:8000/v1", "http://10.1.2.3:8000/v1"])
def test_a_server_of_ones_own_is_not_openai(url: str, server: str) -> None:
    said, name = LOCAL[server]
    assert named(url, **said) == name


def test_no_host_belongs_to_two_providers() -> None:
    owners: dict[str, set[str]] = {}
    for row in (*ROWS, *ENDPOINT_ROWS):
        for host in row.hosts:
            owners.setdefault(host, set()).add(row.reader.name)
    assert {host: names for host, names in owners.items() if len(names) > 1} == {}
