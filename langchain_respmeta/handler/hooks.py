"""A handler without passing one: for a block of code, or for the whole process by `RESPMETA_ENABLED=true`.

Both use langchain-core's configure hooks, which are asked at the start of every run.
"""

from __future__ import annotations

import logging
import os
from abc import ABC
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, cast

from langchain_core.callbacks import BaseCallbackHandler

from langchain_respmeta._process.late_imports import loading
from langchain_respmeta._process.locks import ProcessLock
from langchain_respmeta._process.settings import ENABLED, is_on
from langchain_respmeta._process.warn_once import warn_once
from langchain_respmeta.errors import SettingsError
from langchain_respmeta.handler.handler import RespMetaHandler
from langchain_respmeta.handler.watch import watch_by_environment

logger: Final = logging.getLogger("langchain_respmeta")


class _Hooks:
    """What langchain-core has been given, once a process."""

    def __init__(self) -> None:
        self.lock = ProcessLock()
        self.levels: list[ContextVar[RespMetaHandler | None]] = []
        """One variable for each depth of nested blocks: core asks each, so all the blocks around a call get its record."""
        self.is_registered = False
        self.process_wide: BaseCallbackHandler | None = None
        """The handler of `RESPMETA_ENABLED`."""


_HOOKS: Final = _Hooks()

_enabled: ContextVar[RespMetaHandler | None] = ContextVar("respmeta_enabled", default=None)


@contextmanager
def get_response_metadata_callback(handler: RespMetaHandler | None = None) -> Iterator[RespMetaHandler]:
    """Have a handler watch every model call made in the `with` block, wherever it is made.

    Like langchain-core's `get_usage_metadata_callback`. It follows the context: into coroutines, tasks, and the threads
    that LangChain starts, not into threads of your own. Blocks may be nested; each gets every call made in it.

    Args:
        handler: The handler to use. Default: a new `RespMetaHandler()`.

    Yields:
        The handler; its `records` and `summary()` can be read during and after the block.

    Raises:
        SettingsError: A `RESPMETA_…` variable cannot be used.

    Example:
        with get_response_metadata_callback() as cb:
            model.invoke("Hello")
        cb.records[0].finish_reason
    """
    watching = RespMetaHandler() if handler is None else handler
    level = _free_level()
    level.set(watching)
    try:
        yield watching
    finally:
        level.set(None)  # not by token: a generator's block may end in another context than it began in


def register() -> None:
    """Let `RESPMETA_ENABLED` work from now on. Called when the package is imported with the variable set."""
    with _HOOKS.lock:
        if not _HOOKS.is_registered:
            hook_class = cast("type[BaseCallbackHandler]", _EnvironmentHandler)
            _HOOKS.is_registered = _tell_core(_enabled, handle_class=hook_class, env_var=ENABLED)
    watch_by_environment(get_enabled_handler)


class _EnvironmentHandler(ABC):  # noqa: B024 - abstract only to count other classes as its own
    """What core makes when the variable is set: always the same handler, for core asks at every run's start.

    Core adds none where an instance of it exists already, and any `RespMetaHandler` counts as one: whoever passes a handler
    gets that one alone.
    """

    def __new__(cls) -> Any:
        if not is_on(ENABLED, os.environ):
            return _NOBODY
        return _HOOKS.process_wide or _make_process_wide()


_EnvironmentHandler.register(RespMetaHandler)


def _make_process_wide() -> BaseCallbackHandler:
    with _HOOKS.lock:
        _HOOKS.process_wide = _HOOKS.process_wide or _handler_or_none()
        return _HOOKS.process_wide


def _handler_or_none() -> BaseCallbackHandler:
    """Return the handler; if a setting is wrong, one that does nothing: this runs within the user's call."""
    try:
        return RespMetaHandler()
    except SettingsError as error:
        logger.warning("%s is set, but nothing is recorded: %s", ENABLED, error)
        return _NOBODY


_NOBODY: Final = BaseCallbackHandler()
"""Records nothing, where core must be given a handler."""


def _tell_core(variable: ContextVar[RespMetaHandler | None], **more: Any) -> bool:
    """Have core ask `variable` at the start of every run; warn once if this core has no such hooks."""
    try:
        with loading:
            from langchain_core.tracers.context import register_configure_hook

        register_configure_hook(variable, inheritable=True, **more)
    except Exception as fault:  # noqa: BLE001 - a future core may differ in any way, and an import must not raise
        warn_once(
            logger,
            "no hooks",
            "This langchain-core cannot attach a handler by itself (%s): %s and get_response_metadata_callback()"
            " record nothing. Pass RespMetaHandler() in a config's callbacks.",
            type(fault).__name__,
            ENABLED,
        )
        return False
    return True


def _free_level() -> ContextVar[RespMetaHandler | None]:
    """Return the first variable that no surrounding block uses; register a new one with core."""
    with _HOOKS.lock:
        for level in _HOOKS.levels:
            if level.get() is None:
                return level
        return _new_level()


def _new_level() -> ContextVar[RespMetaHandler | None]:
    level: ContextVar[RespMetaHandler | None] = ContextVar(
        f"respmeta_block_{len(_HOOKS.levels)}", default=None
    )
    _tell_core(level)
    _HOOKS.levels.append(level)
    return level


def get_enabled_handler() -> RespMetaHandler | None:
    """The handler that `RESPMETA_ENABLED` attaches to every run of this process.

    Returns:
        The handler, for its `records`, `summary()` and `flush()`; None where the variable is not set or off, or where
        another `RESPMETA_…` variable cannot be used (a warning has said so).

    Example:
        handler = langchain_respmeta.get_enabled_handler()
        handler.summary()["cost_usd"]
    """
    if not is_on(ENABLED, os.environ):
        return None
    register()
    handler = _EnvironmentHandler()
    return handler if isinstance(handler, RespMetaHandler) else None
