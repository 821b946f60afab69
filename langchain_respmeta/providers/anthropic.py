"""Anthropic's own API. https://docs.anthropic.com/en/api/messages."""

from langchain_respmeta.providers.families.anthropic_messages import ANTHROPIC

__all__ = ["ANTHROPIC"]
