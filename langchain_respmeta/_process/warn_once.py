"""Warnings that a process logs once each."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from typing import Final

from langchain_respmeta._process.lifecycle import Child, in_child

MOST: Final = 100
"""Warnings of one logger: a key may hold a server's words, of which there is no end."""

_logged: Final[dict[str, set[Hashable]]] = {}
"""Keys by the logger's name."""


def warn_once(logger: logging.Logger, key: Hashable, message: str, *values: object) -> None:
    """Log a warning, unless `logger` has logged one with this key."""
    keys = _logged.setdefault(logger.name, set())
    if key not in keys and len(keys) < MOST:
        keys.add(key)
        logger.warning(message, *values, stacklevel=2)


def forget() -> None:
    """Log everything anew: in a forked child, and between tests."""
    _logged.clear()


in_child(Child.TABLES, forget)
