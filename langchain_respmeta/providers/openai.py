"""OpenAI: its family's own vendor."""

from langchain_respmeta.providers.families.openai import OPENAI

__all__ = ["OPENAI"]
