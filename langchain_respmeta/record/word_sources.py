"""Who else knows words that may leave unasked: the package's face names the providers' tables here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

SOURCES: Final[list[Callable[[], Iterable[str]]]] = []
"""Each is asked once, when the first text is judged."""
