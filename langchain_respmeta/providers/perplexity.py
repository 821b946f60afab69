"""Perplexity: OpenAI-shaped in both APIs, plus the sources and pictures that its searches found.

https://docs.perplexity.ai/api-reference/chat-completions-post
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine import values
from langchain_respmeta.providers.engine.cells import CONTENT, KEEP, count, each, using
from langchain_respmeta.providers.families.gemini import distrust_details
from langchain_respmeta.providers.openai import OPENAI

PERPLEXITY: Final = OPENAI.extended(
    "perplexity",
    metadata={"num_search_queries": count("usage.web_search_requests"), "search_context_size": KEEP},
    kwargs={
        "citations": using("_listed_citations", values.as_list),
        "search_results": using("_listed_results", values.as_list),
        "images": each("media", values.found_media("image")),
        "videos": each("media", values.found_media("video")),
        "related_questions": CONTENT,
        "reasoning_steps": CONTENT,
    },
    repairs=(distrust_details,),
)
