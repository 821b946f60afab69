"""Vendors and what others call them: one row each, by the record's word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Vendor(NamedTuple):
    """The names and addresses of one vendor."""

    hosts: tuple[str, ...] = ()
    """Of a vendor or gateway without an integration of its own here; the others' are in their rows."""
    price_list: str | None = None
    """Its id in genai-prices."""
    litellm: tuple[str, ...] = ()
    """LiteLLM's `provider/model` prefixes (https://docs.litellm.ai/docs/providers)."""
    gateways: tuple[str, ...] = ()
    """Gateways' words, where they are not LangChain's."""


VENDORS: Final[Mapping[str, Vendor]] = {
    "ai21": Vendor(hosts=("api.ai21.com",)),
    "aimlapi": Vendor(hosts=("api.aimlapi.com",)),
    "alephalpha": Vendor(hosts=("api.aleph-alpha.com",)),
    "alibaba": Vendor(hosts=("dashscope.aliyuncs.com", "dashscope-*.aliyuncs.com", ".maas.aliyuncs.com")),
    "anthropic": Vendor(price_list="anthropic", litellm=("anthropic",)),
    "anyscale": Vendor(hosts=("api.endpoints.anyscale.com",)),
    "avian": Vendor(hosts=("api.avian.io",)),
    "aws.bedrock": Vendor(
        price_list="aws",
        litellm=("bedrock", "bedrock_converse"),
        gateways=("aws", "aws-bedrock", "aws_bedrock", "bedrock"),
    ),
    "azure.ai.inference": Vendor(
        price_list="azure", litellm=("azure_ai",), gateways=("azure-ai", "azure_ai")
    ),
    "azure.ai.openai": Vendor(
        price_list="azure", litellm=("azure",), gateways=("azure-openai", "azure_openai")
    ),
    "baichuan": Vendor(hosts=("api.baichuan-ai.com",)),
    "baidu": Vendor(hosts=("qianfan.baidubce.com", "aip.baidubce.com")),
    "baseten": Vendor(hosts=("inference.baseten.co", ".api.baseten.co")),
    "bytedance": Vendor(hosts=(".volces.com", ".byteplus.com", ".bytepluses.com")),
    "cerebras": Vendor(price_list="cerebras", litellm=("cerebras",)),
    "chutes": Vendor(hosts=("llm.chutes.ai",)),
    "cloudflare": Vendor(
        hosts=("gateway.ai.cloudflare.com", "api.cloudflare.com"), gateways=("workers-ai", "workersai")
    ),
    "cohere": Vendor(price_list="cohere", litellm=("cohere", "cohere_chat"), gateways=("cohere_chat",)),
    "cometapi": Vendor(hosts=("api.cometapi.com",)),
    "crusoe": Vendor(hosts=("api.inference.crusoecloud.com",)),
    "databricks": Vendor(price_list="databricks", litellm=("databricks",)),
    "deepinfra": Vendor(hosts=("api.deepinfra.com",)),
    "deepseek": Vendor(price_list="deepseek", litellm=("deepseek",)),
    "digitalocean": Vendor(hosts=("inference.do-ai.run",)),
    "featherless": Vendor(hosts=("api.featherless.ai",)),
    "fireworks": Vendor(
        price_list="fireworks", litellm=("fireworks_ai",), gateways=("fireworks-ai", "fireworks_ai")
    ),
    "friendli": Vendor(hosts=(".friendli.ai",)),
    "gcp.gemini": Vendor(
        price_list="google", litellm=("gemini",), gateways=("gemini", "google", "google-ai-studio")
    ),
    "gcp.vertex_ai": Vendor(
        price_list="google",
        litellm=("vertex_ai",),
        gateways=("google-vertex-ai", "vertex", "vertex-ai", "vertex_ai", "vertexai"),
    ),
    "github": Vendor(hosts=("models.github.ai", "api.githubcopilot.com", ".githubcopilot.com")),
    "groq": Vendor(price_list="groq", litellm=("groq",)),
    "helicone": Vendor(hosts=(".helicone.ai", ".hconeai.com")),
    "huggingface": Vendor(litellm=("huggingface",)),
    "hyperbolic": Vendor(hosts=("api.hyperbolic.xyz",)),
    "inception": Vendor(hosts=("api.inceptionlabs.ai",)),
    "infermatic": Vendor(hosts=("api.totalgpt.ai",)),
    "kluster": Vendor(hosts=("api.kluster.ai",)),
    "lambda": Vendor(hosts=("api.lambda.ai", "api.lambdalabs.com")),
    "lepton": Vendor(hosts=(".lepton.run",)),
    "litellm": Vendor(hosts=(".litellm.ai",)),
    "llamafile": Vendor(litellm=("llamafile",)),
    "lm_studio": Vendor(litellm=("lm_studio",)),
    "meta": Vendor(hosts=("api.llama.com",)),
    "minimax": Vendor(hosts=("api.minimax.io", "api.minimaxi.com", "api.minimax.chat"), litellm=("minimax",)),
    "mistral_ai": Vendor(price_list="mistral", litellm=("mistral",), gateways=("mistral", "mistral-ai")),
    "modelscope": Vendor(hosts=("api-inference.modelscope.cn",)),
    "moonshot": Vendor(
        hosts=("api.moonshot.ai", "api.moonshot.cn", "api.kimi.com"),
        price_list="moonshotai",
        litellm=("moonshot",),
    ),
    "morph": Vendor(hosts=("api.morphllm.com",)),
    "nebius": Vendor(hosts=(".studio.nebius.ai", ".studio.nebius.com", ".tokenfactory.nebius.com")),
    "novita": Vendor(hosts=("api.novita.ai",), litellm=("novita",)),
    "nscale": Vendor(hosts=("inference.api.nscale.com",)),
    "oci": Vendor(hosts=(".oraclecloud.com",)),
    "octoai": Vendor(hosts=(".octoai.run",)),
    "ollama": Vendor(litellm=("ollama", "ollama_chat")),
    "openai": Vendor(price_list="openai", litellm=("openai",)),
    "openrouter": Vendor(price_list="openrouter", litellm=("openrouter",)),
    "ovhcloud": Vendor(hosts=(".endpoints.kepler.ai.cloud.ovh.net",)),
    "parasail": Vendor(hosts=(".parasail.io",)),
    "perplexity": Vendor(price_list="perplexity", litellm=("perplexity",), gateways=("perplexity-ai",)),
    "poe": Vendor(hosts=("api.poe.com",)),
    "portkey": Vendor(hosts=("api.portkey.ai",)),
    "predibase": Vendor(hosts=(".app.predibase.com",)),
    "publicai": Vendor(hosts=("api.publicai.co",)),
    "reka": Vendor(hosts=("api.reka.ai",)),
    "replicate": Vendor(hosts=("openai-proxy.replicate.com", "api.replicate.com")),
    "requesty": Vendor(hosts=(".requesty.ai",)),
    "runpod": Vendor(hosts=("api.runpod.ai",)),
    "scaleway": Vendor(hosts=("api.scaleway.ai",)),
    "siliconflow": Vendor(hosts=("api.siliconflow.cn", "api.siliconflow.com")),
    "snowflake": Vendor(hosts=(".snowflakecomputing.com",)),
    "stepfun": Vendor(hosts=("api.stepfun.com", "api.stepfun.ai")),
    "tencent": Vendor(
        hosts=(".hunyuan.cloud.tencent.com", ".lkeap.cloud.tencent.com", ".lkeap.tencentcloud.com")
    ),
    "together": Vendor(
        price_list="together", litellm=("together_ai",), gateways=("together-ai", "together_ai")
    ),
    "venice": Vendor(hosts=("api.venice.ai",)),
    "vercel": Vendor(hosts=("ai-gateway.vercel.sh",)),
    "vllm": Vendor(litellm=("hosted_vllm", "vllm")),
    "voyage": Vendor(hosts=("api.voyageai.com",)),
    "wandb": Vendor(hosts=("api.inference.wandb.ai",)),
    "writer": Vendor(hosts=("api.writer.com",)),
    "x_ai": Vendor(price_list="x-ai", litellm=("xai",), gateways=("grok", "x-ai", "xai")),
    "xiaomi": Vendor(hosts=(".xiaomimimo.com",)),
    "yi": Vendor(hosts=("api.lingyiwanwu.com",)),
    "zai": Vendor(hosts=("api.z.ai", "open.bigmodel.cn"), litellm=("zai",)),
}
"""The record's word for a vendor → its row."""

HOSTS: Final[Mapping[str, tuple[str, ...]]] = {
    name: vendor.hosts for name, vendor in VENDORS.items() if vendor.hosts
}
"""The record's word → the hosts, of vendors without an integration of their own here."""
PRICE_LISTS: Final[Mapping[str, str]] = {
    name: vendor.price_list for name, vendor in VENDORS.items() if vendor.price_list
}
"""The record's word → the id of its price list in genai-prices."""
LITELLM: Final[Mapping[str, str]] = {
    prefix: name for name, vendor in VENDORS.items() for prefix in vendor.litellm
}
"""LiteLLM's prefix → the record's word."""
GATEWAY_WORDS: Final[Mapping[str, str]] = {
    word: name for name, vendor in VENDORS.items() for word in vendor.gateways
}
"""A gateway's word → the record's."""
