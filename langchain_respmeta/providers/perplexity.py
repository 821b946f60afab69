"""Perplexity: OpenAI-shaped in both APIs, plus the sources and pictures that its searches found.

https://docs.perplexity.ai/api-reference/chat-completions-post
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers import _parts
from langchain_respmeta.providers._fields import CONTENT, KEEP, count, each, using
from langchain_respmeta.providers._gemini import distrust_details
from langchain_respmeta.providers.openai import OPENAI

PERPLEXITY: Final = OPENAI.extended(
    "perplexity",
    metadata={"num_search_queries": count("usage.web_search_requests"), "search_context_size": KEEP},
    kwargs={
        "citations": using("_listed_citations", _parts.as_list),
        "search_results": using("_listed_results", _parts.as_list),
        "images": each("media", _parts.found_media("image")),
        "videos": each("media", _parts.found_media("video")),
        "related_questions": CONTENT,
        "reasoning_steps": CONTENT,
    },
    repairs=(distrust_details,),
)
