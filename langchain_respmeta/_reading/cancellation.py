"""Exceptions by which a caller stops a call, or stops waiting for it: they are no failures of the call."""

from __future__ import annotations

import asyncio
import concurrent.futures
from typing import Final

ABANDONED: Final = (
    GeneratorExit,
    asyncio.CancelledError,
    concurrent.futures.CancelledError,
    KeyboardInterrupt,
)
BY_NAME: Final[dict[str, type[BaseException]]] = {kind.__name__: kind for kind in reversed(ABANDONED)}
"""The same by their name in a traceback; asyncio's wins over that of threads, which has the same name."""
