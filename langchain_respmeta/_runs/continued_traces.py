"""Traces that another process began and this one continues: find the topmost run of this process.

This process does not send the caller's run, so its sums cannot go on the trace's root.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.state import STATE, Part

if TYPE_CHECKING:
    from langsmith.run_trees import RunTree

MAX_REMEMBERED: Final = 10_000
_OF_CHILDREN: Final = ("parent_run", "parent_dotted_order")
"""What `RunTree.create_child` passes on, by langsmith's versions."""
_ID_LENGTH: Final = 36

_local: Final = threading.local()


class Origins:
    """Which runs began in this process, and which in others."""

    def __init__(self) -> None:
        self.sent: Final[Bounded[int, None]] = Bounded(MAX_REMEMBERED)
        """Runs whose start this process sent: traces that continue below them have their roots here, too."""
        self.remote: Final[Bounded[int, None]] = Bounded(MAX_REMEMBERED)
        """Runs of other processes that have runs of this one below them."""

    def begin_child(self) -> Origins:
        """Return a forked child's table: the child's runs go below the run that it was forked in."""
        new, current = Origins(), _current_run()
        new.remote.update(self.remote)
        if current is not None:
            new.remote.keep(current.id.int, None)
        return new


ORIGINS: Final = Part(Origins, in_child=Origins.begin_child)


def topmost_run(tree: RunTree) -> UUID:
    """Return the topmost run of this process around (or at) `tree`; the trace's root if the trace began here."""
    order = tree.dotted_order
    if tree.parent_run_id is None or not order:
        return tree.trace_id
    if STATE[ORIGINS].remote:
        steps = _ids_in(order)
        for place in range(len(steps) - 2, -1, -1):
            if steps[place].int in STATE[ORIGINS].remote:
                return steps[place + 1]
    # A run made by hand may name its trace without the path to it.
    first = order.partition(".")[0][-_ID_LENGTH:]
    return tree.trace_id if first == str(tree.trace_id) else _id(first) or tree.trace_id


def is_remote(run_id: UUID | None) -> bool:
    """Whether this is a run of another process."""
    return run_id is not None and run_id.int in STATE[ORIGINS].remote


def note_sent(tree: RunTree) -> None:
    """Note that the start of a run is about to be sent."""
    STATE[ORIGINS].sent.keep(tree.id.int, None)
    if tree.parent_run_id is not None:
        _note_above(tree)
    current = _current_run()
    if current is not None and current is not tree:
        _note_above(current)


def _note_above(tree: RunTree) -> None:
    """Note the parent of a run that was made by hand with the parent's id alone: the parent is not this process's.

    LangChain's tracer makes such runs, too; its own have start events.
    """
    parent = tree.parent_run_id
    if parent is None or parent.int in STATE[ORIGINS].sent or tree.events or _is_stand_in(tree):
        return
    if all(getattr(tree, name, None) is None for name in _OF_CHILDREN):
        STATE[ORIGINS].remote.keep(parent.int, None)


def note_stand_in(tree: RunTree | None) -> None:
    """Note that a stand-in was made from a header for the run that a trace continues below."""
    if tree is not None and not getattr(_local, "is_own", False) and tree.id.int not in STATE[ORIGINS].sent:
        STATE[ORIGINS].remote.keep(tree.id.int, None)


@contextmanager
def local_stand_ins() -> Iterator[None]:
    """Take stand-ins that are made meanwhile for runs of this process."""
    before = getattr(_local, "is_own", False)
    _local.is_own = True
    try:
        yield
    finally:
        _local.is_own = before


def note_current_run(kind: type[Any]) -> None:
    """Look, once, when the first handler is made within a run, whether that run belongs to another process.

    Args:
        kind: langsmith's class of runs. A live one that is no stand-in belongs to this process.
    """
    current = _current_run()
    if current is None:
        return
    steps = _ids_in(current.dotted_order)
    own = {one.id for one in gc.get_objects() if type(one) is kind and not _is_stand_in(one)}
    other = next((step for step in reversed(steps) if step not in own), None)
    if other is not None:
        STATE[ORIGINS].remote.keep(other.int, None)


def _is_stand_in(tree: Any) -> bool:
    """Whether a run was made from a header alone: `RunTree.from_headers` gives it this name."""
    return tree.name == "parent" and not (tree.inputs or tree.serialized or tree.events)


def _current_run() -> Any:
    helpers = sys.modules.get("langsmith.run_helpers")
    return helpers.get_current_run_tree() if helpers is not None else None


def _ids_in(dotted_order: str | None) -> list[UUID]:
    """Return the runs from the trace's root to the run itself."""
    found = (_id(step[-_ID_LENGTH:]) for step in (dotted_order or "").split("."))
    return [one for one in found if one is not None]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None  # made by hand
