"""What a provider is made of: readers are tables of cells, a registry knows whose reader fits.

To add one, see docs/adding-a-provider.md.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.late_imports import loading

if TYPE_CHECKING:
    from langchain_respmeta.providers.engine.cells import (
        CONTENT,
        IGNORE,
        KEEP,
        Cell,
        Unreadable,
        count,
        each,
        flag,
        millis,
        moment,
        money,
        nanos,
        number,
        seconds,
        spare,
        text,
        using,
        word,
    )
    from langchain_respmeta.providers.engine.reader import Provider, Reader
    from langchain_respmeta.providers.families.anthropic_messages import ANTHROPIC
    from langchain_respmeta.providers.families.bedrock_converse import BEDROCK_CONVERSE
    from langchain_respmeta.providers.families.gemini import GEMINI
    from langchain_respmeta.providers.families.openai_chat import OPENAI_CHAT, token_usage
    from langchain_respmeta.providers.openai import OPENAI
    from langchain_respmeta.providers.registry import register_provider

_HOMES: Final = {
    "ANTHROPIC": "_anthropic",
    "BEDROCK_CONVERSE": "_bedrock_converse",
    "CONTENT": "_fields",
    "Cell": "_fields",
    "GEMINI": "_gemini",
    "IGNORE": "_fields",
    "KEEP": "_fields",
    "OPENAI": "openai",
    "OPENAI_CHAT": "_openai_chat",
    "Provider": "_reader",
    "Reader": "_reader",
    "Unreadable": "_fields",
    "count": "_fields",
    "each": "_fields",
    "flag": "_fields",
    "millis": "_fields",
    "moment": "_fields",
    "money": "_fields",
    "nanos": "_fields",
    "number": "_fields",
    "register_provider": "_registry",
    "seconds": "_fields",
    "spare": "_fields",
    "text": "_fields",
    "token_usage": "_openai_chat",
    "using": "_fields",
    "word": "_fields",
}
"""Public name → module. Loaded when first used: most of the package needs none of it."""

__all__ = [
    "ANTHROPIC",
    "BEDROCK_CONVERSE",
    "CONTENT",
    "GEMINI",
    "IGNORE",
    "KEEP",
    "OPENAI",
    "OPENAI_CHAT",
    "Cell",
    "Provider",
    "Reader",
    "Unreadable",
    "count",
    "each",
    "flag",
    "millis",
    "moment",
    "money",
    "nanos",
    "number",
    "register_provider",
    "seconds",
    "spare",
    "text",
    "token_usage",
    "using",
    "word",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        with loading:
            home = import_module(f"{__name__}.{_HOMES[name]}")
        return getattr(home, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
