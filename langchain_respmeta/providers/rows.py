"""The registry's rows: every provider that ships with the package, in the order of its documentation."""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.anthropic import ANTHROPIC
from langchain_respmeta.providers.azure import AZURE_AI, AZURE_AI_ANTHROPIC, AZURE_OPENAI
from langchain_respmeta.providers.bedrock import BEDROCK_ANTHROPIC, BEDROCK_INVOKE, BEDROCK_OPENAI, CONVERSE
from langchain_respmeta.providers.cerebras import CEREBRAS
from langchain_respmeta.providers.cohere import COHERE
from langchain_respmeta.providers.databricks import DATABRICKS
from langchain_respmeta.providers.deepseek import DEEPSEEK
from langchain_respmeta.providers.engine.reader import Provider
from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT
from langchain_respmeta.providers.fireworks import FIREWORKS
from langchain_respmeta.providers.generic import GENERIC
from langchain_respmeta.providers.google_genai import GOOGLE_GENAI, by_backend
from langchain_respmeta.providers.google_vertexai import VERTEX_AI, VERTEX_AI_ANTHROPIC
from langchain_respmeta.providers.groq import GROQ
from langchain_respmeta.providers.huggingface import HUGGINGFACE
from langchain_respmeta.providers.litellm import LITELLM
from langchain_respmeta.providers.mistral import MISTRAL
from langchain_respmeta.providers.nvidia import NVIDIA
from langchain_respmeta.providers.ollama import OLLAMA
from langchain_respmeta.providers.openai import OPENAI
from langchain_respmeta.providers.openrouter import OPENROUTER
from langchain_respmeta.providers.perplexity import PERPLEXITY
from langchain_respmeta.providers.sambanova import SAMBANOVA
from langchain_respmeta.providers.together import TOGETHER
from langchain_respmeta.providers.upstage import UPSTAGE
from langchain_respmeta.providers.vendors import HOSTS
from langchain_respmeta.providers.watsonx import WATSONX
from langchain_respmeta.providers.xai import XAI

