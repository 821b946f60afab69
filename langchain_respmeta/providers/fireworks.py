"""Fireworks: OpenAI-shaped; the integration gives the asked model's name.

https://docs.fireworks.ai/api-reference/post-chatcompletions
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.engine.cells import verbatim
from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT

FIREWORKS: Final = OPENAI_CHAT.extended(
    "fireworks",
    # Empty with every answer, as its documentation shows it.
    metadata={"system_fingerprint": verbatim("system_fingerprint")},
    model_is_request=True,
)
