"""Runs of models that no handler heard of: LangSmith's own wrappers and `@traceable` functions send them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from langchain_respmeta._process.bounded import Bounded
from langchain_respmeta._process.faults import report
from langchain_respmeta._process.state import STATE, Part
from langchain_respmeta._runs.table import RUNS

if TYPE_CHECKING:
    from langsmith.run_trees import RunTree

    from langchain_respmeta._runs.run import Run

Adopt: TypeAlias = "Callable[[RunTree], Run | None]"
"""Makes the ended run of a model's run that is about to be sent; None where nobody watches it."""

ADOPT: Final[list[Adopt]] = []
"""One at most. Filled by the handler's room, when somebody watches what LangSmith is sent."""

MAX_REMEMBERED: Final = 10_000

_AROUND: Final = Part[Bounded[int, None]](lambda: Bounded(MAX_REMEMBERED))
"""Runs around a model's run: a function that is traced as a model's, and calls one that is, is no second call."""


def adopted(tree: RunTree) -> Run | None:
    """The run of a model that nobody else told of; None for any other run. Never raises."""
    if not ADOPT or tree.run_type != "llm":
        return None
    try:
        return None if _is_counted(tree) else ADOPT[0](tree)
    except Exception as fault:  # noqa: BLE001 - a foreign run may hold anything: it is sent as it is
        report("looking at a run of another library", fault)
        return None


def note_around(tree: RunTree) -> None:
    """Note the run around a model's run that has its record."""
    if ADOPT and tree.parent_run_id is not None:
        STATE[_AROUND].keep(tree.parent_run_id.int, None)


def _is_counted(tree: RunTree) -> bool:
    """Whether the call has its record by the run within it, or gets it by the one around it."""
    parent = tree.parent_run_id
    return tree.id.int in STATE[_AROUND] or (parent is not None and STATE[RUNS].get(parent) is not None)
