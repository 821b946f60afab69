"""Azure: OpenAI's models on Azure OpenAI, everybody's on Azure AI Foundry.

https://learn.microsoft.com/azure/ai-foundry/openai/reference
"""

from __future__ import annotations

from typing import Final

from langchain_respmeta.providers.families.anthropic_messages import ANTHROPIC
from langchain_respmeta.providers.families.openai import OPENAI

AZURE_OPENAI: Final = OPENAI.extended("azure.ai.openai")
AZURE_AI: Final = OPENAI.extended("azure.ai.inference")
AZURE_AI_ANTHROPIC: Final = ANTHROPIC.extended("azure.ai.inference")
