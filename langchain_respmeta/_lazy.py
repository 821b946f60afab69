"""What is loaded at the first need, so that no fork comes in the midst of it.

A child inherits the lock of a module that another thread of its parent was importing, and would wait for it for ever.
So such imports stand under a lock of ours, which a fork waits for.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_respmeta.providers._table import Draft
    from langchain_respmeta.record import ResponseMetadata

_WAIT_S: Final = 5.0
"""The longest that a fork waits: loading takes a few hundredths of a second."""


class _Builder:
    """Loads `_build` once."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._build: Callable[..., ResponseMetadata] | None = None
        self._held = threading.local()

    def __call__(self, draft: Draft, *, include_content: bool) -> ResponseMetadata:
        """The typed record of a draft."""
        return (self._build or self._load())(draft, include_content=include_content)

    def _load(self) -> Callable[..., ResponseMetadata]:
        with self._lock:
            from langchain_respmeta._build import record_of as build

            self._build = build
            return build

    def before_fork(self) -> None:
        """Wait for an import under way."""
        self._held.here = self._build is None and self._lock.acquire(timeout=_WAIT_S)

    def after_in_parent(self) -> None:
        """Go on."""
        if self._held.__dict__.pop("here", False):
            self._lock.release()

    def after_in_child(self) -> None:
        """Whoever held the lock is not here."""
        self._lock = threading.RLock()


record_of: Final = _Builder()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=record_of.before_fork,
        after_in_parent=record_of.after_in_parent,
        after_in_child=record_of.after_in_child,
    )
