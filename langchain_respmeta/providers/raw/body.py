"""An SDK's object, or JSON, as the plain body that it holds, with what the SDK knows beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from langchain_respmeta._process.faults import report
from langchain_respmeta.providers.raw.dialect import Body
from langchain_respmeta.providers.raw.envelope import opened
from langchain_respmeta.providers.raw.objects import plain
from langchain_respmeta.record.bounds import MAX_KEPT_CHARS

MAX_TEXT: Final = 4 * MAX_KEPT_CHARS
"""Characters of a body in text that is read as JSON."""


@dataclass(slots=True)
class RawBody:
    """A body, and what came beside it."""

    body: Body
    headers: Mapping[str, str] = field(default_factory=dict)
    """HTTP response headers, names in lower case."""
    vendor: str | None = None
    """The provider's word, where the SDK is one vendor's own."""
    url: str | None = None
    """The address that was called, where an HTTP response tells it."""


_VENDORS: Final[Mapping[str, str]] = {
    "azure.ai.inference": "azure.ai.inference",
    "cerebras": "cerebras",
    "cohere": "cohere",
    "fireworks": "fireworks",
    "google.ai": "gcp.gemini",
    "google.cloud.aiplatform": "gcp.vertex_ai",
    "google.cloud.aiplatform_v1": "gcp.vertex_ai",
    "google.cloud.aiplatform_v1beta1": "gcp.vertex_ai",
    "google.generativeai": "gcp.gemini",
    "groq": "groq",
    "huggingface_hub": "huggingface",
    "litellm": "litellm",
    "mistralai": "mistral_ai",
    "ollama": "ollama",
    "openrouter": "openrouter",
    "perplexity": "perplexity",
    "sambanova": "sambanova",
    "together": "together",
    "vertexai": "gcp.vertex_ai",
    "xai_sdk": "x_ai",
}
"""Package of an SDK that calls one vendor alone → the vendor. OpenAI's, Anthropic's and google-genai call several."""


def raw_body_of(response: object) -> RawBody | None:
    """The body of an SDK's object, a mapping, or JSON text; None where there is none. Never raises.

    Objects of `with_raw_response` and of `requests` or `httpx` give their headers and the address, too.
    """
    try:
        envelope = opened(response)
        fields = plain(parsed(envelope.inner))
        last = (
            response[-1] if type(response) is tuple and response else response
        )  # a chunk, beside other things
        vendor = _vendor(last) or _vendor(envelope.inner)
    except Exception as fault:  # noqa: BLE001 - a foreign object may raise when it is read
        report("looking into an SDK's object", fault)
        return None
    if isinstance(fields, list) and fields and all(isinstance(item, Mapping) for item in fields):
        fields = {LIST: fields}
    return RawBody(fields, envelope.headers, vendor, envelope.url) if isinstance(fields, Mapping) else None


LIST: Final = "[]"
"""The key of a body that is a list, not an object."""


def _vendor(value: object) -> str | None:
    """By the longest of the packages that the type is from."""
    package = type(value).__module__
    while package:
        if package in _VENDORS:
            return _VENDORS[package]
        package = package.rpartition(".")[0]
    return None


def parsed(body: object) -> Any:
    """A body in text as the JSON that it is; anything else as it is. None for text that is no JSON."""
    if isinstance(body, bytes | bytearray):
        body = bytes(body[:MAX_TEXT]).decode("utf-8", "replace")
    if not isinstance(body, str):
        return body
    if len(body) > MAX_TEXT or not body.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
