"""Drift: log once what no table knows, so that users see that a provider changed something."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

from langchain_respmeta._process.state import STATE, Part
from langchain_respmeta.record.content import path as shown_path

logger: Final = logging.getLogger("langchain_respmeta")

MAX_SHOWN: Final = 500
"""Paths that one process logs at most."""

SHOWN: Final = Part[set[tuple[str, str]]](set, in_child=lambda shown: shown)
"""(provider, path) of what the log has."""


def note(provider: str, paths: Iterable[str]) -> None:
    """Log the paths that are new. Names only: their values are in the record's `provider_data`."""
    shown = STATE[SHOWN]
    new = [path for path in paths if (provider, path) not in shown]
    if not new or len(shown) >= MAX_SHOWN:
        return
    shown.update((provider, path) for path in new)
    logger.info(
        "%s sent what no table knows: %s. It is kept in the record's provider_data; an update may read it.",
        provider,
        ", ".join(map(shown_path, new)),
    )
