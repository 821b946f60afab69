"""Fireworks: OpenAI-shaped; the integration gives the asked model's name.

https://docs.fireworks.ai/api-reference/post-chatcompletions
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers._openai_chat import OPENAI_CHAT

FIREWORKS: Final = OPENAI_CHAT.extended("fireworks", model_is_request=True)