ROWS: Final[tuple[Provider, ...]] = (
    Provider(
        OPENAI,
        classes=("ChatOpenAI", "OpenAI", "BaseChatOpenAI", "ChatOpenAICodex"),
        ls_providers=("openai", "openai-codex"),
        types=("openai-chat", "openai", "openai-codex-chat"),
        dialects=("openai",),
        hosts=("api.openai.com", "chatgpt.com"),
        package="langchain-openai",
        endpoints="openai",
    ),
    Provider(
        AZURE_OPENAI,
        classes=("AzureChatOpenAI", "AzureOpenAI"),
        ls_providers=("azure",),
        types=("azure-openai-chat", "azure"),
        hosts=(
            ".openai.azure.com",
            ".cognitiveservices.azure.com",
            ".openai.azure.us",
            ".openai.azure.cn",
            ".azure-api.net",
        ),
        package="langchain-openai",
    ),
    Provider(
        AZURE_AI,
        classes=("AzureAIOpenAIApiChatModel", "AzureAIChatCompletionsModel"),
        ls_providers=("azure_inference",),
        types=("azure-ai", "AzureAIChatCompletions"),
        hosts=(
            ".services.ai.azure.com",
            ".models.ai.azure.com",
            ".inference.ai.azure.com",
            ".inference.ml.azure.com",
        ),
        package="langchain-azure-ai",
    ),
    Provider(AZURE_AI_ANTHROPIC, classes=("AzureAIAnthropicChatModel",), package="langchain-azure-ai"),
    Provider(
        ANTHROPIC,
        classes=("ChatAnthropic", "ChatAnthropicMessages"),
        ls_providers=("anthropic",),
        types=("anthropic-chat",),
        dialects=("anthropic",),
        hosts=("api.anthropic.com",),
        package="langchain-anthropic",
        endpoints="anthropic",
    ),
    Provider(
        CONVERSE,
        classes=("ChatBedrockConverse",),
        types=("amazon_bedrock_converse_chat",),
        dialects=("bedrock_converse",),
        # Not all of Amazon's: machines and load balancers that people rent have such names too.
        hosts=("*bedrock-*.amazonaws.com", "*bedrock-*.amazonaws.com.cn", "*bedrock-*.api.aws"),
        package="langchain-aws",
    ),
    Provider(
        BEDROCK_INVOKE,
        classes=("ChatBedrock", "BedrockChat", "BedrockLLM"),
        ls_providers=("amazon_bedrock",),
        types=("amazon_bedrock_chat", "amazon_bedrock"),
        dialects=("bedrock",),
        package="langchain-aws",
    ),
    Provider(
        BEDROCK_ANTHROPIC,
        classes=("ChatAnthropicBedrock", "ChatAnthropicMantle"),
        ls_providers=("anthropic-bedrock", "anthropic-mantle"),
        types=("anthropic-bedrock-chat", "anthropic-mantle-chat"),
        package="langchain-aws",
    ),
    Provider(
        BEDROCK_OPENAI,
        classes=("ChatOpenAIMantle",),
        ls_providers=("openai-mantle",),
        types=("openai-mantle-chat",),
        package="langchain-aws",
    ),
    Provider(
        GOOGLE_GENAI,
        classes=("ChatGoogleGenerativeAI",),
        ls_providers=("google_genai", "google"),
        types=("chat-google-generative-ai",),
        dialects=("google_genai",),
        hosts=("generativelanguage.googleapis.com",),
        package="langchain-google-genai",
        choose=by_backend,
    ),
    Provider(
        VERTEX_AI,
        classes=("ChatVertexAI", "VertexAI"),
        ls_providers=("google_vertexai",),
        types=("vertexai",),
        dialects=("google_vertexai",),
        hosts=("aiplatform.googleapis.com", "-aiplatform.googleapis.com", "aiplatform.*.rep.googleapis.com"),
        package="langchain-google-vertexai",
    ),
    Provider(
        VERTEX_AI_ANTHROPIC,
        classes=("ChatAnthropicVertex",),
        ls_providers=("anthropicvertex",),
        types=("anthropic-chat-vertexai",),
        package="langchain-google-vertexai",
    ),
    Provider(
        MISTRAL,
        classes=("ChatMistralAI",),
        ls_providers=("mistral", "mistralai"),
        types=("mistralai-chat",),
        dialects=("mistralai",),
        hosts=("api.mistral.ai", "codestral.mistral.ai"),
        package="langchain-mistralai",
    ),
    Provider(
        GROQ,
        classes=("ChatGroq",),
        ls_providers=("groq",),
        types=("groq-chat",),
        dialects=("groq",),
        hosts=("api.groq.com",),
        package="langchain-groq",
    ),
    Provider(
        FIREWORKS,
        classes=("ChatFireworks", "Fireworks"),
        ls_providers=("fireworks",),
        types=("fireworks-chat",),
        dialects=("fireworks",),
        hosts=("api.fireworks.ai", ".direct.fireworks.ai"),
        package="langchain-fireworks",
    ),
    Provider(
        OPENROUTER,
        classes=("ChatOpenRouter",),
        ls_providers=("openrouter",),
        types=("openrouter-chat",),
        dialects=("openrouter",),
        hosts=("openrouter.ai",),
        package="langchain-openrouter",
    ),
    Provider(
        COHERE,
        classes=("ChatCohere",),
        ls_providers=("cohere",),
        types=("cohere-chat",),
        dialects=("cohere",),
        hosts=("api.cohere.com", "api.cohere.ai"),
        package="langchain-cohere",
    ),
    Provider(
        DEEPSEEK,
        classes=("ChatDeepSeek",),
        ls_providers=("deepseek",),
        types=("chat-deepseek",),
        dialects=("deepseek",),
        hosts=("api.deepseek.com",),
        package="langchain-deepseek",
    ),
    Provider(
        XAI,
        classes=("ChatXAI",),
        ls_providers=("xai",),
        types=("xai-chat",),
        dialects=("xai",),
        hosts=("api.x.ai",),
        package="langchain-xai",
    ),
    Provider(
        OLLAMA,
        classes=("ChatOllama", "OllamaLLM"),
        ls_providers=("ollama",),
        types=("chat-ollama", "ollama-llm"),
        dialects=("ollama",),
        hosts=("ollama.com",),
        package="langchain-ollama",
    ),
    Provider(
        TOGETHER,
        classes=("ChatTogether",),
        ls_providers=("together",),
        types=("together-chat",),
        dialects=("together",),
        hosts=("api.together.xyz", "api.together.ai"),
        package="langchain-together",
    ),
    Provider(
        PERPLEXITY,
        classes=("ChatPerplexity",),
        ls_providers=("perplexity",),
        types=("perplexitychat",),
        dialects=("perplexity",),
        hosts=("api.perplexity.ai",),
        package="langchain-perplexity",
    ),
    Provider(
        HUGGINGFACE,
        classes=("ChatHuggingFace", "HuggingFaceEndpoint"),
        ls_providers=("huggingface",),
        types=("huggingface-chat-wrapper",),
        dialects=("huggingface",),
        hosts=("huggingface.co", "endpoints.huggingface.cloud"),
        package="langchain-huggingface",
    ),
    Provider(
        WATSONX,
        classes=("ChatWatsonx", "WatsonxLLM"),
        ls_providers=("ibm", "watsonx"),
        types=("watsonx-chat",),
        dialects=("ibm", "watsonx"),
        hosts=("ml.cloud.ibm.com", ".wxai.ibm.com"),
        package="langchain-ibm",
    ),
    Provider(
        NVIDIA,
        classes=("ChatNVIDIA", "ChatNVIDIADynamo"),
        ls_providers=("NVIDIA", "nvidia"),
        types=("chat-nvidia-ai-playground",),
        dialects=("nvidia",),
        hosts=("integrate.api.nvidia.com", ".api.nvidia.com", ".nvcf.nvidia.com"),
        package="langchain-nvidia-ai-endpoints",
    ),
    Provider(
        CEREBRAS,
        classes=("ChatCerebras",),
        ls_providers=("cerebras",),
        types=("cerebras-chat",),
        dialects=("cerebras",),
        hosts=("api.cerebras.ai",),
        package="langchain-cerebras",
    ),
    Provider(
        LITELLM,
        classes=("ChatLiteLLM", "ChatLiteLLMRouter"),
        ls_providers=("litellm",),
        types=("litellm-chat", "LiteLLMRouter"),
        dialects=("litellm",),
        package="langchain-litellm",
    ),
    Provider(
        SAMBANOVA,
        classes=("ChatSambaNova", "ChatSambaNovaCloud", "ChatSambaStudio"),
        ls_providers=("sambanova",),
        types=("sambanova-chat", "sambanovacloud-chat", "sambastudio-chat"),
        dialects=("sambanova",),
        hosts=("api.sambanova.ai",),
        package="langchain-sambanova",
    ),
    Provider(
        UPSTAGE,
        classes=("ChatUpstage",),
        ls_providers=("upstage",),
        types=("upstage-chat",),
        dialects=("upstage",),
        hosts=("api.upstage.ai",),
        package="langchain-upstage",
    ),
    Provider(
        DATABRICKS,
        classes=("ChatDatabricks",),
        ls_providers=("databricks",),
        types=("chat-databricks",),
        dialects=("databricks",),
        hosts=(".cloud.databricks.com", ".azuredatabricks.net", ".gcp.databricks.com"),
        package="databricks-langchain",
    ),
)
"""Providers with an integration of their own."""

