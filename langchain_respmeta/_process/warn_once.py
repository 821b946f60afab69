"""Warnings that a process logs once each."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from typing import Final

from langchain_respmeta._process.state import STATE, Part

MOST: Final = 100
"""Warnings of one topic: a key may hold a server's words, of which there is no end."""

LOGGED: Final = Part[dict[tuple[str, Hashable], set[Hashable]]](dict)
"""Keys by the logger's name and the topic."""


def warn_once(logger: logging.Logger, key: Hashable, message: str, *values: object) -> None:
    """Log a warning, unless `logger` has logged one with this key.

    Args:
        logger: Where to log.
        key: A fixed text; or `(topic, detail)` where the detail comes from outside: each topic has a bound of its own, so
            that no server's words silence another warning.
        message: As in `logger.warning`.
        values: As in `logger.warning`.
    """
    topic = key[0] if isinstance(key, tuple) else None
    keys = STATE[LOGGED].setdefault((logger.name, topic), set())
    if key not in keys and len(keys) < MOST:
        keys.add(key)
        logger.warning(message, *values, stacklevel=2)
