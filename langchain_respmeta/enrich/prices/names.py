"""Whose price list, and by which name: the record's words for providers and models in genai-prices' own.

Only rewritings that cannot change the price are done: a path or a prefix that names the same model. Nothing is
guessed from what a model's name looks like.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeAlias, cast
from urllib.parse import urlsplit

from langchain_respmeta.enrich.prices.result import UnpricedReason


class Call(NamedTuple):
    """Who answered, in the record's words: what one look-up of rates depends on."""

    provider: str
    model: str | None
    service_tier: str | None = None
    requested_model: str | None = None
    api_url: str | None = None
    upstream: str | None = None
    speed: str | None = None
    inference_geo: str | None = None
    billed: bool = False
    region: str | None = None
    latency: str | None = None

    def is_sound(self) -> bool:
        """Whether every part is a name: integrations have handed over stranger things."""
        return all(name is None or isinstance(name, str) for name in self if name is not self.billed)


CallKey: TypeAlias = tuple[
    str,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    str | None,
    bool,
    str | None,
    str | None,
]
"""The parts of a `Call`: as good a key, and made in a tenth of the time."""


class Place(NamedTuple):
    """Where a price stands in the price data."""

    provider: str | None
    """genai-prices' id, or None: find it by `api_url`."""
    model: str


PROVIDERS: Final[dict[str, str]] = {
    "anthropic": "anthropic",
    "aws.bedrock": "aws",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "cerebras": "cerebras",
    "cohere": "cohere",
    "databricks": "databricks",
    "deepseek": "deepseek",
    "fireworks": "fireworks",
    "gcp.gemini": "google",
    "gcp.vertex_ai": "google",
    "groq": "groq",
    "mistral_ai": "mistral",
    "moonshot": "moonshotai",
    "openai": "openai",
    "openrouter": "openrouter",
    "perplexity": "perplexity",
    "together": "together",
    "x_ai": "x-ai",
}
"""The record's provider words → ids of genai-prices. A word that is itself such an id needs no row."""

LOCAL: Final = frozenset(
    {"gpt4all", "llama.cpp", "llama_cpp", "llamacpp", "llamafile", "lm_studio", "lmstudio", "local", "localai", "mlx",
     "ollama", "tgi", "vllm", "xinference"}
)  # fmt: skip
"""Servers that people run themselves."""

LITELLM: Final[dict[str, str]] = {
    "anthropic": "anthropic",
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "cerebras": "cerebras",
    "cohere": "cohere",
    "cohere_chat": "cohere",
    "databricks": "databricks",
    "deepseek": "deepseek",
    "fireworks_ai": "fireworks",
    "gemini": "gcp.gemini",
    "groq": "groq",
    "hosted_vllm": "vllm",
    "huggingface": "huggingface",
    "llamafile": "llamafile",
    "lm_studio": "lm_studio",
    "minimax": "minimax",
    "mistral": "mistral_ai",
    "moonshot": "moonshot",
    "novita": "novita",
    "ollama": "ollama",
    "ollama_chat": "ollama",
    "openai": "openai",
    "openrouter": "openrouter",
    "perplexity": "perplexity",
    "together_ai": "together",
    "vertex_ai": "gcp.vertex_ai",
    "vllm": "vllm",
    "xai": "x_ai",
    "zai": "zai",
}
"""LiteLLM's `provider/model` prefixes (https://docs.litellm.ai/docs/providers) → the record's words."""

COUNTED_IS_NOT_BILLED: Final = frozenset({"cohere"})
"""Cohere's `tokens` hold its own prompt template (206 where `billed_units` has 5): only the latter have a price.
https://docs.cohere.com/docs/how-does-cohere-pricing-work"""

HF_ROUTED: Final = frozenset(
    {"cerebras", "fireworks-ai", "groq", "hyperbolic", "nebius", "novita", "nscale", "ovhcloud", "publicai",
     "sambanova", "together"}
)  # fmt: skip
"""Inference providers behind Hugging Face's router (https://huggingface.co/docs/inference-providers)."""

