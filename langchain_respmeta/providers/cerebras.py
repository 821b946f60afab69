"""Cerebras: OpenAI-shaped. https://inference-docs.cerebras.ai/api-reference/chat-completions."""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT

CEREBRAS: Final = OPENAI_CHAT.extended("cerebras")