COMMUNITY: Final = {
    "alibaba": ("ChatTongyi", "ChatQwen", "ChatQwQ"),
    "ai21": ("ChatAI21",),
    "baidu": ("QianfanChatEndpoint",),
    "deepinfra": ("ChatDeepInfra",),
    "friendli": ("ChatFriendli",),
    "llama_cpp": ("ChatLlamaCpp",),
    "minimax": ("MiniMaxChat",),
    "moonshot": ("MoonshotChat",),
    "oci": (
        "ChatOCIGenAI",
        "ChatOCIModelDeployment",
        "ChatOCIModelDeploymentVLLM",
        "ChatOCIModelDeploymentTGI",
    ),
    "reka": ("ChatReka",),
    "snowflake": ("ChatSnowflake", "ChatSnowflakeCortex"),
    "tencent": ("ChatHunyuan",),
    "writer": ("ChatWriter",),
    "yi": ("ChatYi",),
    "zai": ("ChatZhipuAI",),
}
"""Classes of smaller integrations, by vendor: they are read through every family's tables."""

ENDPOINT_ROWS: Final[tuple[Provider, ...]] = tuple(
    Provider(OPENAI_CHAT.extended(vendor), hosts=hosts) for vendor, hosts in HOSTS.items()
)
COMMUNITY_ROWS: Final[tuple[Provider, ...]] = tuple(
    Provider(GENERIC.extended(vendor), classes=classes) for vendor, classes in COMMUNITY.items()
)


def words() -> list[str]:
    """Finish words, vendors and classes that the tables know: no text of an answer is in them."""
    readers = [row.reader for row in ROWS]
    tables = [word for reader in readers for word in reader.finish]
    names = [name for reader in readers for name in (reader.name, reader.api) if name]
    classes = [name for row in ROWS for name in row.classes]
    return [*tables, *names, *classes, *HOSTS]
