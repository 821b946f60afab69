"""Which integration class a user would take for a recorded answer, and what of the request changes how it reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any, Final

from tests.conformance import _settings as s
from tests.conformance._rows import Row

Bind = Callable[[Row], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Target:
    """One integration class for one kind of endpoint.

    Attributes:
        module: Module of the class.
        name: The class.
        settings: (row, base URL) → arguments of the class.
        dialect: Which module of `expect/` reads the raw answer.
        provider: The record's word for who was called; None where any word but `openai` is right.
        bind: row → arguments of the call.
        prompt: row → what is asked.
        framing: What the integration takes a stream as, where that is not how it was recorded.
        prepare: Something to do with the model once it is made.
        fits: Which rows are this class's.
        v3: Whether the class has `stream_events(version="v3")`: chat models have, completion models have not.
        headers: Whether the class can be asked for the response's headers.
        filled: Fields where the integration hands over a zero, or the request's own word, whether or not the provider
            sent it: what it says there proves nothing, so the record need not repeat it.
    """

    module: str
    name: str
    settings: s.Settings
    dialect: str
    provider: str | None
    bind: Bind = lambda row: {}
    prompt: Callable[[Row], str | list[Any]] = lambda row: "Hi"
    framing: str | None = None
    prepare: Callable[[Any], None] = lambda model: None
    fits: Callable[[Row], bool] = lambda row: True
    v3: bool = True
    headers: bool = False
    filled: tuple[str, ...] = ()
    remade: tuple[str, ...] = ()
    """What the integration makes anew of a tool call: its id, or its arguments with floats for integers."""

    own: tuple[str, ...] = ()
    """Fields that the integration makes up itself (LiteLLM takes thoughts out of the text, and counts them): not judged."""

    replayed: bool = True
    """Whether the class can be pointed at a replay server; else only its dumps are read."""

    patient: bool = False
    """Whether its client cannot be told to try only once: it would try a failed call again for minutes."""

    @property
    def installed(self) -> bool:
        """Whether the class can be imported here."""
        return find_spec(self.module.partition(".")[0]) is not None


def _picked(*names: str) -> Bind:
    """The call's arguments that change how the answer is read."""
    return lambda row: {
        name: row.request[name] for name in names if row.request.get(name) not in (None, "", [], {})
    }


def _anthropic_bind(row: Row) -> dict[str, Any]:
    """What the answer shows of a request that was not recorded whole: tools, and the beta API."""
    bound = _picked("tools", "thinking", "mcp_servers", "context_management", "container")(row)
    if '"server_tool_use"' in row.body or '"tool_use"' in row.body:
        bound.setdefault("tools", [{"name": "any", "input_schema": {"type": "object", "properties": {}}}])
    if '"context_management"' in row.body or bound.keys() & {
        "mcp_servers",
        "context_management",
        "container",
    }:
        bound["betas"] = ["any-beta"]
    return bound


def _documents(row: Row) -> str | list[Any]:
    """Citations come of documents; with them in the prompt, ChatAnthropic keeps the content in blocks."""
    if '"citations"' not in row.body:
        return "Hi"
    source = {"type": "text", "media_type": "text/plain", "data": "Hi"}
    return [
        {"type": "document", "source": source, "citations": {"enabled": True}},
        {"type": "text", "text": "Hi"},
    ]


_CHAT_BIND: Final = _picked("tools", "n", "response_format", "stop")
_TOOLS: Final = _picked("tools")

