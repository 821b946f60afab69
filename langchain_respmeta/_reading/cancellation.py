"""Exceptions by which somebody stops a call, or stops waiting for it: they are no failures of it."""

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
"""The same by the name that a traceback tells; asyncio's wins over the one of threads, whose name it shares."""
