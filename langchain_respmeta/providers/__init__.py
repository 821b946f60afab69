"""What a provider is made of: readers are tables of cells, a registry knows whose reader fits.

To add one, see docs/adding-a-provider.md. It imports `record`, `_process` and `errors`.
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
    "ANTHROPIC": "families.anthropic_messages",
    "BEDROCK_CONVERSE": "families.bedrock_converse",
    "CONTENT": "engine.cells",
    "Cell": "engine.cells",
    "GEMINI": "families.gemini",
    "IGNORE": "engine.cells",
    "KEEP": "engine.cells",
    "OPENAI": "openai",
    "OPENAI_CHAT": "families.openai_chat",
    "Provider": "engine.reader",
    "Reader": "engine.reader",
    "Unreadable": "engine.cells",
    "count": "engine.cells",
    "each": "engine.cells",
    "flag": "engine.cells",
    "millis": "engine.cells",
    "moment": "engine.cells",
    "money": "engine.cells",
    "nanos": "engine.cells",
    "number": "engine.cells",
    "register_provider": "registry",
    "seconds": "engine.cells",
    "spare": "engine.cells",
    "text": "engine.cells",
    "token_usage": "families.openai_chat",
    "using": "engine.cells",
    "word": "engine.cells",
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