OPENAI_CHAT: Final = Target(
    "langchain_openai", "ChatOpenAI", s.openai_chat, "chat_completions", "openai", _CHAT_BIND, headers=True
)
OPENAI_RESPONSES: Final = Target(
    "langchain_openai", "ChatOpenAI", s.openai_responses, "responses", "openai", _TOOLS, headers=True
)
OPENAI_TEXT: Final = Target("langchain_openai", "OpenAI", s.openai_text, "completions", "openai", v3=False)
AZURE: Final = Target(
    "langchain_openai",
    "AzureChatOpenAI",
    s.azure,
    "chat_completions",
    "azure.ai.openai",
    _CHAT_BIND,
    headers=True,
)
ANTHROPIC: Final = Target(
    "langchain_anthropic", "ChatAnthropic", s.anthropic, "messages", "anthropic", _anthropic_bind, _documents
)
_GEMINI_FILLED: Final = (
    "usage.cache_read_tokens",
    "usage.input_tokens",
    "usage.total_tokens",
    "usage.reasoning_tokens",
)
GEMINI: Final = Target(
    "langchain_google_genai",
    "ChatGoogleGenerativeAI",
    s.google,
    "generate_content",
    "gcp.gemini",
    framing="sse",
    filled=_GEMINI_FILLED,
)
VERTEX: Final = Target(
    "langchain_google_vertexai",
    "ChatVertexAI",
    s.vertex,
    "generate_content",
    "gcp.vertex_ai",
    framing="json_array",
    filled=_GEMINI_FILLED,
    remade=("id", "args_size_bytes"),
)
CONVERSE: Final = Target(
    "langchain_aws",
    "ChatBedrockConverse",
    s.bedrock,
    "converse",
    "aws.bedrock",
    prepare=s.without_retries,
    filled=("usage.cache_read_tokens", "usage.cache_write_tokens"),
)
BEDROCK_CHAT: Final = Target(
    "langchain_aws",
    "ChatBedrock",
    s.bedrock_invoke,
    "invoke_model",
    "aws.bedrock",
    _TOOLS,
    prepare=s.without_retries,
    filled=(
        "usage.cache_read_tokens",
        "usage.cache_write_tokens",
        "usage.input_tokens",
        "usage.output_tokens",
    ),
    fits=lambda row: s.vendor(row) == "anthropic" and '"completion"' not in row.body[:200],
)
BEDROCK_TEXT: Final = Target(
    "langchain_aws",
    "BedrockLLM",
    s.bedrock_text,
    "invoke_model",
    "aws.bedrock",
    prepare=s.without_retries,
    filled=(
        "usage.cache_read_tokens",
        "usage.cache_write_tokens",
        "usage.input_tokens",
        "usage.output_tokens",
    ),
    fits=lambda row: (
        s.vendor(row) in {"amazon", "cohere", "ai21", "meta", "mistral"} and "nova" not in (row.model or "")
    ),
    v3=False,
)
ANTHROPIC_BEDROCK: Final = replace(
    ANTHROPIC,
    module="langchain_aws",
    name="ChatAnthropicBedrock",
    settings=s.anthropic_bedrock,
    provider="aws.bedrock",
    fits=BEDROCK_CHAT.fits,
)
OPENROUTER: Final = Target(
    "langchain_openrouter", "ChatOpenRouter", s.openrouter, "chat_completions", "openrouter", _TOOLS
)
XAI: Final = Target("langchain_xai", "ChatXAI", s.xai, "chat_completions", "x_ai", _CHAT_BIND, headers=True)


def compatible(provider: str | None = None) -> tuple[Target, ...]:
    """ChatOpenAI pointed at somebody else's address."""
    return (replace(OPENAI_CHAT, provider=provider),)


_STREAMS: Final = ("streamed",)
"""Classes that stream in `invoke` too."""

