"""Upstage: OpenAI-shaped. https://console.upstage.ai/api/chat."""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT

UPSTAGE: Final = OPENAI_CHAT.extended("upstage")
