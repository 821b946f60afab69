"""What happens when the process ends, and in a forked child: every step, in one stated order.

The order is not that of imports, which differs from program to program. A step that fails costs itself alone.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from langchain_respmeta._process.faults import report


class Exit(IntEnum):
    """The steps at the interpreter's exit. Each may need the later ones: what is read is looked up, and then delivered."""

    READ = 1
    """Read the runs that ended last: they begin look-ups, and feedback."""
    LOOK_UP = 2
    """Wait for look-ups under way."""
    READ_FOUND = 3
    """Show what they found."""
    DELIVER = 4
    """Store and send the feedback that came of all this."""


class Child(IntEnum):
    """The steps in a forked child, where no thread of the parent's is. Locks may be held by one of those for ever."""

    TABLES = 1
    """Forget the parent's runs, calls, traces and sums."""
    BACKGROUND = 2
    """The background reader has no thread here."""
    HANDLERS = 3
    """Handlers keep what they know, under new locks."""
    PRICES = 4
    """The price data stays; a load under way is begun again."""
    LOOK_UPS = 5
    """Look-ups under way are the parent's."""
    LANGSMITH = 6
    """The seam stays installed, under a new lock."""
    DELIVERY = 7
    """Feedback that waits in memory is the parent's."""


_exits: Final[list[tuple[Exit, Callable[[], None]]]] = []
_children: Final[list[tuple[Child, Callable[[], None]]]] = []


def at_exit(step: Exit, call: Callable[[], None]) -> None:
    """Call `call` at the interpreter's exit, in its step; within one step in the order of these calls."""
    _exits.append((step, call))
    atexit.unregister(_leave)
    atexit.register(
        _leave
    )  # the last to register is called first: what we need of other packages still works then


def in_child(step: Child, call: Callable[[], None]) -> None:
    """Call `call` in each forked child, in its step, before any other code of the child."""
    _children.append((step, call))


def _leave() -> None:
    for step in Exit:  # what an earlier step adds to a later one is called, too
        _call([call for its, call in _exits if its is step], "leaving the process")


def _begin_child() -> None:
    for step in Child:
        _call([call for its, call in _children if its is step], "beginning again in a forked child")


def _call(calls: list[Callable[[], None]], doing: str) -> None:
    for call in calls:
        try:
            call()
        except Exception as fault:  # noqa: BLE001 - one step must not cost the others
            report(doing, fault)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_child)
