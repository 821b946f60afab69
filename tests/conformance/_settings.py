"""Arguments of the integration classes: a key that opens nothing, one attempt, and the provider's own host name."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, TypeAlias

from tests.conformance._rows import Row

Settings: TypeAlias = Callable[[Row, str], dict[str, Any]]

KEY: Final = "replay-needs-no-key"
_ENDS: Final = ("/chat/completions", "/completions", "/responses", "/messages")


def _base(row: Row, url: str, fallback: str = "/v1") -> str:
    """The address before the endpoint's own path."""
    path = row.path.partition("?")[0]
    end = next((end for end in _ENDS if path.endswith(end)), None)
    return url + (path.removesuffix(end) if end else fallback)


def openai_chat(row: Row, url: str) -> dict[str, Any]:
    return {
        "model": row.model or "unknown-model",
        "base_url": _base(row, url),
        "api_key": KEY,
        "max_retries": 0,
        "stream_usage": True,
        "use_responses_api": False,
    }


def openai_responses(row: Row, url: str) -> dict[str, Any]:
    return {**openai_chat(row, url), "use_responses_api": True}


def openai_text(row: Row, url: str) -> dict[str, Any]:
    return {
        "model": row.model or "unknown-model",
        "base_url": _base(row, url),
        "api_key": KEY,
        "max_retries": 0,
    }


def azure(row: Row, url: str) -> dict[str, Any]:
    return {
        "model": row.model or "unknown-model",
        "azure_endpoint": url,
        "azure_deployment": "deployment",
        "api_version": "2025-04-01-preview",
        "api_key": KEY,
        "max_retries": 0,
        "stream_usage": True,
        "use_responses_api": row.kind == "responses",
    }


def anthropic(row: Row, url: str) -> dict[str, Any]:
    return {
        "model": row.model or "claude",
        "base_url": url,
        "api_key": KEY,
        "max_retries": 0,
        "max_tokens": 100,
    }


def google(row: Row, url: str) -> dict[str, Any]:
    # Its max_retries counts attempts, and 0 means the SDK's own default.
    model = (row.model or "gemini-2.5-flash").rpartition("/")[2].partition(":")[0]
    return {"model": model, "base_url": url, "api_key": KEY, "max_retries": 1, "vertexai": False}


def google_vertex(row: Row, url: str) -> dict[str, Any]:
    return {
        **google(row, url),
        "vertexai": True,
        "project": "project",
        "location": "us-central1",
        "credentials": _anonymous(),
        "api_key": None,
    }


def _anonymous() -> Any:
    made = import_module("google.auth.credentials").AnonymousCredentials()
    made.token = KEY
    return made


def vertex(row: Row, url: str) -> dict[str, Any]:
    model = (row.model or "gemini-2.5-flash").rpartition("/")[2].partition(":")[0]
    return {
        "model": model,
        "project": "project",
        "location": "us-central1",
        "credentials": _anonymous(),
        "transport": "rest",
        "base_url": url,
        "max_retries": 1,
    }


def vertex_anthropic(row: Row, url: str) -> dict[str, Any]:
    return {
        "model": row.model or "claude",
        "project": "project",
        "location": "us-east5",
        "credentials": _anonymous(),
        "base_url": f"{url}/v1",
        "max_retries": 0,
        "max_output_tokens": 100,
    }


# Static credentials keep botocore from asking the metadata service.
_AWS: Final = {
    "region_name": "us-east-1",
    "aws_access_key_id": KEY,
    "aws_secret_access_key": KEY,
    "max_retries": 0,
}


def bedrock(row: Row, url: str) -> dict[str, Any]:
    return {
        "model": row.model or "anthropic.claude",
        "base_url": url,
        **_AWS,
        "bedrock_client": _NOT_CALLED,
    }


_NOT_CALLED: Final = object()


def bedrock_invoke(row: Row, url: str) -> dict[str, Any]:
    made = bedrock(row, url)
    made["endpoint_url"] = made.pop("base_url")
    return made


def bedrock_text(row: Row, url: str) -> dict[str, Any]:
    return {**bedrock_invoke(row, url), "provider": vendor(row)}


def vendor(row: Row) -> str:
    """Whose model it is, by the id: the part before the model's own name."""
    parts = (row.model or "").split(".")
    return (
        parts[-2]
        if len(parts) > 1 and parts[-2] in _VENDORS
        else parts[0]
        if parts[0] in _VENDORS
        else next((part for part in parts if part in _VENDORS), "")
    )


_VENDORS: Final = frozenset({"ai21", "amazon", "anthropic", "cohere", "meta", "mistral"})


def without_retries(model: Any) -> None:
    """Take botocore's retry handler away: told to make no retries, it marks each success as MaxAttemptsReached."""
    service = "bedrock-runtime"
    model.client.meta.events.unregister(f"needs-retry.{service}", unique_id=f"retry-config-{service}")