TARGETS: Final[Mapping[tuple[str, str], tuple[Target, ...]]] = {
    ("openai", "chat_completions"): (OPENAI_CHAT,),
    ("openai", "responses"): (OPENAI_RESPONSES,),
    ("openai", "completions"): (OPENAI_TEXT,),
    ("azure", "chat_completions"): (
        replace(AZURE, fits=lambda row: "/deployments/" in row.path),
        replace(OPENAI_CHAT, provider="azure.ai.openai", fits=lambda row: "/deployments/" not in row.path),
    ),
    ("azure", "responses"): (
        replace(AZURE, dialect="responses", bind=_TOOLS, fits=lambda row: "/v1/" not in row.path),
        replace(OPENAI_RESPONSES, provider="azure.ai.openai", fits=lambda row: "/v1/" in row.path),
    ),
    ("anthropic", "messages"): (ANTHROPIC,),
    ("google_genai", "generate_content"): (GEMINI,),
    ("google_genai", "chat_completions"): compatible("gcp.gemini"),
    ("vertexai", "generate_content"): (
        VERTEX,
        replace(GEMINI, settings=s.google_vertex, provider="gcp.vertex_ai"),
    ),
    ("vertexai", "vertex_rawpredict"): (
        Target(
            "langchain_google_vertexai.model_garden",
            "ChatAnthropicVertex",
            s.vertex_anthropic,
            "messages",
            "gcp.vertex_ai",
            _anthropic_bind,
        ),
    ),
    ("bedrock", "bedrock_converse"): (CONVERSE,),
    ("bedrock", "bedrock_invoke"): (BEDROCK_CHAT, BEDROCK_TEXT, ANTHROPIC_BEDROCK),
    ("mistralai", "chat_completions"): (
        Target(
            "langchain_mistralai", "ChatMistralAI", s.mistral, "chat_completions", "mistral_ai", _CHAT_BIND
        ),
    ),
    ("groq", "chat_completions"): (
        Target(
            "langchain_groq",
            "ChatGroq",
            s.groq,
            "chat_completions",
            "groq",
            _CHAT_BIND,
            filled=("service_tier",),
        ),
    ),
    ("openrouter", "chat_completions"): (
        OPENROUTER,
        replace(OPENAI_CHAT, provider="openrouter", headers=False),
    ),
    ("openrouter", "responses"): (replace(OPENAI_RESPONSES, provider="openrouter"),),
    ("xai", "chat_completions"): (XAI,),
    ("deepseek", "chat_completions"): (
        Target(
            "langchain_deepseek",
            "ChatDeepSeek",
            s.deepseek,
            "chat_completions",
            "deepseek",
            _CHAT_BIND,
            headers=True,
        ),
    ),
    ("cohere", "cohere_chat"): (
        Target(
            "langchain_cohere",
            "ChatCohere",
            s.cohere,
            "cohere",
            "cohere",
            fits=lambda row: row.path.startswith("/v2"),
        ),
    ),
    ("cohere", "cohere_generate"): (
        Target("langchain_cohere.llms", "Cohere", s.cohere_text, "cohere_generate", "cohere", v3=False),
    ),
    ("ollama", "ollama_chat"): (
        Target("langchain_ollama", "ChatOllama", s.ollama, "ollama", "ollama", remade=("id",), own=_STREAMS),
    ),
    ("ollama", "ollama_generate"): (
        Target(
            "langchain_ollama", "OllamaLLM", s.ollama, "ollama_generate", "ollama", v3=False, own=_STREAMS
        ),
    ),
    ("together", "chat_completions"): (
        Target(
            "langchain_together",
            "ChatTogether",
            s.together,
            "chat_completions",
            "together",
            _CHAT_BIND,
            headers=True,
        ),
    ),
    ("together", "completions"): (
        Target("langchain_together", "Together", s.together_text, "completions", "together", v3=False),
    ),
    ("perplexity", "chat_completions"): (
        Target("langchain_perplexity", "ChatPerplexity", s.perplexity, "chat_completions", "perplexity"),
    ),
    ("huggingface", "chat_completions"): (
        Target(
            "langchain_huggingface",
            "ChatHuggingFace",
            s.huggingface,
            "chat_completions",
            "huggingface",
            _TOOLS,
        ),
    ),
    ("databricks", "chat_completions"): (
        Target(
            "databricks_langchain",
            "ChatDatabricks",
            s.databricks,
            "chat_completions",
            "databricks",
            _TOOLS,
            patient=True,
        ),
    ),
    **{
        (name, "chat_completions"): compatible()
        for name in (
            "ai21",
            "alibaba",
            "avian",
            "cloudflare",
            "llamacpp",
            "local",
            "portkey",
            "unknown",
            "vercel_gateway",
            "writer",
            "zai",
        )
    },
    ("ollama", "chat_completions"): compatible(),
    **{
        (name, "completions"): (replace(OPENAI_TEXT, provider=None),)
        for name in ("huggingface", "local", "vllm", "writer")
    },
}