_NEVER_LOCAL: Final = re.compile(
    r"(.*/)?([a-z-]+\.)*(gpt-(?!oss)|o[1-9](-|$)|chatgpt-|claude[-.]|gemini-|grok-[2-9]|sonar($|-)|nova-(micro|lite|pro|premier)"
    r"|deepseek-(chat|reasoner)$|kimi-latest|qwen-(max|plus|turbo|flash)|mistral-(large|medium|small)-latest"
    r"|command-a-03|amazon\.nova).*",
    re.IGNORECASE,
)
"""Models, or names of them, that only their makers and clouds serve: a private address of theirs is a proxy's, whose
seller is not known."""
_PRIVATE_HOST: Final = re.compile(
    r"(localhost|host\.docker\.internal|.*\.(local|internal|localhost)|0\.0\.0\.0|127\..*|10\..*|192\.168\..*"
    r"|172\.(1[6-9]|2\d|3[01])\..*|169\.254\..*|::1|f[cd][0-9a-f]{2}:.*)"
)
_OLLAMA_CLOUD: Final = re.compile(r"[:-]cloud$")
"""Models that Ollama's server passes on to its maker's machines (https://docs.ollama.com/cloud)."""
_OPENAIS: Final = re.compile(r"(gpt-(?!oss)|chatgpt-|o[134]($|-))")
_LITELLM_NATIVE: Final = re.compile(rf"({_OPENAIS.pattern}|claude-)")
"""Names that LiteLLM itself takes as OpenAI's or Anthropic's when no prefix is given."""

_ARN: Final = re.compile(r"arn:[a-z-]+:bedrock:[^:]*:[^:]*:(?P<kind>[a-z-]+)/(?P<name>.+)")
_ARN_NAMES_MODEL: Final = frozenset({"foundation-model", "inference-profile"})
_GEOGRAPHY: Final = re.compile(r"^(us|us-gov|eu|apac|au|jp|ca|il|mx|sa|me|af)\.")
_COMPACT_DATE: Final = re.compile(r"-20\d{6}(?=:|$)")
_GOOGLE_PATH: Final = re.compile(r"^(?:.*/)?(?:models|publishers/[^/]+/models)/(?P<name>[^/]+)$")


def host_of(api_url: str | None) -> str:
    """The host of an address with or without its scheme; "" where there is none."""
    if not api_url:
        return ""
    try:
        return (urlsplit(api_url if "//" in api_url else f"//{api_url}").hostname or "").lower()
    except ValueError:
        return ""


def place(call: Call) -> Place | UnpricedReason:
    """Where to look up the price of `call`, or why nowhere.

    The model of the answer decides. The requested one stands in only where the answer names none, and never at
    Azure, where it is the name somebody gave to a deployment.
    """
    provider = call.provider.lower()
    host = host_of(call.api_url)
    model = call.model or (None if provider.startswith("azure.") else call.requested_model)
    hosted = is_or_under(host, "ollama.com") or any(
        _OLLAMA_CLOUD.search(name) or _NEVER_LOCAL.fullmatch(name)
        for name in (model, call.requested_model)
        if name
    )
    if provider in LOCAL or (provider in {"openai", "unknown"} and _PRIVATE_HOST.fullmatch(host)):
        return "unknown_provider" if hosted else "local_model"
    if not model:
        return "no_model"
    return _ROUTERS.get(provider, _direct)(provider, model, call)


def _direct(provider: str, model: str, call: Call) -> Place | UnpricedReason:
    if provider in COUNTED_IS_NOT_BILLED and not call.billed:
        return "usage_incomplete"
    host = host_of(call.api_url)
    own = not host or is_or_under(host, "api.openai.com")
    if provider == "unknown" or (provider == "openai" and not own):
        return Place(None, model) if host else "unknown_provider"
    for twin in TWINS:
        if twin.provider == provider and twin.address.search(call.api_url or ""):
            return Place(twin.found, model) if twin.is_list else cast("UnpricedReason", twin.found)
    return Place(PROVIDERS.get(provider, provider), model)


def is_or_under(host: str, name: str) -> bool:
    """Whether a host is `name` or a part of it."""
    return host == name or host.endswith(f".{name}")


class Twin(NamedTuple):
    """An address of a provider where its list does not hold."""

    provider: str
    address: re.Pattern[str]
    found: str
    """Another list of genai-prices, or the reason why there is none."""
    source: str
    is_list: bool = False


