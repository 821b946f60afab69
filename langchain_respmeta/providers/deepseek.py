"""DeepSeek: OpenAI-shaped, with the prompt cache counted in its own keys.

https://api-docs.deepseek.com/api/create-chat-completion
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT

DEEPSEEK: Final = OPENAI_CHAT.extended("deepseek")