def _borrower(module: str, name: str, settings: s.Settings, provider: str | None) -> Target:
    return Target(module, name, settings, "chat_completions", provider, _CHAT_BIND)


_REASONING: Final = ("reasoning.present", "reasoning.redacted", "reasoning.text")
BORROWERS: Final = (
    replace(
        _borrower("langchain_fireworks", "ChatFireworks", s.fireworks, "fireworks"),
        own=("system_fingerprint",),  # "" where none came
    ),
    _borrower("langchain_cerebras", "ChatCerebras", s.keyed, "cerebras"),
    _borrower("langchain_upstage", "ChatUpstage", s.keyed, "upstage"),
    _borrower("langchain_sambanova", "ChatSambaNova", s.keyed, "sambanova"),
    _borrower("langchain_nvidia_ai_endpoints", "ChatNVIDIA", s.nvidia, "nvidia"),
    replace(
        _borrower("langchain_litellm", "ChatLiteLLM", s.litellm, "litellm"),
        own=(
            "cost.total",
            "routing.upstream_provider",
            "usage.reasoning_tokens",
            "usage.web_search_requests",
            *_STREAMS,
            *_REASONING,
        ),
    ),
    _borrower("langchain_azure_ai.chat_models", "AzureAIOpenAIApiChatModel", s.azure_ai, None),
)
"""Classes of vendors that no recorded answer is of. They speak Chat Completions: others' answers show how they read it."""

LENDERS: Final = frozenset({"llamacpp", "zai"})

WRITTEN: Final = "written"
DUMPED: Final = "dumped"
"""Begin the kind of answers that were written, not recorded; the class and the dialect follow."""

_OTHERS: Final = (
    Target(
        "langchain_azure_ai.chat_models", "AzureAIAnthropicChatModel", s.azure_anthropic, "messages", None
    ),
    Target("langchain_ibm", "ChatWatsonx", s.nothing, "chat_completions", "ibm.watsonx.ai", replayed=False),
)
_BY_CLASS: Final = {
    target.name: target
    for group in (_OTHERS, BORROWERS, *reversed(list(TARGETS.values())))
    for target in group
}


def all_targets() -> Iterator[Target]:
    """Every class of every endpoint."""
    yield from (target for group in TARGETS.values() for target in group)
    yield from (*BORROWERS, *_OTHERS)


def targets_of(row: Row) -> tuple[Target, ...]:
    """The classes that read this row; empty where LangChain has none."""
    if row.kind.startswith((WRITTEN, DUMPED)):
        name, dialect = row.kind.split()[1].split("/")
        target = replace(_BY_CLASS[name], dialect=dialect)
        if dialect == "responses":
            return (replace(target, settings=s.by_responses(target.settings), bind=_TOOLS),)
        return (target,)
    targets = TARGETS.get((row.provider, row.kind), ())
    if row.provider in LENDERS and row.kind == "chat_completions" and not row.failed:
        targets += BORROWERS
    return tuple(target for target in targets if target.fits(row))


def cache_key(target: Target, settings: Mapping[str, Any]) -> str:
    """Same key, same model object."""
    return f"{target.module}.{target.name} {json.dumps(settings, sort_keys=True, default=lambda _: '')}"
