"""Together: OpenAI-shaped. https://docs.together.ai/reference/chat-completions-1."""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT

TOGETHER: Final = OPENAI_CHAT.extended("together")
