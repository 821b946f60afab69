"""Anthropic's own API. https://docs.anthropic.com/en/api/messages."""

from langchain_respmeta.providers._anthropic import ANTHROPIC

__all__ = ["ANTHROPIC"]
