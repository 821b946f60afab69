"""Python's collector in processes of our own: where requests or rows come and go, it finds nothing."""

from __future__ import annotations

import gc
from typing import Final

_ROUND: Final = 100_000
"""Objects that are made before the collector looks through them."""


def rest_collector() -> None:
    """Let the collector look rarely, and never again at what is there now.

    For the commands and for worker processes, never for a process of the user's: parsed JSON holds no cycles, and is let go
    at once; to look through it for any took up to a tenth of the time.
    """
    gc.freeze()
    gc.set_threshold(_ROUND)
