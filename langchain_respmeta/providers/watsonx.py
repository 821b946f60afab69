"""IBM watsonx.ai: OpenAI-shaped. https://cloud.ibm.com/apidocs/watsonx-ai#text-chat."""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT

WATSONX: Final = OPENAI_CHAT.extended("ibm.watsonx.ai", finish={"cancelled": "cancelled"})