def mistral(row: Row, url: str) -> dict[str, Any]:
    return {"model": row.model or "mistral", "base_url": f"{url}/v1", "api_key": KEY, "max_retries": 1}


def groq(row: Row, url: str) -> dict[str, Any]:
    return {"model": row.model or "groq", "base_url": url, "api_key": KEY, "max_retries": 0}


def openrouter(row: Row, url: str) -> dict[str, Any]:
    return {
        "model": row.model or "unknown-model",
        "base_url": f"{url}/api/v1",
        "api_key": KEY,
        "max_retries": 0,
    }


def xai(row: Row, url: str) -> dict[str, Any]:
    return {"model": row.model or "grok", "base_url": f"{url}/v1", "api_key": KEY, "max_retries": 0}


def deepseek(row: Row, url: str) -> dict[str, Any]:
    return {
        "model": row.model or "deepseek-chat",
        "base_url": _base(row, url),
        "api_key": KEY,
        "max_retries": 0,
        "stream_usage": True,
    }


def together(row: Row, url: str) -> dict[str, Any]:
    return {
        "model": row.model or "m",
        "base_url": f"{url}/v1",
        "api_key": KEY,
        "max_retries": 0,
        "stream_usage": True,
    }


def together_text(row: Row, url: str) -> dict[str, Any]:
    return {"model": row.model or "m", "base_url": f"{url}/v1/completions", "api_key": KEY}


def cohere(row: Row, url: str) -> dict[str, Any]:
    return {"model": row.model or "command-r", "base_url": url, "cohere_api_key": KEY}


def cohere_text(row: Row, url: str) -> dict[str, Any]:
    return {"model": row.model or "command", "base_url": url, "cohere_api_key": KEY, "max_retries": 1}


def ollama(row: Row, url: str) -> dict[str, Any]:
    thinks = row.request.get("think") or '"thinking"' in row.body
    return {"model": row.model or "llama", "base_url": url, **({"reasoning": True} if thinks else {})}


def perplexity(row: Row, url: str) -> dict[str, Any]:
    client = import_module("perplexity").Perplexity(api_key=KEY, base_url=url, max_retries=0)
    return {"model": row.model or "sonar", "api_key": KEY, "client": client}


def huggingface(row: Row, url: str) -> dict[str, Any]:
    endpoint = import_module("langchain_huggingface").HuggingFaceEndpoint(
        endpoint_url=url, task="text-generation", huggingfacehub_api_token=KEY
    )
    return {"llm": endpoint, "model_id": row.model or "unknown-model"}


def databricks(row: Row, url: str) -> dict[str, Any]:
    # Its client takes the address and the key from the environment only.
    os.environ.update(DATABRICKS_HOST=url, DATABRICKS_TOKEN=KEY)
    return {"model": row.model or "databricks-model"}


def fireworks(row: Row, url: str) -> dict[str, Any]:
    return {"model": row.model or "m", "base_url": f"{url}/inference/v1", "api_key": KEY, "max_retries": 0}


def keyed(row: Row, url: str) -> dict[str, Any]:
    """Classes that take the address as `base_url` and a key."""
    return {"model": row.model or "m", "base_url": f"{url}/v1", "api_key": KEY}


def nvidia(row: Row, url: str) -> dict[str, Any]:
    return {"model": row.model or "m", "base_url": f"{url}/v1", "nvidia_api_key": KEY}


def litellm(row: Row, url: str) -> dict[str, Any]:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "true"  # else it asks the network at import
    return {
        "model": f"openai/{row.model}",
        "api_base": f"{url}/v1",
        "api_key": KEY,
        "streaming": True,
        "model_kwargs": {"max_retries": 0},  # its own `max_retries` is not that of the SDK below it
    }


def azure_ai(row: Row, url: str) -> dict[str, Any]:
    return {"model": row.model or "m", "endpoint": f"{url}/openai/v1", "credential": KEY, "max_retries": 0}


def anthropic_bedrock(row: Row, url: str) -> dict[str, Any]:
    os.environ["ANTHROPIC_BEDROCK_BASE_URL"] = url  # the class has no argument for it
    return {
        "model": row.model or "claude",
        **_AWS,
        "max_tokens": 100,
    }


def azure_anthropic(row: Row, url: str) -> dict[str, Any]:
    return {
        "model": row.model or "claude",
        "endpoint": url,
        "credential": KEY,
        "max_retries": 0,
        "max_tokens": 100,
    }


def by_responses(settings: Settings) -> Settings:
    """The same class, told to speak OpenAI's Responses API."""
    return lambda row, url: {**settings(row, url), "use_responses_api": True}


def nothing(row: Row, url: str) -> dict[str, Any]:
    """Of a class that cannot be pointed anywhere."""
    return {}
