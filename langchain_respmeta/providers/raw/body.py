"""An SDK's object, or JSON, as the plain body that it holds, with what the SDK knows beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from langchain_respmeta.providers.raw.dialect import Body
from langchain_respmeta.record.bounds import MAX_KEPT_CHARS
from langchain_respmeta.record.plain import as_mapping

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


_VENDORS: Final[Mapping[str, str]] = {
    "cerebras": "cerebras",
    "cohere": "cohere",
    "fireworks": "fireworks",
    "groq": "groq",
    "mistralai": "mistral_ai",
    "ollama": "ollama",
    "openrouter": "openrouter",
    "perplexity": "perplexity",
    "together": "together",
    "xai_sdk": "x_ai",
}
"""Top-level package of an SDK that calls one vendor alone → the vendor. OpenAI's and Anthropic's call anybody."""


def raw_body_of(response: object) -> RawBody | None:
    """The body of an SDK's object, a mapping, or JSON text; None where there is none. Never raises.

    Objects of `with_raw_response` and of `requests` or `httpx` give their headers, too.
    """
    vendor = _VENDORS.get(type(response).__module__.partition(".")[0])
    fields = as_mapping(parsed(response))
    return None if fields is None else RawBody(fields, {}, vendor)


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
