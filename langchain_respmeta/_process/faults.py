"""The one fault boundary: no fault of ours reaches the user's chain; each kind is logged once, without content."""

from __future__ import annotations

import functools
import logging
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Final, ParamSpec

from langchain_respmeta._process.state import STATE, Part

logger: Final = logging.getLogger("langchain_respmeta")

_P = ParamSpec("_P")

FAULTS: Final = Part[Counter[str]](Counter, in_child=lambda faults: faults)
"""How often each kind of fault happened in this process: `doing what: type of exception`."""


def guarded(doing: str) -> Callable[[Callable[_P, None]], Callable[_P, None]]:
    """Make a function never raise. Log each kind of fault once with its place, count later ones."""

    def decorate(function: Callable[_P, None]) -> Callable[_P, None]:
        @functools.wraps(function)
        def call(*args: _P.args, **kwargs: _P.kwargs) -> None:
            try:
                function(*args, **kwargs)
            except Exception as fault:  # noqa: BLE001 - the boundary between our faults and the user's chain
                report(doing, fault)

        return call

    return decorate


class user_code:  # noqa: N801 - read as a word: `with user_code("a sink"):`
    """The boundary around a user's own code, which runs on our threads and between our steps.

    It stops whatever that code raises, also what ends threads and tasks (`SystemExit`, asyncio's `CancelledError`). Only
    `KeyboardInterrupt` passes, for it is the wish of the person at the keyboard.
    """

    __slots__ = ("_doing",)

    def __init__(self, doing: str) -> None:
        self._doing = doing

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if fault is None or isinstance(fault, KeyboardInterrupt):
            return False
        report(self._doing, fault)
        return True


def report(doing: str, fault: BaseException) -> None:
    """Count a fault, and log the first of its kind: type and place only, for its text may hold what a user wrote."""
    kind = f"{doing}: {type(fault).__name__}"
    faults = STATE[FAULTS]
    faults[kind] += 1
    if faults[kind] == 1:
        logger.warning(
            "%s failed at %s; the call itself goes on. Later ones are only counted.", kind, _place(fault)
        )


def _place(fault: BaseException) -> str:
    step = fault.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return (
        "unknown"
        if step is None
        else f"{step.tb_frame.f_code.co_filename.rpartition('/')[2]}:{step.tb_lineno}"
    )
