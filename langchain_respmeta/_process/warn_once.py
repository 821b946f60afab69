"""Warnings that a process logs once each."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from typing import Final

from langchain_respmeta._process.state import STATE, Part

MOST: Final = 100
"""Warnings of one logger: a key may hold a server's words, of which there is no end."""

LOGGED: Final = Part[dict[str, set[Hashable]]](dict)
"""Keys by the logger's name."""


def warn_once(logger: logging.Logger, key: Hashable, message: str, *values: object) -> None:
    """Log a warning, unless `logger` has logged one with this key."""
    keys = STATE[LOGGED].setdefault(logger.name, set())
    if key not in keys and len(keys) < MOST:
        keys.add(key)
        logger.warning(message, *values, stacklevel=2)