TWINS: Final[tuple[Twin, ...]] = (
    Twin("azure.ai.openai", re.compile(r"\.azure\.(us|cn)\b"), "region_not_priced",
         "https://azure.microsoft.com/pricing/details/azure-openai/"),
    Twin("azure.ai.inference", re.compile(r"\.azure\.(us|cn)\b"), "region_not_priced",
         "https://azure.microsoft.com/pricing/details/azure-openai/"),
    Twin("aws.bedrock", re.compile(r"\bus-gov-|\.amazonaws\.com\.cn\b"), "region_not_priced",
         "https://aws.amazon.com/bedrock/pricing/"),
    Twin("fireworks", re.compile(r"\.direct\.fireworks\.ai"), "not_per_token",
         "https://docs.fireworks.ai/guides/ondemand-deployments"),
    Twin("moonshot", re.compile(r"\.moonshot\.cn\b"), "region_not_priced",
         "https://platform.moonshot.cn/docs/pricing/chat"),
    Twin("moonshot", re.compile(r"\bapi\.kimi\.com/coding"), "not_per_token", "https://www.kimi.com/code"),
    Twin("minimax", re.compile(r"\.minimaxi\.com\b|\.minimax\.chat\b"), "region_not_priced",
         "https://platform.minimaxi.com/document/Price"),
    Twin("zai", re.compile(r"/api/coding\b"), "not_per_token", "https://docs.z.ai/devpack/overview"),
    Twin("zai", re.compile(r"\bopen\.bigmodel\.cn\b"), "zhipuai", "https://open.bigmodel.cn/pricing", is_list=True),
)  # fmt: skip
"""Regions, clouds and subscriptions with prices of their own: the first row that fits counts."""


def _maker(native: str) -> str:
    """Whose model has such a name."""
    return "anthropic" if native.startswith("claude-") else "openai"


PASSING_ON: Final[Mapping[str, str]] = {
    # Keys of the user's own, or credits that are used up at the vendors' prices (their fee is on buying credits).
    "cloudflare": "https://developers.cloudflare.com/ai-gateway/features/unified-billing/",
    "helicone": "https://docs.helicone.ai/ai-gateway/overview",
    "litellm": "https://docs.litellm.ai/docs/proxy/cost_tracking",
    "portkey": "https://portkey.ai/docs/api-reference/inference-api/headers",
    "vercel": "https://vercel.com/docs/ai-gateway/pricing",
}
"""Gateways that add nothing to a vendor's price → where that is said."""

_MAKERS: Final[Mapping[str, tuple[str, re.Pattern[str]]]] = {
    "amazon": ("aws.bedrock", re.compile(r"nova-.*")),
    "anthropic": ("anthropic", re.compile(r"claude-.*")),
    "google": ("gcp.gemini", re.compile(r"gemini-.*")),
    "openai": ("openai", re.compile(r"(gpt-(?!oss)|o[1-9]).*")),
    "perplexity": ("perplexity", re.compile(r"sonar.*")),
    "xai": ("x_ai", re.compile(r"grok-.*")),
}
"""Vercel's `maker/model`: maker → whose list holds, for models that have one price whoever serves them."""
_POINT: Final = re.compile(r"(?<=\d)\.(?=\d)")


def behind(call: Call) -> Call | UnpricedReason:
    """The call itself, or the one that a gateway made with it: to whom it says, or to whom a name can only belong.

    A model's name may hold the vendor's before its first slash, after `@`, or (Helicone) after its last one.
    """
    gateway, model = call.provider.lower(), call.model or call.requested_model
    if gateway not in PASSING_ON or not model:
        return call
    if gateway == "litellm" and model.startswith("azure/"):
        return "no_model"  # azure/<deployment>: the name somebody gave it
    found = _seller(gateway, model, call)
    if isinstance(found, str):
        return found
    provider, model = found
    # An address behind which nobody is known may be whose it is; a gateway's is not the vendor's.
    api_url = call.api_url if provider == "unknown" else None
    return call._replace(provider=provider, model=model, api_url=api_url, upstream=None)


def _seller(gateway: str, model: str, call: Call) -> tuple[str, str] | UnpricedReason:
    """Whose list holds for what a gateway passed on, and the model's name there."""
    prefix, slash, rest = model.removeprefix("@").partition("/")
    if gateway == "vercel" and (found := _made_by(prefix, rest)) is not None:
        return found
    if call.upstream:
        provider = LITELLM.get(call.upstream, call.upstream)
        named = slash and (gateway == "vercel" or LITELLM.get(prefix, prefix) == provider)
        return provider, rest if named else model
    if gateway != "litellm":
        # Cloudflare's own machines have a list of their own, and other gateways have none.
        return ("openai" if _OPENAIS.match(model) else gateway), model.removeprefix("workers-ai/")
    if slash and prefix in LITELLM:
        return LITELLM[prefix], rest
    return _by_name(model, call.api_url)


