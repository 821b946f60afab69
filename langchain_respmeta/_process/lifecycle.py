"""What happens when the process ends, at a fork, and in a forked child: every step, in one stated order.

The order is not that of imports, which differs from program to program. A step that fails costs itself alone.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from enum import IntEnum
from functools import partial
from typing import Final, Protocol, TypeAlias

from langchain_respmeta._process.faults import report
from langchain_respmeta._process.state import STATE


class Exit(IntEnum):
    """The steps at the interpreter's exit. Each may need the later ones: what is read is looked up, and then delivered."""

    READ = 1
    """Read the runs that ended last: they begin look-ups, and feedback."""
    LOOK_UP = 2
    """Wait for look-ups under way."""
    READ_FOUND = 3
    """Show what they found."""
    SINKS = 4
    """Bring the records that sinks hold back to their places."""
    DELIVER = 5
    """Store and send the feedback that came of all this."""


class Fork(IntEnum):
    """What a fork waits for. It is let go in the reverse order, in the parent and in the child."""

    OUTBOX = 1
    """Databases are closed: SQLite allows none to be open."""
    PRICES = 2
    """The price data is loaded, or not begun."""
    METRICS = 3
    """No record is half counted, and no lock of a metrics package held by one."""
    IMPORTS = 4
    """No module is half imported."""


class Child(IntEnum):
    """The steps in a forked child, once `STATE` is new. No thread of the parent's exists there; each may hold locks."""

    LOCKS = 1
    """The process's own locks are new."""
    BACKGROUND = 2
    """The background reader has no thread here."""
    HANDLERS = 3
    """Handlers keep what they know, under new locks."""
    SINKS = 4
    """What sinks hold back is the parent's; they go on with files of their own."""
    PRICES = 5
    """The price data stays; a load under way is begun again."""
    LOOK_UPS = 6
    """Look-ups under way are the parent's."""
    DELIVERY = 7
    """Feedback that waits in memory is the parent's."""
    METRICS = 8
    """Counters begin at zero."""


class Resume(Protocol):
    """Lets go what a fork waited for."""

    def __call__(self, *, in_child: bool) -> None:
        """Called in the parent and in the child."""
        ...


Hold: TypeAlias = Callable[[], Resume]

_exits: Final[list[tuple[Exit, Callable[[], None]]]] = []
_forks: Final[list[tuple[Fork, Hold]]] = []
_children: Final[list[tuple[Child, Callable[[], None]]]] = []
_forking: Final = threading.local()


def at_exit(step: Exit, call: Callable[[], None]) -> None:
    """Call `call` at the interpreter's exit, in its step; within one step in the order of these calls."""
    _exits.append((step, call))
    leave_first()


def leave_first() -> None:
    """Take our steps at exit before what other packages have registered until now: what we need of them still works then."""
    atexit.unregister(_leave)
    atexit.register(_leave)  # the last to register is called first


def around_fork(step: Fork, hold: Hold) -> None:
    """Call `hold` before each fork, on the thread that forks, and what it returns after the fork."""
    _forks.append((step, hold))


def in_child(step: Child, call: Callable[[], None]) -> None:
    """Call `call` in each forked child, in its step, before any other code of the child."""
    _children.append((step, call))


def _leave() -> None:
    for step in Exit:  # what an earlier step adds to a later one is called, too
        _call([call for its, call in _exits if its is step], "leaving the process")


def _before_fork() -> None:
    _forking.resumes = []
    for step in Fork:
        _call([partial(_note, hold) for its, hold in _forks if its is step], "waiting to fork")


def _note(hold: Hold) -> None:
    _forking.resumes.insert(0, hold())


def _after_fork(*, in_child: bool) -> None:
    resumes = _forking.__dict__.pop("resumes", ())
    _call([partial(resume, in_child=in_child) for resume in resumes], "going on after a fork")


def _begin_child() -> None:
    _after_fork(in_child=True)
    _call([STATE.begin_child], "beginning again in a forked child")
    for step in Child:
        _call([call for its, call in _children if its is step], "beginning again in a forked child")


def _call(calls: list[Callable[[], None]], doing: str) -> None:
    for call in calls:
        try:
            call()
        except Exception as fault:  # noqa: BLE001 - one step must not cost the others
            report(doing, fault)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=partial(_after_fork, in_child=False), after_in_child=_begin_child
    )
