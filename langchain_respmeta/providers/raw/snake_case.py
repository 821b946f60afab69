"""Google's JSON has its names in camelCase, its SDKs and LangChain have them in snake_case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from langchain_respmeta.record.bounds import MAX_DEPTH, MAX_KEY

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

OPAQUE: Final = frozenset({"args", "response", "output", "parsed", "headers"})
"""Keys whose values have names of the user's own."""


def snake(value: Any, depth: int = 0) -> Any:
    """A copy with all names in snake_case, but for what tools were given and gave, without what is None.

    What is too deep stays as it is.
    """
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, Mapping):
        return {
            (name := snake_name(key) if isinstance(key, str) else key): (
                item if name in OPAQUE else snake(item, depth + 1)
            )
            for key, item in value.items()
            if item is not None
        }
    return [snake(item, depth + 1) for item in value] if isinstance(value, list) else value


def snake_name(name: str) -> str:
    """One name."""
    return name if len(name) > MAX_KEY or name.islower() else _snake_name(name)


@lru_cache(maxsize=1_024)
def _snake_name(name: str) -> str:
    return _HUMP.sub("_", name).lower() if name[:1].islower() else name
