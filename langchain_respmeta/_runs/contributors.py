"""What others add to the runs of a trace: the rooms beside each other know of each other only this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from uuid import UUID

    from langsmith.run_trees import RunTree

    from langchain_respmeta._runs.run import Run, Watcher
    from langchain_respmeta.record.draft import Draft


class OtherRun(Protocol):
    """A watched run that is no model call: a tool's, or a parser's."""

    @property
    def handlers(self) -> tuple[Watcher, ...]:
        """Who watches it."""
        ...

    def as_draft(self) -> Draft:
        """What is known of it."""
        ...

    def note_in_trace(self, top: UUID) -> None:
        """The trace below `top` counts it."""
        ...


class Contributor(Protocol):
    """Knows more of a trace than the answers of its models."""

    def other_run(self, tree: RunTree) -> OtherRun | None:
        """What is known of this run, if it is watched and no model call."""
        ...

    def add_notes(self, run: Run, draft: Draft, /) -> Draft:
        """The draft of a model run with all that is known beside it."""
        ...

    def note_model_run(self, top: UUID, run: Run, draft: Draft, /) -> None:
        """A model run of the trace below `top` is about to be sent."""
        ...

    def resuming_handlers(self, top: UUID, /) -> Sequence[Watcher]:
        """Handlers of a trace that goes on after a pause, though no model call of it was seen."""
        ...

    def facts_of_trace(self, top: UUID, /, *, ended_well: bool, state: Any) -> Mapping[str, Any]:
        """What the trace's topmost run says beside the sums of its model calls."""
        ...


CONTRIBUTORS: Final[list[Contributor]] = []
"""Named by the handler's room, which knows them all."""


def contribute(contributor: Contributor) -> None:
    """Name a contributor, once: a module that is loaded again names it again."""
    if contributor not in CONTRIBUTORS:
        CONTRIBUTORS.append(contributor)
