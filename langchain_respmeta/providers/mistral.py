"""Mistral: OpenAI-shaped; the integration gives the asked model's name unless it streamed.

https://docs.mistral.ai/api/#tag/chat
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine.answer import Answer
from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT


def _from_invoke(answer: Answer) -> bool:
    return "model" in answer.metadata


MISTRAL: Final = OPENAI_CHAT.extended(
    "mistral_ai",
    model_is_request=_from_invoke,
)
