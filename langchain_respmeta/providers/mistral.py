"""Mistral: OpenAI-shaped, with its own finish words; the integration gives the asked model's name unless it streamed.

https://docs.mistral.ai/api/#tag/chat
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.answer import Answer
from langchain_respmeta.providers._fields import KEEP, count, spare
from langchain_respmeta.providers._openai_chat import OPENAI_CHAT, token_usage


def _from_invoke(answer: Answer) -> bool:
    return "model" in answer.metadata


MISTRAL: Final = OPENAI_CHAT.extended(
    "mistral_ai",
    metadata=token_usage(
        {
            "num_cached_tokens": spare(count("usage.cache_read_tokens")),
            "prompt_audio_seconds": KEEP,
        }
    ),
    finish={"model_length": "length"},
    model_is_request=_from_invoke,
)