def _by_name(model: str, api_url: str | None) -> tuple[str, str] | UnpricedReason:
    """What LiteLLM makes of a name without a vendor: itself it knows some; its proxy's aliases may be anybody's."""
    if api_url and not _PRIVATE_HOST.fullmatch(host_of(api_url)):
        return "unknown", model  # whoever speaks the dialect there
    known = _OPENAIS if api_url else _LITELLM_NATIVE
    return (_maker(model), model) if known.match(model) else "unknown_provider"


def _made_by(maker: str, model: str) -> tuple[str, str] | None:
    """Whose list holds for one of Vercel's models, and by which name; None where its hosts differ in price."""
    provider, known = _MAKERS.get(maker, (None, None))
    if provider is None or known is None or not known.fullmatch(model):
        return None
    return provider, _POINT.sub("-", model) if provider == "anthropic" else model


def _huggingface(_provider: str, model: str, call: Call) -> Place | UnpricedReason:
    """A model behind the router (`…:groq`), or a server of one's own or rented by the hour."""
    host = host_of(model) if "://" in model else host_of(call.api_url)
    if _PRIVATE_HOST.fullmatch(host):
        return "local_model"
    if host.endswith(".endpoints.huggingface.cloud"):
        return "not_per_token"
    name, _, suffix = model.rpartition(":")
    asked_for = (call.requested_model or "").rpartition(":")[2]
    upstream = next((word for word in (call.upstream, suffix, asked_for) if word in HF_ROUTED), None)
    if upstream is None:
        return "unknown_provider"
    return Place(f"huggingface_{upstream}", name if suffix == upstream else model)


_SOLD_BY_ITS_MAKER: Final = re.compile(
    r"(anthropic/claude|openai/(?!gpt-oss)|google/gemini|x-ai/grok|amazon/nova|cohere/command)"
)
"""Models that cost the same wherever OpenRouter sends a call."""


def _openrouter_place(_provider: str, model: str, call: Call) -> Place | UnpricedReason:
    """Each host of an open model has its own price, and OpenRouter's list has only one of them."""
    if ":online" in (call.requested_model or model):
        return "part_not_priced"
    if model.endswith(":free") or _SOLD_BY_ITS_MAKER.match(model):
        return Place("openrouter", model)
    return "unknown_provider"


_ROUTERS: Final[dict[str, Callable[[str, str, Call], Place | UnpricedReason]]] = {
    "huggingface": _huggingface,
    "openrouter": _openrouter_place,
}


def names(provider: str, model: str) -> tuple[str, ...] | UnpricedReason:
    """How the price list `provider` may call `model`: its own name first, then others of the same price."""
    rewrite = _NAMES.get(provider)
    return (model,) if rewrite is None else rewrite(model)


def _aws(model: str) -> tuple[str, ...] | UnpricedReason:
    """Bedrock: a model id, a geography's inference profile, or the ARN of either.

    An application inference profile, provisioned throughput or an imported model hides the model in its ARN.
    https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
    """
    if model.startswith("arn:"):
        arn = _ARN.fullmatch(model)
        if not arn or arn["kind"] not in _ARN_NAMES_MODEL:
            return "opaque_model"
        model = arn["name"]
    model = model.rsplit("/", 1)[-1]  # LiteLLM: converse/…, us-east-1/…
    return (model, _GEOGRAPHY.sub("", model))


def _google(model: str) -> tuple[str, ...] | UnpricedReason:
    """`models/…`, `publishers/google/models/…` and longer resource names; an endpoint hides its model."""
    if "endpoints/" in model or model.isdigit():
        return "opaque_model"
    path = _GOOGLE_PATH.fullmatch(model)
    return (path["name"] if path else model,)


def _fireworks(model: str) -> tuple[str, ...] | UnpricedReason:
    """`accounts/fireworks/models/…`, also without the path; `#…` is a deployment billed by the hour."""
    if "#" in model:
        return "not_per_token"
    return (model,) if "/" in model else (f"accounts/fireworks/models/{model}", model)


def _openrouter(model: str) -> tuple[str, ...] | UnpricedReason:
    """OpenRouter answers with the dated name (`…-20260303`) of what its list calls by the plain one."""
    return (model, _COMPACT_DATE.sub("", model))


def _openai(model: str) -> tuple[str, ...] | UnpricedReason:
    return (model.removeprefix("openai/"),)


_NAMES: Final[dict[str, Callable[[str], tuple[str, ...] | UnpricedReason]]] = {
    "aws": _aws,
    "fireworks": _fireworks,
    "google": _google,
    "openai": _openai,
    "openrouter": _openrouter,
}
"""The price lists that want their models called otherwise than the answers do."""
