"""Whether the callbacks of chains may matter: langchain-core asks at each start and end of each chain."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sized
from typing import Final

from langchain_respmeta._process.state import STATE, Part

UNDER_WAY: Final[list[Callable[[], Sized]]] = []
"""The tables of what a chain may have to do with: named by `callbacks`, without which they are empty."""

_TABLES: Final = Part[tuple[Sized, ...]](lambda: tuple(table() for table in UNDER_WAY))
_GRAPHS: Final = "langgraph.pregel"
_modules: Final = sys.modules


def wants_chains() -> bool:
    """Whether they may matter: graphs are there, or a tool, a parser or a failed call is under way."""
    if _GRAPHS in _modules:
        return True
    tables = STATE[_TABLES] if UNDER_WAY else ()
    return any(tables)
