"""Calls of the real integration classes against a given body, and what the handler recorded."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import asdict
from functools import reduce
from importlib import import_module
from typing import Any

import pytest

from langchain_respmeta import RespMetaHandler, ResponseMetadata
from langchain_respmeta.demo import Answer, ReplayServer, chat_model
from tests.integrations.modes import MODES
from tests.peers.bodies import SONNET

EVERY_WAY = pytest.mark.parametrize("mode", ["invoke", "stream", "v3"])
STREAMS = pytest.mark.parametrize("mode", ["stream", "v3"])

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "true")  # else it asks the network at import

KEY = "replay-needs-no-key"
_numbers = itertools.count(1)


def model_at(replay: ReplayServer, provider: str, answer: Any, /, model: str = "", **options: Any) -> Any:
    """The provider's class at an address that returns this answer (a body, an `Answer`, or a list)."""
    url = replay.add(provider, f"peers-{next(_numbers)}", answer)
    body = answer.body if isinstance(answer, Answer) else answer
    named = model or (isinstance(body, dict) and (body.get("model") or body.get("modelVersion"))) or "m"
    if provider not in _OTHERS:
        return chat_model(provider, url, str(named), **options)
    module, name, settings = _OTHERS[provider]
    pytest.importorskip(module, reason=f"{module} is not installed")
    return getattr(import_module(module), name)(**{**settings(url), "model": str(named), **options})


def ask(
    replay: ReplayServer, provider: str, answer: Any, mode: str = "invoke", /, **options: Any
) -> ResponseMetadata:
    """The one record of one call."""
    handler = RespMetaHandler(feedback=False, include_content=True)
    MODES[mode](model_at(replay, provider, answer, **options), {"callbacks": [handler]})
    (record,) = handler.records
    return record


def field(record: Any, path: str) -> Any:
    """A dotted path; None where a part is missing."""
    return reduce(lambda part, name: None if part is None else getattr(part, name), path.split("."), record)


def counts(record: ResponseMetadata) -> dict[str, int]:
    """The record's usage."""
    told = asdict(record.usage) if record.usage is not None else {}
    return {name.removesuffix("_tokens"): value for name, value in told.items() if value is not None}


def tokens(record: ResponseMetadata, *names: str) -> tuple[Any, ...]:
    """Some of the counts."""
    return tuple(counts(record).get(name) for name in names)


# --- classes beyond the demo's seven; each test with one of them is skipped where its package is not installed --------


def _keyed(path: str, **more: Any) -> Callable[[str], dict[str, Any]]:
    return lambda url: {"base_url": f"{url}{path}", "api_key": KEY, "max_retries": 0, **more}


def _perplexity(url: str) -> dict[str, Any]:
    client = import_module("perplexity").Perplexity(api_key=KEY, base_url=url, max_retries=0)
    return {"api_key": KEY, "client": client}


def _litellm(url: str) -> dict[str, Any]:
    return {"api_base": f"{url}/v1", "api_key": KEY, "streaming": True}


def _vertex(url: str) -> dict[str, Any]:
    anonymous = import_module("google.auth.credentials").AnonymousCredentials()
    anonymous.token = KEY
    place = {"project": "p", "location": "us-central1", "transport": "rest"}
    return {**place, "credentials": anonymous, "base_url": url, "max_retries": 1}


def _bedrock_invoke(url: str) -> dict[str, Any]:
    keys = {"aws_access_key_id": KEY, "aws_secret_access_key": KEY, "region_name": "us-east-1"}
    return {"endpoint_url": url, **keys, "max_retries": 1, "bedrock_client": object()}


class _ControlPlane:
    """Returns the model behind an inference profile."""

    def get_inference_profile(self, **_: Any) -> dict[str, Any]:
        return {
            "models": [{"modelArn": f"arn:aws:bedrock:us-east-1::foundation-model/anthropic.{SONNET}-v1:0"}]
        }


def _bedrock_profile(url: str) -> dict[str, Any]:
    made = {**_bedrock_invoke(url), "provider": "anthropic", "bedrock_client": _ControlPlane()}
    made["base_url"] = made.pop("endpoint_url")
    return made


_OTHERS: dict[str, tuple[str, str, Callable[[str], dict[str, Any]]]] = {
    "bedrock_invoke": ("langchain_aws", "ChatBedrock", _bedrock_invoke),
    "bedrock_profile": ("langchain_aws", "ChatBedrockConverse", _bedrock_profile),
    "cohere": ("langchain_cohere", "ChatCohere", lambda url: {"base_url": url, "cohere_api_key": KEY}),
    "deepseek": ("langchain_deepseek", "ChatDeepSeek", _keyed("/v1", stream_usage=True)),
    "litellm": ("langchain_litellm", "ChatLiteLLM", _litellm),
    "ollama": ("langchain_ollama", "ChatOllama", lambda url: {"base_url": url}),
    "openrouter": ("langchain_openrouter", "ChatOpenRouter", _keyed("/api/v1")),
    "perplexity": ("langchain_perplexity", "ChatPerplexity", _perplexity),
    "vertex": ("langchain_google_vertexai", "ChatVertexAI", _vertex),
    "xai": ("langchain_xai", "ChatXAI", _keyed("/v1")),
}
