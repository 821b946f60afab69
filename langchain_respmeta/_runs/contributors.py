"""What other rooms add to the runs of a trace: `_agents` and `langsmith` know each other by these Protocols only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from uuid import UUID

    from langsmith.run_trees import RunTree

    from langchain_respmeta._runs.run import Run, Watcher
    from langchain_respmeta.record.draft import Draft


class OtherRun(Protocol):
    """A tool's or parser's run that a handler watches."""

    @property
    def handlers(self) -> tuple[Watcher, ...]:
        """The handlers that watch it."""
        ...

    def as_draft(self) -> Draft:
        """What is known of it."""
        ...

    def note_in_trace(self, top: UUID) -> None:
        """Count it in the trace below `top`."""
        ...


class Contributor(Protocol):
    """Knows more of a trace than the answers of its models."""

    def other_run(self, tree: RunTree) -> OtherRun | None:
        """Return this run, if it is a tool's or a parser's that a handler watches."""
        ...

    def add_notes(self, run: Run, draft: Draft, /) -> Draft:
        """Return the draft of a model run merged with its notes."""
        ...

    def note_model_run(self, top: UUID, run: Run, draft: Draft, /) -> None:
        """Note a model run of the trace below `top` that is about to be sent."""
        ...

    def resuming_handlers(self, top: UUID, /) -> Sequence[Watcher]:
        """Return the handlers of a trace that continues after a pause, for it may contain no model call."""
        ...

    def facts_of_trace(self, top: UUID, /, *, ended_well: bool, state: Any) -> Mapping[str, Any]:
        """Return what the trace's topmost run reports beyond the sums of its model calls."""
        ...


CONTRIBUTORS: Final[list[Contributor]] = []
"""Filled by the handler's room, which knows them all."""


def contribute(contributor: Contributor) -> None:
    """Add a contributor, once: a module that is loaded again adds it again."""
    if contributor not in CONTRIBUTORS:
        CONTRIBUTORS.append(contributor)
