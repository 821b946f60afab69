"""Perplexity: OpenAI-shaped in both APIs, plus the sources and pictures that its searches found.

https://docs.perplexity.ai/api-reference/chat-completions-post
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.cells import CONTENT, KEEP, count, each
from langchain_respmeta.providers.families.gemini import distrust_details
from langchain_respmeta.providers.families.openai import OPENAI


def _found(kind: str) -> Callable[[Any], list[dict[str, Any]]]:
    """Reads pictures and videos that a search found: addresses, with the address of their page."""

    def read(value: object) -> list[dict[str, Any]]:
        urls = [item.get(f"{kind}_url") or item.get("url") for item in values.mappings(value)]
        found = dict.fromkeys(url for url in urls if isinstance(url, str) and url)
        return [{"kind": kind, "url": url, "origin": "tool"} for url in found]

    return read


_USAGE: Final = "token_usage"

PERPLEXITY: Final = OPENAI.extended(
    "perplexity",
    metadata={
        "num_search_queries": count("usage.web_search_requests"),
        "search_context_size": KEEP,
        # Of an API's own answer only.
        f"{_USAGE}.input_tokens_details.cache_read_input_tokens": count("usage.cache_read_tokens"),
        f"{_USAGE}.input_tokens_details.cache_creation_input_tokens": count("usage.cache_write_tokens"),
        f"{_USAGE}.tool_calls_details.search_web.invocation": count("usage.web_search_requests"),
    },
    kwargs={
        "images": each("media", _found("image")),
        "videos": each("media", _found("video")),
        "reasoning_steps": CONTENT,
    },
    repairs=(distrust_details,),
)
